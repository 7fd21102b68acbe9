"""The French year: départements, public holidays, local time, weeks of flu and of leave."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple


class Place(NamedTuple):
    """A département: its code, thousands of people, and whether it lies by the sea."""

    code: str
    people: int
    seaside: bool = False


PLACES = (
    Place("35", 1107), Place("59", 2610), Place("33", 1680, seaside=True), Place("69", 1910),
    Place("75", 2100), Place("13", 2070, seaside=True), Place("85", 700, seaside=True),
    Place("63", 665), Place("67", 1150), Place("31", 1450), Place("2A", 162, seaside=True),
    Place("29", 920, seaside=True), Place("87", 370), Place("93", 1680), Place("38", 1290),
    Place("34", 1210, seaside=True), Place("76", 1255), Place("21", 535), Place("06", 1110, True),
    Place("44", 1460, seaside=True), Place("62", 1460, seaside=True), Place("54", 730),
    Place("17", 665, seaside=True), Place("45", 685), Place("83", 1100, seaside=True),
    Place("91", 1320), Place("57", 1050), Place("49", 825), Place("80", 565), Place("64", 695),
    Place("37", 615), Place("25", 550), Place("14", 700, seaside=True), Place("72", 565),
    Place("42", 770), Place("22", 610, seaside=True), Place("78", 1460), Place("68", 770),
    Place("73", 445), Place("30", 760),
)  # fmt: skip


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of a year."""
    easter = _easter(year)
    moving = {easter + timedelta(days=gap) for gap in (1, 39, 50)}
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    return frozenset(moving | {date(year, month, day) for month, day in fixed})


def _easter(year: int) -> date:
    """Sunday of Easter, by Butcher's rule for the Gregorian calendar."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def hours_ahead(day: date) -> int:
    """Hours of French time ahead of UTC: 2 in summer."""
    return 2 if _last_sunday(day.year, 3) <= day < _last_sunday(day.year, 10) else 1


def weekday(day: date) -> int:
    """0 for Monday; a public holiday counts as a Sunday."""
    return 6 if day in holidays(day.year) else day.weekday()


def flu_week(day: date) -> bool:
    """Whether the winter epidemic is at its height: the last week of the year and six more."""
    week = day.isocalendar().week
    return week >= 52 or week <= 6
