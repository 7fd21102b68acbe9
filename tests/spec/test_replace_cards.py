"""A card is replaced: a small feed of the members concerned, and nobody else moves."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.insurer_state import InsurerState
from rempart.adapters.memory.insurer import MemoryFeedState
from rempart.adapters.memory.members import MemoryMembers
from rempart.domain.coverage import InForce, Mode
from rempart.domain.errors import FeedRefused
from tests.insurers import TODAY, AtInsurer, Platform, row, said_of

title = "A card is replaced"

YEAR_END = "2026-12-31"
PEOPLE = [f"R{n}" for n in range(100)]


def line(reference, serial=1, **more):
    return row(reference, number=reference[1:], cards=f"{serial}:{YEAR_END}", **more)


def crowd(**serials):
    """The whole file; ``R3=2``: their card is number 2."""
    return [line(reference, serials.get(reference, 1)) for reference in PEOPLE]


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture(params=["memory", "sqlite"])
def insurer(request, platform, tmp_path):
    """An insurer of a hundred members, all of them taken in."""
    with closing(InsurerState(tmp_path / "state.sqlite")) as kept:
        state = MemoryFeedState() if request.param == "memory" else kept
        insurer = platform.admit(AtInsurer(state=state))
        sent(platform, insurer, *crowd())
        yield insurer


def sent(platform, insurer, *rows, **options):
    report = insurer.prepare(*rows, **options)
    return platform.take(insurer.feeds[str(report.sequence)])


def opens(platform, insurer, text):
    """Whether the cards of a row open."""
    (card,) = insurer.cards(text)
    found = platform.by_card(insurer, card)
    assert found in ("none", InForce(until=card.until, mode=Mode.TM))
    return found != "none"


def test_the_old_card_is_dead_the_new_one_opens_and_nobody_else_moves(platform, insurer):
    report = sent(platform, insurer, line("R3", 2), only=True)
    assert (report.sequence, report.rows, report.changed, report.closed) == (2, 1, 1, 0)
    assert not opens(platform, insurer, line("R3", 1))
    assert opens(platform, insurer, line("R3", 2))
    assert all(opens(platform, insurer, line(each)) for each in PEOPLE if each != "R3")


def test_the_next_whole_file_goes_on_from_it(platform, insurer):
    sent(platform, insurer, line("R3", 2), only=True)
    told = insurer.prepare(*crowd(R3=2, R5=2))
    assert (told.sequence, told.sent, told.unchanged, told.closed) == (3, 1, 99, 0)
    assert platform.take(insurer.feeds["3"]).changed == 1
    assert opens(platform, insurer, line("R3", 2))


class Shy(MemoryFeedState):
    """A state that was never asked of everybody, and remembers whom it was asked of."""

    def meet(self, rows):
        self.asked = len(rows)
        return super().meet(rows)

    def counts(self):
        raise AssertionError("of everybody")

    unmet = counts


class ShyMembers(MemoryMembers):
    """The same of the platform's store."""

    def known(self, amc, handles):
        self.asked = len(handles)
        return super().known(amc, handles)

    def weigh_absent(self, amc, present):
        raise AssertionError("of everybody")

    absent_after = weigh_absent


def test_neither_side_reads_anybody_elses_row():
    platform = Platform(store=ShyMembers())
    insurer = platform.admit(AtInsurer())
    sent(platform, insurer, *crowd())
    insurer.state = Shy(persons=insurer.state.persons, feeds=insurer.state.feeds)
    report = sent(platform, insurer, line("R3", 2), line("R4", 2), only=True)
    assert (report.changed, insurer.state.asked, platform.store.asked) == (2, 2, 2)


# --- what it cannot do


def test_it_closes_nobody_whatever_the_importer_is_told(platform, insurer):
    insurer.prepare(line("R3", 2), only=True)
    with pytest.raises(FeedRefused, match="a delta feed does not say who is absent"):
        platform.take(insurer.feeds["2"], close_absent=True, confirm_closing=True)
    platform.take(insurer.feeds["2"])
    assert opens(platform, insurer, line("R4"))


def test_it_brings_nobody_in_and_nobody_back(platform, insurer):
    sent(platform, insurer, *crowd()[:-1])
    told = insurer.prepare(line("R99", 2), line("R100"), line("R3", 2), only=True)
    assert (told.sent, told.rejected) == (1, 2)
    assert said_of(insurer.faults) == [(2, "reference"), (3, "reference")]
    report = platform.take(insurer.feeds["3"])
    assert (report.added, report.reopened, report.changed) == (0, 0, 1)


