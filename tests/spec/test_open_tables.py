"""Whose the pseudonyms of a closed day are: two say so, the ledger says so, and then it opens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.adapters.memory.world import MemoryChance
from rempart.domain.days import number_of
from rempart.domain.disclosure import EntryType, decode, decode_codes
from rempart.domain.errors import MalformedIdentifier
from rempart.usecases.confirm_together import confirm
from rempart.usecases.daily_table import make_shares, share_of
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
