"""Dated exceptions to budgets: a vaccination day, the first weeks of the platform.

An exception is a decision with who, why and until when; it stands in the ledger and nowhere else.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from rempart.domain.disclosure import Codes
from rempart.domain.errors import MalformedIdentifier

FACTOR_MAX = 20
LONGEST = 92 * 86_400_000_000
"""Microseconds: what lasts longer is no exception but another cap."""


class Over(IntEnum):
    """What an exception is about."""

    EVERYBODY = 0
    KIND = 1
    SITE = 2
    ACCOUNT = 3


WIDE = frozenset({Over.EVERYBODY, Over.KIND})
"""What two persons decide together: it loosens many at once."""


class Reason(IntEnum):
    """Closed list: no free text enters the ledger."""

    VACCINATION = 1
    OPENING = 2
    """The platform's first weeks: no card is signed yet."""
    TAKE_OVER = 3
    """The site takes over the patients of another, or of a home."""
    EVENT = 4
    OUTAGE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Caps times ``factor`` for a span of microseconds, for whom ``number`` names.

    ``typed`` lets what is typed use the whole cap, and a new site more than its small budget: for
    as long as most people have no signed card. Of two about the same, the one decided last
    counts while it lasts: factor 1 without ``typed`` ends another.
    """

    over: Over
    number: int
    factor: int
    typed: bool
    since: int
    until: int
    reason: Reason
    by: str

    def check(self) -> None:
        """Return if this may be decided.

        Raises:
            MalformedIdentifier: a factor or a span that no exception has.
        """
        if not 1 <= self.factor <= FACTOR_MAX:
            raise MalformedIdentifier("factor", f"expected 1 to {FACTOR_MAX}")
        if not 0 < self.until - self.since <= LONGEST:
            raise MalformedIdentifier("until", "expected at most 92 days after the beginning")

    def codes(self) -> Codes:
        """As it stands in the ledger."""
        return {
            "allow": self.over.value,
            "number": self.number,
            "factor": self.factor,
            "typed": int(self.typed),
            "since": self.since,
            "until": self.until,
            "reason": self.reason.value,
            "by": self.by,
        }

    @classmethod
    def from_codes(cls, codes: Codes) -> Self:
        """Read ``codes`` back."""
        return cls(
            over=Over(int(codes["allow"])),
            number=int(codes["number"]),
            factor=int(codes["factor"]),
            typed=bool(codes["typed"]),
            since=int(codes["since"]),
            until=int(codes["until"]),
            reason=Reason(int(codes["reason"])),
            by=str(codes["by"]),
        )
