"""Days as two bytes: how dates stand in records, locks and cards.

A date is the number of days since 2000-01-01, u16 big-endian; 0xFFFF means open ended.
"""

from datetime import date

from rempart.domain.errors import MalformedIdentifier

EPOCH = date(2000, 1, 1).toordinal()
OPEN_ENDED = 0xFFFF


def number_of(day: date) -> int:
    """Days since 2000-01-01.

    Raises:
        MalformedIdentifier: two bytes cannot hold this date.
    """
    number = day.toordinal() - EPOCH
    if not 0 <= number < OPEN_ENDED:
        raise MalformedIdentifier("date", "outside 2000-01-01 to 2179-06-05")
    return number


def days_of(day: date | None) -> bytes:
    """Two bytes for ``day``; none is open ended.

    Raises:
        MalformedIdentifier: two bytes cannot hold this date.
    """
    return b"\xff\xff" if day is None else number_of(day).to_bytes(2, "big")


def day_of(days: bytes) -> date | None:
    """Read two bytes back."""
    number = int.from_bytes(days, "big")
    return None if number == OPEN_ENDED else date.fromordinal(EPOCH + number)
