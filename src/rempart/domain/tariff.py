"""The dated tariff: what compulsory insurance pays, and what a contract may pay beside it.

Figures stand in ``tariffs/france.toml``, each with its date and its source; they are read once.
Amounts are whole cents; a share of an amount is rounded half up.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Any

from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier

Cents = int


class Basket(Enum):
    """What kind of sale it is: the ticket modérateur alone, 100 % Santé, or a free price."""

    TM = "TM"
    A = "A"
    B = "B"


FAMILIES: Mapping[Domain, str] = {
    Domain.LABO: "laboratory",
    Domain.RADL: "imaging",
    Domain.AUXM: "auxiliary",
    Domain.SVIL: "doctor",
    Domain.SAGE: "doctor",
    Domain.DENT: "dentist",
    Domain.DEPR: "dentist",
    Domain.OPTI: "device",
    Domain.AUDI: "device",
    Domain.LPPS: "device",
    Domain.HOSP: "stay",
    Domain.TRAN: "transport",
}
"""In pharmacies, outpatient wards, health centres each thing has its own rate, which is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Percent of the base that compulsory insurance pays, from a day on."""

    family: str
    since: date
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something sold, from a day on.

    The base is ``base``, or ``base_percent`` of the price. ``limit`` is the highest price of basket
    A; ``ceiling`` what both insurances together may pay in basket B; ``under`` an age in years.
    """

    code: str
    french: str
    english: str
    domain: Domain
    basket: Basket
    family: str
    since: date
    base: Cents | None = None
    base_percent: int | None = None
    limit: Cents | None = None
    ceiling: Cents | None = None
    under: int | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rates and items, the latest last."""

    rates: tuple[Rate, ...] = field(repr=False)
    items: tuple[Item, ...] = field(repr=False)

    def rate(self, family: str, on: date) -> int:
        """Percent on a day.

        Raises:
            MalformedIdentifier: none is known for this day.
        """
        found = [each for each in self.rates if each.family == family and each.since <= on]
        if not found:
            raise MalformedIdentifier("tariff", "no rate is known for this day")
        return max(found, key=lambda each: each.since).percent

    def item(self, code: str, on: date) -> Item:
        """An item on a day.

        Raises:
            MalformedIdentifier: no such item on this day.
        """
        found = [each for each in self.items if each.code == code and each.since <= on]
        if not found:
            raise MalformedIdentifier("item", "not in the tariff on this day")
        return max(found, key=lambda each: each.since)


def share_of(amount: Cents, percent: int) -> Cents:
    """``percent`` of an amount, rounded half up to the cent."""
    return (amount * percent + 50) // 100


@cache
def france() -> Tariff:
    """The French tariff."""
    text = files("rempart.domain").joinpath("tariffs/france.toml").read_text("utf-8")
    said = tomllib.loads(text)
    return Tariff(tuple(map(_rate, said["rate"])), tuple(map(_item, said["item"])))


def _rate(said: Mapping[str, Any]) -> Rate:
    return Rate(family=said["family"], since=said["from"], percent=said["percent"])


def _item(said: Mapping[str, Any]) -> Item:
    return Item(
        code=said["code"],
        french=said["french"],
        english=said["english"],
        domain=Domain[said["domain"]],
        basket=Basket(said["basket"]),
        family=said["family"],
        since=said["from"],
        base=said.get("base"),
        base_percent=said.get("base_percent"),
        limit=said.get("limit"),
        ceiling=said.get("ceiling"),
        under=said.get("under"),
    )
