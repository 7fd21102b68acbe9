"""Fill family sheets: read again the rows that a plan placed, sign their codes, lay them out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rempart.domain.errors import MalformedRow, SetUpRefused
from rempart.domain.member_cells import LiveCard
from rempart.domain.memberfile import Rejected
from rempart.domain.printed_cells import Printed, PrintLayout, read_printed
from rempart.domain.sheet import Holder, Routing, Sheet, printed_birth_date, sheets_of
from rempart.usecases.insurer_ports import Family, PlannedCard
from rempart.usecases.issue_cards import IssueCards, first_day

NAMELESS = "Bénéficiaire"
CHANGED = "the member file changed while its cards were being made"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSheets:
    """The filling. ``read_at`` gives the line that lies at a place of the member file.

    Same file, same keys: same sheets.
    """

    issue: IssueCards
    layout: PrintLayout
    read_at: Callable[[int, int], str]

    def __call__(self, families: Sequence[Family]) -> list[Sheet]:
        """The sheets of some families, in their order.

        Raises:
            SetUpRefused: the member file is no longer the one that was planned.
        """
        return [sheet for family in families for sheet in self._family(family)]

    def _family(self, family: Family) -> list[Sheet]:
        found = [self._row(planned) for planned in family]
        printed, card = found[0]
        member = printed.member
        routing = Routing(
            amc=self.issue.profile.amc.value,
            convention=member.convention,
            csr=member.csr,
            member_number=printed.member_number,
            member_number_form=member.member_number.value,
            responsable=member.rights.record.responsable,
            last_day=card.until,
        )
        return sheets_of(routing, [self._holder(place, *each) for place, each in enumerate(found)])

    def _row(self, planned: PlannedCard) -> tuple[Printed, LiveCard]:
        """A row, and the card of it that is printed."""
        text = self.read_at(planned.start, planned.size).rstrip("\r\n")
        row = read_printed(planned.line, text, self.layout, self.issue.profile.member_number_rule)
        if not isinstance(row, Rejected):
            for card in row.member.cards:
                if card.packed == planned.serial:
                    return row, card
        raise SetUpRefused(CHANGED)

    def _holder(self, place: int, printed: Printed, card: LiveCard) -> Holder:
        member = printed.member
        try:
            issued = self.issue.card_of(member, card)
        except MalformedRow as fault:
            raise SetUpRefused(f"{CHANGED}: {fault}") from None
        begins = first_day(member.rights.record, card.until)
        assert begins is not None, "the plan has cards with rights only"
        return Holder(
            name=printed.name or f"{NAMELESS} {place + 1}",
            born=printed_birth_date(member.birth_date),
            rank=member.birth_rank.value,
            reference=issued.reference,
            serial=issued.serial,
            first_day=begins,
            grid=member.rights.record.domains,
            code=issued.code,
            key=issued.printed_key,
        )
