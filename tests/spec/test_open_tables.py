"""Whose the pseudonyms of a closed day are: two say so, the ledger says so, and then it opens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given as given_
from hypothesis import strategies as st

from rempart.adapters.memory.world import MemoryChance
from rempart.domain.budget import DAY as DAY_LONG
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.day_ranges import ranges
from rempart.domain.days import number_of
from rempart.domain.disclosure import EntryType, decode, decode_codes
from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.usecases.confirm_together import confirm
from rempart.usecases.daily_table import make_shares, share_of
from rempart.usecases.days_to_open import Agreed, agreed, left_shut, to_ask_for
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


# Several statements, for what an incident does not open


def texts(world: Trusting, *windows: tuple[int, int], **change: object) -> list[str]:
    now = world.clock.now()
    return [
        json.dumps(
            opening_statement(
                DAY + timedelta(days=first),
                DAY + timedelta(days=last),
                f"case-{first}",
                now=now,
                chance=world.chance,
            )
            | change
        )
        for first, last in windows
    ]


def given(world: Trusting, statements: list[str], words: list[str]) -> list[Agreed]:
    named = [{f"{kind}-{n}": each for n, each in enumerate(some)} for kind, some in (
        ("said", statements), ("word", words),
    )]  # fmt: skip
    return agreed(*named, operators=world.ports().operators(), now=world.clock.now())


def words_of(statements: list[str], signers: str = "ab") -> list[str]:
    return [
        json.dumps(confirm(json.loads(each), KEYS[name])) for name in signers for each in statements
    ]


def test_each_of_several_statements_is_told_by_its_own_words_whatever_their_order(world):
    said = texts(world, (0, 91), (92, 120))
    first, second = given(world, said, words_of(said)[::-1])
    assert (first.holds(DAY), first.holds(DAY + timedelta(days=92))) == (True, False)
    assert second.holds(DAY + timedelta(days=120))
    for each, day in ((first, DAY), (second, DAY + timedelta(days=92))):
        opened = world.send(OpenTable(day.isoformat(), each.statement, each.words))
        assert isinstance(opened, TableShare)


def test_a_statement_that_two_did_not_confirm_is_named_before_anything_is_opened(world):
    said = texts(world, (0, 91), (92, 120))
    good = words_of(said)
    old = texts(world, (0, 91), (92, 120), made=0)
    for statements, words, names in (
        (said, good[:3], "said-1: two confirmations"),
        (said, words_of(said, "ac"), "said-0: a confirmation is by a key that is no operator's"),
        (said[:1], good, "word-1: it confirms none"),
        (old, words_of(old), "said-0: the statement is older"),
        (["[]"], good, "said-0: it is not JSON"),
        (said, ["no json"], "word-0: it is not JSON"),
        (texts(world, (0, 9), last="2027-11-03"), [], "said-0"),
        (texts(world, (0, 9), purpose="clear-cut-off"), [], "said-0: this is no statement to open"),
    ):
        with pytest.raises(SetUpRefused, match=names):
            given(world, statements, words)
    assert world.openings() == []
    long = texts(world, (0, 9), last="2027-11-03")
    with pytest.raises(SetUpRefused, match="other days"):
        given(world, long, words_of(long))


def test_days_that_nobody_opens_are_told_before_any_is(world):
    said = texts(world, (0, 9))
    have = given(world, said, words_of(said))
    days = [DAY + timedelta(days=n) for n in (-3, 0, 9, 10, 11, 200)]
    shut = left_shut([*days, *days], lambda day: day == days[-1], have)
    assert shut == [days[0], days[3], days[4]]
    assert ranges(shut) == [(days[0], days[0]), (days[3], days[4])]


@given_(st.sets(st.integers(0, 400)))
def test_what_is_to_be_asked_for_holds_every_day_in_statements_that_two_may_confirm(numbers):
    days = {DAY + timedelta(days=n) for n in numbers}
    asked = to_ask_for(days)
    assert [day for each in asked for day in each] == sorted(days)
    for each in asked:
        opening_statement(each[0], each[-1], "case", now=0, chance=MemoryChance())
    runs = [DAY + timedelta(days=n) for n in numbers]
    within = [
        first + timedelta(days=n)
        for first, last in ranges(runs)
        for n in range((last - first).days + 1)
    ]
    assert within == sorted(days)
    assert len(asked) <= len(days)


def test_two_operators_open_another_day_of_an_incident_which_is_named(world):
    case = Case(world)
    case.found()
    early = (case.today - timedelta(days=90)).isoformat()
    said = world.said(first=early, last=early)
    words = tuple(json.dumps(confirm(said, KEYS[name])) for name in "ab")
    asked = OpenTable(early, json.dumps(said), words, incident=case.number)
    reply = world.send(asked)
    assert isinstance(reply, TableShare)
    told = decode_codes(world.store.rows[reply.index].detail)
    assert (told["by"], told["incident"]) == ("a+b", case.number)
    assert refused(world.send(OpenTable(early, json.dumps(said), words[:1], incident=case.number)))
    assert refused(world.send(OpenTable(early, json.dumps(said), words, incident=999)))


def test_for_an_incident_two_operators_open_a_day_where_none_was_ever_closed():
    world = Trusting()
    case = Case(world)
    said = world.said()
    words = tuple(json.dumps(confirm(said, KEYS[name])) for name in "ab")
    asked = OpenTable(DAY.isoformat(), json.dumps(said), words, incident=case.number)
    assert world.send(asked).share == b""


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
