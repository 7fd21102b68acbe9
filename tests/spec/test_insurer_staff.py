"""What an insurer's own people see: how it stands, counts, proofs; and nothing of another's."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.adapters.memory.insurer_facts import MemoryFacts
from rempart.adapters.postgres.feeds import PostgresFeeds
from rempart.adapters.vaultdoor.frames import FRAME_MAX, frame
from rempart.domain.budget import DAY
from rempart.domain.daily_counts import DailyCounts
from rempart.domain.disclosure import Entry, EntryType, Outcome, Presence
from rempart.domain.guard import FOLDED_DAYS
from rempart.domain.person import Role
from rempart.domain.surroundings import CEILING_MIN, Habit
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.insurer_staff_ports import FeedSeen, ListSeen
from rempart.usecases.messages import Answered, Refused
from rempart.usecases.people_messages import AskProof, InsurerState, ListDisclosures
from rempart.usecases.people_replies import (
    DisclosureCount,
    DisclosuresShown,
    InsurerShown,
    ProofShown,
)
from rempart.usecases.prove_entry import verify_entry_proof
from rempart.usecases.show_insurer import DAYS_SHOWN, FEED_LATE
from tests.people import KEYS, Page, PeopleWorld, delegate, professional
from tests.people import staff as officer_page
from tests.postgres_servers import Database
from tests.worlds import AnInsurer

title = "An insurer's own people"

OURS, THEIRS = 99990001, 99990002


@pytest.fixture
def world() -> PeopleWorld:
    world = PeopleWorld()
    world.other = AnInsurer(amc=f"{THEIRS}")
    world.add_insurer(world.other)
    world.service.look()
    return world


def people_of(world, role, amc=OURS, key=3):
    page, login = Page(world, KEYS[key]), f"{role.name.lower().replace('_', '-')}-{amc % 10}"
    page.enrolled(world.staff(login, role, amc), b"of-" + login.encode())
    page.by_passkey()
    return page


@pytest.fixture
def manager(world):
    return people_of(world, Role.INSURER_MANAGER)


@pytest.fixture
def dpo(world):
    return people_of(world, Role.INSURER_DPO, key=4)


def asked(world, insurer=None):
    """A question about a member of this insurer; the index of its entry."""
    world.asked = getattr(world, "asked", 0) + 1
    card = world.member(f"REF-{world.asked}", **({"insurer": insurer} if insurer else {}))
    reply = world.ask(world.sign_in(), card.code)
    assert isinstance(reply, Answered)
    return reply.reference


# How the insurer stands


def test_a_manager_sees_how_far_the_feed_has_come(world, manager):
    now = world.clock.now()
    assert manager.send(InsurerState).feed_late
    world.facts.feeds[OURS] = FeedSeen(sequence=7, whole=True, at=now)
    world.facts.lists[OURS] = ListSeen(made=now - 5, until=now + 5)
    shown = manager.send(InsurerState)
    assert isinstance(shown, InsurerShown)
    assert (shown.amc, shown.feed, shown.feed_at, shown.feed_whole) == (f"{OURS}", 7, now, True)
    assert (shown.list_made, shown.list_until) == (now - 5, now + 5)
    assert not any((shown.feed_late, shown.closed, shown.storm))
    world.facts.feeds[OURS] = FeedSeen(sequence=7, whole=True, at=now - FEED_LATE - 1_000_000)
    assert manager.send(InsurerState).feed_late


def test_a_manager_sees_only_the_cut_offs_that_touch_their_insurer(world, manager):
    for scope, what in (
        ("insurer", f"{OURS}"),
        ("insurer", f"{THEIRS}"),
        ("presence", "legacy"),
        ("site", "STRUCT:PHAR1"),
        ("account", "STRUCT:PHAR1"),
    ):
        assert "CutOff" in repr(world.send(SetCutOff(scope, what, "exercise", by="alix")))
    shown = manager.send(InsurerState).cut_offs
    assert {(each.scope, each.what) for each in shown} == {
        ("insurer", f"{OURS}"),
        ("presence", "legacy"),
    }
    assert {each.by for each in shown} == {""}


def test_a_manager_sees_the_hour_that_closes_and_looking_changes_nothing(world, manager):
    guard = world.service.contain.guard
    hour = world.clock.now() // (DAY // 24)
    guard.habits.put(OURS, Habit(hour=hour, first=hour - 200, now=CEILING_MIN))
    before = guard.habits.states[OURS].copy()
    shown = manager.send(InsurerState)
    assert (shown.typed, shown.ceiling, shown.closed) == (CEILING_MIN, CEILING_MIN, True)
    world.clock.forward(seconds=600)
    manager.send(InsurerState)
    assert guard.habits.states[OURS] == before


# Counts


def test_a_dpo_sees_counts_of_their_own_members_by_day(world, dpo):
    asked(world)
    asked(world)
    asked(world, world.other)
    today = world.clock.now() // DAY
    shown = dpo.send(ListDisclosures)
    assert shown.counts == (DisclosureCount(today, "opened", "card", 2),)
    assert shown.checkpoint == world.service.ledger.note
    assert shown.size == world.service.ledger.size
    assert dpo.send(ListDisclosures, amc=f"{OURS}").counts == shown.counts


def test_earlier_days_are_asked_for(world, dpo):
    asked(world)
    today = world.clock.now() // DAY
    world.clock.forward(seconds=86_400 * DAYS_SHOWN)
    dpo.by_passkey()
    latest = dpo.send(ListDisclosures)
    assert (latest.counts, latest.before) == ((), today + DAYS_SHOWN + 1)
    earlier = dpo.send(ListDisclosures, before=latest.before - DAYS_SHOWN)
    assert [each.day for each in earlier.counts] == [today]
    assert dpo.send(ListDisclosures, before=10**9).before == latest.before
    assert dpo.send(ListDisclosures, before=-3).before == latest.before


def test_every_outcome_by_every_presence_of_five_days_fits_a_frame():
    widest = tuple(
        DisclosureCount(2**31, outcome.name.lower(), presence.name.lower(), 2**31)
        for _ in range(DAYS_SHOWN)
        for outcome in Outcome
        for presence in Presence
    )
    shown = DisclosuresShown("99990001", 2**40, "n" * 400, 2**31, DAYS_SHOWN, widest)
    assert len(frame(1, shown)) < FRAME_MAX


def test_counts_are_made_again_at_start(world, dpo):
    asked(world)
    world.clock.forward(seconds=86_400)
    asked(world)
    before = world.service.people.insurer.counts.days.states
    world.restart()
    assert world.service.people.insurer.counts.days.states == before


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2 * FOLDED_DAYS),
            st.sampled_from([OURS, THEIRS, 0]),
            st.sampled_from(list(EntryType)),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_what_is_undone_was_never_counted(drawn):
    kept, both = DailyCounts(), DailyCounts()
    for day, amc, kind, stays in sorted(drawn):
        entry = Entry(kind, 2611, day * DAY, amc=amc, outcome=Outcome.OPENED)
        both.absorb(entry)
        if stays:
            kept.absorb(entry)
            kept.mark()
            both.mark()
        else:
            both.undo()
    counted = [sum(day.questions.values()) for day in kept.days.states.values()]
    newest = max((day for _, day in both.days.states), default=0)
    assert all(day >= newest - FOLDED_DAYS for _, day in both.days.states)
    assert both.days.states.keys() <= kept.days.states.keys()
    assert sum(counted) <= len(drawn)
    for key, day in both.days.states.items():
        assert day == kept.days.states[key]


# Proofs


def test_a_dpo_has_an_entry_about_their_members_proven(world, dpo):
    index = asked(world)
    world.service.ledger.publish()
    shown = dpo.send(AskProof, index=index)
    assert isinstance(shown, ProofShown)
    proven = verify_entry_proof(shown.text, world.service.ledger.signer.verifier.vkey)
    assert (proven.index, proven.entry.amc, proven.detail) == (index, OURS, None)


def test_an_entry_that_nobody_signed_is_told_apart(world, dpo):
    world.service.ledger.publish()
    for index in (10**6, -1):
        world.clock.forward(seconds=1)
        assert dpo.send(AskProof, index=index).reason == "forbidden-move"


def test_proofs_come_one_a_second(world, dpo):
    index = asked(world)
    world.service.ledger.publish()
    assert isinstance(dpo.send(AskProof, index=index), ProofShown)
    assert dpo.send(AskProof, index=index) == Refused("unavailable")
    world.clock.forward(seconds=1)
    assert isinstance(dpo.send(AskProof, index=index), ProofShown)


# Nothing of another's


def test_no_member_of_an_insurer_sees_anothers(world, dpo):
    """Attack: a DPO names another insurer, and asks for proofs of every entry there is."""
    about_theirs = asked(world, world.other)
    about_ours = asked(world)
    world.service.ledger.publish()
    assert dpo.send(ListDisclosures, amc=f"{THEIRS}").reason == "not-allowed"
    assert all(each.questions == 1 for each in dpo.send(ListDisclosures).counts)
    seen = set()
    for index in range(world.service.ledger.size):
        world.clock.forward(seconds=1)
        reply = dpo.send(AskProof, index=index)
        if isinstance(reply, ProofShown):
            seen.add(index)
        else:
            assert reply.reason == "not-allowed"
    assert about_theirs not in seen
    assert seen == {about_ours}


def test_each_manager_sees_their_own(world, manager):
    other = people_of(world, Role.INSURER_MANAGER, THEIRS, key=5)
    now = world.clock.now()
    world.facts.feeds = {
        OURS: FeedSeen(sequence=1, whole=True, at=now),
        THEIRS: FeedSeen(sequence=2, whole=True, at=now),
    }
    assert manager.send(InsurerState).feed == 1
    assert other.send(InsurerState).feed == 2


def test_whoever_inspects_names_an_insurer_and_sees_no_other_persons_work(world):
    inspector = people_of(world, Role.INSPECTOR, 0, key=5)
    index = asked(world, world.other)
    world.service.ledger.publish()
    assert inspector.send(ListDisclosures).reason == "forbidden-move"
    assert inspector.send(ListDisclosures, amc="x").reason == "forbidden-move"
    assert len(inspector.send(ListDisclosures, amc=f"{THEIRS}").counts) == 1
    assert isinstance(inspector.send(AskProof, index=index), ProofShown)


def test_each_role_asks_what_its_powers_say(world, manager, dpo):
    anne = professional(world, key=0)
    clerk, alix = delegate(world, anne), officer_page(world, "alix")
    for page in (anne, clerk, alix, manager):
        assert page.send(ListDisclosures).reason == "not-allowed"
        assert page.send(AskProof, index=0).reason == "not-allowed"
    for page in (anne, clerk, alix, dpo, people_of(world, Role.INSPECTOR, 0, key=6)):
        assert page.send(InsurerState).reason == "not-allowed"


# The port


def test_what_came_from_insurers_in_memory():
    facts = MemoryFacts()
    assert facts.feed(OURS) is None
    assert facts.status_list(OURS) is None


def test_the_last_feed_is_read_with_the_vaults_role(database: Database):
    feeds = PostgresFeeds(partial(database.connect, "vault"))
    try:
        assert feeds.last(OURS) is None
        with database.connect("importer") as importer:
            for sequence, state in ((1, "imported"), (2, "importing")):
                importer.execute(
                    "INSERT INTO sealed.feed (amc, sequence, digest, rows_done, state,"
                    " closes_absent) VALUES (%s, %s, 'd', 0, %s, false)",
                    (OURS, sequence, state),
                )
        seen = feeds.last(OURS)
        assert (seen.sequence, seen.whole) == (2, False)
        whole = seen.at
        assert whole > 1_600_000_000_000_000
        with database.connect("importer") as importer:
            importer.execute(
                "UPDATE sealed.feed SET state = 'imported', changed_at = now() + '1 hour'"
                " WHERE amc = %s AND sequence = 2",
                (OURS,),
            )
        assert feeds.last(OURS).at > whole
        assert feeds.last(OURS).whole
        assert feeds.last(THEIRS) is None
    finally:
        feeds.close()
