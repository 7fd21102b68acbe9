"""A picture of measures over time, in text: a row a measure, a column a span of whole days.

A column tells the worst of its days, and a day the worst of its attestations: a gap, or an hour
without a protection, is never hidden by what stood before or after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from rempart.domain.attestation import ONE_DAY, Attestation
from rempart.domain.measure import State
from rempart.domain.paris import civil
from rempart.usecases.read_measures import MeasuresBetween

NOTHING = " "
MARKS = {
    State.NOT_IN_FORCE: "·",
    State.NOT_VERIFIED: "?",
    State.PARTLY: "▒",
    State.IN_FORCE: "█",
}
"""The worst first."""
NEVER = "-"
"""The measure was of no edition yet."""
INCIDENT, QUIET = "!", " "


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """``days`` whole days a column, from ``first`` on; ``rows`` by the measure's code, as long as
    ``incidents``, which marks the columns in which one was open.
    """

    first: date
    last: date
    days: int
    rows: dict[str, str]
    incidents: str


def picture(between: MeasuresBetween, *, width: int) -> Picture:
    """The picture of a span, ``width`` columns at most."""
    first, last = civil(between.since).date(), civil(between.until).date()
    count = (last - first).days + 1
    days = ceil(count / max(1, width))
    columns = [
        [first + (start + n) * ONE_DAY for n in range(min(days, count - start))]
        for start in range(0, count, days)
    ]
    by_day: dict[date, list[Attestation]] = {}
    for each in between.within:
        by_day.setdefault(each.day, []).append(each)
    return Picture(
        first=first,
        last=last,
        days=days,
        rows={
            code: "".join(
                _worst([mark for day in column for mark in _marks(by_day.get(day, ()), code)])
                for column in columns
            )
            for code in between.codes
        },
        incidents="".join(
            INCIDENT if any(_open(between, day) for day in column) else QUIET for column in columns
        ),
    )


def _marks(attested: Sequence[Attestation], code: str) -> Iterator[str]:
    if not attested:
        yield NOTHING
    for each in attested:
        state = each.states.get(code)
        yield NEVER if state is None else MARKS[state]


ORDER = (NOTHING, *MARKS.values(), NEVER)


def _worst(marks: Sequence[str]) -> str:
    return min(marks, key=ORDER.index)


def _open(between: MeasuresBetween, day: date) -> bool:
    return any(
        civil(each.opened).date() <= day and (not each.closed or day <= civil(each.closed).date())
        for each in between.incidents
    )


def ruler(drawn: Picture) -> str:
    """Under the columns: each month's first one, by its number, where there is room."""
    marks, room = [" "] * len(drawn.incidents), 0
    before = 0
    for column in range(len(marks)):
        start = drawn.first + timedelta(days=column * drawn.days)
        if start.month != before and column >= room and column + 2 <= len(marks):
            marks[column : column + 2] = f"{start.month:02}"
            room = column + 3
        before = start.month
    return "".join(marks)
