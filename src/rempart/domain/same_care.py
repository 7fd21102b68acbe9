"""Whether two invoices of one site, for one person and day, may be one care that is billed twice.

Prices decide, domain by domain: a mistake repeats them, and two prescriptions have their own. No
number of a prescription is asked for: a site makes it up, and it would be read for nothing else.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from rempart.domain.coverage import Domain
from rempart.domain.tariff import Cents


class Priced(NamedTuple):
    """One line of an invoice."""

    domain: Domain
    price: Cents

    def __repr__(self) -> str:
        return "Priced(…)"


def one_care(some: Iterable[Priced], others: Iterable[Priced]) -> bool:
    """Whether the lines of one domain are, in one of the invoices,

    (1) all among those of the other;
    (2) as much together as those of the other;
    (3) together what one line of the other is: one evidence has the sum, and one its parts.
    """
    here, there = _by_domain(some), _by_domain(others)
    return any(_one(here[domain], there[domain]) for domain in here.keys() & there.keys())


def _one(here: "Counter[Cents]", there: "Counter[Cents]") -> bool:
    all_here, all_there = _sum(here), _sum(there)
    return (
        here <= there  # (1)
        or there <= here
        or all_here == all_there  # (2)
        or all_here in there  # (3)
        or all_there in here
    )


def _by_domain(lines: Iterable[Priced]) -> dict[Domain, "Counter[Cents]"]:
    found: dict[Domain, Counter[Cents]] = {}
    for domain, price in lines:
        found.setdefault(domain, Counter())[price] += 1
    return found


def _sum(prices: "Counter[Cents]") -> Cents:
    return sum(price * count for price, count in prices.items())
