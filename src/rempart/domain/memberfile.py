"""The insurer's member file: one line a beneficiary, one fault never hides another.

* UTF-8, with or without byte order mark; ``;`` or ``,``, as the header line has it.
* Columns are known by name; those that are not listed here (names, NIR) are stepped over.
* Two columns may be missing, what a card says of its guarantees: it reads as empty then.
* A line is a row: no cell holds a line break. So a forgotten quote costs one line, not the file.
* A bad row is reported by line, column and rule, its values never quoted; the others go on.

The grammar of each cell is in ``member_cells`` and ``guarantee_cells``; the page for insurers is
``docs/reference/member-file.md``.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Protocol, TextIO

from rempart.domain.errors import MalformedIdentifier, MalformedRow
from rempart.domain.guarantee import OfCard
from rempart.domain.guarantee_cells import read_of_card, read_profile, read_renewals
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import (
    BirthDate,
    BirthRank,
    InsurerReference,
    MemberNumber,
    MemberNumberRule,
)
from rempart.domain.member_cells import (
    Fault,
    LiveCard,
    Rights,
    read_cards,
    read_convention,
    read_csr,
    read_rights,
)

COLUMNS = (
    "reference",
    "member_number",
    "birth_date",
    "birth_rank",
    "periods",
    "formula",
    "domains",
    "contract",
    "responsable",
    "cards",
    "convention",
    "csr",
)
OPTIONAL = ("guarantee_profile", "renewals")
"""What an older file does not have; in the order of a row, after the others."""
WRITTEN = (*COLUMNS, *OPTIONAL)
LINE_MAX = 65_536
"""Characters. The longest honest line holds about 1,000."""
WHOLE_ROW = "row"
"""The column named when a fault concerns the line as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Member(Hidden):
    """One beneficiary, as its insurer describes them."""

    line: int
    reference: InsurerReference
    member_number: MemberNumber
    birth_date: BirthDate
    birth_rank: BirthRank
    rights: Rights
    cards: tuple[LiveCard, ...]
    convention: str
    csr: str
    guarantees: OfCard


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken. ``reference`` is known unless it is itself the trouble."""

    line: int
    faults: tuple[MalformedRow, ...]
    reference: InsurerReference | None = field(default=None, repr=False)


def check_replaced(member: Member, lowest: int) -> None:
    """Return if no card of this row is below the serial that somebody's cards may have.

    Raises:
        MalformedRow: one is.
    """
    if any(card.packed < lowest for card in member.cards):
        rule = "a card that was replaced is back: the file is older than its replacement"
        raise MalformedRow(member.line, "cards", rule)


def check_replaces(member: Member, said: int) -> None:
    """Return if every card of this row is above the lowest serial said of them before.

    Raises:
        MalformedRow: one is not, one has neither code nor printed key, or there is none.
    """
    if not member.cards:
        raise MalformedRow(member.line, "cards", "expected the card that replaces the others")
    if any(card.serial.before_rempart for card in member.cards):
        raise MalformedRow(member.line, "cards", "number 0 replaces no card: it has no code")
    if any(card.packed <= said for card in member.cards):
        rule = "a replacement has a higher serial than the card that it ends, and does not list it"
        raise MalformedRow(member.line, "cards", rule)


@dataclass(frozen=True, slots=True)
class Layout:
    """How this file is cut, and how our columns are picked from a row of it.

    A row is picked from with one empty cell more behind it, which stands for what is missing.
    """

    delimiter: str
    width: int
    pick: Callable[[Sequence[str]], Iterable[str]]


def read_members(stream: TextIO, rule: MemberNumberRule) -> Iterator[Member | Rejected]:
    """Each row of the file, in order.

    ``stream`` is open with ``encoding="utf-8-sig", errors="surrogateescape", newline=""``: bytes
    that are not UTF-8 then fail the grammar of their own cell.

    Raises:
        MalformedRow: the header line lacks a column or has one twice; nothing can be read.
    """
    lines = numbered(stream)
    layout = read_header(next(lines, (1, ""))[1] or "")
    for line, text in lines:
        if text is None:
            yield _unreadable(line, f"longer than {LINE_MAX} characters")
        elif text:
            yield read_row(line, text, layout, rule)


class Lines(Protocol):
    """What gives lines, or their beginning."""

    def readline(self, limit: int, /) -> str:
        """The next line, or its next ``limit`` characters; empty at the end."""
        ...


def numbered(stream: Lines) -> Iterator[tuple[int, str | None]]:
    """Lines with their number, without line end; ``None`` stands for one that is too long."""
    line = 0
    while text := stream.readline(LINE_MAX):
        line += 1
        whole = len(text) < LINE_MAX or text.endswith(("\n", "\r"))
        while not whole:
            rest = stream.readline(LINE_MAX)
            whole = len(rest) < LINE_MAX or rest.endswith(("\n", "\r"))
            text = ""
        yield (line, text.rstrip("\r\n")) if text else (line, None)


def read_header(text: str) -> Layout:
    """Where the columns stand.

    Raises:
        MalformedRow: a column is missing or stands twice.
    """
    delimiter = ";" if ";" in text else ","
    names = [name.strip().lower() for name in split(text, delimiter) or ()]
    for column in WRITTEN:
        if column in COLUMNS and column not in names:
            raise MalformedRow(1, column, "column is missing")
        if names.count(column) > 1:
            raise MalformedRow(1, column, "column stands twice")
    places = [names.index(column) if column in names else len(names) for column in WRITTEN]
    return Layout(delimiter, len(names), itemgetter(*places))


def split(text: str, delimiter: str) -> Sequence[str] | None:
    """The cells of a line, or ``None`` where its quotes do not close."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _unreadable(line: int, rule: str) -> Rejected:
    return Rejected(line, (MalformedRow(line, WHOLE_ROW, rule),))


