"""The hours of the cut with what 2024 had, visit by visit."""

from __future__ import annotations

from datetime import date

from rempart.domain.coverage import Domain
from rempart.domain.site import SiteKind
from rempart.drill.cut.insurers import Card
from rempart.drill.cut.plan import CUT, Visit
from rempart.drill.cut.portal_2024 import Counts, Means, Portal2024
from rempart.drill.insurers import THREE

title = "The cut day with what 2024 had"

DAY = date(2026, 11, 27)
LARGEST, OTHER = THREE[0].amc, THREE[1].amc


def card(*domains: Domain, amc: str = LARGEST, over: bool = False, last: date = DAY) -> Card:
    return Card(
        holder="M-1",
        code="RP1:",
        amc=amc,
        domains=frozenset(domains),
        first=date(2026, 1, 1),
        last=last,
        birth_year=1950,
        renewals={},
        over=over,
    )


def visit(domain: Domain = Domain.PHAR, *, class_a: bool = False) -> Visit:
    return Visit(
        at=CUT, kind=SiteKind.PHARMACY, place=0, card=0, domain=domain, lines=(), class_a=class_a
    )


def seen(*came: tuple[Visit, Card], means: Means | None = None, seed: int = 7) -> Counts:
    return Portal2024(care=DAY, seed=seed, means=means or Means())(came)


def test_a_printed_card_is_believed_and_proves_nothing():
    counts = seen((visit(), card(Domain.PHAR)))
    assert (counts.patients, counts.proved, counts.printed_true) == (1, 0, 1)
    assert (counts.claims, counts.rejected) == (1, 0)


def test_a_card_that_had_ended_is_believed_and_its_claim_rejected():
    over = (visit(), card(Domain.PHAR, over=True))
    counts = seen(over)
    assert (counts.believed_wrongly, counts.claims, counts.rejected) == (1, 1, 1)
    assert counts.printed_true == 0
    assert seen(over, means=Means(over_is_rejected=False)).rejected == 0


def test_nobody_is_served_whose_card_prints_another_domain_or_other_days():
    printed = seen(
        (visit(), card(Domain.LABO)), (visit(), card(Domain.PHAR, last=date(2026, 6, 1)))
    )
    assert (printed.claims, printed.believed_wrongly, printed.printed_true) == (0, 0, 2)


def test_no_sale_is_agreed_and_no_claim_comes_of_it():
    counts = seen(
        (visit(Domain.OPTI, class_a=True), card(Domain.OPTI)),
        (visit(Domain.AUDI), card(Domain.AUDI)),
    )
    assert (counts.sales, counts.agreed, counts.claims) == (2, 0, 0)
    assert (counts.class_a, counts.class_a_agreed) == (1, 0)


def test_class_a_is_owed_only_by_a_card_that_stands_and_covers():
    counts = seen(
        (visit(Domain.OPTI, class_a=True), card(Domain.OPTI, over=True)),
        (visit(Domain.OPTI, class_a=True), card(Domain.PHAR)),
    )
    assert (counts.sales, counts.class_a) == (2, 0)


def test_claims_wait_at_the_operator_that_cut_everything():
    counts = seen((visit(), card(Domain.PHAR)), (visit(), card(Domain.PHAR, amc=OTHER)))
    assert (counts.claims, counts.kept_back) == (2, 1)


def test_the_share_of_the_poll_puts_its_sale_on_hold():
    sale = (visit(Domain.OPTI), card(Domain.OPTI))
    held = seen(*[sale] * 2_000).on_hold
    assert 0.58 < held / 2_000 < 0.66
    assert seen(*[sale] * 2_000).on_hold == held
    assert seen(*[sale] * 2_000, seed=8).on_hold != held


def test_other_means_come_to_other_figures():
    """The zeros are of what 2024 lacked, and not of the counting."""
    means = Means(card_proves=True, agreement=True)
    counts = seen(
        (visit(), card(Domain.PHAR)),
        (visit(), card(Domain.PHAR, over=True)),
        (visit(Domain.OPTI, class_a=True), card(Domain.OPTI)),
        (visit(Domain.OPTI, class_a=True), card(Domain.OPTI, over=True)),
        means=means,
    )
    assert counts.proved == 2
    assert (counts.agreed, counts.class_a_agreed, counts.class_a) == (1, 1, 1)
    assert counts.claims == 3
