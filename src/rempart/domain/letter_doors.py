"""By which door one person was read: by a stolen account, at a gateway, or both.

A source's door is what its report says, and what a person has decided. Where it came by both, each
person's own answers tell: what passed while the gateway was in other hands counts as read there,
and is never in doubt.
"""

from collections.abc import Iterable, Sequence

from rempart.domain.breach_told import Reading
from rempart.domain.finding import Window
from rempart.domain.letter_to_insured import Door
from rempart.domain.scope import Verdict


def door_of(reading: Reading, source: Door, gateway: Sequence[Window]) -> Door:
    """Of one reading; ``source`` is the door of whoever tells, ``gateway`` its windows."""
    if source is not Door.BOTH:
        return source
    met = [w for w in gateway if w.since <= reading.last and reading.first <= w.until]
    if reading.verdict is not Verdict.BREACHED or not met:
        return Door.ACCOUNT
    within = any(w.holds(reading.first) and w.holds(reading.last) for w in met)
    return Door.GATEWAY if within else Door.BOTH


def together(doors: Iterable[Door]) -> Door:
    """Of several readings."""
    found = set(doors)
    return found.pop() if len(found) == 1 else Door.BOTH