@lru_cache(maxsize=65_536)
def _birth_date(text: str) -> BirthDate:
    return BirthDate.parse(text)


@lru_cache(maxsize=16)
def _birth_rank(text: str) -> BirthRank:
    return BirthRank.parse(text)


def read_row(line: int, text: str, layout: Layout, rule: MemberNumberRule) -> Member | Rejected:
    """One row: ``text`` is its line, without line end."""
    raw = split(text, layout.delimiter)
    if raw is None:
        return _unreadable(line, "a quote is left open: a line is a row")
    if len(raw) != layout.width:
        return _unreadable(line, f"expected {layout.width} cells, found {len(raw)}")
    cells = [cell.strip() for cell in layout.pick([*raw, ""])]
    reference, number, born, rank, periods, formula, domains, contract, responsable = cells[:9]
    rights = read_rights(periods, formula, domains, contract, responsable)
    try:
        if isinstance(rights, Rights):
            return Member(
                line=line,
                reference=InsurerReference.parse(reference),
                member_number=MemberNumber.parse(number, rule),
                birth_date=_birth_date(born),
                birth_rank=_birth_rank(rank),
                rights=rights,
                cards=read_cards(cells[9]),
                convention=read_convention(cells[10]),
                csr=read_csr(cells[11]),
                guarantees=read_of_card(*cells[12:]),
            )
    except MalformedIdentifier:
        return _rejected(line, dict(zip(WRITTEN, cells, strict=True)), rule, ())
    return _rejected(line, dict(zip(WRITTEN, cells, strict=True)), rule, rights)


def _rejected(
    line: int, cells: Mapping[str, str], rule: MemberNumberRule, wrong_rights: Sequence[Fault]
) -> Rejected:
    """Every fault of the row, each cell read on its own."""
    reference: InsurerReference | None = None
    faults = [MalformedRow(line, fault.column, fault.rule) for fault in wrong_rights]
    grammars: Mapping[str, Callable[[str], object]] = {
        "reference": InsurerReference.parse,
        "member_number": lambda text: MemberNumber.parse(text, rule),
        "birth_date": _birth_date,
        "birth_rank": _birth_rank,
        "cards": read_cards,
        "convention": read_convention,
        "csr": read_csr,
        "guarantee_profile": read_profile,
        "renewals": read_renewals,
    }
    for column, grammar in grammars.items():
        try:
            value = grammar(cells[column])
        except MalformedIdentifier as refusal:
            faults.append(MalformedRow(line, column, refusal.rule))
        else:
            reference = value if isinstance(value, InsurerReference) else reference
    faults.sort(key=lambda fault: WRITTEN.index(fault.column))
    return Rejected(line, tuple(faults), reference)
