"""Cells of the member file that a card alone carries: its guarantees, in two columns that may miss.

    guarantee_profile   0 to 255; empty is 0
    renewals            OPTI=2028-03-01 AUDI=2030-01-15

A renewal is the first day on which a thing is paid again. No feed and no row digest has any of it.
"""

import re
from datetime import date
from functools import lru_cache

from rempart.domain.card import GUARANTEES_SIZE_MAX
from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.guarantee import PROFILE_MAX, RENEWAL_SIZE, OfCard
from rempart.domain.member_cells import day_of

PROFILE = re.compile(r"[0-9]{1,3}", re.ASCII)
RENEWALS_MAX = (GUARANTEES_SIZE_MAX - 1) // RENEWAL_SIZE


@lru_cache(maxsize=256)
def read_profile(text: str) -> int:
    """The profile of a card's guarantees.

    Raises:
        MalformedIdentifier: not a number from 0 to 255.
    """
    if text and not (PROFILE.fullmatch(text) and int(text) <= PROFILE_MAX):
        raise MalformedIdentifier("guarantee_profile", f"expected a number up to {PROFILE_MAX}")
    return int(text or 0)


def read_renewals(text: str) -> dict[Domain, date]:
    """The first day on which a thing is paid again, by domain.

    Raises:
        MalformedIdentifier: an unknown domain, one twice, not a day, or more than a card holds.
    """
    days: dict[Domain, date] = {}
    for part in text.split():
        name, _, day = part.partition("=")
        domain = Domain.__members__.get(name)
        if domain is None:
            raise MalformedIdentifier("renewals", "expected DOMAIN=DAY, domains as on a card")
        if domain in days:
            raise MalformedIdentifier("renewals", "a domain is listed twice")
        days[domain] = day_of(day, "renewals")
    if len(days) > RENEWALS_MAX:
        raise MalformedIdentifier("renewals", f"expected at most {RENEWALS_MAX}")
    return days


@lru_cache(maxsize=16_384)
def read_of_card(profile: str, renewals: str) -> OfCard:
    """What a card is to say of its guarantees.

    Raises:
        MalformedIdentifier: one of the two cells breaks its grammar.
    """
    return OfCard(profile=read_profile(profile), renewals=read_renewals(renewals))
