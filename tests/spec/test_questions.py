"""What accounts asked, from closed days, the database and copies: one finding, to the byte."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.adapters.folder_ledger import FolderLedger, write_folder
from rempart.adapters.memory.incidents import MemoryEvidence
from rempart.adapters.memory.questions import MemoryQuestions
from rempart.adapters.memory.segments import MemorySegments
from rempart.adapters.postgres.incidents import PostgresIncidents
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.segments.questions import DuckQuestions
from rempart.adapters.segments.scope import DuckScope
from rempart.adapters.segments.shelf import FolderSegments
from rempart.domain.budget import DAY
from rempart.domain.disclosure import EntryType, Outcome, Presence
from rempart.domain.errors import IntegrityBroken, LedgerBroken, MalformedIdentifier
from rempart.domain.proposed_finding import ProposedFinding, Since
from rempart.domain.scope import Hole
from rempart.domain.trace import NEVER
from rempart.usecases.find_elsewhere import ByHand, FindElsewhere
from rempart.usecases.gather_ranges import GatherRanges
from rempart.usecases.propose_finding import ProposeFinding
from rempart.usecases.question_ports import QuestionEngine, Trail
from rempart.usecases.scope_ledger import ScopeLedger
from rempart.usecases.trail_of_days import TrailOfDays, closed_days, in_no_day, trail_of
from tests.closed_days import HOUR, DayLedger, Place, in_folders, in_memory
from tests.ledgers import KEY, START
from tests.thefts import OPEN, TODAY, Story

title = "What accounts asked, wherever it lies"

NOW = TODAY + 2 * DAY
CODES = (("network", 1), ("network", 2), ("device", 1), ("device", 3))


@contextmanager
def engine_of(place: Place) -> Iterator[QuestionEngine]:
    if isinstance(place.shelf, MemorySegments):
        yield MemoryQuestions(place.shelf)
    else:
        assert isinstance(place.shelf, FolderSegments)
        place.shelf.folder.mkdir(exist_ok=True)
        with TemporaryDirectory() as scratch:
            yield DuckQuestions(place.shelf, Path(scratch))


def first_days(ledger: object, place: Place, engine: QuestionEngine) -> Trail:
    """As in an installation: closed days, and the ledger for the rest."""
    days = closed_days(place.shelf, KEY.verifier)
    return trail_of(MemoryEvidence(ledger, None), place.shelf, engine, days)


# Any ledger

ANY_ENTRY = st.tuples(
    st.integers(0, 23),
    st.sampled_from(["ask", "ask", "ask", "repeat", "miss", "canary", "act", "cut_off"]),
    st.integers(1, 3),
    *(st.sampled_from([0, 1, 2, 3]), st.sampled_from([0, 1, 2, 3])),
    *(st.sampled_from([Presence.LEGACY, Presence.CARD]), st.sampled_from([NEVER, 0, 12])),
)


def ledger_of(entries: list[tuple]) -> DayLedger:
    """Four days; lines of a few devices and networks."""
    ledger = DayLedger()
    for moment, what, number, network, device, presence, seen in sorted(
        entries, key=lambda e: e[0]
    ):
        when, last = START + moment * 4 * HOUR, len(ledger.rows) - 1
        if what in {"act", "cut_off"} or last < 0:
            ledger.acted(when, EntryType.CUT_OFF if what == "cut_off" else EntryType.DECISION)
        elif what == "canary":
            ledger.acted(when, EntryType.CANARY, cites=last)
        else:
            more = {"type": EntryType.REPEAT, "cites": last} if what == "repeat" else {}
            more |= {"outcome": Outcome.MISSED} if what == "miss" else {}
            codes = {"network": network, "device": device, "first": seen}
            person = None if what == "miss" else moment % 12
            ledger.asked(when, person, number, codes=codes, presence=presence, **more)
    ledger.sign()
    return ledger


def answers(trail: Trail, since: int, until: int) -> tuple:
    """Everything that a trail says of a span; counts of nothing are left out."""
    return (
        list(trail.decided()),
        [list(trail.asked(accounts, since)) for accounts in ([], [1, 3])],
        list(trail.asked([1, 2, 3], since, until)),
        trail.canaries(since),
        trail.codes([1, 3], since),
        [trail.met(codes, since, until) for codes in (CODES[:1], CODES[1:])],
        dict(trail.strangers(since, until)),
    )


@settings(max_examples=8, deadline=None)
@given(
    st.lists(ANY_ENTRY, min_size=1, max_size=40),
    st.integers(0, 4),
    st.tuples(st.integers(-1, 25), st.integers(-1, 25)),
    st.sampled_from([None, None, 0, 1]),
    st.booleans(),
)
def test_days_and_the_rest_answer_as_the_ledger_does(entries, closed, span, lost, erased):
    """However many days are closed, whichever file is lost, and whatever was erased."""
    ledger = ledger_of(entries)
    if erased:
        ledger.erase(0)
    since, until = (START + each * 4 * HOUR for each in span)
    expected = answers(MemoryEvidence(ledger, None), since, until)
    for place_of in (in_memory, in_folders):
        with place_of() as place:
            days = place.close(ledger, days=closed)
            if lost is not None and lost < len(days):
                place.shelf.drop(days[lost].name)
            with engine_of(place) as engine:
                assert answers(first_days(ledger, place, engine), since, until) == expected
            with engine_of(place) as engine:
                gather = GatherRanges(place.shelf, ledger, engine, term=0)
                gathered = gather(place.verify(), ledger.head())
                trail = engine.over(gathered.days, size=len(ledger.rows))
                assert answers(trail, since, until) == expected
                few = engine.over(gathered.days, size=1)
                assert {each.ref for each in few.asked([1, 2, 3], 0)} <= {0}


@given(st.sets(st.integers(0, 9)))
def test_every_entry_lies_in_a_day_or_in_the_rest(held):
    class Day:
        def __init__(self, first: int) -> None:
            self.first, self.end = first * 10, first * 10 + 10

    rest = in_no_day([Day(each) for each in sorted(held)])
    there = {at // 10 for at in range(0, 120, 10) if any(b <= at < e for b, e in rest)}
    assert there == set(range(12)) - held


# A theft


def a_theft() -> Story:
    """Nine days of habit; from ten on, a list is gone through by a line of the thief's own, and
    three people are asked about at another account that nobody has stopped.
    """
    story, nine, line = Story(), TODAY + OPEN, {"device": 77_001, "network": 77_002}
    story.past(7, 8, days=9, hours=4)
    for account in (7, 8):
        story.work(account, nine, nine + 3 * HOUR)
    story.steal(8, nine + HOUR, 4, **line)
    story.freeze(story.steal(7, nine + HOUR, 15, **line), 7)
    story.write()
    story.ledger.sign()
    return story


@pytest.fixture(scope="module")
def story() -> Story:
    return a_theft()


@pytest.fixture(scope="module")
def proposed(story: Story) -> ProposedFinding:
    """From memory, by an incident's number."""
    proposal = story.propose(now=NOW)
    assert [each.number for each in proposal.finding.suspects] == [7, 8]
    assert proposal.finding.thief
    assert proposal.finding.owner
    return proposal


