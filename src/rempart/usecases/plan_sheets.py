"""Plan the family sheets of a member file: one reading, which rows share a sheet, every fault.

Rows of a family need not stand together, and no file fits in memory. So what is kept of a row is
the digest of what its sheet has in common, under a key that is drawn for this run and forgotten,
and where the row lies; names stay in the insurer's file and are read there when they are printed.

(1) a bad row is named, and costs nobody else their sheet;
(2) a reference that the file had before is a fault of its row, as in a feed;
(3) a card printed before Rempart has no code; a canary has no card.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hmac import digest
from typing import TextIO

from rempart.domain.errors import MalformedRow
from rempart.domain.member_cells import LiveCard
from rempart.domain.memberfile import LINE_MAX, WHOLE_ROW, Member, Rejected, numbered
from rempart.domain.printed_cells import PrintLayout, read_print_header, read_printed
from rempart.domain.sheet import pages_of
from rempart.sealing.framing import prefixed
from rempart.usecases.insurer_ports import Family, PlannedCard, SheetPlan
from rempart.usecases.issue_cards import IssueCards
from rempart.usecases.ports import Chance

KEY_SIZE, TAG_SIZE = 32, 16
BYTE_ORDER_MARK_SIZE = 3


class Located:
    """A member file that knows where its lines lie, in bytes; ``marked``: it has a mark in front.

    Opened as ``read_members`` says, so that every character gives back the bytes that it was.
    """

    def __init__(self, stream: TextIO, *, marked: bool) -> None:
        self._stream = stream
        self.at = BYTE_ORDER_MARK_SIZE if marked else 0

    def readline(self, limit: int) -> str:
        """The next line, or its next ``limit`` characters."""
        text = self._stream.readline(limit)
        self.at += len(text.encode("utf-8", "surrogateescape"))
        return text


@dataclass(slots=True, kw_only=True)
class PlanReport:
    """What a reading came to."""

    rows: int = 0
    cards: int = 0
    layout: PrintLayout


@dataclass(slots=True, kw_only=True)
class PlanSheets:
    """The reading. ``issue`` says which cards have a code, and gives each its place on the status
    list: whoever makes packs finds it there.
    """

    issue: IssueCards
    plan: SheetPlan
    chance: Chance
    _key: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._key = self.chance.draw(KEY_SIZE)

    def __call__(
        self,
        stream: Located,
        *,
        rejected: Callable[[MalformedRow], object],
        read: Callable[[int], object] = lambda _: None,
    ) -> PlanReport:
        """Fill the plan.

        Raises:
            MalformedRow: the header line lacks a column.
        """
        lines = numbered(stream)
        report = PlanReport(layout=read_print_header(next(lines, (1, ""))[1] or ""))
        ends = stream.at
        for line, text in lines:
            start, ends = ends, stream.at
            if text == "":
                continue
            report.rows += 1
            read(1)
            row = self._read(line, text, report.layout)
            if isinstance(row, Rejected):
                for fault in row.faults:
                    rejected(fault)
                continue
            member, cards = row
            report.cards += len(cards)
            for card in cards:
                self.issue.settle(member, card)
                planned = PlannedCard(line, start, ends - start, card.packed)
                self.plan.add(self._tag(shared(member, card)), planned)
        return report

    def _read(
        self, line: int, text: str | None, layout: PrintLayout
    ) -> tuple[Member, list[LiveCard]] | Rejected:
        """A row and its cards that have a code."""
        if text is None:
            rule = f"longer than {LINE_MAX} characters"
            return Rejected(line, (MalformedRow(line, WHOLE_ROW, rule),))
        row = read_printed(line, text, layout, self.issue.profile.member_number_rule)
        if isinstance(row, Rejected):
            return row
        try:
            cards = self.issue.printable(row.member)
        except MalformedRow as fault:
            return Rejected(line, (fault,))
        before = self.plan.meet(self._tag(row.member.reference.value.encode()), line)
        if before is not None:
            rule = f"the reference is on line {before} already"
            return Rejected(line, (MalformedRow(line, "reference", rule),))
        return row.member, cards

    def _tag(self, said: bytes) -> bytes:
        return digest(self._key, said, "sha256")[:TAG_SIZE]


def shared(member: Member, card: LiveCard) -> bytes:
    """What the cards of one sheet have in common."""
    return prefixed(
        member.member_number.value.encode(),
        member.convention.encode(),
        member.csr.encode(),
        b"%d" % member.rights.record.responsable,
        b"%d" % card.ends,
    )


def packs(families: Iterable[Family], pages: int) -> Iterator[list[Family]]:
    """Whole families, in order, as many as ``pages`` hold; a larger family is a pack by itself."""
    pack: list[Family] = []
    filled = 0
    for family in families:
        more = pages_of(len(family))
        if pack and filled + more > pages:
            yield pack
            pack, filled = [], 0
        pack.append(family)
        filled += more
    if pack:
        yield pack
