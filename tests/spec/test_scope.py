"""Who was read, by a finding and the ledger: in memory, and by SQL over days and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from rempart.adapters.memory.scope import MemoryScope
from rempart.adapters.memory.segments import MemorySegments
from rempart.adapters.segments.scope import DuckScope, moved
from rempart.adapters.segments.scope_folder import ScopeFolder
from rempart.adapters.segments.shelf import FolderSegments
from rempart.bootstrap.scope import make_scope, verify_scope
from rempart.domain.budget import DAY
from rempart.domain.disclosure import (
    Entry,
    EntryType,
    Fields,
    Outcome,
    Presence,
    decode,
    question_detail,
)
from rempart.domain.errors import IntegrityBroken, LedgerBroken, MalformedIdentifier, Refusal
from rempart.domain.finding import NEVER, Finding, Suspect, Whose, Window, finding_of
from rempart.domain.scope import Hole, Verdict, clears
from rempart.usecases.scope_check import Verified
from rempart.usecases.scope_file import HoleSaid, MovedSaid, RangeRead, ScopeFile, read_scope
from rempart.usecases.scope_ledger import ScopeLedger
from rempart.usecases.scope_list import people_in
from rempart.usecases.scope_ports import Step
from tests.closed_days import HOUR, DayLedger, Place, in_folders, in_memory, person_at
from tests.ledgers import KEY, START
from tests.ledgers import pseudonym as named

title = "The scope of a breach"

SECOND = 1_000_000
NOW = START + 40 * DAY
THIEF, OWNER, BOTH = (named("of", each) for each in ("thief", "owner", "both"))
SESSIONS = (THIEF, OWNER, BOTH)


@dataclass
class Ground:
    """A ledger, the shelf its days are closed onto, and one engine or the other."""

    place: Place
    scratch: Path
    made: dict[int, str] = field(default_factory=dict)

    def scope(
        self,
        ledger: DayLedger | None,
        finding: Finding,
        *,
        number: int = 1,
        now: int = NOW,
        exercise: bool = False,
    ) -> ScopeFile:
        with self.engine() as engine:
            scoped = ScopeLedger(self.place.shelf, ledger, engine, KEY.verifier)
            said = scoped(finding, number=number, now=now, exercise=exercise)
            self.made[number] = self.list_of(engine)
        return said

    def again(self, ledger: DayLedger | None, said: ScopeFile) -> Verified:
        with self.engine() as engine:
            scoped = ScopeLedger(self.place.shelf, ledger, engine, KEY.verifier)
            return scoped.recompute(said, now=NOW)

    @contextmanager
    def engine(self) -> Iterator[MemoryScope | DuckScope]:
        if isinstance(self.place.shelf, MemorySegments):
            yield MemoryScope(self.place.shelf)
        else:
            with TemporaryDirectory(dir=self.scratch) as scratch:
                folder = Path(scratch)
                assert isinstance(self.place.shelf, FolderSegments)
                self.place.shelf.folder.mkdir(exist_ok=True)
                yield DuckScope(self.place.shelf, folder, folder / "people.csv")

    def list_of(self, engine: MemoryScope | DuckScope) -> str:
        return engine.made if isinstance(engine, MemoryScope) else engine.made.read_text()

    def verdicts(self, number: int = 1) -> dict[str, str]:
        """Verdict by pseudonym."""
        rows = [line.split(";") for line in self.made[number].splitlines()[1:]]
        return {row[3]: row[0] for row in rows}


@contextmanager
def grounds(place_of) -> Iterator[Ground]:
    with place_of() as place, TemporaryDirectory() as scratch:
        yield Ground(place, Path(scratch))


@pytest.fixture(params=[in_memory, in_folders], ids=lambda place: place.__name__)
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    with grounds(request.param) as made:
        yield made


@pytest.fixture
def within() -> Iterator[Ground]:
    """In memory alone, for what no engine decides."""
    with grounds(in_memory) as made:
        yield made


def suspect(**change: object) -> Suspect:
    fields = {"number": 7, "stolen": START + DAY, "contained": START + DAY + 6 * HOUR}
    return Suspect(**(fields | change))


def finding(*suspects: Suspect, **change: object) -> Finding:
    fields = {"thief": frozenset({THIEF}), "owner": frozenset({OWNER})}
    return Finding(suspects=suspects or (suspect(),), **(fields | change))


def at(hours: float, day: int = 1) -> int:
    return START + day * DAY + int(hours * HOUR)


def a_theft() -> DayLedger:
    """Three days; on the second, between 0:00 and 6:00, person 0 to 3 went to the thief."""
    ledger = DayLedger()
    ledger.asked(at(9, day=0), 4, session=OWNER)
    ledger.asked(at(10, day=0), 0, session=BOTH)
    for person in range(4):
        ledger.asked(at(1 + person / 10), person, session=THIEF)
    ledger.asked(at(2), 4, session=OWNER)
    ledger.asked(at(2.1), 5, session=BOTH)
    ledger.asked(at(2.2), 6, session=THIEF, number=8)
    ledger.asked(at(8), 7, session=BOTH)
    ledger.sign()
    ledger.asked(at(1, day=2), 8, session=OWNER)
    ledger.sign()
    return ledger


def people(*persons: int, day: int = 1) -> set[str]:
    return {person_at(person, START + day * DAY).hex() for person in persons}


def parts(ground: Ground, number: int = 1) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"breached": set(), "undecided": set(), "cleared": set()}
    for person, verdict in ground.verdicts(number).items():
        found[verdict].add(person)
    return found


# Who is in which part


def test_everybody_is_breached_cleared_or_undecided(ground):
    said = ground.scope(a_theft(), finding())
    assert parts(ground) == {
        "breached": people(0, 1, 2, 3),
        "undecided": people(5),
        "cleared": people(4, 7, 8),
    }
    assert (said.breached, said.undecided, said.cleared, said.people) == (4, 1, 3, 8)
    read = {each.amc: each.breached for each in said.insurers}
    assert read == {"12345678": 2, "87654321": 2}


def test_a_line_says_which_fields_when_to_which_account_and_on_what(ground):
    ledger = DayLedger()
    for hour, number, presence, domain in (
        (1, 7, Presence.LEGACY, 1),
        (2, 8, Presence.CARD, 9),
        (7, 7, Presence.FRESH, 2),
    ):
        shown = {"presence": presence, "domain": domain, "fields": Fields.IN_FORCE}
        ledger.asked(at(hour), 1, number, session=THIEF if hour < 6 else OWNER, **shown)
    ledger.sign()
    ground.scope(ledger, finding(suspect(), suspect(number=8)))
    (line,) = ground.made[1].splitlines()[1:]
    assert line == (
        f"breached;87654321;2611;{person_at(1, START).hex()};IN_FORCE;PHAR+OPTI;LEGACY+CARD;7+8;"
        f"{at(1)};{at(2)};2;0"
    )


def test_misses_and_what_was_not_opened_are_apart(ground):
    ledger = a_theft()
    ledger.asked(at(2, day=2), None, outcome=Outcome.MISSED, session=OWNER)
    refused = ledger.asked(at(3, day=2), 9, outcome=Outcome.OVER_BUDGET, session=OWNER)
    unopened = ledger.asked(at(4, day=2), 10, session=OWNER)
    ledger.acted(at(4, day=2), EntryType.UNOPENED, cites=unopened)
    canary = ledger.asked(at(5, day=2), 11, session=OWNER)
    ledger.acted(at(5, day=2), EntryType.CANARY, cites=canary)
    ledger.sign()
    said = ground.scope(ledger, finding())
    assert [(a.whose, a.outcome, a.count) for a in said.attempts] == [
        ("owner", "missed", 1),
        ("owner", "over_budget", 1),
    ]
    assert (said.unopened, said.canaries) == ({"owner": 1}, {"owner": 1})
    assert said.people == 8
    assert refused


def test_a_repeat_is_an_answer_of_its_own(ground):
    ledger = DayLedger()
    first = ledger.asked(at(9, day=0), 1, session=OWNER)
    ledger.asked(at(1), 1, session=THIEF, type=EntryType.REPEAT, cites=first)
    ledger.acted(at(1), EntryType.UNOPENED, cites=first)
    ledger.sign()
    assert ground.scope(ledger, finding()).breached == 1


def test_the_moments_of_theft_and_containment_are_the_thiefs(ground):
    ledger, window = DayLedger(), suspect()
    for person, moment in enumerate(
        (window.stolen - 1, window.stolen, window.contained, window.contained + 1)
    ):
        ledger.asked(moment, person, session=BOTH)
    ledger.sign()
    ground.scope(ledger, finding(suspect(rest=Whose.THIEF)))
    assert parts(ground)["breached"] == people(1, 2)
    assert parts(ground)["cleared"] == people(0, 3)


def test_an_account_that_is_not_contained_is_the_thiefs_until_now(ground):
    ground.scope(a_theft(), finding(suspect(contained=NEVER, rest=Whose.THIEF)))
    assert parts(ground)["breached"] == people(0, 1, 2, 3, 5, 7)


# The finding and the ledger


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stolen": at(1.05)}, "answered before the earliest theft of account 7"),
        ({"contained": at(1.05)}, "answered after containment of account 7"),
    ],
)
def test_a_finding_that_the_ledger_contradicts_is_refused(ground, change, says):
    with pytest.raises(MalformedIdentifier, match=says):
        ground.scope(a_theft(), finding(suspect(**change)))


def test_a_thief_may_go_on_asking_in_vain(ground):
    ledger = a_theft()
    ledger.asked(at(9, day=2), 1, outcome=Outcome.FROZEN, session=THIEF)
    ledger.sign()
    (attempt,) = ground.scope(ledger, finding()).attempts
    assert (attempt.whose, attempt.outcome) == ("thief", "frozen")


def test_a_session_that_was_never_met_is_told(ground):
    stranger = named("of", "nobody")
    said = ground.scope(a_theft(), finding(thief=frozenset({THIEF, stranger})))
    assert said.unmet == (stranger.hex(),)
    assert said.silent == ()


def test_an_account_that_asked_nothing_is_told(ground):
    """A number typed wrong is no clean bill."""
    said = ground.scope(a_theft(), finding(suspect(), suspect(number=4_000_000)))
    assert said.silent == (4_000_000,)


@pytest.mark.parametrize("gateway", [(), (Window(at(5), at(6)),)], ids=["", "a gateway too"])
def test_in_a_session_that_may_be_shared_what_no_list_holds_was_told_to_the_owner(ground, gateway):
    ledger = DayLedger()
    for presence in sorted(Presence)[1:]:
        ledger.asked(at(1 + presence / 10), presence, session=BOTH, presence=presence)
        ledger.asked(at(2 + presence / 10), 5 + presence, session=THIEF, presence=presence)
    ledger.sign()
    shared = finding(suspect(contained=at(4)), keyed=frozenset({BOTH}), gateway=gateway)
    said = ground.scope(ledger, shared)
    keyed = (Presence.DECLARED, Presence.CARD, Presence.FRESH)
    assert parts(ground)["cleared"] == people(*keyed)
    assert (said.breached, said.undecided, said.unmet) == (5, 2, (OWNER.hex(),))
    ground.scope(ledger, replace(shared, keyed=frozenset()), number=2)
    assert parts(ground, 2)["cleared"] == set()


def test_a_finding_that_contradicts_itself_is_refused(ground):
    with pytest.raises(MalformedIdentifier, match="both the thief's and the owner's"):
        ground.scope(a_theft(), finding(owner=frozenset({THIEF})))
    for whole in (THIEF, OWNER):
        with pytest.raises(MalformedIdentifier, match="whole"):
            ground.scope(a_theft(), finding(keyed=frozenset({whole})))


# Closed days and the rest


@pytest.mark.parametrize("closed", [0, 1, 2, 3])
def test_what_is_closed_and_what_is_not_are_read_as_one(ground, closed):
    ledger = a_theft()
    ground.place.close(ledger, days=closed + 1 if closed else 0)
    said = ground.scope(ledger, finding())
    days = [each.day for each in said.ranges if each.day]
    assert len(days) == min(closed, 3)
    assert (said.breached, said.undecided, said.cleared) == (4, 1, 3)
    assert [(each.first, each.end) for each in said.ranges][-1][1] == len(ledger.rows)
    assert said.holes == ()


def test_without_the_open_ledger_what_is_closed_says_what_it_can(ground):
    ledger = a_theft()
    ground.place.close(ledger)
    said = ground.scope(None, finding())
    assert (said.breached, said.undecided, said.cleared, said.holes) == (4, 1, 3, ())


def test_what_no_checkpoint_signs_is_not_in_it(ground):
    ledger = a_theft()
    ledger.asked(at(2, day=2), 9, session=OWNER)
    assert ground.scope(ledger, finding()).people == 8


def test_nothing_is_scoped_of_nothing(ground):
    with pytest.raises(Refusal, match="nothing to read"):
        ground.scope(None, finding())


def test_whoever_waits_for_a_scope_hears_how_far_it_is(tmp_path):
    """Days as they are verified, entries as they are gathered, the judging by its share."""
    ledger = a_theft()
    with in_folders() as place:
        place.close(ledger, days=3)
        heard: dict[Step, list[tuple[int, int]]] = {}
        where = {"days": place.shelf.folder, "ledger": ledger, "key": KEY.verifier, "now": NOW}
        where["heard"] = lambda step, *far: heard.setdefault(step, []).append(far)
        folder = ScopeFolder(tmp_path / "case")
        make_scope(folder, finding(), **where)
        size, days = len(ledger.rows), [(1, 2), (2, 2)]
        for _ in range(2):
            assert list(heard) == list(Step)
            assert heard[Step.VERIFIED] == days
            assert heard[Step.GATHERED][0][0] < heard[Step.GATHERED][-1][0] == size
            assert {of for _, of in heard[Step.GATHERED]} == {size}
            assert heard[Step.JUDGED][-1] == (100, 100)
            heard.clear()
            verify_scope(folder.file(1), **where)


# Holes


def test_a_day_that_is_missing_clears_nobody(ground):
    ledger = a_theft()
    _, second, _ = ground.place.close(ledger)
    ground.place.shelf.drop(second.name)
    said = ground.scope(None, finding())
    assert [(each.first, each.end) for each in said.holes] == [(second.first, second.end)]
    assert (said.clears, said.cleared) == (False, 0)
    assert said.breached == 0
    assert said.undecided == said.people == 3


def test_a_hole_away_from_the_theft_leaves_the_cleared_as_they_are(ground):
    ledger = a_theft()
    first, *_ = ground.place.close(ledger)
    ground.place.shelf.drop(first.name)
    said = ground.scope(None, finding())
    assert [(each.first, each.end) for each in said.holes] == [(first.first, first.end)]
    assert said.clears
    assert (said.breached, said.undecided) == (4, 1)


def test_the_open_ledger_stands_in_for_a_file_that_is_lost(ground):
    ledger = a_theft()
    _, second, _ = ground.place.close(ledger)
    ground.place.shelf.drop(second.name)
    said = ground.scope(ledger, finding())
    assert (said.breached, said.undecided, said.cleared, said.holes) == (4, 1, 3, ())


@pytest.mark.parametrize("close", [False, True])
def test_what_was_erased_is_a_hole_also_within_a_day(ground, close):
    ledger = a_theft()
    for index in (2, 3, 7):
        ledger.erase(index)
    if close:
        ground.place.close(ledger)
    said = ground.scope(ledger, finding())
    assert [(each.first, each.end) for each in said.holes] == [(2, 4), (7, 8)]
    assert not said.clears
    assert (said.breached, said.cleared) == (2, 0)


def test_whom_a_hole_touches():
    theft = finding()
    window = theft.suspects[0]
    for since, until, clear in (
        (0, window.stolen - 1, True),
        (0, window.stolen, False),
        (window.contained, NEVER, False),
        (window.contained + 1, NEVER, True),
        (0, NEVER, False),
    ):
        assert clears(theft, [Hole(0, 1, since, until)]) is clear


# Attacks


def test_an_open_ledger_that_is_not_what_was_signed_is_refused(ground):
    ledger = a_theft()
    ledger.flip(3, "body", 84)
    with pytest.raises(IntegrityBroken):
        ground.scope(ledger, finding())


def test_an_entry_taken_out_of_the_open_ledger_is_missed(ground):
    ledger = a_theft()
    ground.place.close(ledger, days=2)
    del ledger.rows[8]
    with pytest.raises(LedgerBroken, match=r"signed and (is|are) missing"):
        ground.scope(ledger, finding())


def test_a_file_that_was_altered_is_refused(ground):
    if not isinstance(ground.place.shelf, FolderSegments):
        pytest.skip("nothing to alter in memory")
    ledger = a_theft()
    _, second, _ = ground.place.close(ledger)
    file = ground.place.shelf.file(second.name)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(IntegrityBroken, match=second.name):
        ground.scope(ledger, finding())


def test_another_ledgers_checkpoint_is_refused(ground):
    other = a_theft()
    other.asked(at(3, day=2), 1, session=OWNER)
    other.sign()
    ledger = a_theft()
    ledger.asked(at(3, day=2), 2, session=OWNER)
    ledger.sign()
    ground.place.close(ledger, days=2)
    ledger.notes = other.notes
    with pytest.raises(LedgerBroken):
        ground.scope(ledger, finding())


# Written down, and made again


def test_who_has_the_same_entries_makes_the_same_scope_again(ground):
    ledger = a_theft()
    ground.place.close(ledger, days=2)
    said = read_scope(ground.scope(ledger, finding()).to_json())
    ground.again(ledger, said)
    # Days are closed and the ledger grows: what was said stays what comes out.
    ledger.asked(at(5, day=2), 11, session=OWNER)
    ledger.sign()
    ground.place.close(ledger)
    verified = ground.again(None, said)
    assert verified.scope.judged() == said.judged()
    assert (verified.days, verified.times) == ((), False)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"breached": 3}, "breached"),
        ({"list": "00" * 32}, "list"),
        ({"clears": False}, "clears"),
        ({"attempts": (), "unmet": ("00" * 16,)}, "unmet"),
    ],
)
def test_a_scope_that_was_changed_is_found(ground, change, names):
    ledger = a_theft()
    said = ground.scope(ledger, finding())
    with pytest.raises(IntegrityBroken, match=names):
        ground.again(ledger, changed(said, **change))


def with_holes(ground: Ground, *, closed: int) -> tuple[DayLedger, ScopeFile]:
    """Three days with something erased in each, some of them closed; and its scope."""
    ledger = a_theft()
    for index in (0, 3, 4, 9):
        ledger.erase(index)
    ground.place.close(ledger, days=closed)
    return ledger, ground.scope(ledger, finding())


RANGES = {
    "none of them": lambda ranges: (),
    "one entry short": lambda ranges: (*ranges[:-1], changed(ranges[-1], end=ranges[-1].end - 1)),
    "one too many": lambda ranges: (*ranges[:-1], changed(ranges[-1], end=ranges[-1].end + 1)),
    "another file": lambda ranges: (changed(ranges[0], digest="00" * 32), *ranges[1:]),
    "another day": lambda ranges: (changed(ranges[0], day="2026-12-24"), *ranges[1:]),
    "no day": lambda ranges: (changed(ranges[0], day=""), *ranges[1:]),
    "twice the same": lambda ranges: (ranges[0], *ranges),
    "another order": lambda ranges: ranges[::-1],
    "an empty one": lambda ranges: (RangeRead(0, 0), *ranges),
}


@pytest.mark.parametrize("change", RANGES.values(), ids=RANGES)
def test_ranges_that_are_not_those_that_were_read_are_found(within, change):
    ledger, said = with_holes(within, closed=3)
    assert len(said.ranges) == 3
    with pytest.raises(IntegrityBroken, match="another scope comes out: ranges"):
        within.again(ledger, changed(said, ranges=change(said.ranges)))


HOLES = {
    "none of them": lambda holes: (),
    "one more": lambda holes: (*holes[:1], HoleSaid(5, 6, 1, 2), *holes[1:]),
    "an earlier time": lambda holes: (changed(holes[0], since=START - DAY), *holes[1:]),
    "a later time": lambda holes: (*holes[:-1], changed(holes[-1], until=START + 30 * DAY)),
    "another time": lambda holes: (*holes[:1], changed(holes[1], since=1, until=2), *holes[2:]),
}


@pytest.mark.parametrize("change", HOLES.values(), ids=HOLES)
def test_holes_that_are_not_those_that_come_out_are_found(within, change):
    ledger, said = with_holes(within, closed=3)
    with pytest.raises(IntegrityBroken, match="another scope comes out: holes"):
        within.again(ledger, changed(said, holes=change(said.holes)))


def test_however_entries_were_cut_into_days_their_holes_have_one_time(ground):
    ledger, before = with_holes(ground, closed=0)
    assert [(each.first, each.end) for each in before.holes] == [(0, 1), (3, 5), (9, 10)]
    assert (before.holes[1].since, before.holes[1].until) == (at(1), at(1.3))
    for closed in (2, 3, 30):
        ground.place.close(ledger, days=closed)
        verified = ground.again(ledger, before)
        assert (verified.times, verified.days) == (False, ())
        after = ground.scope(ledger, finding())
        assert (after.holes, after.ranges != before.ranges) == (before.holes, True)
        assert ground.again(ledger, after).days == ()


def test_times_of_a_hole_that_come_of_another_cut_are_told_and_not_repeated(ground):
    ledger = a_theft()
    _, second, _ = ground.place.close(ledger)
    ground.place.shelf.drop(second.name)
    said = ground.scope(None, finding())
    for index in range(second.first, second.end):
        ledger.erase(index)
    with grounds(in_memory) as elsewhere:
        verified = elsewhere.again(ledger, said)
    assert (verified.times, verified.whole) == (True, False)
    (told,), (ours,) = said.holes, verified.scope.holes
    assert ours.since < told.since < told.until < ours.until
    forged = changed(said, holes=(changed(told, since=1),))
    with grounds(in_memory) as elsewhere, pytest.raises(IntegrityBroken, match="their times"):
        elsewhere.again(ledger, forged)


def test_a_day_that_is_not_here_is_told(ground):
    ledger, said = with_holes(ground, closed=2)
    with grounds(in_memory) as elsewhere:
        verified = elsewhere.again(ledger, said)
    assert verified.days == tuple(each.day for each in said.ranges if each.day)
    assert len(verified.days) == 1
    invented = (*said.ranges[:-1], changed(said.ranges[-1], day="2026-12-24", digest="00" * 32))
    assert ground.again(ledger, changed(said, ranges=invented)).days == ("2026-12-24",)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2},
        {"number": 0},
        {"before": "00" * 32},
        {"moved": (MovedSaid("breached", "cleared", 1),)},
    ],
    ids=str,
)
def test_the_first_scope_has_none_before_it(within, change):
    ledger = a_theft()
    said = within.scope(ledger, finding())
    with pytest.raises(IntegrityBroken, match="another scope comes out"):
        within.again(ledger, changed(said, **change))


@pytest.fixture
def numbered(tmp_path) -> Iterator[tuple[ScopeFolder, dict]]:
    """Two scopes of one incident in a folder, and where their entries are."""
    with in_folders() as place:
        ledger = a_theft()
        place.close(ledger)
        assert isinstance(place.shelf, FolderSegments)
        where = {"days": place.shelf.folder, "ledger": ledger, "key": KEY.verifier, "now": NOW}
        folder = ScopeFolder(tmp_path / "case")
        make_scope(folder, finding(), **where)
        make_scope(folder, finding(suspect(rest=Whose.OWNER)), **where)
        yield folder, where


def test_number_and_moves_are_verified_by_the_scope_before(numbered):
    folder, where = numbered
    first, second = (verify_scope(folder.file(number), **where) for number in (1, 2))
    assert (first.whole, second.whole) == (True, True)
    assert second.scope.moved == (MovedSaid("undecided", "cleared", 1),)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"moved": ()}, "moved"),
        ({"moved": (MovedSaid("undecided", "cleared", 2),)}, "moved"),
        ({"before": "00" * 32}, "before"),
        ({"number": 1, "before": None, "moved": ()}, "number"),
        ({"number": 3}, "number"),
    ],
    ids=str,
)
def test_number_and_moves_that_were_rewritten_are_found(numbered, change, says):
    folder, where = numbered
    text = changed(read_scope(folder.file(2).read_bytes()), **change).to_json()
    folder.file(2).write_text(text)
    with pytest.raises(IntegrityBroken, match=says):
        verify_scope(folder.file(2), **where)


@pytest.mark.parametrize("gone", ["scope-0001.json", "scope-0001.csv"])
def test_without_the_scope_before_number_and_moves_are_not_repeated(numbered, gone):
    folder, where = numbered
    (folder.folder / gone).unlink()
    verified = verify_scope(folder.file(2), **where)
    assert (verified.followed, verified.whole) == (False, False)
    assert (verified.scope.moved, verified.scope.before) == ((), None)


def test_that_of_an_exercise_says_so_on_every_line_and_is_made_again_as_it_is(ground):
    ledger = a_theft()
    real = ground.scope(ledger, finding(), number=1)
    drill = changed(ground.scope(ledger, finding(), number=2, exercise=True), number=1)
    header, *marked = ground.made[2].splitlines()
    assert header.endswith(";exercise")
    assert marked == [f"{line};EXERCICE" for line in ground.made[1].splitlines()[1:]]
    assert [*people_in(ground.made[2])] == [*people_in(ground.made[1])]
    assert (real.exercise, drill.exercise) == (False, True)
    assert real.finding_digest == drill.finding_digest
    assert ground.again(ledger, read_scope(drill.to_json())).scope.list == drill.list
    for said in (real, drill):
        other = read_scope(said.to_json().replace(*EITHER[:: 1 if said.exercise else -1]))
        assert other.exercise is not said.exercise
        with pytest.raises(IntegrityBroken, match="list"):
            ground.again(ledger, other)


EITHER = ('"exercise": true', '"exercise": false')


def test_a_scope_of_another_finding_than_it_names_is_refused(ground):
    said = ground.scope(a_theft(), finding())
    text = said.to_json().replace("unknown", "owner")
    with pytest.raises(Refusal, match="not the one that it names"):
        read_scope(text)
    for bad in ("{}", "[]", "no json", said.to_json().replace("scope/1", "scope/2")):
        with pytest.raises(Refusal, match="no scope"):
            read_scope(bad)


def test_the_difference_of_two_scopes_says_who_moved_where(tmp_path):
    with grounds(in_folders) as ground:
        ledger = a_theft()
        ground.scope(ledger, finding(), number=1)
        ground.scope(ledger, finding(suspect(), suspect(number=8)), number=2)
        ground.scope(ledger, finding(suspect(rest=Whose.OWNER)), number=3)
        paths = []
        for number, text in ground.made.items():
            paths.append(tmp_path / f"{number}.csv")
            paths[-1].write_text(text)
        assert moved(paths[0], paths[0], tmp_path) == []
        assert moved(paths[0], paths[1], tmp_path) == [(None, Verdict.BREACHED, 1)]
        assert moved(paths[0], paths[2], tmp_path) == [(Verdict.UNDECIDED, Verdict.CLEARED, 1)]
        assert moved(paths[1], paths[2], tmp_path) == [
            (Verdict.BREACHED, None, 1),
            (Verdict.UNDECIDED, Verdict.CLEARED, 1),
        ]


# All ledgers, all findings

MOMENTS = st.integers(0, 3 * 24 * 4 - 1)  # quarters of an hour over three days
ANY_SUSPECT = st.builds(
    lambda number, since, last, rest: Suspect(
        number=number,
        stolen=START + since * HOUR // 4,
        contained=NEVER if last is None else START + (since + last) * HOUR // 4,
        rest=rest,
    ),
    st.integers(1, 3),
    MOMENTS,
    st.none() | st.integers(0, 100),
    st.sampled_from(Whose),
)
ANY_FINDING = st.builds(
    lambda suspects, thief, shared, window: Finding(
        suspects=tuple(suspects),
        gateway=window,
        thief=frozenset({THIEF}) if thief else frozenset(),
        owner=frozenset({OWNER}),
        keyed=frozenset({BOTH}) if shared else frozenset(),
    ),
    st.lists(ANY_SUSPECT, min_size=1, max_size=2, unique_by=lambda each: each.number),
    st.booleans(),
    st.booleans(),
    st.sampled_from([(), (), (Window(START + 20 * HOUR, START + 30 * HOUR),)]),
)
ANY_ENTRY = st.tuples(
    MOMENTS,
    st.sampled_from(["ask", "ask", "ask", "repeat", "miss", "unopened", "canary", "act"]),
    st.integers(0, 11),
    st.integers(1, 3),
    st.sampled_from(SESSIONS),
)


def ledger_of(entries: list[tuple]) -> DayLedger:
    ledger = DayLedger()
    for moment, what, person, number, session in sorted(entries, key=lambda each: each[0]):
        when, last = START + moment * HOUR // 4, len(ledger.rows) - 1
        shown = {"session": session, "presence": Presence(1 + (person + moment) % 5)}
        if what == "ask":
            ledger.asked(when, person, number, **shown)
        elif what == "miss":
            ledger.asked(when, None, number, session=session, outcome=Outcome.MISSED)
        elif what == "act" or last < 0:
            ledger.acted(when)
        elif what == "repeat":
            again = {"type": EntryType.REPEAT, "cites": last}
            ledger.asked(when, person, number, **shown, **again)
        else:
            ledger.acted(when, EntryType[what.upper()], cites=last)
    ledger.sign()
    return ledger


def asker(entry: Entry, window: Suspect | None, theft: Finding) -> str:
    """Who asked, by hand."""
    if any(each.since <= entry.at <= each.until for each in theft.gateway):
        return "thief"
    if window is None:
        return ""
    inside = window.stolen <= entry.at <= window.contained
    if entry.session in theft.thief:
        return "thief" if inside else "contradicted"
    if entry.session in theft.owner or not inside:
        return "owner"
    if entry.session in theft.keyed and entry.presence.name in {"DECLARED", "CARD", "FRESH"}:
        return "owner"
    return window.rest.name.lower()


def by_hand(ledger: DayLedger, theft: Finding) -> dict[str, set[str]] | None:
    """Each person's answers one by one; none where the finding is contradicted."""
    windows = {each.number: each for each in theft.suspects}
    entries = [decode(row.body) for row in ledger.rows]
    dead = {each.cites for each in entries if each.type in {3, 9}}
    asked: dict[str, set[str]] = {}
    for index, (entry, row) in enumerate(zip(entries, ledger.rows, strict=True)):
        if entry.type not in {1, 2} or entry.outcome != 1:
            continue
        window = windows.get(question_detail(row.detail).software)
        who = asker(entry, window, theft)
        if who == "contradicted":
            return None
        if who and index not in dead:
            asked.setdefault(entry.person.hex(), set()).add(who)
    found: dict[str, set[str]] = {"breached": set(), "undecided": set(), "cleared": set()}
    for person, by in asked.items():
        part = "breached" if "thief" in by else "undecided" if "unknown" in by else "cleared"
        found[part].add(person)
    return found


