"""The family sheet: what one printed page says, of up to six beneficiaries of one contract.

* Rows share a sheet if they share member number, convention, CSR, *responsable* and the card's
  last day. So a family that is renewing has a sheet for each year.
* Every page stands alone: a larger family has several, each with its routing fields.
* Somebody whose rights begin after the sheet's first day has that day beside their name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rempart.domain.coverage import Domain, Grid
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import BirthDate

PEOPLE_MAX = 6
"""On one page: three rows of two codes."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Holder(Hidden):
    """One beneficiary on a sheet. ``code`` is the text of their QR, ``key`` has 8 characters."""

    name: str
    born: str
    rank: int
    reference: str
    serial: int
    first_day: date
    grid: Grid
    code: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Routing(Hidden):
    """What a sheet says to software, once for all on it.

    ``member_number`` is printed as the insurer writes it; ``member_number_form`` is its one form
    (letters and digits), for the machine.
    """

    amc: str
    convention: str
    csr: str
    member_number: str
    member_number_form: str
    responsable: bool
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sheet(Hidden):
    """One page: the ``part``-th of ``parts`` of its family."""

    routing: Routing
    first_day: date
    holders: tuple[Holder, ...]
    part: int
    parts: int

    @property
    def domains(self) -> tuple[Domain, ...]:
        """Columns of the grid: every domain that somebody on this page has."""
        return tuple(sorted({domain for one in self.holders for domain, _ in one.grid}))


def pages_of(people: int) -> int:
    """How many pages ``people`` of one family take."""
    return -(-people // PEOPLE_MAX)


def sheets_of(routing: Routing, holders: Sequence[Holder]) -> list[Sheet]:
    """The pages of a family, in the order of ``holders``."""
    parts = pages_of(len(holders))
    return [
        Sheet(
            routing=routing,
            first_day=min(one.first_day for one in holders),
            holders=tuple(holders[part * PEOPLE_MAX : (part + 1) * PEOPLE_MAX]),
            part=part + 1,
            parts=parts,
        )
        for part in range(parts)
    ]


def printed_birth_date(born: BirthDate) -> str:
    """DD/MM/YYYY, 00 where unknown: typed so, it is read as the same date."""
    return f"{born.value[6:8]}/{born.value[4:6]}/{born.value[:4]}"


def printed_day(day: date) -> str:
    """DD/MM/YYYY."""
    return f"{day:%d/%m/%Y}"


def datamatrix_text(sheet: Sheet) -> str:
    """The five routing fields as today's unsigned DataMatrix holds them: ASCII, by position.

    AMC number (8), convention (2), CSR (8, spaces behind), first and last day (YYYYMMDD, 16),
    then the member number in its one form, to the end. The layout that cards in circulation use
    is not public: an insurer that has it changes this function alone.
    """
    route = sheet.routing
    return (
        f"{route.amc}{route.convention}{route.csr:<8}"
        f"{sheet.first_day:%Y%m%d}{route.last_day:%Y%m%d}{route.member_number_form}"
    )
