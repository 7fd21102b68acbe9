"""State an insurer's standing guarantees, from the file in which it has chosen them.

    list_days = 7                      # how old its status list may be, where a sale is bound

    [profile.0]                        # the profile of a card that names none
    "OPTI A" = { times = 1 }           # a domain and a basket: TM, A (100 % Santé) or B
    "OPTI B" = { times = 1, most = 25000 }

``times`` bounds the sales of one card while nobody can be asked, ``most`` the cents of one sale.
"""

import re
from collections.abc import Mapping
from typing import Any

from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.guarantee import BASKETS, Guarantee, Statement
from rempart.domain.tariff import Basket

SALE = re.compile(r"([A-Z]{4}) (TM|A|B)")


def stated(said: Mapping[str, Any], *, amc: str, now: int, good_for: int) -> Statement:
    """The statement of a file that was read; ``now`` and ``good_for`` are in seconds.

    Raises:
        MalformedIdentifier: an entry that is not one, named by its place in the file.
    """
    _only(said, {"list_days", "profile"}, "file")
    profiles = said.get("profile")
    if not isinstance(profiles, dict) or type(said.get("list_days")) is not int:
        raise MalformedIdentifier("guarantees", "expected list_days and at least one profile")
    return Statement(
        amc=amc,
        made=now,
        until=now + good_for,
        list_days=said["list_days"],
        profiles={_number(each): _profile(each, sales) for each, sales in profiles.items()},
    )


def _number(profile: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", profile):
        raise MalformedIdentifier("profile", "expected a number from 0 to 255")
    return int(profile)


def _profile(number: str, sales: object) -> tuple[Guarantee, ...]:
    if not isinstance(sales, dict):
        raise MalformedIdentifier(f"profile {number}", "expected sales")
    found = [_guarantee(f"profile {number}, {sale}", sale, said) for sale, said in sales.items()]
    return tuple(sorted(found, key=lambda each: (each.domain.value, BASKETS[each.basket])))


def _guarantee(place: str, sale: str, said: object) -> Guarantee:
    read = SALE.fullmatch(sale)
    if read is None or read[1] not in Domain.__members__ or not isinstance(said, dict):
        raise MalformedIdentifier(place, "expected a domain and a basket, such as OPTI A")
    _only(said, {"times", "most"}, place)
    times, most = said.get("times"), said.get("most")
    if type(times) is not int or type(most) not in (int, type(None)):
        raise MalformedIdentifier(place, "expected times, and most in whole cents")
    try:
        return Guarantee(domain=Domain[read[1]], basket=Basket(read[2]), times=times, most=most)
    except MalformedIdentifier as malformed:
        raise MalformedIdentifier(place, malformed.rule) from None


def _only(said: Mapping[str, Any], names: set[str], place: str) -> None:
    if unknown := set(said) - names:
        raise MalformedIdentifier(place, f"unknown entry {min(unknown)[:20]!r}")
