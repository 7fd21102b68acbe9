"""Two prescriptions of a day are two cares; one care, as far as its prices tell, is paid once.

Two answers are not compared, nor two undertakings.
"""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.domain.claim import Bound, CareLine, Claim, Disclosed, Shown
from rempart.domain.coverage import Domain
from rempart.domain.quote import Line
from rempart.domain.ruling import Ruling
from rempart.domain.same_care import one_care
from rempart.domain.tariff import france
from rempart.usecases.relate_claims import lines_of
from tests.spec.test_claims import CUT, PHARMACY, Ground, of_card
from tests.spec.test_claims import store as in_memory

title = "Two prescriptions of a day"

MOST_SIGNED = 2
"""Their insurer bears no third."""
PRICES = st.lists(st.sampled_from([10_00, 20_00, 30_00, 45_00]), min_size=1, max_size=3)
INVOICES = st.lists(
    st.tuples(st.sampled_from([Disclosed, Bound, Shown]), PRICES), min_size=1, max_size=5
).filter(lambda all_: sum(kind is Bound for kind, _ in all_) <= MOST_SIGNED)


def billed(ground: Ground, code: str, invoices) -> list[Claim]:
    """The claims of one pharmacy for one person and day, answers first as they were given."""
    ground.enrol(client=PHARMACY)
    ground.at(CUT - 600)
    answers = [ground.answer(code, PHARMACY, domain="PHAR") for kind, _ in invoices]
    ground.cut()
    claims = []
    for n, (kind, prices) in enumerate(invoices):
        lines = tuple(CareLine(Domain.PHAR, price) for price in prices)
        if kind is Bound:
            sold = [Line(domain=Domain.PHAR, price=p, base=p, rate=65) for p in prices]
            claims.append(ground.sell(code, at=CUT + n, lines=sold))
        elif kind is Shown:
            claims.append(of_card(ground, code, f"C-{n}", lines=lines, asked=1))
        else:
            claims.append(ground.bill(answers[n].reference, f"A-{n}", lines=lines, asked=1))
    ground.back()
    return claims


def are_one(some: Claim, other: Claim) -> bool:
    """Whether these are told to be one care, and on evidence that is compared."""
    kinds = {type(some.cites), type(other.cites)}
    compared = kinds not in ({Disclosed}, {Bound})
    return compared and one_care(lines_of(some, france()), lines_of(other, france()))


@settings(max_examples=25)
@given(INVOICES, st.lists(st.booleans(), min_size=5, max_size=5), st.booleans())
def test_what_prices_tell_as_one_care_on_compared_evidence_is_paid_once_and_the_rest_is_paid(
    invoices, passes, known
):
    ground = Ground(in_memory.__wrapped__())
    code = ground.card()
    claims = billed(ground, code, invoices)
    if not known and not any(isinstance(each.cites, Disclosed) for each in claims):
        ground.world.rights.rows.clear()
    for claim, judged in zip(claims, passes, strict=False):
        ground.send(claim, client=PHARMACY)
        if judged:
            ground.judge()
    ground.judge()
    stands = ground.stands(*claims, client=PHARMACY)
    paid = [c for c, (ruling, *_) in zip(claims, stands, strict=True) if ruling is Ruling.HONOURED]
    assert not any(are_one(*pair) for pair in combinations(paid, 2))
    for claim, (ruling, rule, _) in zip(claims, stands, strict=True):
        others = [other for other in claims if other is not claim and are_one(claim, other)]
        assert (ruling is Ruling.HONOURED) or (others and (ruling, rule) == (Ruling.PERSON, "once"))