@pytest.fixture(scope="module")
def closed(story: Story) -> Iterator[Place]:
    """All days."""
    with in_folders() as made:
        made.close(story.ledger, days=30)
        yield made


@pytest.fixture
def place(closed: Place, tmp_path: Path) -> Place:
    """A copy of them, to be spoilt."""
    shutil.copytree(closed.shelf.folder, tmp_path / "segments")
    return Place(FolderSegments(tmp_path / "segments"), closed.tables)


def without_today(place: Place) -> None:
    """The last day is not closed yet."""
    for ending in (".note", ".parquet"):
        max(place.shelf.folder.glob(f"*{ending}")).unlink()


def elsewhere(place: Place, ledger: object | None) -> FindElsewhere:
    engine = DuckQuestions(place.shelf, place.shelf.folder.parent)
    return FindElsewhere(place.shelf, ledger, engine, KEY.verifier)


def said(proposal: ProposedFinding) -> str:
    return json.dumps(proposal.finding.to_json())


@pytest.mark.parametrize("today", [True, False], ids=["every day", "all but today"])
def test_closed_days_propose_the_same_finding(story, proposed, place, today):
    if not today:
        without_today(place)
    with engine_of(place) as engine:
        trail = first_days(story.ledger, place, engine)
        assert isinstance(trail, TrailOfDays)
        proposal = ProposeFinding(trail)(story.incident(), now=NOW)
    assert proposal == proposed
    assert said(proposal) == said(proposed)


def test_the_database_and_closed_days_propose_the_same_finding(story, proposed, place, database):
    """And the database alone; days that are closed are not read there."""
    ledger, store = story.ledger, PostgresLedger(partial(database.connect, "vault"))
    store.append(
        epoch=store.take_over(),
        first=0,
        bodies=b"".join(row.body for row in ledger.rows),
        details=[row.detail for row in ledger.rows],
        completed=ledger.hashes,
        known={},
    )
    store.close()
    without_today(place)
    with (
        closing(PostgresIncidents(partial(database.connect, "incident"))) as book,
        engine_of(place) as engine,
    ):
        days = closed_days(place.shelf, KEY.verifier)
        trails = [book, trail_of(book, place.shelf, engine, days), trail_of(book, None, None, [])]
        for trail in trails:
            assert ProposeFinding(trail)(story.incident(), now=NOW) == proposed
        with database.as_admin() as admin:
            admin.execute("ALTER TABLE ledger.entry DISABLE TRIGGER ALL")
            admin.execute("DELETE FROM ledger.entry WHERE idx < %s AND get_byte(body, 0) <> 8",
                          [days[-1].end])  # fmt: skip
        assert ProposeFinding(trails[1])(story.incident(), now=NOW) == proposed


