"""Days that are over leave as signed files, in memory and on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from rempart.adapters.memory.members import MemoryMembers
from rempart.adapters.segments.parquet import write_entries
from rempart.adapters.segments.shelf import FolderSegments
from rempart.domain.budget import DAY
from rempart.domain.days import number_of
from rempart.domain.disclosure import QUESTION_LAYOUTS, EntryType, encode, question_detail
from rempart.domain.errors import IntegrityBroken, KeyMissing, LedgerBroken, Refusal
from rempart.tlog.note import NoteKey
from rempart.usecases.daily_table import open_table, share_of
from rempart.usecases.erase_members import EraseMembers
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.member_ports import PersonState
from rempart.usecases.retain_days import DropDays
from rempart.usecases.retain_entries import Hold
from rempart.usecases.verify_days import VerifyDays
from tests.closed_days import (
    HOUR,
    INCIDENT,
    PLACES,
    Place,
    amc_of,
    handle,
    in_folders,
    person_at,
    some_days,
)
from tests.ledgers import KEY, START, MemoryLedger, made

title = "Days that are over"


@pytest.fixture(params=PLACES, ids=lambda place: place.__name__)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with request.param() as opened:
        yield opened


@pytest.fixture
def folders() -> Iterator[Place]:
    with in_folders() as opened:
        yield opened


def folder_of(place: Place) -> Path:
    assert isinstance(place.shelf, FolderSegments)
    return place.shelf.folder


# What is closed


def test_a_day_is_what_the_ledger_holds_of_it(place):
    ledger = some_days(3)
    closed = place.close(ledger)
    assert [(each.name, each.first, each.end) for each in closed] == [
        ("2026-11-01", 0, 40),
        ("2026-11-02", 40, 80),
        ("2026-11-03", 80, 120),
    ]
    kept = [entry for each in closed for entry in place.shelf.entries(each.name)]
    assert kept == list(ledger.entries())
    assert place.verify().days == tuple(closed)
    assert place.verify().absent == place.verify().gaps == ()


def test_the_running_day_and_the_hour_after_it_stay(place):
    ledger = some_days(2)
    midnight = START + 2 * DAY
    assert [d.name for d in place.closing(ledger)(now=midnight + HOUR - 1)] == ["2026-11-01"]
    assert [d.name for d in place.closing(ledger)(now=midnight + HOUR)] == ["2026-11-02"]
    assert place.close(ledger) == []


def test_what_is_not_signed_yet_is_not_closed(place):
    ledger = some_days(2)
    ledger.asked(START + DAY + 2 * HOUR, 1)
    assert [each.name for each in place.close(ledger)] == ["2026-11-01"]
    ledger.sign()
    assert [each.end for each in place.close(ledger)] == [81]


def test_nothing_is_closed_of_an_empty_ledger(place):
    assert place.close(MemoryLedger()) == []
    assert place.verify().end == 0


def test_what_was_erased_before_it_was_closed_stays_a_leaf(place):
    ledger = some_days(2)
    for index in (0, 1, 41):
        ledger.erase(index)
    first, second = place.close(ledger)
    assert list(place.shelf.entries(first.name))[1].body is None
    assert (second.first, list(place.shelf.entries(second.name))[1].leaf is not None) == (40, True)
    assert place.verify().end == 80


def test_a_day_is_closed_once(place):
    ledger = some_days(1)
    (closed,) = place.close(ledger)
    place.shelf.draft(closed.name, ledger.entries(), earlier=[])
    with pytest.raises(Refusal, match="closed already"):
        place.shelf.close(closed.name, "another")
    assert place.verify().days == (closed,)


def test_a_run_that_is_cut_short_is_begun_again(folders):
    ledger = some_days(3)
    place, cut = folders, iter(range(2))

    def stops(day, note, close=place.shelf.close):
        if next(cut, None) is None:
            raise OSError("cut short")
        close(day, note)

    place.shelf.close = stops
    with pytest.raises(OSError, match="cut short"):
        place.close(ledger)
    del place.shelf.close
    # Between the file and its manifest: a file that nobody signed.
    (folder_of(place) / "2026-11-03.parquet").write_bytes(b"half")
    assert [each.name for each in place.close(ledger)] == ["2026-11-03"]
    assert place.verify().end == 120


def test_who_comes_back_within_a_key_period_keeps_their_number(folders):
    # The last two days of a month, and the first two of the next.
    place, ledger = folders, some_days(4, since=START + 28 * DAY)
    closed = place.close(ledger, days=60)
    assert [(each.period, each.people) for each in closed] == [
        *((2611, 12), (2611, 12)),
        *((2612, 12), (2612, 12)),
    ]
    files = [str(folder_of(place) / f"{each.name}.parquet") for each in closed]
    numbered = duckdb.execute(
        "SELECT period, count(DISTINCT person), count(DISTINCT person_no), max(person_no),"
        " count(DISTINCT (person, person_no)) FROM read_parquet($1) WHERE person_no > 0"
        " GROUP BY period ORDER BY period",
        [files],
    ).fetchall()
    assert numbered == [(2611, 12, 12, 12, 12), (2612, 12, 12, 12, 12)]


def test_a_file_is_sorted_by_account(folders):
    (closed,) = folders.close(some_days(1))
    file = str(folder_of(folders) / f"{closed.name}.parquet")
    rows = duckdb.execute(f"SELECT number, account, idx FROM read_parquet('{file}')").fetchall()
    assert rows == sorted(rows)
    assert len({number for number, *_ in rows}) > 1


@pytest.mark.parametrize("version", sorted(QUESTION_LAYOUTS))
def test_the_number_of_an_account_is_read_in_every_version_of_a_detail(tmp_path, version):
    layout = QUESTION_LAYOUTS[version]
    zeros = list(layout.unpack(bytes(layout.size)))
    detail = layout.pack(version, *zeros[1:5], 0xFEDCBA98, *zeros[6:])
    assert question_detail(detail).software == 0xFEDCBA98
    entry = made(0, detail, type=EntryType.REPEAT)
    row = StoredEntry(index=0, body=encode(entry), detail=detail)
    write_entries([row], tmp_path / "a.parquet", earlier=[])
    read = f"SELECT number FROM read_parquet('{tmp_path}/a.parquet')"
    assert duckdb.execute(read).fetchall() == [(0xFEDCBA98,)]


# What is not closed


def test_a_ledger_that_is_not_what_was_signed_closes_nothing(place):
    ledger = some_days(2)
    place.closing(ledger)(now=START + DAY + 2 * HOUR)
    ledger.flip(50, "body", 90)
    ledger.put(50, detail=ledger.rows[50].detail)
    with pytest.raises(IntegrityBroken):
        place.close(ledger)
    assert place.verify().end == 40


def test_an_entry_that_was_taken_out_closes_nothing(place):
    ledger = some_days(1)
    del ledger.rows[20]
    with pytest.raises(LedgerBroken, match="entry 20"):
        place.close(ledger)
    assert place.shelf.notes() == []


def test_without_the_months_key_nothing_is_closed(place):
    del place.keys.secrets["pseudonym/2611"]
    with pytest.raises(KeyMissing):
        place.close(some_days(1))
    assert place.shelf.notes() == []


# Attacks


def test_no_byte_of_a_file_can_change(folders):
    (closed,) = folders.close(some_days(1))
    file = folder_of(folders) / f"{closed.name}.parquet"
    whole = file.read_bytes()
    for at in {0, 4, len(whole) // 2, len(whole) - 1}:
        file.chmod(0o600)
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(IntegrityBroken, match="2026-11-01: the file is not the one"):
            folders.verify(leaves=False)
    file.write_bytes(whole)
    folders.verify()


def test_no_character_of_a_manifest_can_change(folders):
    (closed,) = folders.close(some_days(1))
    path = folder_of(folders) / f"{closed.name}.note"
    whole = path.read_bytes()
    for at in range(0, len(whole), 37):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            report = folders.verify(leaves=False)
        except (IntegrityBroken, UnicodeDecodeError):
            continue
        # A second signature line may be spoilt without harm; what was signed may not.
        assert report.days == (closed,)


def test_another_ledgers_day_is_refused(place):
    place.close(some_days(1))
    stranger = VerifyDays(place.shelf, NoteKey("example.org/ledger", bytes(32)).verifier)
    with pytest.raises(IntegrityBroken, match="not signed by the vault we know"):
        stranger()
    other_name = VerifyDays(place.shelf, NoteKey("example.org/other", bytes(range(32))).verifier)
    with pytest.raises(IntegrityBroken, match="not signed by the vault we know"):
        other_name()


@pytest.mark.parametrize(
    ("a_day", "first", "says"),
    [(40, 40, "are of two trees"), (39, 39, "hold the same entries"), (41, 41, None)],
)
def test_days_of_another_history_under_the_same_key_do_not_fit(folders, a_day, first, says):
    """A key that signed two histories: a day of the one does not go on from a day of the other."""
    folders.close(some_days(1))
    with in_folders() as twin:
        other = some_days(2, a_day=a_day, turn=5)
        other.sign()
        _, second = twin.close(other)
        assert second.first == first
        take_day(twin, folders, second.name)
    if says is None:
        assert folders.verify().gaps == ((40, 41),)
    else:
        with pytest.raises(IntegrityBroken, match=says):
            folders.verify()


def take_day(source: Place, target: Place, name: str) -> None:
    for ending in ("parquet", "note"):
        file = folder_of(source) / f"{name}.{ending}"
        (folder_of(target) / file.name).write_bytes(file.read_bytes())


def test_a_day_that_is_taken_away_shows(folders):
    _, second, _ = folders.close(some_days(3))
    (folder_of(folders) / f"{second.name}.parquet").unlink()
    assert folders.verify().absent == (second,)
    (folder_of(folders) / f"{second.name}.note").unlink()
    report = folders.verify()
    assert (report.absent, report.gaps) == ((), ((second.first, second.end),))


def test_a_vault_that_signs_what_it_did_not_read_back_is_found_by_the_leaves(folders):
    """Step (4) believes nobody: the file is signed, and is not what the tree was made of."""
    place, ledger = folders, some_days(1)
    shelf, read = place.shelf, list(ledger.entries())
    changed = bytearray(read[11].body)
    changed[90] ^= 1
    forged = [*read[:11], replace(read[11], body=bytes(changed)), *read[12:]]
    draft, drafted = shelf.draft, shelf.drafted
    shelf.draft = lambda day, entries, *, earlier: (
        list(entries),
        draft(day, iter(forged), earlier=earlier),
    )[1]
    shelf.drafted = lambda day: iter(read)
    place.close(ledger)
    shelf.draft, shelf.drafted = draft, drafted
    place.verify(leaves=False)
    with pytest.raises(IntegrityBroken, match="are not those that were signed"):
        place.verify()


# Whose they are


def test_the_table_says_whose_pseudonyms_a_day_holds(place):
    ledger = some_days(1)
    (closed,) = place.close(ledger)
    assert (closed.table.people, closed.table.unknown) == (12, 0)
    opened = open_table(
        closed.name,
        place.tables.get(closed.name),
        private=INCIDENT,
        share=share_of(place.keys, closed.name),
    )
    assert opened == {person_at(p, START): (amc_of(p), handle(p)) for p in range(12)}


def test_who_has_no_lock_any_more_is_counted(place):
    place.handles.of = {amc: handles[1:] for amc, handles in place.handles.of.items()}
    (closed,) = place.close(some_days(1))
    assert (closed.table.people, closed.table.unknown) == (10, 2)


def test_who_is_erased_in_the_evening_is_in_the_table_of_that_day_and_then_gone(place):
    ledger, members = some_days(2), MemoryMembers()
    for person in range(12):
        ended = number_of(date(2024, 1, 5)) if person == 4 else None
        state = PersonState(handle(person), bytes(32), None, ended)
        members.persons[amc_of(person), handle(person)] = state, 1
    place.handles = members
    erase = EraseMembers(members=members, months=27)
    assert erase(now=START + 20 * HOUR) == (1, 1)
    (first,) = place.closing(ledger)(now=START + DAY + HOUR)
    opened = open_table(
        first.name,
        place.tables.get(first.name),
        private=INCIDENT,
        share=share_of(place.keys, first.name),
    )
    assert opened[person_at(4, START)] == (amc_of(4), handle(4))
    assert first.table.unknown == 0
    assert erase(now=START + DAY + HOUR) == (0, 0)
    assert handle(4) not in {*members.handles(amc_of(4))}


def test_until_when_everybody_is_named_is_told_once_days_are_closed(place):
    ledger = some_days(3)
    for now, until in (
        (START + DAY, START),
        (START + DAY + HOUR - 1, START),
        (START + DAY + HOUR, START + DAY),
        (START + 9 * DAY + HOUR, START + 9 * DAY),
    ):
        place.closing(ledger)(now=now)
        assert place.handles.named == until, "days without entries hold nobody"


def test_a_day_that_is_not_all_signed_names_nobody_yet(place):
    ledger = some_days(2)
    ledger.asked(START + DAY + 20 * HOUR, 3)
    place.close(ledger)
    assert place.handles.named == START + DAY


def test_a_table_opens_with_both_secrets_and_for_its_day_alone(place):
    first, second = place.close(some_days(2))
    sealed = place.tables.get(first.name)
    share = share_of(place.keys, first.name)
    for day, private, with_share in (
        (first.name, bytes(range(1, 33)), share),
        (first.name, INCIDENT, b""),
        (first.name, INCIDENT, share_of(place.keys, second.name)),
        (second.name, INCIDENT, share),
        (second.name, INCIDENT, share_of(place.keys, second.name)),
    ):
        with pytest.raises(IntegrityBroken):
            open_table(day, sealed, private=private, share=with_share)


def test_no_table_and_no_handle_lies_among_what_travels(folders):
    folders.close(some_days(2))
    for path in folder_of(folders).rglob("*"):
        assert path.suffix in {".parquet", ".note"}
        assert b"handle-" not in path.read_bytes()
    for path in (folder_of(folders).parent / "tables").iterdir():
        assert b"handle-" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


# Their term


def drop(place: Place, days: float, *holds: Hold) -> list[str]:
    """Drop what is over, so many days after the beginning."""
    end = DropDays(place.shelf, place.tables, KEY.verifier)
    return [each.name for each in end(now=START + int(days * DAY), holds=holds)]


def test_a_day_goes_whole_after_twelve_months_and_its_manifest_stays(place):
    first, second, _ = place.close(some_days(3))
    assert drop(place, 366) == []
    assert drop(place, 366.5) == [first.name]
    report = place.verify()
    assert (report.absent, report.gaps, report.end) == ((first,), (), 120)
    with pytest.raises(KeyMissing):
        place.tables.get(first.name)
    assert place.tables.get(second.name)
    assert drop(place, 366.5) == []


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [(0, 1, True), (0.5, 0.6, True), (-3, 0, True), (-3, -1, False), (1.001, 2, False)],
)
def test_what_an_incident_holds_stays(place, since, until, held):
    (closed,) = place.close(some_days(1))
    start = datetime(2026, 11, 1, tzinfo=UTC)
    hold = Hold("case", start + timedelta(days=since), start + timedelta(days=until))
    assert drop(place, 400, hold) == ([] if held else [closed.name])


def test_nothing_is_dropped_where_a_day_is_not_what_was_signed(folders):
    first, _ = folders.close(some_days(2))
    file = folder_of(folders) / f"{first.name}.parquet"
    file.write_bytes(b"no")
    with pytest.raises(IntegrityBroken):
        drop(folders, 500)
    assert file.exists()
