"""Times as people type and read them around an incident: those of Paris, where laws run."""

import re
from datetime import date, datetime, time

import click

from rempart.adapters.system import SystemClock
from rempart.domain.attestation import end_of, start_of
from rempart.domain.clocks import HOUR
from rempart.domain.paris import PARIS, civil, moment

HOUR_ALONE = re.compile(r"\d{1,2}:\d{2}")
DAY_ALONE = re.compile(r"\d{4}-\d{2}-\d{2}")
MINUTE = HOUR // 60


class ParisTime(click.ParamType[int]):
    """A moment in microseconds: ``2026-11-27 03:12``, ``03:12`` of today, ``now``."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read it."""
        if isinstance(value, int):
            return value
        text, now = str(value).strip(), SystemClock().now()
        if text == "now":
            return now
        try:
            if HOUR_ALONE.fullmatch(text):
                return moment(
                    datetime.combine(civil(now).date(), time.fromisoformat(f"{text:0>5}"))
                )
            return moment(datetime.fromisoformat(text))
        except ValueError:
            self.fail("AAAA-MM-JJ HH:MM, HH:MM, now (heure de Paris · Paris time)", param, ctx)


TIME = ParisTime()


def told(at: int) -> str:
    """A moment, to the minute, in Paris; the zone is named: one hour a year is told twice."""
    when = civil(at)
    assert when.tzinfo is PARIS
    return f"{when:%Y-%m-%d %H:%M} {when.tzname()}"


def left(due: int, now: int) -> str:
    """What is left until a deadline, or how long it has been past."""
    minutes = abs(due - now) // MINUTE
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    span = f"{days} j {hours:02} h" if days else f"{hours} h {minutes:02}"
    return f"reste {span} · left" if due >= now else f"dépassée de {span} · past"


class DayOrTime(click.ParamType[tuple[int, int]]):
    """A day of France, from its first microsecond to its last; or a moment, which is both. What of
    today is still to come is left out.
    """

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read it: ``2026-11-27``, ``today``, or what ``ParisTime`` reads."""
        if isinstance(value, tuple):
            return value
        text, now = str(value).strip(), SystemClock().now()
        if text != "today" and DAY_ALONE.fullmatch(text) is None:
            at = TIME.convert(text, param, ctx)
            return at, at
        try:
            day = civil(now).date() if text == "today" else date.fromisoformat(text)
        except ValueError:
            self.fail("AAAA-MM-JJ, today, ou avec l'heure · or with the hour", param, ctx)
        first, last = start_of(day), end_of(day)
        return first, min(last, now) if first <= now else last


DATE = DayOrTime()
