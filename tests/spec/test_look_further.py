"""Who else is looked at: nobody is left out whose reading would change the finding."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rempart.adapters.memory.incidents import MemoryEvidence
from rempart.domain.budget import DAY
from rempart.domain.change_point import at_most, evidence
from rempart.domain.disclosure import Presence
from rempart.domain.lines import CAMPAIGN
from rempart.domain.signs import seen_of
from rempart.usecases.look_further import LookFurther
from rempart.usecases.propose_finding import ProposeFinding
from tests.thefts import HOUR, MINUTE, OPEN, TODAY, Story

title = "Who else is looked at"

NINE, NOW = TODAY + OPEN, TODAY + DAY
OWN = {"device": 77_001, "network": 77_002}


def several(robbed: int, others: list[tuple], seed: int = 0) -> Story:
    """Some accounts, robbed and frozen, and others who asked about strangers in the same hour."""
    story = Story(seed)
    for number in range(10, 10 + robbed):
        story.past(number, days=9, hours=2)
        story.work(number, NINE, NINE + 2 * HOUR)
        line = OWN if robbed < CAMPAIGN else {"network": 71_000 + number}
        story.freeze(story.steal(number, NINE + HOUR, 8, **line), number)
    for number, (people, between, line, long_ago) in enumerate(others, start=50):
        story.past(number, days=9, hours=2)
        for nth in range(people):
            at = NINE + HOUR + nth * MINUTE
            story.ask(at, number, ("new", number, nth), presence=Presence.LEGACY, **line)
            for card in range(between):
                story.ask(at + card, number, (number, nth), first=200, proved=20)
        if long_ago:
            story.ask(TODAY - 5 * DAY, number, (number, 1), presence=Presence.CARD, **OWN)
    return story


OTHER = st.tuples(
    st.integers(2, 9),
    st.integers(0, 2),
    st.sampled_from([{}, {}, {"device": 88_001}, {"network": 88_002}]),
    st.booleans(),
)


@settings(max_examples=12, deadline=None)
@example(CAMPAIGN, [(9, 0, {}, False)], 0)
@given(st.sampled_from([1, 2, CAMPAIGN]), st.lists(OTHER, max_size=4), st.integers(0, 99))
def test_whoever_is_left_out_would_change_nothing(robbed, others, seed):
    story = several(robbed, others, seed)
    incident = story.incident()
    propose = ProposeFinding(MemoryEvidence(story.ledger, None))
    found = propose(incident, now=NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LookFurther, "of_weight", lambda *given: frozenset(given[2]))
        assert propose(incident, now=NOW) == found


def read(story: Story) -> set[int]:
    """Accounts whose four weeks are read, but for those of the incident."""

    class Watched(MemoryEvidence):
        def asked(self, accounts, since, *until):
            if not until:
                numbers.update(accounts)
            return super().asked(accounts, since, *until)

    numbers: set[int] = set()
    incident = story.incident()
    ProposeFinding(Watched(story.ledger, None))(incident, now=NOW)
    return numbers - set(incident.accounts)


def test_busy_accounts_with_strangers_of_their_own_are_not_read_for_four_weeks():
    """But who has a new device, or has come by the thief's a week before, is; in a campaign, also
    who may have typed a list at the owner's desk.
    """
    at_the_desk, few = (8, 0, {}, False), (4, 2, {}, False)
    new, before = (3, 2, {"device": 88_001}, False), (3, 2, {}, True)
    others = [at_the_desk, few, new, before]
    assert read(several(2, others)) == {52, 53}
    assert read(several(CAMPAIGN, others)) == {50, 52}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 600)), min_size=1, max_size=40))
def test_no_habit_gives_more_evidence(asked):
    story = Story()
    for nth, (stranger, age) in enumerate(asked):
        presence = Presence.LEGACY if stranger else Presence.CARD
        story.ask(NINE + nth * MINUTE, 7, nth, presence=presence, first=age)
    seen = [seen_of(each) for each in story.entries()]
    for habit in (0.004, 0.03, 0.3):
        assert at_most(seen)[7] >= evidence(seen, habit)[0] - 1e-6
