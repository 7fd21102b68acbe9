"""What lies beside what was typed just before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.order import BESIDE, IN_VAIN, WAITING, TypedLately, order_of
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


AMC = 99_990_001
PEOPLE = [(f"A{number * 1000}", BORN) for number in range(1, WAITING + 2)]


def typed(*printed, amc=AMC):
    """The codes of things typed one after another."""
    today, codes = TypedLately(), []
    for each in printed:
        codes.append(today.order(1, amc, each))
        today.note(1, amc, each, found=True)
    return codes


def test_what_comes_again_after_others_is_known_again():
    one, two, three, *_ = PEOPLE
    assert typed(one, two, three, two, two, one) == [
        *(Order.NONE, Order.NONE, Order.NONE),
        *(Order.AGAIN, Order.IDENTICAL, Order.AGAIN),
    ]


def test_as_many_as_may_wait_are_known_again_and_no_more():
    assert typed(*PEOPLE[:WAITING], PEOPLE[0])[-1] is Order.AGAIN
    assert typed(*PEOPLE, PEOPLE[0])[-1] is Order.NONE


@pytest.mark.parametrize("elsewhere", ["account", "insurer", "day", "forgotten"])
def test_it_is_known_again_by_one_account_at_one_insurer_on_one_day(elsewhere):
    today = TypedLately()
    for each in PEOPLE[:2]:
        today.note(1, AMC, each, found=True)
    account, amc = 1 + (elsewhere == "account"), AMC + (elsewhere == "insurer")
    today.advance(int(elsewhere == "day"))
    if elsewhere == "forgotten":
        today.forget(1)
    assert today.order(account, amc, PEOPLE[0]) is Order.NONE


def test_what_was_typed_in_vain_is_known_again_on_another_day():
    """A nurse's patient whom the feed has not named yet, every morning."""
    today = TypedLately()
    for each in PEOPLE[:2]:
        today.note(1, AMC, each, found=False)
    today.advance(1)
    assert today.order(1, AMC, PEOPLE[0]) is Order.AGAIN
    for number in range(IN_VAIN):
        today.note(1, AMC, (f"B{number * 1000}", BORN), found=False)
    today.advance(2)
    assert today.order(1, AMC, PEOPLE[0]) is Order.NONE


def test_its_repr_tells_nothing_that_was_typed():
    today = TypedLately()
    today.note(1, AMC, ("A1234567", BORN), found=False)
    assert "A1234567" not in repr(today)
    assert BORN not in repr(today)