def test_a_replaced_card_is_not_brought_back_by_an_older_file(platform, insurer):
    sent(platform, insurer, line("R3", 3), only=True)
    for full in (False, True):
        told = insurer.prepare(*crowd(), full=full)
        assert (told.rejected, told.closed) == (1, 0)
        assert said_of(insurer.faults) == [(5, "cards")]
        platform.take(insurer.feeds[str(told.sequence)], close_absent=full)
        assert not opens(platform, insurer, line("R3", 1))
        assert opens(platform, insurer, line("R3", 3))
    told = insurer.prepare(line("R3", 2), line("R4", 2), only=True)
    assert (told.sent, said_of(insurer.faults)) == (1, [(2, "cards")])


def without(reference, **serials):
    return [each for each in crowd(**serials) if not each.startswith(f"{reference};")]


def test_what_the_file_of_the_night_has_raised_by_itself_an_older_file_brings_back(
    platform, insurer
):
    """The limit that ``docs/reference/member-file.md`` tells: it is no replacement."""
    sent(platform, insurer, *crowd(R3=2))
    assert not opens(platform, insurer, line("R3", 1))
    assert opens(platform, insurer, line("R3", 2))
    assert sent(platform, insurer, *crowd()).changed == 1
    assert opens(platform, insurer, line("R3", 1))
    assert not opens(platform, insurer, line("R3", 2))


def test_what_was_replaced_is_known_until_the_cards_of_who_left_have_run_out(platform, insurer):
    assert insurer.state.replaced() == {}
    sent(platform, insurer, line("R3", 2), line("R4", 3), only=True)
    serials = sorted(serial & 0xFFFF for serial in insurer.state.replaced().values())
    assert serials == [2, 3]
    sent(platform, insurer, *without("R3", R4=3), today=date(2026, 12, 31))
    assert len(insurer.state.replaced()) == 2
    sent(platform, insurer, *without("R3", R4=3), today=date(2027, 1, 1))
    assert [serial & 0xFFFF for serial in insurer.state.replaced().values()] == [3]


def test_who_left_and_is_back_by_an_older_file_does_not_bring_the_stolen_card(platform, insurer):
    sent(platform, insurer, line("R3", 2), only=True)
    sent(platform, insurer, *without("R3"))
    told = insurer.prepare(*crowd())
    assert (told.sent, said_of(insurer.faults)) == (0, [(5, "cards")])
    platform.take(insurer.feeds["4"])
    assert not opens(platform, insurer, line("R3", 1))
    assert sent(platform, insurer, *crowd(R3=2)).reopened == 1
    assert opens(platform, insurer, line("R3", 2))


def test_renewal_goes_on_from_the_card_that_replaced(platform, insurer):
    sent(platform, insurer, line("R3", 2), only=True)
    both = row("R3", number="3", cards="2:2026-12-31 3:2027-12-31")
    assert sent(platform, insurer, *without("R3"), both).changed == 1
    assert insurer.prepare(line("R3", 3), only=True).sent == 1


@pytest.mark.parametrize(
    ("nightly", "cards", "taken"),
    [
        ("5", "4", False),
        ("5", "5", False),
        ("5", "6", True),
        ("1", "1 2", False),
        ("1 2", "1 3", False),
        ("1 2", "2 3", True),
        ("0", "0", False),
        ("1", "0", False),
        ("1", "1.0", False),
        ("0", "1", True),
        ("", "1", True),
    ],
)
def test_a_replacement_is_above_what_was_said_and_keeps_no_card_that_it_ends(
    platform, insurer, nightly, cards, taken
):
    def of(serials):
        cells = [f"{serial}:{YEAR_END}" for serial in serials.split()]
        return row("R3", number="3", cards=" ".join(cells))

    sent(platform, insurer, *without("R3"), of(nightly))
    rows = of(cards), line("R4", 2)
    assert insurer.prepare(*rows, only=True).sent == 1 + taken
    assert said_of(insurer.faults) == ([] if taken else [(2, "cards")])


# --- a feed is lost on its way


@pytest.mark.parametrize("row_", [line("R3", 1), line("R3", 2, born="x"), "not;a;row"])
def test_no_feed_undoes_a_replacement_that_was_lost(platform, insurer, row_):
    """Its row as it was, or unreadable, or anybody's: their old card would open again."""
    insurer.prepare(line("R3", 2), only=True)
    with pytest.raises(FeedRefused, match="1 replaced after feed 1, row rejected here"):
        insurer.prepare(*without("R3"), row_, full=True, after=1)
    assert insurer.state.last().sequence == 2
    told = insurer.prepare(*crowd(R3=2, R4="x"), full=True, after=1)
    assert (told.sequence, told.sent, told.rejected) == (2, 99, 1)
    platform.take(insurer.feeds["2"])
    assert not opens(platform, insurer, line("R3", 1))
    assert opens(platform, insurer, line("R3", 2))
    told = insurer.prepare(line("R3", born="x"), *without("R3"), full=True, after=2)
    assert told.sent == 99


