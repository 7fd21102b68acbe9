from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.days import day_of, days_of, number_of
from rempart.domain.errors import MalformedIdentifier

FIRST, LAST = date(2000, 1, 1), date(2179, 6, 5)


@given(st.none() | st.dates(FIRST, LAST))
def test_days_come_back(day):
    assert day_of(days_of(day)) == day


def test_days_are_counted_from_2000():
    assert days_of(FIRST) == b"\0\0"
    assert days_of(date(2026, 12, 31)) == (9861).to_bytes(2, "big")
    assert days_of(LAST) == b"\xff\xfe"
    assert days_of(None) == b"\xff\xff"


@pytest.mark.parametrize("day", [FIRST - timedelta(1), LAST + timedelta(1)])
def test_a_day_that_two_bytes_cannot_hold_is_refused(day):
    with pytest.raises(MalformedIdentifier, match="outside"):
        number_of(day)
