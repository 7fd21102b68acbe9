"""Which locks a beneficiary has: from their live cards and their insurer's choice.

* A card with a serial of Rempart has a card lock, and a declared lock if its insurer has chosen so.
* A card printed before Rempart has a legacy lock alone, until it ends or until the insurer's date,
  whichever is first; past that date, or without one, it has none.
* While renewing, the locks of both cards stand.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from rempart.domain.days import number_of
from rempart.domain.feed_rows import CARD, DECLARED, LEGACY
from rempart.domain.member_cells import LiveCard


class LiveLock(NamedTuple):
    """Kind, serial of the card, last day (days since 2000-01-01) of a lock to be made."""

    kind: int
    serial: int
    ends: int


def live_locks(
    cards: Sequence[LiveCard], *, declared: bool, legacy_until: date | None, today: date
) -> list[LiveLock]:
    """The locks of these cards, in one order."""
    locks = []
    for card in cards:
        serial, ends = card.serial.to_int(), number_of(card.until)
        if not card.serial.before_rempart:
            locks.append(LiveLock(CARD, serial, ends))
            if declared:
                locks.append(LiveLock(DECLARED, serial, ends))
        elif legacy_until is not None and today <= legacy_until:
            locks.append(LiveLock(LEGACY, serial, min(ends, number_of(legacy_until))))
    return locks
