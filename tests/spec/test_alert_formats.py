"""The wire format of alerts: one spelling, its vectors, and nothing about insured people."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.world import MemoryClock
from rempart.domain.alert import (
    ENCODED_MAX,
    LASTS_MAX,
    TELLS,
    Alert,
    Subjects,
    from_payload,
    to_payload,
)
from rempart.domain.alert_book import packed, unpacked
from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import AlertRefused, MalformedIdentifier
from rempart.usecases.alert_messages import AlertNotTaken, AlertTaken, SubscribeAlerts, TakeAlert
from rempart.usecases.seal_alerts import open_alert
from tests.alert_vectors import PLACE, text
from tests.worlds import World

title = "The format of alerts"

VECTORS = json.loads(PLACE.read_text())
PAGE = (Path(__file__).parents[2] / "specs/alert.md").read_text()


def lists(*of: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(of), max_size=3).map(lambda found: tuple(sorted(found)))


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    number = draw(st.sampled_from([1, 2, 24, 2**32 - 1]))
    ref, made = draw(st.integers(1, 2**53 - 1)), draw(st.integers(1, 2**32))
    named = Subjects(
        accounts=draw(lists("RPPS:00000000000", "RPPS:10000000001", "IDNPS:0751234567")),
        sites=draw(lists("STRUCT:A", "STRUCT:B.c_d-9", "FINESS:990201006")),
        software=draw(lists("LGO 4.2", "Télé-logiciel · é", "x" * 80)),
        networks=draw(lists("203.0.113.0/24", "10.0.0.0/24", "2001:db8::/48")),
    )
    earlier = st.sets(st.integers(0, ref - 1), min_size=1, max_size=3)
    withdrawn = () if named.count else tuple(sorted(draw(earlier)))
    return Alert(
        number=number,
        recipient=draw(st.sampled_from([bytes(32), b"r" * 32])),
        previous=b"" if number == 1 else b"p" * 32,
        ref=ref,
        made=made,
        until=made + draw(st.integers(1, LASTS_MAX)),
        why=draw(st.sampled_from(sorted(TELLS))),
        subjects=named,
        withdrawn=withdrawn,
    )


@given(alerts())
def test_what_is_written_is_read(alert):
    assert from_payload(to_payload(alert)) == alert


@given(alerts(), st.data())
def test_no_bit_of_it_can_change_unseen(alert, data):
    """One spelling: whatever else decodes says something else."""
    payload = bytearray(to_payload(alert))
    place = data.draw(st.integers(0, 8 * len(payload) - 1))
    payload[place // 8] ^= 1 << place % 8
    try:
        assert from_payload(bytes(payload)) != alert
    except MalformedIdentifier:
        return


@given(st.binary(max_size=400))
def test_nonsense_is_malformed_and_nothing_else(junk):
    with pytest.raises(MalformedIdentifier):
        from_payload(junk)


def test_the_longest_fits_and_no_longer():
    with pytest.raises(MalformedIdentifier, match="too long"):
        from_payload(bytes(ENCODED_MAX + 1))


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_numbers_of_a_detail_are_read_as_they_were_packed(numbers):
    assert unpacked(packed(numbers)) == tuple(numbers)


def test_there_is_no_room_in_it_for_an_insured_person():
    assert {each.name for each in fields(Subjects)} == {"accounts", "sites", "software", "networks"}
    for account in ("NIR:180017500000012", "AMC:99990001", "180017500000012", "DUPONT"):
        with pytest.raises(MalformedIdentifier):
            Subjects(accounts=(account,))


# The vectors


def test_the_vectors_are_what_is_written():
    assert PLACE.read_text() == text()


class Reader:
    """Who holds the vectors' private key, and listens to their publisher."""

    def __init__(self) -> None:
        self.world = World(clock=MemoryClock(VECTORS["now"] * 1_000_000))
        point, ours = (bytes.fromhex(VECTORS[name]) for name in ("point", "recipient"))
        self.say(SubscribeAlerts("A", point, ours, "nadia"))

    def say(self, request):
        return self.world.service([request])[0]

    def take(self, sealed: str) -> object:
        private = bytes.fromhex(VECTORS["private"])
        return self.say(TakeAlert(open_alert(bytes.fromhex(sealed), private=private)))


def test_the_published_row_is_taken():
    reader = Reader()
    for number, each in enumerate(VECTORS["row"], start=1):
        taken = reader.take(each["sealed"])
        assert isinstance(taken, AlertTaken), each["name"]
        assert (taken.number, taken.ref) == (number, each["says"]["ref"])
        assert (taken.known, taken.missed) == (False, 0)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda each: each["name"])
def test_what_is_published_as_refused_is_refused_at_its_step(case):
    reader = Reader()
    for each in VECTORS["row"][:2]:
        reader.take(each["sealed"])
    if "sealed" in case:
        with pytest.raises(AlertRefused) as refusal:
            reader.take(case["sealed"])
        assert refusal.value.step == case["step"] == "sealed"
        return
    reply = reader.say(TakeAlert(bytes.fromhex(case["message"])))
    step = reply.step if isinstance(reply, AlertNotTaken) else ""
    assert step == case["step"]
    assert step or reply.known


def test_every_step_is_published_and_on_the_page():
    steps = {case["step"] for case in VECTORS["refused"]} - {""}
    listed = re.findall(r"^\d\. \*\*([a-z-]+)\*\*", PAGE, re.MULTILINE)
    assert steps | {"pace"} == set(listed)
    assert len(listed) == 8


# The card


def test_a_card_is_read_as_it_was_written():
    said = VECTORS["card"]
    card = AlertCard.from_json(said["json"])
    assert (card.to_json(), card.fingerprint, card.reader) == (
        said["json"],
        said["fingerprint"],
        said["reader"],
    )


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"operator": ""},
        {"operator": "x" * 41},
        {"operator": "A\nB"},
        {"signs": "AAAA"},
        {"opens": None},
        {"url": "http://a.example/alerts"},
        {"url": "https://a.example/alerts?x"},
        {"url": "https://user@a.example/alerts"},
        {"url": "https://a.example/"},
        {"url": "https://a.example:99999/alerts"},
        {"url": "file:///etc/passwd"},
        {"more": 1},
    ],
)
def test_what_is_no_card_is_refused(change):
    with pytest.raises(MalformedIdentifier):
        AlertCard.from_json({**VECTORS["card"]["json"], **change})


def test_any_change_of_a_card_changes_its_fingerprint():
    said = VECTORS["card"]["json"]
    other = {**said, "url": said["url"] + "2"}
    assert AlertCard.from_json(other).fingerprint != VECTORS["card"]["fingerprint"]
