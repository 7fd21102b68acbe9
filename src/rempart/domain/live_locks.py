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
from rempart.domain.feed_rows import CARD, DECLARED, LEGACY, NUMBER_MASK
from rempart.domain.member_cells import LiveCard


class LiveLock(NamedTuple):
    """Kind, serial of the card, last day (days since 2000-01-01) of a lock to be made."""

    kind: int
    serial: int
    ends: int


def legacy_end(legacy_until: date | None, *, today: date) -> int | None:
    """The insurer's date on legacy locks, in days since 2000-01-01; none where it is past."""
    if legacy_until is None or today > legacy_until:
        return None
    return number_of(legacy_until)


def live_locks(
    cards: Sequence[LiveCard], *, declared: bool, legacy_ends: int | None
) -> list[LiveLock]:
    """The locks of these cards, in one order; ``legacy_ends`` is what ``legacy_end`` says."""
    locks = []
    for card in cards:
        if card.packed & NUMBER_MASK:
            locks.append(LiveLock(CARD, card.packed, card.ends))
            if declared:
                locks.append(LiveLock(DECLARED, card.packed, card.ends))
        elif legacy_ends is not None:
            locks.append(LiveLock(LEGACY, 0, min(card.ends, legacy_ends)))
    return locks
