"""What is typed and read around an incident: times of Paris, what is left, words that come in."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import click
import pytest

from rempart.adapters.system import SystemClock
from rempart.cli import civil_time
from rempart.cli.civil_time import TIME, left, told
from rempart.cli.incident import words_of
from rempart.domain.clocks import HOUR
from rempart.domain.paris import moment

PARIS = ZoneInfo("Europe/Paris")


def at(*civil: int) -> int:
    return moment(datetime(*civil, tzinfo=PARIS))


@pytest.fixture(autouse=True)
def three_in_the_morning(monkeypatch):
    monkeypatch.setattr(SystemClock, "now", lambda _: at(2026, 11, 27, 3, 12))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("now", (2026, 11, 27, 3, 12)),
        ("03:05", (2026, 11, 27, 3, 5)),
        ("2:59", (2026, 11, 27, 2, 59)),
        ("2026-11-26 23:00", (2026, 11, 26, 23, 0)),
        ("2026-11-26T22:00:00Z", (2026, 11, 26, 23, 0)),
        ("2026-07-01 12:00", (2026, 7, 1, 12, 0)),
        # Told twice that night: the first, which starts a clock earlier.
        ("2026-10-25 02:30", (2026, 10, 25, 2, 30)),
    ],
)
def test_a_time_is_that_of_paris(typed, meant):
    assert TIME.convert(typed, None, None) == at(*meant)


@pytest.mark.parametrize("typed", ["hier", "25:00", "2026-13-01", "", "3h12"])
def test_what_is_no_time_is_refused_with_how_it_is_written(typed):
    with pytest.raises(click.BadParameter, match="AAAA-MM-JJ"):
        TIME.convert(typed, None, None)


def test_what_is_left_is_told_in_days_and_hours_and_what_is_past_as_past():
    now = SystemClock().now()
    assert left(now + 71 * HOUR, now) == "reste 2 j 23 h · left"
    assert left(now + 90 * 60_000_000, now) == "reste 1 h 30 · left"
    assert left(now - 25 * HOUR, now) == "dépassée de 1 j 01 h · past"
    assert told(now) == "2026-11-27 03:12 CET"
    assert told(at(2026, 7, 1, 12)) == "2026-07-01 12:00 CEST"


def test_words_come_as_typed_or_by_the_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("deux\nlignes\n"))
    assert words_of("vu") == "vu"
    assert words_of("-") == "deux\nlignes"
    assert civil_time.TIME.name == "time"