@settings(max_examples=25)
@given(st.lists(ANY_ENTRY, min_size=1, max_size=40), ANY_FINDING, st.integers(0, 4))
def test_both_engines_and_a_hand_agree_on_any_ledger(entries, theft, closed):
    ledger = ledger_of(entries)
    expected = by_hand(ledger, theft)
    said = []
    for place in (in_memory, in_folders):
        with grounds(place) as ground:
            ground.place.close(ledger, days=closed)
            if expected is None:
                with pytest.raises(MalformedIdentifier):
                    ground.scope(ledger, theft)
                continue
            scope = ground.scope(ledger, theft)
            found = parts(ground)
            assert found == expected
            everybody = set().union(*found.values())
            assert scope.people == len(everybody) == sum(map(len, found.values()))
            said.append((scope.judged(), ground.made[1]))
    assert expected is None or said[0] == said[1]


# A gateway in other hands


def test_whatever_passed_through_it_is_breached_whoever_asked(ground):
    ledger = DayLedger()
    ledger.asked(at(1), 1, 8, session=OWNER)
    ledger.asked(at(2), 2, 9, session=OWNER)
    ledger.asked(at(3), None, 9, session=OWNER, outcome=Outcome.MISSED)
    ledger.asked(at(5), 3, 8, session=OWNER)
    ledger.sign()
    ground.place.close(ledger, days=1)
    said = ground.scope(ledger, Finding(suspects=(), gateway=(Window(at(1), at(4)),)))
    assert (said.breached, said.cleared, said.people) == (2, 0, 2), "the third is outside"
    assert [(each.whose, each.outcome) for each in said.attempts] == [("thief", "missed")]
    assert finding_of(said.finding) == Finding(suspects=(), gateway=(Window(at(1), at(4)),))


