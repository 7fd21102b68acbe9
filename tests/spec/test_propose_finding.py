"""The finding that nobody states: proposed from the ledger, and what it must never leave out."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from rempart.cli.incident_finding import tell_account
from rempart.domain.budget import DAY
from rempart.domain.change_point import evidence
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import KEYED, EntryType, Outcome, Presence, period_of
from rempart.domain.errors import ForbiddenTransition, MalformedIdentifier
from rempart.domain.finding import NEVER, Whose
from rempart.domain.incident import Incident
from rempart.domain.incident_words import Origin
from rempart.domain.proposed_finding import ProposedFinding, Reason, Since
from rempart.domain.scope import Verdict, Who
from rempart.domain.signs import seen_of
from rempart.usecases.state_finding import check_kind
from tests.ledgers import pseudonym
from tests.thefts import AMC, HOUR, MINUTE, OPEN, TODAY, Story, part

title = "The finding that is proposed"

NINE = TODAY + OPEN
OWN = {"device": 77_001, "network": 77_002}
"""A device and a network of the thief's own."""


def a_theft(*, people: int = 15, **line: int) -> Story:
    """An owner at work all morning; from ten on, a list is gone through."""
    story = Story()
    story.past(7)
    story.work(7, NINE, NINE + 3 * HOUR)
    until = story.steal(7, NINE + HOUR, people, **line)
    story.freeze(until, 7)
    story.ask(until + MINUTE, 7, None, outcome=Outcome.FROZEN, presence=Presence.LEGACY, **line)
    return story


def judged(story: Story, proposal: ProposedFinding) -> tuple[set, set, set]:
    """Breached, undecided and cleared; nobody who was read is cleared, nobody else breached."""
    scope = story.scope(proposal.finding)
    breached, undecided, cleared = (part(scope, each) for each in reversed(Verdict))
    assert not story.read & cleared, "somebody who was read is cleared"
    assert breached <= story.read, "somebody is breached whom no thief has read"
    return breached, undecided, cleared


def reasons(proposal: ProposedFinding) -> set[Reason]:
    return {each.reason for account in proposal.accounts for each in account.sessions}


# One thief


@pytest.mark.parametrize(
    "line",
    [OWN, {"network": 77_002}, {"device": 77_001}],
    ids=["a line of his own", "a copied key", "in the waiting room"],
)
def test_who_has_a_line_of_his_own_is_named_and_the_owner_is_cleared(line):
    story = a_theft(**line)
    proposal = story.propose()
    breached, undecided, cleared = judged(story, proposal)
    assert breached == story.read
    assert len(undecided) <= 3
    assert len(cleared) > 100
    (account,) = proposal.accounts
    assert (account.stolen, account.how, account.apart) == (NINE + HOUR, Since.LINE, True)


def test_whoever_works_on_the_owners_own_line_is_in_doubt_and_nobody_is_accused():
    story = a_theft(session="his own")
    proposal = story.propose()
    breached, undecided, _ = judged(story, proposal)
    assert breached == set()
    assert story.read <= undecided
    (account,) = proposal.accounts
    assert account.how is Since.CHANGE
    assert NINE - 2 * DAY < account.stolen <= NINE + HOUR - DAY


def test_a_beginning_that_is_not_much_less_likely_counts():
    """Two strangers, twelve cards, eight strangers: he may have begun with the two."""
    story = Story()
    for nth in range(22):
        presence = Presence.CARD if 2 <= nth < 14 else Presence.LEGACY
        story.ask(NINE + nth * MINUTE, 7, ("p", nth), presence=presence)
    questions = [seen_of(each) for each in story.entries()]
    most, since = evidence(questions, 0.04)
    assert (most, since) == (pytest.approx(8 * 2.25, rel=0.2), NINE)
    assert evidence(questions[2:14], 0.04) == (0.0, 0)


