"""Kinds of sites: what each may ask, how far from today, and how many people a day.

* A site asks only the domains that its profession bills.
* A date of care lies within what may still be billed, or be planned.
* The daily cap is a ceiling above the busiest honest day, not a target: twice the top of the
  range seen in practice, the arithmetic beside each row.

A question outside the table is refused and logged before anything is looked up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rempart.domain.coverage import Domain


class SiteKind(StrEnum):
    """What a site is."""

    DOCTOR = "doctor"
    PHARMACY = "pharmacy"
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    AUXILIARY = "auxiliary"
    MIDWIFE = "midwife"
    DENTIST = "dentist"
    OPTICIAN = "optician"
    HEARING = "hearing"
    HOSPITAL = "hospital"
    HEALTH_CENTRE = "health-centre"
    TRANSPORT = "transport"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one kind of site may ask: domains, days back and ahead, distinct people a day."""

    domains: frozenset[Domain]
    back: timedelta
    ahead: timedelta
    daily_cap: int


def _scope(*domains: Domain, back: int, ahead: int, daily_cap: int) -> Scope:
    return Scope(
        domains=frozenset(domains),
        back=timedelta(days=back),
        ahead=timedelta(days=ahead),
        daily_cap=daily_cap,
    )


# A bill is sent within days, but a returned one comes back for a quarter: 90 days back where the
# care is done at once. What is planned (glasses, prostheses, a stay) is asked ahead of the care.
SCOPES: Mapping[SiteKind, Scope] = {
    # 20-25 patients a day and doctor, practices of up to 5.
    SiteKind.DOCTOR: _scope(Domain.SVIL, back=90, ahead=7, daily_cap=250),
    # 120-200 patients a day, of whom 110 with a prescription.
    SiteKind.PHARMACY: _scope(Domain.PHAR, Domain.LPPS, back=90, ahead=7, daily_cap=400),
    # 80-150 patients a day and site.
    SiteKind.LABORATORY: _scope(Domain.LABO, back=90, ahead=7, daily_cap=300),
    # 60-120 patients a day.
    SiteKind.IMAGING: _scope(Domain.RADL, back=90, ahead=60, daily_cap=240),
    # 15-30 patients a day and nurse, practices of up to 4.
    SiteKind.AUXILIARY: _scope(Domain.AUXM, back=90, ahead=30, daily_cap=240),
    # 10-15 patients a day, practices of up to 3.
    SiteKind.MIDWIFE: _scope(Domain.SAGE, back=90, ahead=30, daily_cap=90),
    # 10-15 patients a day and dentist, practices of up to 4.
    SiteKind.DENTIST: _scope(Domain.DENT, Domain.DEPR, back=90, ahead=180, daily_cap=120),
    # 2-6 agreements a day; sale days of three times that.
    SiteKind.OPTICIAN: _scope(Domain.OPTI, back=90, ahead=60, daily_cap=40),
    # 1-3 agreements a day.
    SiteKind.HEARING: _scope(Domain.AUDI, back=90, ahead=60, daily_cap=12),
    # Hundreds a day: 750 admissions and consultations in a large one.
    SiteKind.HOSPITAL: _scope(
        Domain.HOSP, Domain.EXTE, Domain.LABO, Domain.RADL, back=180, ahead=90, daily_cap=1500
    ),
    # 200-300 patients a day, several professions under one roof.
    SiteKind.HEALTH_CENTRE: _scope(
        Domain.CENT, Domain.SVIL, Domain.DENT, Domain.AUXM, back=90, ahead=60, daily_cap=600
    ),
    # 20-50 journeys a day and firm.
    SiteKind.TRANSPORT: _scope(Domain.TRAN, back=90, ahead=30, daily_cap=100),
    # 20-40 deliveries a day.
    SiteKind.DEVICES: _scope(Domain.LPPS, back=90, ahead=60, daily_cap=80),
}


def may_ask_domain(kind: SiteKind, domain: Domain) -> bool:
    """Whether this kind of site bills that domain."""
    return domain in SCOPES[kind].domains


def may_ask_date(kind: SiteKind, care_date: date, *, today: date) -> bool:
    """Whether the date of care lies within what this kind of site still bills or plans."""
    scope = SCOPES[kind]
    return today - scope.back <= care_date <= today + scope.ahead