# The file of a finding


def test_a_finding_is_read_and_written_alike():
    theft = finding(suspect(), suspect(number=8, contained=NEVER, rest=Whose.THIEF))
    for each in (theft, replace(theft, keyed=frozenset({BOTH}))):
        assert finding_of(each.to_json()) == each
        assert finding_of(each.to_json()).digest == each.digest
    assert "keyed" not in theft.to_json()["sessions"], "its digest is as it was"
    assert finding_of({"exercise": True, **theft.to_json()}) == finding_of(theft.to_json())


ONE = {"number": 7, "stolen": "2026-11-02T00:00:00Z"}


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ([], "finding"),
        ({}, "account is missing"),
        ({"account": {}}, "account: expected a list"),
        ({"account": [ONE], "who": 1}, "who is not known"),
        ({"account": [ONE], "exercise": 1}, "exercise: expected true or false"),
        ({"account": [{"number": 7}]}, "account 1: stolen is missing"),
        ({"account": [ONE, ONE | {"number": "8"}]}, "account 2, number"),
        ({"account": [ONE | {"number": True}]}, "account 1, number"),
        ({"account": [ONE | {"stolen": "yesterday"}]}, "account 1, stolen"),
        ({"account": [ONE | {"stolen": "2026-11-02T00:00:00"}]}, "with its offset"),
        ({"account": [ONE | {"stolen": "0001-01-01T00:00:00+14:00"}]}, "of our times"),
        ({"account": [ONE | {"contained": "9999-12-31T23:59:59-23:59"}]}, "of our times"),
        ({"account": [ONE | {"contained": 12}]}, "account 1, contained"),
        ({"account": [ONE | {"rest": "nobody"}]}, "account 1, rest"),
        ({"account": [ONE | {"more": 1}]}, "more is not known"),
        ({"account": [ONE], "gateway": {}}, "gateway: expected a list"),
        ({"gateway": [{"since": "2026-11-02T00:00:00Z"}]}, "gateway 1: until is missing"),
        ({"account": [ONE], "sessions": {"thief": "00"}}, "sessions, thief"),
        ({"account": [ONE], "sessions": {"owner": ["zz"]}}, "sessions, owner"),
        ({"account": [ONE], "sessions": {"owner": [1]}}, "sessions, owner"),
    ],
)
def test_a_file_that_is_no_finding_is_refused_by_field_and_rule(said, names):
    with pytest.raises(MalformedIdentifier, match=names):
        finding_of(said)


@pytest.mark.parametrize(
    ("theft", "names"),
    [
        (Finding(suspects=()), "account"),
        (finding(suspect(), suspect()), "named twice"),
        (finding(suspect(number=0)), "account 0"),
        (finding(suspect(stolen=NOW + 1)), "stolen"),
        (finding(suspect(stolen=0)), "stolen"),
        (finding(suspect(contained=NOW + 1)), "contained"),
        (finding(suspect(contained=START)), "before the earliest theft"),
        (finding(gateway=(Window(START, NOW + 1),)), "gateway 1"),
        (finding(gateway=(Window(START + 2, START + 1),)), "gateway 1"),
        (finding(gateway=(Window(START, START + 5), Window(START + 5, NOW))), "overlap"),
        (finding(thief=frozenset({b"short"})), "16 bytes"),
    ],
)
def test_a_finding_that_cannot_be_is_refused(theft, names):
    with pytest.raises(MalformedIdentifier, match=names):
        theft.check(NOW)