def test_who_was_brought_in_by_a_lost_feed_is_said_again_when_their_row_reads(platform, insurer):
    insurer.prepare(*crowd(R5=2), line("R100"))
    bad = line("R100", born="x"), "not;a;row"
    insurer.prepare(*without("R5"), *bad, full=True, after=1)
    assert platform.take(insurer.feeds["2"]).unknown == 1
    assert insurer.prepare(*crowd(R5=2), line("R100")).sent == 2
    platform.take(insurer.feeds["3"])
    assert opens(platform, insurer, line("R100"))
    assert opens(platform, insurer, line("R5", 2))
    assert not opens(platform, insurer, line("R5", 1))


def test_who_left_by_a_lost_feed_is_closed_again(platform, insurer):
    assert insurer.prepare(*without("R3")).closed == 1
    assert insurer.prepare(*without("R3"), full=True, after=1).closed == 1
    assert insurer.prepare(*without("R3"), full=True, after=1).closed == 1
    assert platform.take(insurer.feeds["2"]).closed == 1
    (card,) = insurer.cards(line("R3"))
    tomorrow = TODAY + timedelta(days=1)
    assert platform.by_card(insurer, card, care_date=tomorrow) != InForce(card.until, Mode.TM)
    assert insurer.prepare(*without("R3")).closed == 0


def test_the_number_of_a_feed_that_replaces_nothing_is_not_used(platform, insurer):
    bad = "no card is replaced"
    for rows in ([], [line("R3")], [line("R200")], [row("R3", cards="")], [line("R3", "x")]):
        with pytest.raises(FeedRefused, match=bad):
            insurer.prepare(*rows, only=True)
    assert insurer.prepare(line("R3", 2), only=True).sequence == 2


def test_a_refused_replacement_leaves_nothing_behind(platform, insurer):
    """A row that passed before its feed was refused has replaced nothing."""
    insurer.platform, key = None, insurer.platform
    with pytest.raises(Exception, match="feed key is not known"):
        insurer.prepare(line("R3", 2), only=True)
    insurer.platform = key
    with pytest.raises(FeedRefused, match="over 2%"):
        insurer.prepare(line("R3", 5))
    told = insurer.prepare(*crowd())
    assert (told.sent, told.rejected) == (0, 0)


def test_the_first_feed_is_of_everybody(platform):
    insurer = platform.admit(AtInsurer())
    with pytest.raises(FeedRefused, match="first feed is of everybody"):
        insurer.prepare(line("R3"), only=True)


def test_its_place_in_the_chain_is_its_own(platform, insurer):
    """Kept back, passed over or said again, it does nothing but at its turn."""
    insurer.prepare(line("R3", 2), only=True)
    insurer.prepare(line("R3", 3), only=True)
    with pytest.raises(FeedRefused, match="out of sequence"):
        platform.take(insurer.feeds["3"])
    platform.take(insurer.feeds["2"])
    platform.take(insurer.feeds["3"])
    assert platform.take(insurer.feeds["2"]).already
    assert not opens(platform, insurer, line("R3", 2))
    assert opens(platform, insurer, line("R3", 3))


# --- the whole is what its parts are

FEW = st.sampled_from(["R1", "R2", "R3", "R4"])
BUMPS = st.lists(st.dictionaries(FEW, st.integers(1, 3), min_size=1), max_size=4)
STORED = ("handle", "kind", "serial", "ends")


def stored(platform, insurer):
    """Every lock and digest that the platform has, without what chance drew."""
    handles = {insurer.issue.handle(each): each for each in ("R1", "R2", "R3", "R4")}
    amc = int(insurer.amc)
    locks = platform.store.locks(amc, list(handles))
    known = platform.store.known(amc, list(handles))
    return (
        sorted(tuple(getattr(lock, name) for name in STORED) for lock in locks),
        {handles[handle]: person.digest for handle, person in known.items()},
    )


@given(replacements=BUMPS, rest=st.dictionaries(FEW, st.sampled_from(["F2", "F3"])), left=FEW)
def test_a_whole_feed_is_its_replacements_and_the_rest(replacements, rest, left):
    """In whatever order cards are replaced, the next whole file ends where it alone would have."""
    serials = dict.fromkeys(("R1", "R2", "R3", "R4"), 1)

    def whole(gone=None):
        formulas = rest if gone else {}
        return [
            line(each, serials[each], formula=formulas.get(each, "F1"))
            for each in serials
            if each != gone
        ]

    parts, alone = Platform(), Platform()
    by_parts, at_once = parts.admit(AtInsurer()), alone.admit(AtInsurer())
    for platform, insurer in ((parts, by_parts), (alone, at_once)):
        sent(platform, insurer, *whole())
    for some in replacements:
        some.pop(left, None)  # Who leaves keeps the card that they had, closed.
        if not some:
            continue
        for each, more in some.items():
            serials[each] += more
        sent(parts, by_parts, *[line(each, serials[each]) for each in some], only=True)
    for platform, insurer in ((parts, by_parts), (alone, at_once)):
        sent(platform, insurer, *whole(left), confirm_closing=True)
    assert stored(parts, by_parts) == stored(alone, at_once)
