"""The French year."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.drill.clockwork import STEPS, table_of
from rempart.drill.honest import RHYTHMS, SHOP
from rempart.drill.seasons import flu_week, holidays, hours_ahead, weekday

title = "The French year"


@pytest.mark.parametrize(
    ("year", "easter_monday", "ascension", "whit_monday"),
    [
        (2024, date(2024, 4, 1), date(2024, 5, 9), date(2024, 5, 20)),
        (2027, date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)),
        (2038, date(2038, 4, 26), date(2038, 6, 3), date(2038, 6, 14)),
    ],
)
def test_moving_holidays_follow_easter(year, easter_monday, ascension, whit_monday):
    found = holidays(year)
    assert {easter_monday, ascension, whit_monday, date(year, 7, 14)} <= found
    assert len(found) == 11


def test_a_public_holiday_counts_as_a_sunday():
    assert weekday(date(2027, 7, 14)) == 6
    assert weekday(date(2027, 7, 15)) == 3


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)))
def test_local_time_is_that_of_paris(day):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("Europe/Paris"))
    assert noon.utcoffset().total_seconds() == hours_ahead(day) * 3600


def test_flu_comes_in_winter():
    assert flu_week(date(2028, 1, 20))
    assert not flu_week(date(2028, 4, 20))


@pytest.mark.parametrize("trade", RHYTHMS)
def test_opening_hours_are_a_table_that_rises(trade):
    rhythm = RHYTHMS[trade]
    for hours in (rhythm.hours, rhythm.weekend):
        table = table_of(hours)
        assert len(table) == STEPS + 1
        assert list(table) == sorted(table)
        assert table[0] == pytest.approx(hours[0][0] * 3600)
        assert table[-1] == pytest.approx(hours[-1][1] * 3600)


def test_a_table_keeps_the_weights_of_the_hours():
    noon = 12.5 * 3600
    before = sum(second <= noon for second in table_of(SHOP))
    assert before / STEPS == pytest.approx(SHOP[0][2], abs=0.01)
