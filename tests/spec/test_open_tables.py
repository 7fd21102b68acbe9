"""Whose the pseudonyms of a closed day are: two say so, the ledger says so, and then it opens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.memory.world import MemoryChance
from rempart.domain.budget import DAY as DAY_LONG
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.days import number_of
from rempart.domain.disclosure import EntryType, decode, decode_codes
from rempart.domain.errors import MalformedIdentifier
from rempart.usecases.confirm_together import confirm
from rempart.usecases.daily_table import make_shares, share_of
from rempart.usecases.incident_messages import IncidentSaid, SayOfIncident
from rempart.usecases.messages import Refused, Reply
from rempart.usecases.open_tables import opening_statement
from rempart.usecases.table_messages import OpenTable, TableShare
from tests.failing import FailingLedger
from tests.worlds import World

title = "Opening the table of a day"

DAY = date(2026, 11, 3)
KEYS = {name: Ed25519PrivateKey.from_private_bytes(name.encode() * 32) for name in "abc"}


class Trusting(World):
    """Two operators are trusted here."""

    def ports(self):
        trusted = {KEYS[name].public_key().public_bytes_raw(): name for name in "ab"}
        return replace(super().ports(), operators=lambda: trusted)

    def said(self, **change: object) -> dict:
        now = self.clock.now()
        last = DAY + timedelta(days=2)
        return opening_statement(DAY, last, "case-12", now=now, chance=self.chance) | change

    def open(self, said: dict, *signers: str, day: str = DAY.isoformat()) -> Reply:
        words = tuple(json.dumps(confirm(said, KEYS[name])) for name in signers)
        return self.send(OpenTable(day, json.dumps(said), words))

    def openings(self) -> list[dict]:
        rows = [row for row in self.store.rows if decode(row.body).type is EntryType.DECISION]
        told = [decode_codes(row.detail) for row in rows]
        return [codes for codes in told if "table" in codes]


@pytest.fixture
def world() -> Trusting:
    made = Trusting()
    make_shares(made.ports().vault_keys, MemoryChance(b"shares"))
    return made


def test_two_open_it_and_the_ledger_names_day_and_both(world):
    reply = world.open(world.said(), "a", "b")
    assert isinstance(reply, TableShare)
    assert reply.share == share_of(world.ports().vault_keys, "2026-11-03")
    assert world.openings() == [{"table": number_of(DAY), "by": "a+b"}]
    row = world.store.rows[reply.index]
    assert decode_codes(row.detail)["table"] == number_of(DAY)


def test_each_opening_is_an_entry(world):
    said = world.said()
    for day in ("2026-11-03", "2026-11-04", "2026-11-05", "2026-11-03"):
        world.open(said, "a", "b", day=day)
    first = number_of(DAY)
    assert [codes["table"] for codes in world.openings()] == [first, first + 1, first + 2, first]


def test_nothing_less_opens_it(world):
    said = world.said()
    for reply in (
        world.open(said),
        world.open(said, "a"),
        world.open(said, "a", "a"),
        world.open(said, "a", "c"),
        world.open(said, "a", "b", day="2026-11-02"),
        world.open(said, "a", "b", day="2026-11-06"),
        world.open(world.said(last="2027-11-03"), "a", "b"),
        world.open(world.said(last="2026-13-01"), "a", "b"),
        world.open(said, "a", "b", day="2026-13-01"),
        world.open(world.said(made=0), "a", "b"),
        world.open(world.said(purpose="clear-cut-off"), "a", "b"),
        world.send(OpenTable("2026-11-03", "[]", ("{}", "null"))),
        world.send(OpenTable("2026-11-03", "no json", ())),
    ):
        assert isinstance(reply, Refused)
        assert reply.reason == "not-allowed"
    assert world.openings() == []


def test_what_cannot_be_written_gives_nothing_out():
    store = FailingLedger()
    world = Trusting(store=store)
    make_shares(world.ports().vault_keys, MemoryChance(b"shares"))
    store.after = 0
    assert world.open(world.said(), "a", "b") == Refused("unavailable")
    assert world.openings() == []


def test_where_no_day_was_closed_there_is_nothing_to_open():
    world = Trusting()
    assert world.open(world.said(), "a", "b").reason == "not-allowed"


@pytest.mark.parametrize("why", ["", "x" * 65, "two\nlines"])
def test_a_reason_is_one_short_line(why):
    with pytest.raises(MalformedIdentifier, match="why"):
        opening_statement(DAY, DAY, why, now=0, chance=MemoryChance())


@pytest.mark.parametrize("days", [-1, 92])
def test_a_statement_is_about_few_days(days):
    last = DAY + timedelta(days=days)
    with pytest.raises(MalformedIdentifier, match="days"):
        opening_statement(DAY, last, "case", now=0, chance=MemoryChance())


# By an open incident


class Case:
    """An incident of ``world`` in which an account was frozen, and its finding."""

    def __init__(self, world: Trusting, *, frozen: bool = True) -> None:
        self.world, self.words = world, 0
        contain = world.service.contain
        if frozen:
            told = Decision(authority=Authority.GUARD, why=Why.INSISTED)
            contain.decide(contain.account("STRUCT:PHAR1"), Stage.FROZEN, told)
            self.number = world.service.ledger.size - 1
        else:
            self.number = self.say(0, "opened", origin="person", accounts=("STRUCT:PHAR1",))
        self.today = datetime.fromtimestamp(world.clock.now() / 1e6, UTC).date()

    def say(self, incident: int, did: str, **more: object) -> int:
        self.words += 1
        said = SayOfIncident(incident, did, "nadia", bytes([self.words] * 32), **more)
        reply = self.world.send(said)
        assert isinstance(reply, IncidentSaid)
        return reply.ref

    def found(self, days: int = 2, **more: object) -> None:
        now = self.world.clock.now()
        said = {"accounts": ("STRUCT:PHAR1",), "earliest": now - days * DAY_LONG}
        self.say(self.number, "finding", **(said | more))

    def open(self, ago: int = 0, *, by: str = "nadia", incident: int | None = None) -> Reply:
        day = (self.today - timedelta(days=ago)).isoformat()
        number = self.number if incident is None else incident
        return self.world.send(OpenTable(day, incident=number, by=by))


def test_an_incident_opens_the_days_of_its_finding_and_the_ledger_names_it(world):
    case = Case(world)
    case.found()
    for ago in (0, 2):
        reply = case.open(ago)
        assert isinstance(reply, TableShare)
        told = decode_codes(world.store.rows[reply.index].detail)
        day = case.today - timedelta(days=ago)
        assert told == {"table": number_of(day), "by": "nadia", "incident": case.number}


def test_a_finding_that_moves_still_opens_the_days_of_those_who_are_no_longer_in_it(world):
    case = Case(world)
    case.found(days=5)
    case.found(days=2)
    for ago in (0, 2, 5):
        assert isinstance(case.open(ago), TableShare)
    assert refused(case.open(6))


def refused(reply: Reply) -> bool:
    return isinstance(reply, Refused) and reply.reason == "not-allowed"


def test_no_other_day_and_nobody_without_a_name(world):
    case = Case(world)
    case.found()
    assert refused(case.open(3))
    assert refused(case.open(-1))
    for by in ("", " ", "Nadia Exemple", "x" * 33, "nadia\n"):
        assert refused(case.open(by=by))
    assert refused(case.open(incident=case.number + 1))
    assert world.openings() == []


def test_a_theft_that_is_said_to_be_old_opens_no_more_than_two_would_at_once(world):
    case = Case(world)
    case.found(days=300)
    assert isinstance(case.open(91), TableShare)
    assert refused(case.open(92))
    assert refused(case.open(299))


def test_what_nobody_found_or_froze_opens_nothing(world):
    """And says which of the two lacks: whoever is tired types the right command."""
    case = Case(world)
    assert "incident accept" in case.open().detail
    told = Case(world, frozen=False)
    told.found()
    assert "account freeze" in told.open().detail


def test_a_closed_incident_opens_nothing_and_no_exercise_does(world):
    case = Case(world)
    case.found()
    world.service.incidents.incidents.sandbox = False
    assert refused(case.open())
    world.service.incidents.incidents.sandbox = True
    case.say(case.number, "closed", outcome="exercise")
    assert refused(case.open())
    assert world.openings() == []
