"""Which invoices of a day may be one care, billed twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.coverage import Domain
from rempart.domain.same_care import Priced, one_care

title = "One care, or two"

LINES = st.lists(
    st.builds(Priced, st.sampled_from([Domain.PHAR, Domain.LPPS]), st.integers(1, 200_00)),
    min_size=1,
    max_size=6,
)


def of(*prices: int, domain: Domain = Domain.PHAR) -> list[Priced]:
    return [Priced(domain, price) for price in prices]


@pytest.mark.parametrize(
    ("some", "others", "one"),
    [
        (of(20_00), of(20_00), True),
        (of(20_00), of(20_01), False),
        (of(12_00, 8_00), of(8_00, 12_00), True),
        (of(12_00, 8_00), of(20_00), True),
        (of(12_00, 8_00), of(15_00, 5_00), True),
        (of(12_00, 8_00, 5_00), of(12_00, 8_00), True),
        (of(12_00, 8_00), of(30_00, 20_00), True),
        # A fee that is in both is no care.
        (of(1_02, 8_00), of(1_02, 9_00), False),
        (of(1_02, 1_02), of(1_02, 9_00), False),
        (of(20_00), of(20_00, domain=Domain.LPPS), False),
        (of(20_00) + of(5_00, domain=Domain.LPPS), of(7_00) + of(5_00, domain=Domain.LPPS), True),
        ([], of(20_00), False),
    ],
    ids=str,
)
def test_prices_decide_domain_by_domain(some, others, one):
    assert one_care(some, others) is one
    assert one_care(others, some) is one


@given(LINES, LINES)
def test_neither_is_the_first(some, others):
    assert one_care(some, others) is one_care(others, some)


@given(LINES, st.data())
def test_one_care_is_found_in_another_order_in_part_and_in_one_sum(lines, data):
    assert one_care(lines, data.draw(st.permutations(lines)))
    size = data.draw(st.integers(1, len(lines)))
    assert one_care(lines, lines[:size])
    domain = lines[0].domain
    total = sum(line.price for line in lines if line.domain is domain)
    assert one_care(lines, of(total, domain=domain))


@given(LINES)
def test_what_costs_more_line_by_line_is_another_care(lines):
    dearer = [Priced(line.domain, line.price + 2_000_00) for line in lines]
    assert not one_care(lines, dearer)


def test_a_line_shows_no_price():
    assert repr(of(20_00)) == "[Priced(…)]"