def test_a_session_that_both_use_is_named_under_neither():
    """A relayed phishing: one session, the owner's questions and the thief's by his own line."""
    story = Story()
    story.past(7)
    story.work(7, NINE, NINE + HOUR)
    for minute in range(0, 60, 4):
        story.work(7, NINE + HOUR + minute * MINUTE, NINE + HOUR + (minute + 4) * MINUTE,
                   session="relayed")  # fmt: skip
    until = story.steal(7, NINE + HOUR, 20, session="relayed", **OWN)
    story.freeze(until, 7)
    proposal = story.propose()
    breached, undecided, _ = judged(story, proposal)
    assert breached == set()
    assert story.read <= undecided
    assert Reason.BOTH in reasons(proposal)


def the_desk_is_shared(*, line: dict, **more: int) -> Story:
    """Two hours in one session: the owner's questions, and a list with people at home there."""
    story = Story()
    story.past(7)
    story.work(7, NINE, NINE + 2 * HOUR, session="shared")
    until = story.steal(7, NINE + HOUR, 12, session="shared", home=True, every=3 * MINUTE, **line)
    story.freeze(until, 7, **more)
    return story


def keyed(story: Story, since: int = NINE) -> set:
    """Who was asked about since then, always on a card or a printed key, and never by the thief."""
    asked: dict[Who, set[bool]] = {}
    for _, entry, _ in story.entries():
        if entry.at >= since and entry.type is EntryType.QUESTION:
            who = Who(entry.period, entry.amc, entry.person)
            asked.setdefault(who, set()).add(entry.presence in KEYED)
    return {who for who, always in asked.items() if always == {True}} - story.read


def test_at_the_desk_of_a_theft_whoever_showed_a_card_is_cleared_and_nobody_else():
    """No list holds it, and the line brought some long before: it was the owner's question."""
    story = the_desk_is_shared(line={})
    proposal = story.propose()
    breached, undecided, cleared = judged(story, proposal)
    (account,) = proposal.accounts
    assert TODAY - 4 * DAY < account.stolen < NINE
    assert len(keyed(story)) > 5
    assert keyed(story) <= cleared
    assert (breached, story.read <= undecided) == (set(), True)
    assert proposal.finding.keyed
    assert sum(each.keyed for each in account.sessions) >= len(keyed(story))


def test_who_reads_the_proposal_is_told_how_many_answers_are_the_owners_all_the_same():
    (account,) = the_desk_is_shared(line={}).propose().accounts
    console = Console(file=StringIO(), width=300)
    tell_account(console, account, "poste-1")
    told = console.file.getvalue()
    for reason in {each.reason for each in account.sessions}:
        count = sum(each.keyed for each in account.sessions if each.reason is reason)
        assert not count or f"    {count} d'entre elles, carte lue" in told
    assert told.count("d'entre elles") == 1


@pytest.mark.parametrize("line", [OWN, {"network": 77_002}], ids=["his own", "a copied key"])
def test_in_a_session_that_is_relayed_a_card_clears_nobody(line):
    """Whoever stands between sees every answer, those on cards too."""
    story = the_desk_is_shared(line=line)
    proposal = story.propose()
    _, undecided, _ = judged(story, proposal)
    assert not proposal.finding.keyed
    assert Reason.BOTH in reasons(proposal)
    meanwhile = keyed(story, NINE + HOUR)
    assert len(meanwhile) > 3
    assert meanwhile <= undecided


def test_cards_that_are_replayed_clear_nobody_at_the_desk_either():
    story = the_desk_is_shared(line={}, why=Why.REPLAYS)
    proposal = story.propose()
    judged(story, proposal)
    assert not proposal.finding.keyed


@pytest.mark.parametrize("way", [{"network": 77_002}, OWN], ids=["a copied key", "his own"])
def test_photographs_of_cards_of_this_places_own_patients_clear_nobody_by_a_new_line(way):
    """A thief at the practice's computer copied its key, and the codes of the cards it read."""
    story = Story()
    story.past(7)
    story.work(7, NINE, NINE + 3 * HOUR)
    for nth in range(12):
        at, shown = NINE + HOUR + nth * MINUTE, {"session": "his", "thief": True, **way}
        story.ask(at, 7, (7, nth), first=200, proved=1, **shown)
        story.ask(at + 1, 7, ("loot", nth), presence=Presence.LEGACY, **shown)
    story.freeze(NINE + 2 * HOUR, 7)
    _, undecided, _ = judged(story, story.propose())
    assert story.read <= undecided


