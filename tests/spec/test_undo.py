"""What runs ahead of the commit is taken back where the commit fails, and holds where it does not.

The oracle: the folds of the vault at work equal those that another vault makes of the same ledger
and of nothing else.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType, decode
from rempart.domain.reversible import Reversible
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.messages import Answered, Refused
from tests.failing import FailingLedger
from tests.traffic import (
    Asked,
    Batch,
    Town,
    assert_same_folds,
    assert_same_guards,
    batches,
    folds_of,
    fresh_folds,
)
from tests.worlds import World

title = "When a batch is not kept"

UNAVAILABLE = Refused("unavailable")


def a_town() -> tuple[Town, FailingLedger]:
    store = FailingLedger()
    return Town(World(store=store)), store


def frozen(town: Town) -> bool:
    guard = folds_of(town.world).guard
    return any(each.stage >= Stage.FROZEN for each in guard.stages.states.values())


# Every moment at which an append can fail


@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
@settings(max_examples=60)
@given(sent=batches(hours=9), fails=st.integers(0, 30))
def test_after_any_failure_the_folds_are_those_of_the_ledger(persisted, sent, fails):
    town, store = a_town()
    store.after, store.persisted = fails, persisted
    for batch in sent:
        town.send(batch)
        if frozen(town):
            return
        if store.after is None:
            # Whether or not the next stamp has read the ledger again.
            assert_same_folds_once_read(town)
    AuditLedger(store, town.world.service.ledger.signer.verifier)()


def assert_same_folds_once_read(town: Town) -> None:
    town.world.service.ledger.stamp()
    assert_same_folds(town.world)


QUESTIONS = tuple(
    Asked(0, person, way)
    for person, way in (
        *((0, "card"), (1, "typed"), (1, "typed"), (2, "typed"), (3, "wrong"), (2, "forged")),
        *((4, "forbidden"), (4, "typed"), (5, "typed"), (6, "card"), (6, "typed"), (7, "typed")),
    )
)


@pytest.mark.parametrize("size", range(1, len(QUESTIONS) + 1))
def test_a_lost_batch_of_any_size_leaves_nothing(size):
    town, store = a_town()
    town.send(Batch(0, QUESTIONS[:3]))
    token = town.sign_in(0)
    assert token is not None
    before = fresh_folds(town.world)
    pairs = dict(store.pairs)
    store.after = 0

    replies = town.world.service([town.ask_of(token, each) for each in QUESTIONS[:size]])

    assert replies == [UNAVAILABLE] * size
    folds = folds_of(town.world)
    assert_same_guards(folds.guard, before.guard)
    assert (folds.retries, store.pairs) == (before.retries, pairs)


@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
def test_asking_again_after_a_failure_counts_once(persisted):
    """The caller cannot know whether the write survived, and need not."""
    town, store = a_town()
    token = town.sign_in(0)
    assert token is not None
    ask = town.ask_of(token, Asked(0, 1, "typed"))
    store.after, store.persisted = 0, persisted
    assert town.world.send(ask) == UNAVAILABLE

    reply = town.world.send(ask)

    assert isinstance(reply, Answered)
    assert reply.repeated is persisted
    guard = folds_of(town.world).guard
    (windows,) = guard.sites.states.values()
    assert windows.used == (1, 1, 1)
    assert_same_folds(town.world)


@pytest.mark.parametrize("persisted", [False, True], ids=["lost", "kept"])
def test_what_was_lost_does_not_make_a_stranger_look_like_a_retry(persisted):
    """A thief who can make commits fail is weighed as if they had not."""
    town, store = a_town()
    token = town.sign_in(0)
    assert token is not None
    typed = town.people[1].typed
    assert typed is not None
    store.after, store.persisted = 0, persisted
    for key in ("first", "second"):
        town.world.ask(token, typed, key=key)
    trail = next(iter(folds_of(town.world).guard.watch.trails.states.values()))
    assert trail.strangeness > 0


def test_a_lost_batch_at_the_turn_of_a_day_leaves_yesterdays_keys():
    town, store = a_town()
    token = town.sign_in(0)
    assert token is not None
    ask = town.ask_of(token, Asked(0, 0, "typed"))
    town.world.send(ask)
    yesterday = folds_of(town.world).retries.seen.copy()
    town.world.clock.forward(seconds=86_400)
    token = town.sign_in(0)
    assert token is not None
    store.after = 0
    town.world.send(town.ask_of(token, Asked(0, 2, "typed")))
    assert folds_of(town.world).retries.seen == yesterday


def test_a_canary_whose_entries_are_lost_freezes_at_the_next_attempt():
    """Both entries or none: nobody is told apart from a failure, and nobody gets further."""
    town, store = a_town()
    ask = canary_question(town)
    store.after = 1  # the question is kept; what follows from the canary is not
    assert town.world.send(ask) == UNAVAILABLE
    assert not frozen(town)
    assert EntryType.CANARY not in types_of(store)

    assert town.world.send(ask) == Refused("frozen")

    assert frozen(town)
    assert types_of(store)[-2:] == [EntryType.CANARY, EntryType.CONTAINMENT]
    assert_same_folds(town.world)


def canary_question(town: Town):
    card = town.world.member("CANARY", member_number="Z777000", birth_date="19400101", canary=True)
    token = town.sign_in(0)
    assert token is not None
    assert card.typed is not None
    return town.world.question(token, card.typed)


def types_of(store: FailingLedger) -> list[EntryType]:
    return [decode(row.body or b"").type for row in store.rows]


# The tables that go back


class Count:
    """A state that counts."""

    def __init__(self, value: int = 0) -> None:
        self.value = value

    def copy(self) -> Count:
        return Count(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Count) and self.value == other.value

    __hash__ = None


STEPS = st.lists(
    st.one_of(st.integers(0, 3), st.sampled_from(["mark", "undo", "forget"])), max_size=60
)


@given(STEPS)
def test_a_table_goes_back_to_its_last_mark_whatever_was_done(steps):
    table: Reversible[int, Count] = Reversible()
    live: dict[int, int] = {}
    marked: dict[int, int] = {}
    for step in steps:
        match step:
            case "mark":
                table.mark()
                marked = dict(live)
            case "undo":
                table.undo()
                live = dict(marked)
            case "forget":
                table.forget()
                live, marked = {}, {}
            case int():
                state = table.touch(step) or table.put(step, Count())
                state.value += 1
                live[step] = live.get(step, 0) + 1
    assert {key: state.value for key, state in table.states.items()} == live
