"""The mix of the day that is cut is the real one: who comes, and what is bought."""

from __future__ import annotations

import pytest

from rempart.domain.coverage import Domain
from rempart.domain.site import SiteKind
from rempart.drill.cut.command import SEED
from rempart.drill.cut.plan import CUT, Town, Visit, visits
from rempart.drill.cut.run import Scale

title = "Who comes on the day of the cut"


def while_cut(patients: int, sales: int, seed: int) -> list[Visit]:
    drawn = visits(Town.of(patients, sales), patients=patients, sales=sales, seed=seed)
    return [visit for visit in drawn if visit.at >= CUT]


def value(sales: list[Visit], part: str = "") -> int:
    return sum(line.price for each in sales for line in each.lines if part in (line.item or ""))


def test_the_day_that_people_read_is_as_large_as_it_must_be():
    whole = Scale()
    came = while_cut(whole.patients, whole.sales, SEED)
    assert len(came) == whole.patients >= 5_000
    assert sum(each.sale for each in came) == whole.sales >= 300


@pytest.mark.parametrize("seed", [SEED, 1, 2])
def test_class_a_and_class_i_are_the_share_that_they_are_on_the_market(seed):
    sales = [each for each in while_cut(16_000, 8_000, seed) if each.sale]
    optics = [each for each in sales if each.kind is SiteKind.OPTICIAN]
    hearing = [each for each in sales if each.domain is Domain.AUDI]
    frames_a = value(optics, "optics-frame-a") / value(optics, "optics-frame")
    assert 0.03 < frames_a < 0.05
    assert 0.25 < sum(each.class_a for each in hearing) / len(hearing) < 1 / 3
    assert len(optics) + len(hearing) == len(sales)


def test_what_is_called_class_a_is_made_of_it_alone():
    for each in (each for each in while_cut(2_000, 1_000, 3) if each.sale):
        free = {"optics-frame-b", "optics-lens-b", "hearing-2"}
        assert each.class_a is not bool(free & {line.item for line in each.lines})