def test_copies_propose_the_same_finding(story, proposed, place, tmp_path):
    """Closed days alone, an exported ledger alone, and both; by number, and by hand."""
    write_folder(story.ledger, tmp_path / "export", vkey=KEY.verifier.vkey)
    export, nothing = FolderLedger.open(tmp_path / "export"), FolderSegments(tmp_path / "none")
    incident = story.incident()
    by_hand = ByHand(incident.accounts, incident.opened + HOUR)
    assert by_hand.accounts == (7,)
    for wanted in (incident.ref, by_hand):
        found = elsewhere(place, None)(wanted, now=NOW)
        assert found.proposal == proposed
        assert found.incident.accounts == incident.accounts
        assert found.size == len(story.ledger.rows)
    (tmp_path / "none").mkdir()
    assert elsewhere(Place(nothing, None), export)(incident.ref, now=NOW).proposal == proposed
    without_today(place)
    assert elsewhere(place, export)(by_hand, now=NOW).proposal == proposed
    with pytest.raises(MalformedIdentifier, match="in these entries: name its accounts"):
        elsewhere(place, None)(incident.ref, now=NOW)


# Attacks


def test_a_file_that_was_altered_is_never_used(story, proposed, place):
    """Not silently either: it is named. One that is too old to be read is not looked at."""
    first, *_, last = sorted(place.shelf.folder.glob("*.parquet"))
    last.write_bytes(last.read_bytes() + b" ")
    with engine_of(place) as engine:
        trail = first_days(story.ledger, place, engine)
        assert list(trail.decided())
        for read in (
            lambda: trail.asked([7], TODAY),
            lambda: trail.met(CODES, TODAY, NOW),
            lambda: trail.strangers(0, NOW),
        ):
            with pytest.raises(IntegrityBroken, match=last.stem):
                read()
        assert trail.strangers(0, TODAY - 2 * DAY) is not None
    with pytest.raises(IntegrityBroken, match=last.stem):
        elsewhere(place, None)(story.incident().ref, now=NOW)
    last.unlink()
    first.write_bytes(last.name.encode())
    with engine_of(place) as engine:
        trail = first_days(story.ledger, place, engine)
        assert list(trail.asked([7], TODAY))
        with pytest.raises(IntegrityBroken, match=first.stem):
            trail.asked([7], 0)


def test_a_manifest_of_somebody_elses_is_refused(story, place):
    note = max(place.shelf.folder.glob("*.note"))
    note.write_text(note.read_text().replace('"people":', '"people":1'))
    with pytest.raises(IntegrityBroken):
        closed_days(place.shelf, KEY.verifier)
    with pytest.raises(IntegrityBroken):
        elsewhere(place, None)(story.incident().ref, now=NOW)


def test_an_export_that_is_not_what_was_signed_is_refused(story, place):
    """Attack: the thief's last question is taken out of the copy of the open ledger."""
    without_today(place)
    ledger = DayLedger()
    ledger.rows, ledger.notes = [*story.ledger.rows], story.ledger.notes
    theirs = [row.index for row in ledger.rows if row.index > story.incident().ref - 4]
    ledger.rows[theirs[0]] = ledger.rows[theirs[1]]
    with pytest.raises(LedgerBroken):
        elsewhere(place, ledger)(story.incident().ref, now=NOW)


def test_a_lost_file_is_read_in_the_ledger_where_there_is_one(story, proposed, place):
    min(place.shelf.folder.glob("*.parquet")).unlink()
    max(place.shelf.folder.glob("*.parquet")).unlink()
    with engine_of(place) as engine:
        trail = first_days(story.ledger, place, engine)
        assert ProposeFinding(trail)(story.incident(), now=NOW) == proposed
    assert elsewhere(place, story.ledger)(story.incident().ref, now=NOW).proposal == proposed


def test_what_is_missing_is_told_and_nobody_is_cleared(story, place):
    """Attack: the day before the theft is kept back, in which a thief may have asked as well."""
    files = sorted(place.shelf.folder.glob("*.parquet"))
    files[-2].unlink()
    found, proposal, _ = elsewhere(place, None)(story.incident().ref, now=NOW)
    (hole,) = proposal.holes
    account = proposal.accounts[0]
    assert (account.how, account.stolen) == (Since.HOLE, hole.since)
    assert TODAY - DAY < account.stolen < TODAY < found.opened
    engine = DuckScope(place.shelf, place.shelf.folder.parent, place.shelf.folder / "people.csv")
    scope = ScopeLedger(place.shelf, None, engine, KEY.verifier)
    judged = scope(proposal.finding, number=1, now=NOW)
    assert (judged.clears, judged.cleared) == (False, 0)
    assert judged.breached + judged.undecided == judged.people > 0


def test_a_hole_of_longer_than_four_weeks_ago_changes_nothing(story, proposed, place):
    hole = Hole(0, 10, 0, START - 20 * DAY)
    found = ProposeFinding(MemoryEvidence(story.ledger, None), (hole,))(story.incident(), now=NOW)
    assert found == proposed, "nor is it told: what is erased at its term leaves thousands"
    long = hole._replace(until=TODAY - DAY)
    found = ProposeFinding(MemoryEvidence(story.ledger, None), (long,))(story.incident(), now=NOW)
    for account in found.accounts:
        assert account.stolen >= TODAY - 28 * DAY
        assert account.how is Since.HOLE
