"""What a site knows of a beneficiary: five days, kept for twelve months under a keyed pair.

A pair stands for one beneficiary at one site; it outlives the month, so that windows and habits
need no pseudonym. Its days, each u16 big-endian since 2000-01-01 (0 where never):

    first answered ‖ last answered ‖ last on typed things ‖ last on an old card's ‖ last proven
"""

import struct
from typing import NamedTuple, Self

from rempart.domain.disclosure import Presence
from rempart.domain.trace import KNOWN_FOR, NEVER, STRANGER, Ages

DAYS = struct.Struct(">5H")
SINCE_1970 = 10_957
"""Days from 1970-01-01 to 2000-01-01."""


class Known(NamedTuple):
    """Day numbers; 0 is never."""

    first: int = 0
    seen: int = 0
    typed: int = 0
    legacy: int = 0
    proved: int = 0

    def encode(self) -> bytes:
        """The ten bytes."""
        return DAYS.pack(*self)

    @classmethod
    def decode(cls, stored: bytes) -> Self:
        """Read ten bytes back."""
        return cls._make(DAYS.unpack(stored))

    def ages(self, today: int) -> Ages:
        """How long ago, seen from day ``today``; beyond twelve months is never, but for the first
        day of somebody seen since, which is then twelve months ago.
        """
        first, seen, typed, legacy, proved = self
        if not seen or today - seen > KNOWN_FOR:
            return STRANGER
        return Ages(
            min(KNOWN_FOR, max(0, today - first)),
            max(0, today - seen),
            age_of(typed, today),
            age_of(legacy, today),
            age_of(proved, today),
        )

    def after(self, presence: Presence, today: int) -> Self:
        """The same, once answered about under this presence.

        It follows from the ages alone, so that the table is made again from entries, day for day.
        """
        ages = self.ages(today)
        kept = before_today(ages, today)
        return type(self)(
            today if ages.first == NEVER else kept.first,
            today,
            today if presence in {Presence.DECLARED, Presence.LEGACY} else kept.typed,
            today if presence is Presence.LEGACY else kept.legacy,
            today if presence in {Presence.CARD, Presence.FRESH} else kept.proved,
        )


NOBODY_YET = Known()


def age_of(day: int, today: int) -> int:
    """Days since ``day``; never where it is 0, or over twelve months ago."""
    if not day or (age := max(0, today - day)) > KNOWN_FOR:
        return NEVER
    return age


def before_today(detail: Ages, today: int) -> Known:
    """What was known before a question, from the ages in its detail: how the table is rebuilt."""
    return Known._make([0 if age == NEVER else max(1, today - age) for age in detail])
