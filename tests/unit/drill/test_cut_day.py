"""What the drill of the cut day counts, and against what: the insurer's file, not the card."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from rempart.adapters.claim_sender import NotAcknowledged, Stands
from rempart.domain.claim import Bound, CareLine, Claim, Disclosed, Shown, Use
from rempart.domain.coverage import Domain
from rempart.domain.errors import CardRefused, SignInRefused, TemporarilyUnavailable
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.drill.cut.bad import DECIDED, DOOR, Bad
from rempart.drill.cut.command import table_of
from rempart.drill.cut.day import LOST, Day, Owed, Seen
from rempart.drill.cut.decided import Decided
from rempart.drill.cut.figures import GOALS, as_ruled, met, of_2024, of_claims, of_visits
from rempart.drill.cut.ground import Shop
from rempart.drill.cut.insurers import Card
from rempart.drill.cut.plan import CUT, Visit
from rempart.drill.cut.portal_2024 import Counts
from rempart.drill.software import QuestionRefused
from rempart.usecases.verify_card import Finding, Verdict

title = "What the drill of the cut day counts"

CARE = date(2026, 11, 27)
MIDNIGHT = int(datetime(2026, 11, 27, tzinfo=UTC).timestamp())
STANDS = Card(
    holder="M-1",
    code="RP1:",
    amc="99990001",
    domains=frozenset({Domain.OPTI}),
    first=CARE,
    last=CARE,
    birth_year=1950,
    renewals={},
    over=False,
)
SALE = Visit(
    at=CUT, kind=SiteKind.OPTICIAN, place=0, card=0, domain=Domain.OPTI, lines=(), class_a=True
)


@dataclass
class Device:
    """Finds every card so, and binds its insurer or does not."""

    finding: Finding
    binds: bool = True

    @property
    def quote(self):
        return SimpleNamespace(verify=lambda *_, **__: Verdict(finding=self.finding))

    def __call__(self, code, lines, *, on, now):
        if not self.binds:
            raise CardRefused("guarantee: none")


def day_of(card: Card, device: Device) -> Day:
    shop = Shop("STRUCT:O", SiteKind.OPTICIAN, Path(), None, device)  # type: ignore[arg-type]
    ground = SimpleNamespace(cards=[card], shops={SiteKind.OPTICIAN: [shop]})
    return Day(ground=ground, hand=None, midnight=MIDNIGHT, intake="", vault=None)  # type: ignore[arg-type]


def served(card: Card, finding: Finding, *, binds: bool = True) -> Seen:
    day = day_of(card, Device(finding, binds))
    # Whoever it is, here they come.
    day.due = {}
    day.serve(SALE)
    return day.seen


NOT_OWED = [
    replace(STANDS, over=True),
    replace(STANDS, domains=frozenset({Domain.PHAR})),
    replace(STANDS, last=date(2026, 11, 26)),
    replace(STANDS, first=date(2026, 11, 28)),
]


def test_a_card_that_stands_and_is_found_good_is_a_right_verdict_and_class_a():
    seen = served(STANDS, Finding.GOOD)
    assert (seen.patients, seen.verdicts, seen.believed_wrongly) == (1, 1, 0)
    assert (seen.class_a, seen.class_a_bound, seen.not_owed) == (1, 1, 0)
    assert (seen.sales, seen.guaranteed, seen.bound) == (1, 1, 1)


@pytest.mark.parametrize("finding", [Finding.REFUSED, Finding.UNCHECKED])
def test_a_card_that_stands_and_is_refused_is_a_wrong_verdict_and_class_a_is_still_owed(finding):
    seen = served(STANDS, finding)
    assert (seen.patients, seen.verdicts) == (1, 0)
    assert (seen.class_a, seen.class_a_bound) == (1, 0)


def test_class_a_that_is_not_bound_is_still_owed():
    seen = served(STANDS, Finding.GOOD, binds=False)
    assert (seen.verdicts, seen.class_a, seen.class_a_bound, seen.bound) == (1, 1, 0, 0)


@pytest.mark.parametrize("card", NOT_OWED)
def test_a_card_that_does_not_stand_is_rightly_refused_and_owed_nothing(card):
    seen = served(card, Finding.REFUSED)
    assert (seen.verdicts, seen.believed_wrongly) == (1, 0)
    assert (seen.sales, seen.class_a, seen.not_owed) == (1, 0, 1)


@pytest.mark.parametrize("card", NOT_OWED)
def test_a_card_that_does_not_stand_and_is_found_good_is_a_wrong_verdict(card):
    """And what is then bound makes up for no class A that was owed."""
    seen = served(card, Finding.GOOD)
    assert (seen.verdicts, seen.believed_wrongly) == (0, 1)
    assert (seen.class_a, seen.class_a_bound) == (0, 0)


def test_who_buys_is_known_from_the_file_and_not_from_the_card():
    """A card that would be refused wrongly comes all the same, and is counted."""
    later, due = {Domain.OPTI: date(2026, 11, 28)}, {Domain.OPTI: CARE}
    young = replace(STANDS, birth_year=1980)
    for card, domain, comes in (
        (STANDS, Domain.OPTI, True),
        (replace(STANDS, renewals=due), Domain.OPTI, True),
        (replace(STANDS, renewals=later), Domain.OPTI, False),
        (replace(STANDS, renewals=later), Domain.AUDI, True),
        (replace(STANDS, over=True), Domain.OPTI, True),
        (replace(STANDS, last=date(2026, 11, 26)), Domain.OPTI, False),
        (young, Domain.OPTI, True),
        (young, Domain.AUDI, False),
    ):
        day = day_of(card, Device(Finding.REFUSED))
        assert (card in day.due[domain]) is comes


# What is refused while everything is cut


class Software:
    """Signs in, and is told this."""

    def __init__(self, told: Exception | None) -> None:
        self.told = told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def sign_in(self):
        if self.told:
            raise self.told

    def ask(self, *_):
        return []


def refused(told: Exception | None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(Day, "software", lambda *_: Software(told))
    day = day_of(STANDS, Device(Finding.GOOD))
    day.try_while_cut([SALE])
    return day.seen.refused_while_cut


def test_only_what_is_told_to_be_cut_counts_as_refused(monkeypatch):
    assert refused(QuestionRefused("cut-off", 503, "cut"), monkeypatch) == 1
    assert refused(None, monkeypatch) == 0
    for other in (
        QuestionRefused("unavailable", 503, "away"),
        NotAcknowledged("unavailable"),
        TemporarilyUnavailable("no connection"),
        SignInRefused(),
    ):
        with pytest.raises(type(other)):
            refused(other, monkeypatch)


@pytest.mark.parametrize("code", ["unavailable", "internal"])
def test_a_claim_that_is_lost_is_sent_again_and_one_that_is_still_cut_ends_the_drill(code):
    def send(_claim):
        raise NotAcknowledged(code)

    def cut(_claim):
        raise NotAcknowledged("cut-off")

    day = day_of(STANDS, Device(Finding.GOOD))
    assert day._sent(send, owed(10_00, bound=True)) == Stands(LOST)
    with pytest.raises(NotAcknowledged):
        day._sent(cut, owed(10_00, bound=True))


# Figures


def owed(cents: int, *, bound: bool) -> Owed:
    cites = Bound(b"", "RP1:") if bound else Disclosed(1)
    claim = Claim(
        number="1",
        use=Use.CLAIM,
        amc="99990001",
        care=CARE,
        asked=cents,
        cites=cites,
        lines=() if bound else (CareLine(Domain.PHAR, cents),),
    )
    return Owed(None, claim, cents)  # type: ignore[arg-type]


ACCEPTED = Stands("claim-accepted", amount=10_00)
RULINGS = [
    (owed(10_00, bound=True), ACCEPTED),
    (owed(10_00, bound=True), ACCEPTED),
    (owed(10_00, bound=False), ACCEPTED),
]


def test_claims_are_counted_by_what_they_cite_and_to_the_cent():
    figures = of_claims(RULINGS, {Ruling.HONOURED: 3}, 0)
    assert figures["claims_on_answers"] == 1
    assert figures["claims_on_undertakings"] == 2
    assert figures["accepted_share"] == 1
    assert figures["euros_owed"] == 30
    for stands in (replace(ACCEPTED, amount=9_99), replace(ACCEPTED, code="claim-refused")):
        some = of_claims([*RULINGS[:2], (RULINGS[2][0], stands)], {Ruling.HONOURED: 2}, 0)
        assert some["accepted_share"] == pytest.approx(2 / 3, abs=1e-4)


def test_a_claim_that_was_accepted_twice_leaves_nothing_of_the_share():
    assert of_claims(RULINGS, {Ruling.HONOURED: 4}, 0)["accepted_share"] == 0


def test_a_verification_that_is_right_is_no_claim_and_one_that_is_not_fails_the_drill():
    figures = of_claims(RULINGS, {Ruling.HONOURED: 4}, 1)
    assert (figures["claims"], figures["accepted_share"]) == (3, 1)
    assert figures["verifications_right"] == 1
    assert not met({**GOOD, "verifications": 2, "verifications_right": 1})


def test_a_claim_on_a_card_is_counted_by_itself():
    on_card = replace(owed(10_00, bound=False).claim, cites=Shown("RP1:", 1))
    figures = of_claims([*RULINGS, (Owed(None, on_card, 10_00), ACCEPTED)], {Ruling.HONOURED: 4}, 0)  # type: ignore[arg-type]
    assert figures["claims_on_cards"] == 1
    assert (figures["claims_on_answers"], figures["claims_on_undertakings"]) == (1, 2)


def test_the_claims_of_2024_are_those_on_trust_and_those_on_the_answers_before():
    then = of_2024(Counts(patients=4, claims=3, rejected=1, sales=2, on_hold=1), RULINGS)
    assert then["claims"] == 4
    assert then["accepted_share"] == 0.75
    assert then["sales_without_agreement"] == 2


# What is billed and not owed

KEPT = Counter(rule for rule in DECIDED.values() if rule != DOOR)
TOLD = {"claims": 3 + 1 + KEPT.total(), "owed_cents": 30_00, "rules": {"ended:revoked": 1, **KEPT}}
"""The last line of a reconciliation: three honest claims, a card that was verified and reported,
and one bad claim of each kind.
"""
SAID = {"refused": "claim-refused", "person": "claim-looked-at"}


def as_the_rules_say(kind: str) -> tuple[Bad, Stands]:
    became, _, rule = DECIDED[kind].partition("/")[0].partition(":")
    return Bad(kind, None, RULINGS[0][0].claim), Stands(SAID.get(became, became), rule)  # type: ignore[arg-type]


def decided(told=TOLD, **otherwise: Stands):
    bad = [
        (claim, otherwise.get(claim.kind, stands))
        for claim, stands in map(as_the_rules_say, DECIDED)
    ]
    return Decided(bad, 1, 1, told).figures([each for each, _ in RULINGS])


def test_a_bad_claim_of_each_kind_is_decided_as_its_rule_says():
    figures = decided()
    assert figures["bad_claims"] == figures["bad_kinds"] == len(DECIDED)
    assert (figures["bad_paid"], figures["bad_decided_otherwise"]) == (0, {})
    assert figures["differences"] == {"ended:revoked": 1, **KEPT}
    assert figures["differences_add_up"] is True
    assert as_ruled(figures)


@pytest.mark.parametrize("kind", DECIDED)
@pytest.mark.parametrize(
    "stands", [ACCEPTED, Stands("claim-kept"), Stands("claim-refused", "another")], ids=str
)
def test_one_that_is_decided_otherwise_is_told_and_fails_the_drill(kind, stands):
    figures = decided(**{kind: stands})
    assert figures["bad_paid"] == (stands is ACCEPTED)
    assert set(figures["bad_decided_otherwise"]) == {kind}
    assert not as_ruled(figures)


@pytest.mark.parametrize(
    "change",
    [
        {"claims": TOLD["claims"] - 1},
        {"owed_cents": 30_01},
        {"rules": dict(KEPT)},
        {"rules": TOLD["rules"] | {"refused:card/forged": 2}},
        {"rules": TOLD["rules"] | {"waiting:judge": 1}},
    ],
    ids=str,
)
def test_a_reconciliation_that_tells_another_day_fails_the_drill(change):
    assert not as_ruled(decided({**TOLD, **change}))


def test_a_kind_that_was_not_sent_fails_the_drill():
    assert not as_ruled({**decided(), "bad_kinds": len(DECIDED) - 1})


GOOD = {
    **GOALS,
    "slip_s_max": 0.2,
    "verifications": 1,
    "verifications_right": 1,
    **decided(),
}


def test_every_goal_must_be_reached():
    assert met(GOOD)
    for name in GOALS:
        assert not met({**GOOD, name: GOALS[name] - 0.001}), name
    assert not met({**GOOD, "slip_s_max": 1.0})
    assert not met({**GOOD, "bad_paid": 1})


def test_the_table_shows_2024_beside_every_row():
    here = of_visits(Seen(patients=4, verdicts=4)) | of_claims(RULINGS, {Ruling.HONOURED: 3}, 0)
    then = of_2024(Counts(patients=4, claims=3, rejected=1), RULINGS)
    table = table_of({**here, **decided(), "slip_s_max": 0.2, "in_2024": then})
    shown = list(table.columns[2].cells)
    assert shown[:4] == ["0.00%", "0.00%", "0.00%", "75.00%"]
