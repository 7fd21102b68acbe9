"""Days one after another, said as ranges: for people who read which days are meant."""

from collections.abc import Iterable
from datetime import date


def ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """The first and the last day of each run of consecutive ones, in order."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and (day - found[-1][1]).days == 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
