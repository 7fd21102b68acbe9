"""Civil time in France, as the tz database has it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from rempart.domain.paris import MICROSECOND, PARIS, civil, moment, months_later

THEIRS = ZoneInfo("Europe/Paris")
MOMENTS = st.integers(820_454_400_000_000, 4_102_358_400_000_000)
"""1996 to 2099."""


def at(*civil_time: int) -> int:
    return moment(datetime(*civil_time, tzinfo=THEIRS))


@given(MOMENTS)
@example(at(2026, 3, 29, 1, 59, 59))
@example(at(2026, 3, 29, 3))
@example(at(2026, 10, 25, 1, 59, 59))
@example(at(2026, 10, 25, 3))
@example(at(2026, 10, 25, 1) + 3_600_000_000)
@example(at(2026, 10, 25, 1) + 2 * 3_600_000_000)
def test_it_is_what_the_tz_database_says(now):
    ours = civil(now)
    theirs = (datetime(1970, 1, 1, tzinfo=UTC) + now * MICROSECOND).astimezone(THEIRS)
    assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None)
    assert (ours.utcoffset(), ours.fold) == (theirs.utcoffset(), theirs.fold)
    assert moment(ours) == now


def test_a_time_without_a_zone_is_that_of_paris():
    assert moment(datetime(2026, 7, 1, 12)) == at(2026, 7, 1, 12)  # noqa: DTZ001
    assert f"{civil(at(2026, 7, 1, 12)):%H:%M %Z}" == "12:00 CEST"
    assert f"{datetime(2026, 12, 1, 12, tzinfo=PARIS):%H:%M %Z}" == "12:00 CET"


def test_a_month_ends_with_its_day_or_with_the_last_one_of_a_shorter_month():
    for start, end in (
        ((2026, 11, 27, 3, 12), (2026, 12, 28)),
        ((2026, 1, 31, 10), (2026, 3, 1)),
        ((2028, 1, 30, 10), (2028, 3, 1)),
        ((2026, 12, 31, 23, 59), (2027, 2, 1)),
        # Over both changes of the clock: midnight is midnight.
        ((2026, 3, 10, 0), (2026, 4, 11)),
        ((2026, 10, 10, 0), (2026, 11, 11)),
    ):
        assert civil(months_later(at(*start), 1)) == datetime(*end, tzinfo=THEIRS), start


@given(MOMENTS, st.integers(0, 400 * 24 * 3600 * 10**6), st.integers(1, 14))
def test_who_starts_later_never_ends_earlier(start, more, months):
    assert months_later(start, months) <= months_later(start + more, months)
    assert months_later(start, months) > start
