"""The public directory of professionals: what an extract says, and who is out because of it.

An extract is a file of a line an activity:

    rpps;profession;site;activity_since;activity_until

``profession`` is a code of TRE_G15, ``site`` FINESS:, SIRET: or STRUCT:, dates are ISO 8601 and the
second may be empty. A professional is contracted for one profession at one site; they are out when
the directory no longer says so. A site is out when the directory, which has listed somebody there
whose profession its kind has, no longer does. Both are back only when somebody decides it.

Some are in no directory (an ambulance firm, a home-oxygen supplier, whoever began last week): they
come in ``outside`` of it, for a reason that an operator gives, and are followed from the day on
which it lists them as they are contracted.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rempart.domain.errors import MalformedIdentifier, MalformedRow
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import RPPS, SiteId
from rempart.domain.person import Suspension
from rempart.domain.site import SiteKind

COLUMNS = ("rpps", "profession", "site", "activity_since", "activity_until")
PROFESSION = re.compile(r"[0-9]{2}")
REASON_MAX = 200
"""Characters of a reason, who gives it included."""

# TRE_G15: 10 doctor, 21 pharmacist, 26 hearing-aid fitter, 28 optician, 36 ambulance driver,
# 40 dentist, 50 midwife, 60 nurse, 70 physiotherapist, 80 podiatrist, 81-85 makers of devices,
# 91 speech therapist, 92 orthoptist, 98 radiographer.
_AUXILIARIES = frozenset({"60", "70", "80", "91", "92"})
FITS: Mapping[SiteKind, frozenset[str]] = {
    SiteKind.DOCTOR: frozenset({"10"}),
    SiteKind.PHARMACY: frozenset({"21"}),
    SiteKind.LABORATORY: frozenset({"10", "21"}),
    SiteKind.IMAGING: frozenset({"10", "98"}),
    SiteKind.AUXILIARY: _AUXILIARIES,
    SiteKind.MIDWIFE: frozenset({"50"}),
    SiteKind.DENTIST: frozenset({"40"}),
    SiteKind.OPTICIAN: frozenset({"28"}),
    SiteKind.HEARING: frozenset({"26"}),
    SiteKind.HOSPITAL: _AUXILIARIES | {"10", "21", "40", "50", "98"},
    SiteKind.HEALTH_CENTRE: _AUXILIARIES | {"10", "40", "50", "98"},
    SiteKind.TRANSPORT: frozenset({"36"}),
    SiteKind.DEVICES: frozenset({"21", "60", "81", "82", "83", "84", "85"}),
}
"""Professions that may sign in at each kind of site."""

Pair = tuple[str, str]
"""A professional at a site."""
Practised = tuple[str, bool]
"""A profession that the directory lists at a site, and whether it goes on there."""


@dataclass(frozen=True, slots=True, repr=False)
class Listed(Hidden):
    """One activity, as the directory lists it."""

    rpps: str
    profession: str
    site: str
    since: date
    until: date | None

    @property
    def pair(self) -> Pair:
        """Who, and where."""
        return self.rpps, self.site

    def current(self, today: date) -> bool:
        """Whether it goes on."""
        return self.since <= today and (self.until is None or today <= self.until)


def listed(cells: Sequence[str], *, line: int, lenient_key: bool = False) -> Listed:
    """A row of an extract.

    Raises:
        MalformedRow: line, column and rule; the value is never quoted.
    """
    if len(cells) != len(COLUMNS):
        raise MalformedRow(line, "row", f"expected {len(COLUMNS)} cells")
    rpps, profession, site, since, until = (cell.strip() for cell in cells)
    try:
        RPPS.parse(rpps, lenient_key=lenient_key)
    except MalformedIdentifier as error:
        raise MalformedRow(line, "rpps", error.rule) from None
    if PROFESSION.fullmatch(profession) is None:
        raise MalformedRow(line, "profession", "expected two digits (TRE_G15)")
    try:
        SiteId.parse(site)
    except MalformedIdentifier as error:
        raise MalformedRow(line, "site", error.rule) from None
    begun = _day(since, line, "activity_since")
    ended = _day(until, line, "activity_until") if until else None
    if ended is not None and ended < begun:
        raise MalformedRow(line, "activity_until", "before activity_since")
    return Listed(rpps, profession, site, begun, ended)


def _day(text: str, line: int, column: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise MalformedRow(line, column, "expected YYYY-MM-DD") from None


def pair_in(cells: Sequence[str]) -> Pair:
    """Whom a row that breaks a rule may have been about."""
    return (cells[0].strip(), cells[2].strip()) if len(cells) > 2 else ("", "")


def suspension(
    profession: str, kind: SiteKind, rows: Iterable[Listed], *, today: date
) -> Suspension | None:
    """Why somebody contracted for this profession at a site of this kind is out, if they are."""
    found = list(rows)
    if not found:
        return Suspension.ABSENT
    current = [row for row in found if row.current(today)]
    if not current:
        return Suspension.ENDED
    if profession not in FITS[kind] or all(row.profession != profession for row in current):
        return Suspension.PROFESSION
    return None


def site_suspension(kind: SiteKind, practised: Collection[Practised]) -> Suspension | None:
    """Why a site of this kind is out, if it is, by what the directory lists there."""
    if not practised:
        return Suspension.ABSENT
    current = {profession for profession, goes_on in practised if goes_on}
    if not current:
        return Suspension.ENDED
    return None if current & FITS[kind] else Suspension.PROFESSION


def practised(rows: Iterable[Listed], today: date) -> set[Practised]:
    """What rows about one site say of it."""
    return {(row.profession, row.current(today)) for row in rows}


def check_reason(reason: str) -> None:
    """Return if a reason can be kept.

    Raises:
        MalformedIdentifier: empty, too long, or not one line.
    """
    if not reason.strip() or len(reason) > REASON_MAX or not reason.isprintable():
        raise MalformedIdentifier("reason", f"expected one line of 1 to {REASON_MAX} characters")
