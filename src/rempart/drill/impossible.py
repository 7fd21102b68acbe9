"""Identifiers that have the right form and belong to nobody.

A synthetic country must pass every parser and never name a real person, insurer or site:

* **NIR**: the order number (characters 11 to 13) is ``000``. INSEE numbers the births of a month
  in a commune from 001, so no NIR has it, whatever the rest. Sex, year, month and department are
  plausible and the key is right, Corsica included: a parser takes all of its ordinary steps.
* **AMC number**: ``9999`` and four digits. The first two digits are a department, and no
  department is 99.
* **FINESS**: ``99`` and seven digits, the last one the Luhn key. Same reason.
* **RPPS**: ``999`` and eight digits, the last one the Luhn key. The directory numbers from 10, and
  the national test cards from 997.
"""

from dataclasses import dataclass, field

DEPARTMENTS = (
    *(f"{number:02d}" for number in range(1, 20)),
    "2A",
    "2B",
    *(f"{number:02d}" for number in range(21, 96)),
)
COMMUNES = 989
"""Communes are numbered from 001; 990 and above are kept for the unknown."""
PLACES = len(DEPARTMENTS) * COMMUNES
STRIDE = 7919
"""Prime to ``PLACES``: all are visited, and those born together are not neighbours."""

AMC_PREFIX = "9999"
FINESS_PREFIX = "99"
RPPS_PREFIX = "999"
ORDER = slice(10, 13)
NO_ORDER = "000"


def is_synthetic(amc: str) -> bool:
    """Whether an AMC number lies in the range that no real insurer has."""
    return len(amc) == 8 and amc.isascii() and amc.isdigit() and amc.startswith(AMC_PREFIX)


def is_impossible(nir: str) -> bool:
    """Whether a compact NIR of 15 characters has the order number that nobody has."""
    return len(nir) == 15 and nir[ORDER] == NO_ORDER


def nir_key(body: str) -> str:
    """Two-digit key of the 13 first characters; 2A counts as 19 and 2B as 18."""
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{97 - number % 97:02d}"


@dataclass(slots=True)
class NIRSource:
    """Gives out impossible NIRs, each once: up to ``PLACES`` for one sex, year and month."""

    _given: dict[str, int] = field(default_factory=dict, repr=False)

    def draw(self, *, sex: int, year: int, month: int) -> str:
        """Make a NIR. ``sex`` is 1 or 2; ``month`` is 20 where the month of birth is unknown."""
        head = f"{sex}{year % 100:02d}{month:02d}"
        given = self._given.get(head, 0)
        assert given < PLACES, "more births in a month than places"
        self._given[head] = given + 1
        place = (int(head) + given) * STRIDE % PLACES
        department, commune = divmod(place, COMMUNES)
        body = f"{head}{DEPARTMENTS[department]}{commune + 1:03d}{NO_ORDER}"
        return body + nir_key(body)


def luhn_key(body: str) -> str:
    """The digit that makes ``body`` and itself pass Luhn."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def finess(number: int) -> str:
    """FINESS of an establishment that does not exist; ``number`` has six digits at most."""
    assert 0 <= number < 10**6, "six digits"
    body = f"{FINESS_PREFIX}{number:06d}"
    return body + luhn_key(body)


def rpps(number: int) -> str:
    """RPPS of a professional who does not exist; ``number`` has seven digits at most."""
    assert 0 <= number < 10**7, "seven digits"
    body = f"{RPPS_PREFIX}{number:07d}"
    return body + luhn_key(body)
