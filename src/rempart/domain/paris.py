"""Civil time in France: deadlines in months, and what people read, without the machine's tables.

Summer time is that of directive 2000/84/EC: from the last Sunday of March to that of October, 1:00
UTC. ``tests/unit/domain/test_paris.py`` compares with the tz database.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WINTER, SUMMER = timedelta(hours=1), timedelta(hours=2)
SUNDAY = 6


def _turns(year: int, month: int) -> datetime:
    """1:00 UTC on the last Sunday of a month, without a zone."""
    last = datetime(year, month, 31, 1)  # noqa: DTZ001 - UTC, compared with civil times
    return last - timedelta(days=(last.weekday() - SUNDAY) % 7)


class Paris(tzinfo):
    """France, since 1996."""

    def utcoffset(self, when: datetime | None) -> timedelta:
        """Of a civil time: what spring skips counts as winter, what is told twice by ``fold``."""
        if when is None:
            return WINTER
        civil = when.replace(tzinfo=None)
        begins, ends = _turns(civil.year, 3), _turns(civil.year, 10)
        if civil < begins + SUMMER or civil >= ends + SUMMER:
            return WINTER
        if civil >= ends + WINTER:
            return WINTER if when.fold else SUMMER
        return SUMMER

    def dst(self, when: datetime | None) -> timedelta:
        """What summer adds."""
        return self.utcoffset(when) - WINTER

    def tzname(self, when: datetime | None) -> str:
        """As people call it."""
        return "CEST" if self.dst(when) else "CET"

    def fromutc(self, when: datetime) -> datetime:
        """The civil time of a moment."""
        moment = when.replace(tzinfo=None)
        if not _turns(moment.year, 3) <= moment < _turns(moment.year, 10):
            # The second telling of the hour that autumn repeats.
            again = moment - _turns(moment.year, 10) < WINTER
            back = again and moment >= _turns(moment.year, 10)
            return (moment + WINTER).replace(tzinfo=self, fold=int(back))
        return (moment + SUMMER).replace(tzinfo=self)


PARIS = Paris()


def civil(at: int) -> datetime:
    """Civil time of a moment in microseconds."""
    return (EPOCH + at * MICROSECOND).astimezone(PARIS)


def moment(when: datetime) -> int:
    """Microseconds of a civil time; one without a zone is Paris's."""
    aware = when if when.tzinfo is not None else when.replace(tzinfo=PARIS)
    return (aware - EPOCH) // MICROSECOND


def months_later(at: int, months: int) -> int:
    """The end of the same day, so many months later; of the last one of a shorter month."""
    start = civil(at)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return moment(datetime.combine(day + timedelta(days=1), time(0)))
