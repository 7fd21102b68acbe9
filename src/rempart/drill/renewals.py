"""What people of a synthetic country had lately, and from when on it is paid again.

Delays are those of contrats responsables: glasses every two years (CSS R871-2), hearing aids every
four. How many had any is a parameter of the drill.
"""

from datetime import date, timedelta
from random import Random

from rempart.drill.formulas import Formula

LATELY = (("OPTI", 730, 0.15), ("AUDI", 1461, 0.02))
"""Domain, days until it is paid again, and how many people wait for that."""


class Renewals:
    """Draws them apart from everything else: the same country has them or not."""

    def __init__(self, seed: int, today: date) -> None:
        self._chance = Random(f"renewals/{seed}")  # noqa: S311 - as the country's own
        self._today = today

    def draw(self, formula: Formula) -> str:
        """The cell of somebody under this formula; mostly empty."""
        cells = []
        for domain, days, share in LATELY:
            drawn = self._chance.random()
            if drawn < share and f"{domain}=" in formula.domains:
                again = self._today + timedelta(days=1 + int(drawn / share * days))
                cells.append(f"{domain}={again}")
        return " ".join(cells)
