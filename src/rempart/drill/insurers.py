"""The insurers of the synthetic country, and how each writes a member number and a birth date.

Three habits, because identifiers are where real files differ: leading zeros that people drop,
letters and spaces, letters and strokes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rempart.domain.identifiers import MemberNumberRule
from rempart.drill.impossible import is_synthetic

SPREAD = 48_271
"""Prime to a power of ten: households that follow each other have numbers that do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticInsurer:
    """An insurer that does not exist.

    ``share`` is its part of the members, shares being taken relative to their sum. ``number``
    prints the member number of the nth household, ``date`` a birth date of 8 digits.
    """

    amc: str
    name: str
    share: float
    convention: str
    rule: MemberNumberRule
    number: Callable[[int], str]
    date: Callable[[str], str]

    def __post_init__(self) -> None:
        if not is_synthetic(self.amc):
            raise ValueError("a synthetic insurer has a number of the synthetic range")


def _spread(nth: int, below: int) -> int:
    return nth * SPREAD % below


def zero_filled(nth: int) -> str:
    """Ten digits, at least two leading zeros: ``0012345678``."""
    return f"{_spread(nth, 10**8):010d}"


def lettered(nth: int) -> str:
    """Two letters and nine digits in groups: ``MF 012 345 678``."""
    digits = f"{_spread(nth, 10**9):09d}"
    return f"M{'ABCDEFGH'[nth % 8]} {digits[:3]} {digits[3:6]} {digits[6:]}"


def stroked(nth: int) -> str:
    """Eight digits, a stroke and a letter: ``01234567/K``."""
    return f"{_spread(nth, 10**8):08d}/{'ABCDEFGHJKLMNPRSTUVWXYZ'[nth % 23]}"


def dashed_date(born: str) -> str:
    """``1963-02-31``."""
    return f"{born[:4]}-{born[4:6]}-{born[6:]}"


def french_date(born: str) -> str:
    """``31/02/1963``."""
    return f"{born[6:]}/{born[4:6]}/{born[:4]}"


def bare_date(born: str) -> str:
    """``19630231``."""
    return born


THREE = (
    SyntheticInsurer(
        amc="99990001",
        name="Mutuelle des Remparts",
        share=0.55,
        convention="RT",
        rule=MemberNumberRule(strip_leading_zeros=True, keep_letters=False),
        number=zero_filled,
        date=dashed_date,
    ),
    SyntheticInsurer(
        amc="99990002",
        name="Prévoyance du Guet",
        share=0.30,
        convention="GU",
        rule=MemberNumberRule(),
        number=lettered,
        date=french_date,
    ),
    SyntheticInsurer(
        amc="99990003",
        name="Assurances de la Poterne",
        share=0.15,
        convention="PO",
        rule=MemberNumberRule(),
        number=stroked,
        date=bare_date,
    ),
)
