"""What lies beside what was typed just before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.order import BESIDE, order_of
from rempart.domain.trace import Order

BORN = "19800203"


@pytest.mark.parametrize(
    ("last", "now", "order"),
    [
        (("", ""), ("A1234", BORN), Order.NONE),
        (("A1234", BORN), ("A1234", BORN), Order.IDENTICAL),
        (("A1234", BORN), ("A1234", "19520714"), Order.SAME_CONTRACT),
        (("A1234", BORN), ("A1234", "19800204"), Order.NEAR),
        (("A1234", BORN), ("A1235", "19520714"), Order.NEAR),
        (("A1234", BORN), ("B1234", BORN), Order.NONE),
        (("A1234", BORN), ("A1299", BORN), Order.NONE),
        (("A1234", BORN), ("A12345", BORN), Order.NONE),
        (("123X", BORN), ("124X", BORN), Order.NEAR),
        (("123X", BORN), ("123Y", BORN), Order.NONE),
        (("12/4", BORN), ("1204", BORN), Order.NONE),
    ],
)
def test_the_code_of_two_typed_things(last, now, order):
    assert order_of(last, now) is order


@given(st.integers(0, 9_000_000), st.integers(0, 2_000))
def test_neighbours_are_near_and_strangers_are_not(number, away):
    """Two numbers that differ beyond their last three digits are taken for strangers."""
    last, now = f"{number:08d}", f"{number + away:08d}"
    near = 0 < away <= BESIDE and last[:-3] == now[:-3]
    expected = Order.NEAR if near else Order.NONE
    assert order_of((last, BORN), (now, "19520714")) is (expected if away else Order.SAME_CONTRACT)
