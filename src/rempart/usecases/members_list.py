"""The list of an insurer's people in a dossier, a line a person (``specs/dossier.md``)."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rempart.domain.breach_told import Reading
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.errors import MalformedRow
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind
from rempart.usecases.exercise_mark import COLUMN, EXERCISE, heading

HEADER = "verdict;handle;fields;domains;presences;accounts;kinds;first;last;answers;entry"
COLUMNS = tuple(HEADER.split(";"))
VERDICTS = {each.name.lower(): each for each in (Verdict.BREACHED, Verdict.UNDECIDED)}


def read_list(
    lines: Iterable[str], *, whole: bool, exercise: bool = False
) -> Iterator[tuple[int, bytes, Reading]]:
    """Line, handle and reading of each line after the header; ``lines`` have no ends, and those of
    an ``exercise`` say so.

    Raises:
        MalformedRow: a line is not of this form; nothing of it is quoted.
    """
    numbered = enumerate(lines, 1)
    marks = [EXERCISE] if exercise else []
    if next(numbered, (1, ""))[1] != heading(HEADER, exercise=exercise):
        raise MalformedRow(1, "row", "expected the header of a list of members")
    for line, text in numbered:
        cells = text.split(";")
        expected = len(COLUMNS) + len(marks)
        if len(cells) != expected:
            raise MalformedRow(line, "row", f"expected {expected} cells, found {len(cells)}")
        if cells[len(COLUMNS) :] != marks:
            raise MalformedRow(line, COLUMN, f"expected {EXERCISE}")
        yield line, _handle(line, cells[1]), _reading(line, cells, whole=whole)


def _handle(line: int, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise MalformedRow(line, "handle", "expected hexadecimal") from None


def _reading(line: int, cells: list[str], *, whole: bool) -> Reading:
    if cells[0] not in VERDICTS:
        raise MalformedRow(line, "verdict", "expected breached or undecided")
    try:
        reading = Reading(
            verdict=VERDICTS[cells[0]],
            fields=_fields(cells[2]),
            domains=_mask(cells[3], Domain),
            presences=_mask(cells[4], Presence),
            kinds=_kinds(cells[6]),
            whole=whole,
            **{name: _count(cells[COLUMNS.index(name)]) for name in COUNTS},
        )
    except (KeyError, ValueError):
        raise MalformedRow(line, "row", "a word or a number in it is not known") from None
    if reading.first > reading.last:
        raise MalformedRow(line, "last", "before the first")
    return reading


COUNTS = ("accounts", "first", "last", "answers", "entry")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise ValueError
    return int(text)


def _words(text: str) -> list[str]:
    return text.split("+") if text else []


@lru_cache(maxsize=64)
def _fields(text: str) -> Fields:
    fields = Fields.NONE
    for word in _words(text):
        fields |= Fields[word]
    return fields


@lru_cache(maxsize=4096)
def _mask(text: str, names: type[Domain] | type[Presence]) -> int:
    return sum({1 << names[word].value for word in _words(text)})


@lru_cache(maxsize=4096)
def _kinds(text: str) -> frozenset[SiteKind]:
    return frozenset(SiteKind(word) for word in _words(text))
