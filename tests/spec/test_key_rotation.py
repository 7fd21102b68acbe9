"""Keys rotate under a vault that goes on answering; on PostgreSQL in another module."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from rempart.adapters.memory.members import MemoryMembers, MemoryReaders
from rempart.adapters.memory.world import MemoryKeys
from rempart.domain.budget import DAY
from rempart.domain.errors import IntegrityBroken, KeyMissing, TemporarilyUnavailable
from rempart.sealing.handles import handle_of
from rempart.sealing.locks import CARD
from rempart.usecases import erase_members, rotate_keys
from rempart.usecases.card_codes import read_card
from rempart.usecases.erase_members import EraseMembers, months_before
from rempart.usecases.messages import Answered, Typed
from rempart.usecases.platform_keys import newest
from rempart.usecases.rotate_keys import RotateKeys
from tests.insurers import AtInsurer, Platform, keys_of, row
from tests.worlds import World

title = "Keys rotate"

AMCS = ("99990002", "99990003")
LATE = date(2100, 1, 1)
"""Until when every day is closed, where nothing else is said."""


@dataclass
class Ground:
    """A vault that answers, an importer, and what rotates under them."""

    world: World
    platform: Platform
    locks: object

    def __post_init__(self) -> None:
        self.platform.rights_keys = self.world.rights_keys
        self.platform.registry = self.world.registry
        self.readers = MemoryReaders([self.world.service.keys.reload])
        self.insurers = [self.platform.admit(AtInsurer(amc=amc)) for amc in AMCS]
        for insurer in self.insurers:
            insurer.prepare(*self.rows)
            self.platform.take(insurer.feeds["1"], amc=insurer.amc)
        self.token = self.world.sign_in()

    @property
    def rows(self):
        return [row(f"R{n}", number=f"N{n}") for n in range(5)]

    def rotation(self, keyrings=None):
        return RotateKeys(
            locks=self.locks,
            keyrings=keyrings or [self.world.rights_keys],
            readers=self.readers,
            chance=self.platform.chance,
        )

    def everybody_answers(self):
        """Every member of every insurer, by card and by what is printed."""
        for insurer in self.insurers:
            for n, card in enumerate(insurer.cards(*self.rows)):
                typed = Typed(insurer.amc, f"N{n}", "1980-02-30", "1", card.printed_key)
                for shown in (card.code, typed):
                    assert isinstance(self.world.ask(self.token, shown), Answered)

    def closed_until(self, day):
        """Days before this one are closed, and no other."""
        self.platform.store.named = microseconds(day)

    def named(self, amc):
        """Handles by which whoever was read is named."""
        return {*self.platform.store.handles(amc)}

    def versions(self):
        return [self.locks.versions(int(amc)) for amc in AMCS]


@pytest.fixture
def ground():
    members = MemoryMembers(named=microseconds(LATE))
    return Ground(World(rights=members), Platform(store=members), members)


def test_rotation_leaves_every_answer_as_it_was_and_no_lock_under_an_old_key(ground):
    ground.everybody_answers()
    report = ground.rotation()()
    assert (report.moved, report.resumed) == (20, False)
    assert ground.versions() == [({2}, {2})] * 2
    assert sorted(ground.world.rights_keys.secrets) == [
        "index/2",
        "outer/99990001/2",
        "outer/99990002/2",
        "outer/99990003/2",
    ]
    ground.everybody_answers()
    assert ground.world.service.keys.index.keys() == {2}


def test_the_vault_answers_between_any_two_batches(ground, monkeypatch):
    monkeypatch.setattr(rotate_keys, "BATCH", 3)
    seen = []

    def progress(moved):
        seen.append(moved)
        ground.everybody_answers()

    ground.rotation()(progress=progress)
    assert seen == [3, 3, 3, 1] * 2


class Killed(Exception):
    pass


@pytest.mark.parametrize("batches", range(8))
def test_an_interrupted_rotation_goes_on_and_ends(ground, monkeypatch, batches):
    monkeypatch.setattr(rotate_keys, "BATCH", 3)
    seen = []

    def killed(moved):
        seen.append(moved)
        if len(seen) > batches:
            raise Killed

    with pytest.raises(Killed):
        ground.rotation()(progress=killed)
    ground.everybody_answers()
    report = ground.rotation()()
    assert report.resumed
    assert sum(seen) + report.moved == 20
    assert ground.versions() == [({2}, {2})] * 2
    assert newest(ground.world.rights_keys, "index/") == 2
    ground.everybody_answers()


@pytest.mark.parametrize("puts", range(4))
def test_killed_while_it_made_keys_it_makes_the_others(ground, monkeypatch, puts):
    keys, made = ground.world.rights_keys, []

    class Dying:
        def __getattr__(self, name):
            return getattr(keys, name)

        def put(self, name, secret):
            made.append(name)
            if len(made) > puts:
                raise Killed
            keys.put(name, secret)

    with pytest.raises(Killed):
        ground.rotation([Dying()])()
    ground.everybody_answers()
    assert ground.rotation()().moved == 20
    assert ground.versions() == [({2}, {2})] * 2
    ground.everybody_answers()


def test_killed_while_it_dropped_keys_it_drops_the_others(ground, monkeypatch):
    keys, dropped = ground.world.rights_keys, []

    class Dying:
        def __getattr__(self, name):
            return getattr(keys, name)

        def drop(self, name):
            dropped.append(name)
            if len(dropped) > 2:
                raise Killed
            keys.drop(name)

    with pytest.raises(Killed):
        ground.rotation([Dying()])()
    report = ground.rotation()()
    assert (report.moved, len(report.dropped)) == (0, 2)
    assert newest(keys, "index/") == 2
    ground.everybody_answers()


def test_a_key_that_a_lock_is_still_under_is_never_dropped(ground):
    """Whatever the batches believed: what counts is what stands in the table."""
    locks = ground.locks

    class Blind:
        def __getattr__(self, name):
            return getattr(locks, name)

        def stale(self, amc, **asked):
            return [] if amc == int(AMCS[1]) else locks.stale(amc, **asked)

    ground.locks = Blind()
    report = ground.rotation()()
    assert ground.world.rights_keys.names("index/") == ["index/1", "index/2"]
    assert sorted(report.dropped) == ["outer/99990001/1", "outer/99990002/1"]
    ground.everybody_answers()


def test_nothing_moves_until_the_vault_holds_the_new_keys(ground):
    def silent():
        raise TemporarilyUnavailable("the vault went silent")

    ground.readers.on_reload.append(silent)
    with pytest.raises(TemporarilyUnavailable):
        ground.rotation()()
    assert ground.versions() == [({1}, {1})] * 2
    ground.everybody_answers()


def test_two_keyrings_hold_the_same_new_keys(ground):
    other = MemoryKeys(dict(ground.world.rights_keys.secrets))
    ground.rotation([ground.world.rights_keys, other])()
    assert other.secrets == ground.world.rights_keys.secrets


def test_an_import_and_a_rotation_exclude_each_other(ground):
    insurer = ground.insurers[0]
    insurer.prepare(*ground.rows, row("R9"))
    with (
        ground.locks.exclusive_of_all(),
        pytest.raises(TemporarilyUnavailable, match="under way"),
    ):
        ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    with (
        ground.platform.store.exclusive(int(insurer.amc)),
        pytest.raises(TemporarilyUnavailable, match="under way"),
    ):
        ground.rotation()()
    assert ground.platform.take(insurer.feeds["2"], amc=insurer.amc).added == 1


def test_after_a_rotation_imports_seal_under_the_new_keys_and_close_the_old_locks(ground):
    insurer = ground.insurers[0]
    ground.rotation()()
    insurer.prepare(*ground.rows[1:], row("R9", number="N9"), confirm_closing=True)
    report = ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    assert (report.added, report.closed) == (1, 1)
    assert ground.versions()[0] == ({2}, {2})
    gone, new = insurer.cards(ground.rows[0], row("R9", number="N9"))
    assert isinstance(ground.world.ask(ground.token, new.code), Answered)
    answer = ground.world.ask(ground.token, gone.code)
    assert (answer.in_force, answer.until) == (True, "2026-11-24")


def test_an_import_that_was_interrupted_goes_on_after_a_rotation(ground):
    """Its mark is a row of the feed, not a key."""
    insurer = ground.insurers[0]
    insurer.prepare(row("R9", number="N9"), *ground.rows)

    def killed(_):
        raise Killed

    with pytest.raises(Killed):
        ground.platform.take(insurer.feeds["2"], amc=insurer.amc, taken=killed)
    ground.rotation()()
    assert ground.platform.take(insurer.feeds["2"], amc=insurer.amc).added == 1
    ground.everybody_answers()


def test_without_any_key_there_is_nothing_to_rotate(ground):
    for name in list(ground.world.rights_keys.secrets):
        ground.world.rights_keys.drop(name)
    with pytest.raises(KeyMissing, match="no index key"):
        ground.rotation()()


def test_a_lock_that_was_tampered_with_stops_the_rotation(ground):
    """Moving it would put our seal on what somebody else wrote."""
    tampered = ground.locks.stale(
        int(AMCS[0]), index_version=9, key_version=9, after=None, limit=1
    )[0]
    ground.locks.move([tampered._replace(stored=b"\1" + bytes(len(tampered.stored) - 1))])
    with pytest.raises(IntegrityBroken, match="not the one that was written"):
        ground.rotation()()
    assert ground.locks.versions(int(AMCS[0])) == ({1}, {1})


# --- erasure


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 24), 27, date(2024, 8, 24)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 5, 31), 24, date(2024, 5, 31)),
    ],
    ids=str,
)
def test_months_are_those_of_the_calendar(day, months, before):
    assert months_before(day, months) == before


def microseconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


def erasing(ground, today):
    return EraseMembers(members=ground.platform.store, months=27)(now=microseconds(today))


def erased(ground, today):
    return erasing(ground, today).erased


def test_people_are_erased_27_months_after_their_last_end(ground):
    insurer = ground.insurers[0]
    insurer.prepare(*ground.rows, row("R8", number="N8", cards="1:2024-08-23"))
    ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    (old,) = insurer.cards(
        row("R8", number="N8", periods="2024-01-01/..@2024-01-01", cards="1:2024-08-23")
    )
    secret = read_card(old.code, keys=keys_of(insurer), on=None).secret
    assert erased(ground, date(2026, 11, 23)) == 0
    assert len(ground.platform.rows_under(insurer.amc, CARD, secret)) == 1
    assert erased(ground, date(2026, 11, 24)) == 1
    assert ground.platform.rows_under(insurer.amc, CARD, secret) == []
    assert erased(ground, date(2026, 11, 24)) == 0
    ground.everybody_answers()


def test_who_was_closed_is_erased_by_the_day_of_the_close(ground):
    insurer = ground.insurers[0]
    insurer.prepare(*ground.rows[1:], confirm_closing=True)
    ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    assert erased(ground, date(2029, 2, 24)) == 0
    assert erased(ground, date(2029, 2, 25)) == 1


def test_who_is_erased_is_answered_about_no_more_and_named_until_the_day_is_closed(ground):
    """They were read this morning, by a code of a card that has ended."""
    insurer, today = ground.insurers[0], date(2026, 11, 24)
    amc = int(insurer.amc)
    (card, *_) = insurer.cards(*ground.rows)
    insurer.prepare(row("R0", number="N0", cards="1:2024-08-23"), *ground.rows[1:])
    ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    assert isinstance(ground.world.ask(ground.token, card.code), Answered)
    ground.closed_until(today)
    assert erasing(ground, today) == (1, 1)
    assert not isinstance(ground.world.ask(ground.token, card.code), Answered)
    (handle,) = handles(insurer, "R0")
    assert not ground.platform.store.known(amc, [handle])
    assert handle in ground.named(amc), "an incident of today names them"
    assert erasing(ground, today) == (0, 1)
    ground.closed_until(date(2026, 11, 25))
    assert erasing(ground, date(2026, 11, 25)) == (0, 0)
    assert handle not in ground.named(amc)


def test_who_comes_back_while_their_handle_waits_is_there_again_and_stays(ground):
    insurer, today = ground.insurers[0], date(2026, 11, 24)
    insurer.prepare(row("R0", number="N0", cards="1:2024-08-23"), *ground.rows[1:])
    ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    ground.closed_until(today)
    assert erasing(ground, today) == (1, 1)
    insurer.prepare(*ground.rows)
    ground.platform.take(insurer.feeds["3"], amc=insurer.amc)
    ground.everybody_answers()
    ground.closed_until(LATE)
    assert erasing(ground, today) == (0, 0)
    assert {*handles(insurer, "R0")} <= ground.named(int(insurer.amc))
    ground.everybody_answers()


def test_where_no_day_is_ever_closed_no_handle_waits_longer_than_entries_stand(ground):
    insurer, today = ground.insurers[0], date(2026, 11, 24)
    insurer.prepare(row("R0", number="N0", cards="1:2024-08-23"), *ground.rows[1:])
    ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    ground.closed_until(date(1970, 1, 1))
    assert erasing(ground, today) == (1, 1)
    assert erasing(ground, date(2027, 11, 25)) == (0, 1)
    assert erasing(ground, date(2027, 11, 26)) == (0, 0)


def test_whose_cards_were_all_taken_back_is_named_too(ground):
    insurer = ground.insurers[0]
    insurer.prepare(row("R0", number="N0", cards=""), *ground.rows[1:])
    ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    assert not ground.platform.store.locks(int(insurer.amc), handles(insurer, "R0"))
    assert ground.named(int(insurer.amc)) == {*handles(insurer, *(f"R{n}" for n in range(5)))}


def handles(insurer, *references):
    key = insurer.keys.get("handle")
    return [handle_of(key, insurer.amc.encode(), each.encode()) for each in references]


def test_who_has_no_card_is_erased_by_the_day_of_the_feed(ground):
    insurer = ground.insurers[0]
    insurer.prepare(*ground.rows, row("R8", number="N8", cards=""))
    ground.platform.take(insurer.feeds["2"], amc=insurer.amc)
    assert erased(ground, date(2029, 2, 24)) == 0
    assert erased(ground, date(2029, 2, 25)) == 1


def test_an_erasure_takes_many_and_excludes_imports(ground, monkeypatch):
    monkeypatch.setattr(erase_members, "BATCH", 3)
    with (
        ground.locks.exclusive_of_all(),
        pytest.raises(TemporarilyUnavailable, match="under way"),
    ):
        erased(ground, date(2030, 1, 1))
    assert erased(ground, date(2030, 1, 1)) == 10
    assert ground.versions() == [(set(), set())] * 2
