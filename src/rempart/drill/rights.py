"""Contracts of a synthetic country: who covers a household, since when, and with which cards.

Proportions are parameters of the drill, not facts of the field, but for the kinds of contract,
which follow the orders of magnitude of the French market.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from rempart.domain.coverage import ContractKind
from rempart.drill.formulas import C2S, SOLD, Formula
from rempart.drill.people import pick

KINDS = (
    ContractKind.INDIVIDUAL,
    ContractKind.GROUP,
    ContractKind.PORTABILITY,
    ContractKind.C2S,
)
_WORKING_BOUNDS = tuple(accumulate((28, 57, 4, 11)))
_RETIRED_BOUNDS = tuple(accumulate((89, 6, 0, 5)))
_FORMULA_BOUNDS = tuple(accumulate((20, 30, 20, 18, 12)))

RETIRES_AT = 64
RESPONSABLE = 0.95
NEW_CARDS = 0.75
"""Printed by Rempart: code and printed key. The others wait for their renewal."""
REPLACED = 0.01
"""Of new cards: lost once already, so the number of their serial is 2."""
RENEWING = 0.06
"""Two live cards: the current one and the next."""
CLOSED = 0.02
"""Closed retroactively: the insurer learnt late that rights had ended."""
NEVER_WAS = 0.1
"""Of those: cancelled from the first day."""
OFF_YEAR = 0.2
"""Contracts whose year does not end in December."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What the file says alike for everybody under one contract; columns already printed."""

    periods: str
    formula: Formula
    kind: ContractKind
    responsable: bool
    cards: str


class Contracts:
    """Draws contracts, the same for the same ``chance`` and ``today``."""

    def __init__(self, chance: Random, today: date) -> None:
        self._chance = chance
        self._today = today

    def draw(self, born: str) -> Contract:
        """Draw the contract opened by somebody born in the year that ``born`` begins with."""
        chance = self._chance
        retired = self._today.year - int(born[:4]) >= RETIRES_AT
        kind = KINDS[pick(chance, _RETIRED_BOUNDS if retired else _WORKING_BOUNDS)]
        term = self._term()
        renewing = chance.random() < RENEWING
        return Contract(
            periods=" ".join(self._periods(kind, term, renewing=renewing)),
            formula=C2S if kind is ContractKind.C2S else SOLD[pick(chance, _FORMULA_BOUNDS)],
            kind=kind,
            responsable=kind is ContractKind.C2S or chance.random() < RESPONSABLE,
            cards=" ".join(self._cards(term, renewing=renewing)),
        )

    def _term(self) -> date:
        """Last day of the contract's current year, today or later."""
        month = 12
        if self._chance.random() < OFF_YEAR:
            month = 1 + self._days(11)
        last = _end_of_month(self._today.year, month)
        return last if last >= self._today else _end_of_month(self._today.year + 1, month)

    def _periods(self, kind: ContractKind, term: date, *, renewing: bool) -> list[str]:
        starts = _years(term, -1) + DAY
        if kind is ContractKind.PORTABILITY:
            return self._portability()
        if kind is ContractKind.GROUP:
            hired = _first_of_month(self._today - timedelta(days=30 + self._days(3000)))
            return self._closed(hired, None, hired)
        known = starts - timedelta(days=20 + self._days(40))
        periods = self._closed(starts, term, known)
        if renewing and len(periods) == 1:
            known = self._today - timedelta(days=self._days(20))
            periods.append(_period(term + DAY, _years(term, 1), known))
        return periods

    def _closed(self, starts: date, ends: date | None, known: date) -> list[str]:
        """A period as first known, and for a few its late correction, known later."""
        first = _period(starts, ends, known)
        if self._chance.random() >= CLOSED:
            return [first]
        if self._chance.random() < NEVER_WAS:
            really = starts - DAY
        else:
            really = starts + timedelta(days=self._days((self._today - starts).days))
        learnt = max(known, really) + DAY
        learnt = min(self._today, learnt + timedelta(days=self._days((self._today - learnt).days)))
        return [first, _period(starts, really, learnt)]

    def _portability(self) -> list[str]:
        """Left an employer within the year; covered for up to 12 months (CSS art. L911-8)."""
        left = self._today - timedelta(days=1 + self._days(300))
        hired = _first_of_month(left - timedelta(days=30 + self._days(3000)))
        covered_until = left + timedelta(days=305 + self._days(60))
        return [
            _period(hired, left, hired),
            _period(left + DAY, covered_until, min(self._today, left + timedelta(days=10))),
        ]

    def _cards(self, term: date, *, renewing: bool) -> list[str]:
        draw = self._chance.random
        number = 0
        if draw() < NEW_CARDS:
            number = 2 if draw() < REPLACED else 1
        cards = [_card(number, term)]
        if renewing:
            cards.append(_card(number + 1, _years(term, 1)))
        return cards

    def _days(self, below: int) -> int:
        return int(self._chance.random() * max(0, below))


def _card(number: int, ends: date) -> str:
    return f"{number}:{ends.isoformat()}"


def _period(starts: date, ends: date | None, known: date) -> str:
    return f"{starts.isoformat()}/{ends.isoformat() if ends else '..'}@{known.isoformat()}"


def _first_of_month(day: date) -> date:
    return day.replace(day=1)


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _years(day: date, years: int) -> date:
    """The same end of month, years away."""
    return _end_of_month(day.year + years, day.month)
