"""Kinds of sites: what each may ask, and how far from today.

* A site asks only the domains that its profession bills.
* A date of care lies within what may still be billed, or be planned.
* How many people is arithmetic on what honest practice looks like: ``practice.py``.

A question outside the table is refused and logged before anything is looked up.
"""

from collections.abc import Iterable, Mapping
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
    """What one kind of site may ask: domains, days back and ahead."""

    domains: frozenset[Domain]
    back: timedelta
    ahead: timedelta


def _scope(*domains: Domain, back: int, ahead: int) -> Scope:
    return Scope(
        domains=frozenset(domains),
        back=timedelta(days=back),
        ahead=timedelta(days=ahead),
    )


# A bill is sent within days, but a returned one comes back for a quarter: 90 days back where the
# care is done at once. What is planned (glasses, prostheses, a stay) is asked ahead of the care.
SCOPES: Mapping[SiteKind, Scope] = {
    SiteKind.DOCTOR: _scope(Domain.SVIL, back=90, ahead=7),
    SiteKind.PHARMACY: _scope(Domain.PHAR, Domain.LPPS, back=90, ahead=7),
    SiteKind.LABORATORY: _scope(Domain.LABO, back=90, ahead=7),
    SiteKind.IMAGING: _scope(Domain.RADL, back=90, ahead=60),
    SiteKind.AUXILIARY: _scope(Domain.AUXM, back=90, ahead=30),
    SiteKind.MIDWIFE: _scope(Domain.SAGE, back=90, ahead=30),
    SiteKind.DENTIST: _scope(Domain.DENT, Domain.DEPR, back=90, ahead=180),
    SiteKind.OPTICIAN: _scope(Domain.OPTI, back=90, ahead=60),
    SiteKind.HEARING: _scope(Domain.AUDI, back=90, ahead=60),
    SiteKind.HOSPITAL: _scope(
        Domain.HOSP, Domain.EXTE, Domain.LABO, Domain.RADL, back=180, ahead=90
    ),
    SiteKind.HEALTH_CENTRE: _scope(
        Domain.CENT, Domain.SVIL, Domain.DENT, Domain.AUXM, back=90, ahead=60
    ),
    SiteKind.TRANSPORT: _scope(Domain.TRAN, back=90, ahead=30),
    SiteKind.DEVICES: _scope(Domain.LPPS, back=90, ahead=60),
}

KIND_CODES: Mapping[SiteKind, int] = {kind: code for code, kind in enumerate(SiteKind, start=1)}
"""A kind as one byte of an entry's detail: kinds are added at the end, none is ever removed."""
KINDS: Mapping[int, SiteKind] = {code: kind for kind, code in KIND_CODES.items()}


def may_ask_domain(kind: SiteKind, domain: Domain) -> bool:
    """Whether this kind of site bills that domain."""
    return domain in SCOPES[kind].domains


def may_bill(kind: SiteKind | None, domains: Iterable[Domain]) -> bool:
    """Whether this kind of site bills all of these; a site of which no kind is known bills none."""
    return kind is not None and SCOPES[kind].domains.issuperset(domains)


def may_ask_date(kind: SiteKind, care_date: date, *, today: date) -> bool:
    """Whether the date of care lies within what this kind of site still bills or plans."""
    scope = SCOPES[kind]
    return today - scope.back <= care_date <= today + scope.ahead