def test_a_printed_key_is_in_no_list():
    """Most of a home's residents have one, two in a session; a fifth have old cards: in doubt."""
    story = a_theft(**OWN)
    for nth in range(30):
        shown = Presence.LEGACY if nth % 5 == 0 else Presence.DECLARED
        at, session = NINE + HOUR + nth * MINUTE // 3, ("home", nth // 2)
        story.ask(at, 7, ("home", nth), presence=shown, session=session)
        known = {"presence": Presence.KNOWN, "first": 200, "proved": 20}
        story.ask(at + 1, 7, ("nurse", nth // 2), session=session, **known)
    _, undecided, cleared = judged(story, story.propose())
    assert keyed(story) <= cleared
    nurses, residents = (
        {Who(period_of(TODAY), AMC, pseudonym("person", (which, n))) for n in range(30)}
        for which in ("nurse", "home")
    )
    assert len(nurses & cleared) == 15 - 6, "beside a printed key, and no stranger's old card"
    assert len(residents & undecided) == 6
    assert len(residents & cleared) == 24


def test_two_thieves_of_one_account_are_both_found():
    story = a_theft(**OWN)
    story.steal(7, NINE + 2 * HOUR, 12, device=88_001, network=88_002)
    last = NINE + 3 * HOUR
    story.move(last, 7, Stage.FROZEN, Why.REPORTED, authority=Authority.OWNER)
    proposal = story.propose()
    breached, _, _ = judged(story, proposal)
    assert breached == story.read


def test_a_thief_who_comes_by_a_new_network_at_every_question_is_one_by_his_device():
    story = Story()
    story.past(7)
    story.work(7, NINE, NINE + 3 * HOUR)
    for nth in range(15):
        story.steal(7, NINE + HOUR + nth * MINUTE, 1, device=77_001, network=90_000 + nth)
    story.freeze(NINE + 2 * HOUR, 7)
    breached, _, _ = judged(story, story.propose())
    assert breached == story.read


@pytest.mark.parametrize("more", [0, 1])
def test_a_trial_of_long_ago_moves_the_beginning(more):
    """He tried what he had bought three weeks before: a question, by a line of that day; perhaps
    another one about somebody who was at home there.
    """
    story = a_theft(**OWN)
    tried, line = NINE - 20 * DAY, {"device": 66_001, "network": 66_002}
    story.steal(7, tried, 1, **line)
    for person in range(more):
        known = {"presence": Presence.LEGACY, "first": 200, "thief": True}
        story.ask(tried + MINUTE, 7, (7, person), **known, **line)
    proposal = story.propose()
    _, undecided, _ = judged(story, proposal)
    assert proposal.accounts[0].stolen == tried
    assert story.read & undecided


def test_somebody_at_home_here_is_read_by_him_all_the_same():
    story = a_theft(**OWN)
    story.ask(NINE + HOUR + 30_000_000, 7, (7, 3), presence=Presence.KNOWN, first=200, proved=20,
              thief=True, **OWN)  # fmt: skip
    breached, _, _ = judged(story, story.propose())
    assert story.read == breached


# A campaign


def test_accounts_that_were_narrowed_in_the_same_wave_are_taken_in():
    story = a_theft(**OWN)
    story.past(8)
    story.work(8, NINE, NINE + 3 * HOUR)
    until = story.steal(8, NINE + HOUR, 9, device=88_001, network=88_002)
    story.move(until, 8, Stage.NARROWED, Why.WAVE)
    proposal = story.propose()
    assert [each.number for each in proposal.finding.suspects] == [7, 8]
    assert proposal.finding.suspects[1].contained == NEVER
    breached, _, _ = judged(story, proposal)
    assert breached == story.read


def test_accounts_that_nobody_has_stopped_are_found_by_his_device_or_his_network():
    """He asked three people there before his first account was frozen, and never came back."""
    story = a_theft(**OWN)
    for account, line in ((8, {"network": 77_002}), (9, OWN)):
        story.past(account)
        story.work(account, NINE, NINE + 3 * HOUR)
        story.steal(account, NINE + HOUR, 3, **line)
    story.past(10)
    proposal = story.propose()
    assert [each.number for each in proposal.finding.suspects] == [7, 8, 9]
    breached, _, _ = judged(story, proposal)
    assert breached == story.read


def test_an_account_that_nobody_has_stopped_is_found_by_the_list_alone():
    """By a line that is met nowhere else; he was content with six people there."""
    story = a_theft(**OWN)
    for account, honest in ((8, False), (9, True)):
        story.past(account)
        story.work(account, NINE, NINE + 3 * HOUR)
        line = {} if honest else {"device": 88_001, "network": 88_002}
        story.steal(account, NINE + HOUR, 8, thief=not honest, **line)
    proposal = story.propose()
    assert [each.number for each in proposal.finding.suspects] == [7, 8], "not who is honest"
    breached, _, _ = judged(story, proposal)
    assert breached == story.read


def test_an_owner_of_another_site_on_the_same_network_is_accused_of_nothing():
    """The thief sits in a hotel where an honest nurse has worked for weeks."""
    story = a_theft(**OWN)
    story.past(8)
    for day in range(15, 0, -3):
        story.work(8, NINE - day * DAY, NINE - day * DAY + HOUR, network=77_002)
    story.work(8, NINE + HOUR, NINE + 3 * HOUR, network=77_002)
    breached, _, _ = judged(story, story.propose())
    assert breached == story.read


# Given back

WEEKS = 20 * DAY


def since_then(story: Story, moment: int) -> set:
    """Whoever was asked about after a moment, and never before."""
    asked = [(seen.at, Who(period_of(seen.at), AMC, each.entry.person))
             for each in story.entries() if (seen := seen_of(each)) and seen.opened]  # fmt: skip
    return {who for at, who in asked if at > moment} - {who for at, who in asked if at <= moment}


def test_who_comes_to_an_owner_that_has_the_account_back_is_in_no_doubt():
    """A false alarm, a look, and weeks of work, where nobody is a regular yet."""
    story = a_theft(people=20)
    back = NINE + 5 * HOUR
    story.give_back(back, 7)
    for day in range(1, 4):
        story.work(7, NINE + day * DAY, NINE + day * DAY + 6 * HOUR)
    proposal = story.propose(now=TODAY + WEEKS)
    _, undecided, cleared = judged(story, proposal)
    later = since_then(story, back)
    assert len(later) > 15
    assert later <= cleared
    assert len(undecided) >= 15, "those of the day itself"
    assert proposal.finding.suspects[0].contained < back


def test_a_thief_who_comes_back_after_it_was_given_back_is_found():
    story = a_theft(**OWN)
    story.give_back(NINE + 5 * HOUR, 7)
    last = story.steal(7, NINE + 7 * HOUR, 6, **OWN)
    proposal = story.propose()
    breached, _, _ = judged(story, proposal)
    assert breached == story.read
    assert NINE + 7 * HOUR < proposal.finding.suspects[0].contained < last


@pytest.mark.parametrize(
    "how", ["before this incident", "narrowed anew", "by whoever signs in as the owner"]
)
def test_what_is_no_giving_back_leaves_it_open(how):
    story = a_theft(**OWN)
    if how == "narrowed anew":
        story.give_back(NINE + 5 * HOUR, 7)
        story.move(NINE + 6 * HOUR, 7, Stage.NARROWED, Why.STRANGERS)
        number = 7
    else:
        number, owner = 8, {"authority": Authority.OWNER, "by": ""}
        story.past(8)
        story.work(8, NINE, NINE + 3 * HOUR)
        if how == "before this incident":
            story.freeze(NINE - 3 * DAY, 8, Why.MISSES)
            story.give_back(NINE - 2 * DAY, 8)
        else:
            story.move(NINE + HOUR, 8, Stage.NARROWED, Why.WAVE)
            story.move(NINE + 2 * HOUR, 8, Stage.WATCHED, Why.REVIEWED, current=Stage.NARROWED,
                       **owner)  # fmt: skip
        story.steal(8, NINE + 2 * HOUR, 4, **OWN)
    last = max(story.incidents(), key=lambda each: each.opened)
    proposal = story.propose(last)
    assert {each.number: each.contained for each in proposal.finding.suspects}[number] == NEVER
    judged(story, proposal)


def test_an_officer_who_lifts_what_was_only_narrowed_gives_it_back_from_then_on():
    story = a_theft(**OWN)
    story.past(8)
    story.work(8, NINE, NINE + 3 * HOUR)
    until = story.steal(8, NINE + HOUR, 9, device=88_001, network=88_002)
    story.move(until, 8, Stage.NARROWED, Why.WAVE)
    lifted = {"current": Stage.NARROWED, "authority": Authority.OFFICER, "by": "omar"}
    story.move(until + HOUR, 8, Stage.WATCHED, Why.REVIEWED, **lifted)
    story.work(8, NINE + DAY, NINE + DAY + 6 * HOUR)
    proposal = story.propose(now=TODAY + WEEKS)
    assert proposal.finding.suspects[1].contained == until + HOUR
    _, _, cleared = judged(story, proposal)
    assert since_then(story, until + HOUR) <= cleared


# Nobody's theft


def test_an_honest_owner_at_whom_the_guard_took_fright_is_accused_of_nothing():
    """Twenty new patients with old cards, typed at the owner's own desk: a false alarm."""
    story = a_theft(people=20)
    story.read.clear()
    proposal = story.propose()
    breached, undecided, _ = judged(story, proposal)
    assert breached == set()
    assert len(undecided) >= 15
    assert not proposal.finding.thief


def test_an_owner_who_moves_house_is_accused_of_nothing():
    """A new device and a new network, and nobody at the old desk any more."""
    story = Story()
    story.past(7)
    until = story.steal(7, NINE, 20, **OWN)
    story.freeze(until, 7)
    story.read.clear()
    breached, undecided, _ = judged(story, story.propose())
    assert (breached, len(undecided) >= 15) == (set(), True)


def test_what_an_owner_reports_and_nothing_shows_is_in_doubt_for_four_weeks():
    story = Story()
    story.past(7)
    story.work(7, NINE, NINE + HOUR)
    story.move(NINE + HOUR, 7, Stage.FROZEN, Why.REPORTED, authority=Authority.OWNER)
    proposal = story.propose()
    (account,) = proposal.accounts
    assert account.stolen <= NINE + HOUR - 20 * DAY
    assert account.how in {Since.CHANGE, Since.LOOK_BACK}
    assert not proposal.finding.thief
    judged(story, proposal)


def test_cards_that_are_replayed_prove_nobody():
    story = Story()
    story.past(7)
    for nth in range(12):
        story.ask(NINE + nth * MINUTE, 7, ("card", nth), thief=True)
    story.freeze(NINE + HOUR, 7, Why.REPLAYS)
    breached, undecided, _ = judged(story, story.propose())
    assert story.read <= undecided
    assert breached == set()


def test_an_incident_without_an_account_has_no_finding_yet():
    empty = Incident(ref=1, opened=TODAY, origin=Origin.PERSON, exercise=False)
    with pytest.raises(ForbiddenTransition, match="no account"):
        Story().propose(empty)


def test_a_finding_of_an_exercise_is_stated_in_no_real_incident():
    real, drill = (
        Incident(ref=1, opened=TODAY, origin=Origin.PERSON, exercise=each) for each in (False, True)
    )
    check_kind(drill, exercise=True)
    for incident in (real, drill):
        check_kind(incident, exercise=False)
    with pytest.raises(MalformedIdentifier, match="exercise"):
        check_kind(real, exercise=True)


def test_an_account_of_this_week_has_no_line_of_its_owners():
    story = Story()
    story.work(7, NINE, NINE + 2 * HOUR)
    until = story.steal(7, NINE + HOUR, 15, session="his own")
    story.freeze(until, 7)
    proposal = story.propose()
    breached, undecided, _ = judged(story, proposal)
    assert breached == set()
    assert story.read <= undecided
    assert not proposal.finding.owner


def test_a_line_of_three_days_is_nobodys_yet():
    """Cards alone do not make it the owner's: a thief who photographs cards has some too."""
    story = a_theft(**OWN)
    for day in range(3):
        moved = {"device": 55_001, "network": 55_002}
        story.work(7, NINE - day * DAY, NINE - day * DAY + 2 * HOUR, **moved)
    proposal = story.propose()
    (account,) = proposal.accounts
    by_reason = {each.reason for each in account.sessions if each.whose is Whose.UNKNOWN}
    assert Reason.STRANGE_LINE in by_reason
    assert proposal.finding.owner, "cards on the old line"
    judged(story, proposal)


def test_a_line_of_this_morning_clears_nobody_even_by_cards():
    """He has photographs of cards, and a line of his own beside the other."""
    story = a_theft(**OWN)
    for nth in range(5):
        line = {"device": 55_001, "network": 55_002}
        story.ask(NINE + HOUR + nth * MINUTE, 7, ("photo", nth), thief=True, **line)
    proposal = story.propose()
    judged(story, proposal)


def test_in_a_campaign_whom_nobody_has_stopped_and_who_typed_a_list_at_the_desk_is_in_doubt():
    story = Story()
    for number in range(7, 20):
        story.past(number, days=10, hours=3)
        story.work(number, NINE, NINE + 3 * HOUR)
        line = {"network": 71_000 + number} if number < 19 else {"session": "hidden"}
        until = story.steal(number, NINE + HOUR, 12, **line)
        if number < 19:
            story.freeze(until, number)
    proposal = story.propose()
    assert [each.number for each in proposal.finding.suspects] == list(range(7, 20))
    breached, undecided, _ = judged(story, proposal)
    assert breached < story.read <= breached | undecided


def test_in_a_campaign_a_list_is_typed_by_nobody_else():
    """Twelve sites within hours; at the last one the owner had gone home before he came."""
    story = Story()
    for number in range(7, 19):
        story.past(number, days=10, hours=3)
        story.work(number, NINE, NINE + HOUR // 2 if number == 18 else NINE + 3 * HOUR)
        line = {"network": 71_000 + number}
        story.freeze(story.steal(number, NINE + HOUR, 12, **line), number)
    alone = Story()
    alone.past(18, days=10, hours=3)
    alone.work(18, NINE, NINE + HOUR // 2)
    alone.freeze(alone.steal(18, NINE + HOUR, 12, network=71_018), 18)
    assert judged(story, story.propose())[0] == story.read
    assert judged(alone, alone.propose())[0] == set(), "alone, it may be an owner elsewhere"


# Whatever he does

BESIDE = {
    "own": lambda nth: {"device": 70_000 + nth, "network": 71_000 + nth},
    "copied": lambda nth: {"network": 71_000 + nth},
    "waiting-room": lambda nth: {"device": 70_000 + nth},
    "relayed": lambda nth: {"session": "shared", "device": 70_000 + nth, "network": 71_000 + nth},
}
AT_THE_DESK = {
    "owners-desk": lambda nth: {"session": ("hidden", nth)},
    "shared-session": lambda nth: {"session": "shared"},
    "mixes": lambda nth: {"session": ("mixed", nth), "home": True},
    "mixes-shared": lambda nth: {"session": "shared", "home": True},
}
WAYS = BESIDE | AT_THE_DESK


def hands_of(ways: dict) -> st.SearchStrategy:
    """How, how many people, from which minute on, every so many seconds."""
    hand = st.tuples(
        *(st.sampled_from(sorted(ways)), st.integers(1, 12)),
        *(st.integers(0, 150), st.integers(20, 400)),
    )
    return st.lists(hand, min_size=1, max_size=3)


def by_his_own_line_first(hands: list) -> list:
    """What he does at the owner's desk besides comes after: one stranger there, before, is one of
    the owner's to anybody.
    """
    first = min((minute for way, _, minute, _ in hands if way in BESIDE), default=0)
    return [(way, n, max(first, minute), every) for way, n, minute, every in hands]


thieves = st.one_of(
    hands_of(BESIDE), hands_of(AT_THE_DESK), hands_of(WAYS).map(by_his_own_line_first)
)


@settings(max_examples=30, deadline=None)
@given(
    accounts=st.lists(thieves, min_size=1, max_size=2),
    seed=st.integers(0, 99),
    gives_up=st.booleans(),
)
def test_nobody_whom_a_thief_has_read_is_ever_cleared(accounts, seed, gives_up):
    """However many hands he has in an account, by lines of his own, on the owner's, in a session
    of theirs or in one beside it; the finding agrees with itself and with the ledger.
    """
    story, ends = Story(seed), []
    for number, ways in enumerate(accounts, start=7):
        story.past(number, days=12)
        story.work(number, NINE, NINE + 3 * HOUR)
        if any(way in {"shared-session", "mixes-shared", "relayed"} for way, *_ in ways):
            story.work(number, NINE, NINE + 3 * HOUR, session="shared", every=20)
        end = NINE
        for nth, (way, people, minutes, seconds) in enumerate(ways):
            began, every = NINE + minutes * MINUTE, seconds * 1_000_000
            end = max(end, story.steal(number, began, people, every=every, **WAYS[way](nth)))
        ends.append((number, end))
    for number, end in ends[1:] if gives_up else ends:
        story.freeze(end, number)
    if gives_up:
        story.freeze(ends[0][1] + 12 * HOUR, ends[0][0], Why.REPORTED)
    proposal = story.propose()
    scope = story.scope(proposal.finding)
    assert not story.read & part(scope, Verdict.CLEARED)
    assert {each.number for each in proposal.finding.suspects} == {number for number, _ in ends}


@settings(max_examples=12, deadline=None)
@given(ways=thieves, seed=st.integers(0, 99), comes_back=st.booleans())
def test_nobody_whom_he_read_before_is_cleared_because_the_account_was_given_back(
    ways, seed, comes_back
):
    """The owner works on for days, and no patient of theirs is in doubt, unless the thief comes
    back by a line of his.
    """
    story, end = Story(seed), NINE
    story.past(7, days=12)
    story.work(7, NINE, NINE + 3 * HOUR)
    for nth, (way, people, minutes, seconds) in enumerate(ways):
        began, every = NINE + minutes * MINUTE, seconds * 1_000_000
        end = max(end, story.steal(7, began, people, every=every, **WAYS[way](nth)))
    story.freeze(end, 7)
    story.give_back(back := end + 4 * HOUR, 7)
    for day in (1, 2):
        story.work(7, NINE + day * DAY, NINE + day * DAY + 4 * HOUR)
    again = comes_back and any(way in {"own", "copied"} for way, *_ in ways)
    if again:
        nth = next(n for n, (way, *_) in enumerate(ways) if way in {"own", "copied"})
        story.steal(7, back + HOUR, 3, **WAYS[ways[nth][0]](nth))
    proposal = story.propose(now=TODAY + WEEKS)
    scope = story.scope(proposal.finding)
    cleared = part(scope, Verdict.CLEARED)
    before = {who for who in story.read if who not in since_then(story, back)}
    assert not before & cleared
    if not again:
        assert since_then(story, back) <= cleared
        assert not story.read & cleared


@settings(max_examples=20, deadline=None)
@given(
    owners=st.lists(st.integers(0, 25), min_size=1, max_size=3),
    seed=st.integers(0, 99),
    moves=st.booleans(),
)
def test_no_honest_owner_is_ever_accused(owners, seed, moves):
    """New patients with old cards, however many, at the desk or from a new one for good."""
    story = Story(seed)
    for number, strangers in enumerate(owners, start=7):
        story.past(number, days=12)
        line = {"device": 70_000 + number, "network": 71_000 + number} if moves else {}
        story.work(number, NINE, NINE + HOUR, **line)
        until = story.steal(number, NINE + HOUR, strangers, **line)
        story.freeze(until + MINUTE, number)
    proposal = story.propose()
    assert not proposal.finding.thief
    assert not part(story.scope(proposal.finding), Verdict.BREACHED)


def test_every_session_in_the_time_of_the_theft_has_its_reason_in_both_languages():
    proposal = a_theft(**OWN).propose()
    for account in proposal.accounts:
        assert account.sessions
        for each in account.sessions:
            french, english = each.reason.value
            assert french
            assert english
            assert (each.whose is Whose.THIEF) == (each.session in proposal.finding.thief)
