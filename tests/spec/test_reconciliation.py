"""Reconciliation on return: every claim is told once, by what became of it, and why."""

# ruff: noqa: F811 - the fixtures of the chapter on claims are imported.

from __future__ import annotations

import csv
import json
import re
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec

from rempart.adapters.memory.claims import MemoryJudgeLedger
from rempart.cli import claims_reconcile
from rempart.cli.claims import command
from rempart.cli.claims_reconcile import COLUMNS, RULES
from rempart.domain import undertaking
from rempart.domain.card import to_payload
from rempart.domain.claim import Bound, CareLine, Shown, Use
from rempart.domain.claim_decisions import ClaimDecision, ClaimWhy
from rempart.domain.coverage import Domain
from rempart.domain.errors import TemporarilyUnavailable
from rempart.sealing import base45
from rempart.sealing.cose import CARD_PREFIX, kid_of, sign1
from rempart.usecases.card_codes import read_card
from rempart.usecases.cut_off_messages import ClearCutOff
from rempart.usecases.judge_undertakings import Standing
from rempart.usecases.reconcile_claims import Difference, Evidence, Kind, ReconcileClaims
from rempart.usecases.undertake import KIND, card_digest, read_signed
from tests.spec.test_claims import (
    BACK,
    CUT,
    DAY,
    HOUR,
    JUDGE,
    NOW,
    ON,
    SHOP,
    Ground,
    decide,
    ground,  # noqa: F401 - the chapter's fixtures
    of_card,
    store,  # noqa: F401
)
from tests.trap import Trap

title = "Reconciliation of claims"
OTHER = "STRUCT:OPTI2"
ROOT = Path(__file__).parents[2]


def standing(ended: int | None, made: int) -> Standing:
    return Standing(ended is not None and ended <= made, ended)


def on_return(ground: Ground) -> list[str]:
    """One claim of each difference; the codes of their cards."""
    ground.enrol()
    cards = [ground.card(number) for number in range(1, 9)]
    early = ground.sell(cards[0], at=CUT - 2 * HOUR)
    ground.cut()
    plain = ground.sell(cards[1], at=CUT + 1, number="MARTIN-JEANNE")
    limit = ground.sell(cards[1], at=CUT + 2, number="F-LIMIT")
    borne = ground.sell(cards[7], at=CUT + 3)
    ground.sell(cards[3], at=CUT + 4)
    gap = ground.sell(cards[2], at=CUT + 5)
    ground.send(early, plain, limit, borne, gap)
    ground.send(replace(plain, number="F-AGAIN"))
    ground.send(ground.sell(cards[5], at=CUT + 6, chain=type(ground.chain)()), client=OTHER)
    ground.back()
    ended = of_card(ground, cards[6], "C-1")
    ground.send(
        ended, replace(ended, number="C-2"), of_card(ground, cards[4], "C-3", amc="99990009")
    )
    ground.send(of_card(ground, cards[0], "C-6"))
    ground.received = BACK + DAY + 1
    ground.send(of_card(ground, cards[7], "C-4"))
    ended_at = {1: CUT - 2 * DAY, 7: CUT, 8: CUT}
    ground.standing = lambda amc, place, made: standing(ended_at.get(place), made)
    ground.judge(at=BACK + DAY + 2)
    ground.send(of_card(ground, cards[5], "C-5"))
    return cards


def reconciling(ground: Ground, book: object = None, key: bytes = b"") -> ReconcileClaims:
    ledger = MemoryJudgeLedger(ground.world.store)
    return ReconcileClaims(
        book or ground.store.book, ledger, ground.world.clock, key or JUDGE.private_bytes_raw()
    )


def reconciled(ground: Ground, book: object = None) -> tuple[object, list[Difference]]:
    told: list[Difference] = []
    found = reconciling(ground, book)(told.append)
    return found, told


def run(ground: Ground, monkeypatch, *arguments: str, code: int = 0) -> str:
    @contextmanager
    def of_ground(settings):
        yield reconciling(ground)

    monkeypatch.setattr(claims_reconcile, "reconciliation", of_ground)
    ran = CliRunner().invoke(command, ["reconcile", *arguments], catch_exceptions=False)
    assert ran.exit_code == code, ran.output
    return ran.output


def test_every_difference_is_told_by_its_rule_and_no_claim_is_lost(ground):
    on_return(ground)
    found, told = reconciled(ground)
    whys = sorted((e.heading.kind.value, e.heading.reason, e.evidence.value) for e in told)
    assert whys == sorted(
        [
            ("person", "cut/back-dated", "undertaking"),
            ("ended", "revoked", "undertaking"),
            ("refused", "limit", "undertaking"),
            ("person", "chain", "undertaking"),
            ("refused", "once", "undertaking"),
            ("refused", "site", "undertaking"),
            ("ended", "revoked", "card"),
            ("person", "once", "card"),
            ("refused", "card/insurer", "card"),
            ("refused", "over", "card"),
            ("person", "deposit", "card"),
            ("waiting", "judge", "card"),
        ]
    )
    assert (found.claims, found.differences) == (len(whys) + 1, len(whys)), "one was plain"
    assert found.owed_for(Kind.ACCEPTED) == 77_90
    assert found.owed_for(Kind.ENDED) == 77_90 + 40_00, "what the insurer bears"
    assert sum(map(found.of, Kind)) == found.claims


def test_the_command_tells_each_insurer_and_ends_with_one_json(ground, monkeypatch):
    on_return(ground)
    lines = run(ground, monkeypatch).splitlines()
    assert [line for line in lines if line.startswith("AMC")] == ["AMC 99990001", "AMC 99990009"]
    ended = (
        "       2  acceptée, carte finie depuis · accepted, card ended since"
        "  revoked  carte révoquée entre-temps · card revoked meanwhile  117.90 €"
    )
    assert ended in lines
    counts = json.loads(lines[-1])
    assert counts["claims"] == sum(counts[kind.value] for kind in Kind) == 13
    assert (counts["owed_cents"], counts["borne_cents"]) == (195_80, 117_90)
    assert (counts["rules"]["refused:once"], counts["rules"]["person:once"]) == (1, 1)


def test_each_difference_is_a_row_of_a_file_of_its_owners_alone(ground, monkeypatch, tmp_path):
    on_return(ground)
    path = tmp_path / "differences.csv"
    counts = json.loads(run(ground, monkeypatch, "--csv", str(path)).splitlines()[-1])
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    assert len(rows) == counts["differences"] == 12
    assert tuple(rows[0]) == COLUMNS
    (limit,) = [row for row in rows if row["rule"] == "limit"]
    assert (limit["preuve"], limit["décision"], limit["motif"]) == (
        *("engagement", "refusée", "au-delà de la limite"),
    )
    assert (limit["reason"], limit["asked_cents"], limit["owed_cents"]) == (
        *("over the limit", "7790", "0"),
    )


def test_what_is_told_names_no_person_and_no_code(ground, monkeypatch, tmp_path):
    codes = on_return(ground)
    path = tmp_path / "differences.csv"
    said = run(ground, monkeypatch, "--csv", str(path)).encode() + path.read_bytes()
    said += repr(reconciled(ground)).encode()
    trap = Trap(
        nirs=frozenset(),
        names=frozenset({("MARTIN", "JEANNE")}),
        dates=frozenset({"19800203", "03021980"}),
        numbers=frozenset(f"ADH{number:07d}" for number in range(1, 9)),
        codes=frozenset(codes),
    )
    assert trap.found_in(codes[0].encode()), "it would be found"
    assert trap.found_in(said) == set()
    assert b"F-LIMIT" not in said, "a site's own number may be anybody's name"


def test_what_a_person_decided_is_accepted_and_is_still_told(ground):
    claim = of_card(ground, ground.card())
    ground.send(claim)
    ground.judge()
    decide(ground, ground.store.book.newest(), cents=12_00)
    found, (told,) = reconciled(ground)
    assert (told.heading.kind, told.heading.rule, told.owed) == (Kind.ACCEPTED, "cut", 12_00)
    assert found.owed_for(*Kind) == 12_00


def test_an_agreement_is_owed_once_and_a_card_that_ended_under_it_is_told(ground):
    ground.enrol()
    ground.cut()
    asked = ground.sell(ground.card(), use=Use.AGREEMENT, number="A-1")
    ground.back()
    ground.over_since = CUT
    ground.send(asked, replace(asked, use=Use.CLAIM, number="F-1"))
    ground.judge()
    found, told = reconciled(ground)
    assert [each.heading.kind for each in told] == [Kind.ENDED, Kind.ENDED]
    assert [each.owed for each in told] == [0, 77_90]
    assert found.owed_for(Kind.ENDED) == 77_90


def test_a_claim_that_does_not_open_is_told_and_is_nobodys(ground):
    ground.send(of_card(ground, ground.card()))
    told: list[Difference] = []
    found = reconciling(ground, key=bytes(range(1, 33)))(told.append)
    assert found.claims == 1
    assert [(each.heading.amc, each.evidence) for each in told] == [("", Evidence.UNREADABLE)]


@pytest.mark.parametrize("change", [lambda each: each[1:], lambda each: [*each, each[0]]])
def test_a_book_that_loses_a_claim_or_tells_one_twice_is_found_out(ground, change):
    ground.send(of_card(ground, ground.card()))

    class Careless:
        def __getattr__(self, name):
            return getattr(ground.store.book, name)

        @contextmanager
        def at_one_moment(self):
            with ground.store.book.at_one_moment() as (count, everything):
                yield count, iter(change(list(everything)))

    with pytest.raises(AssertionError, match="lost, or was told twice"):
        reconciled(ground, Careless())


# Why, where one rule covers several things


def forged(ground: Ground, *, kid: bytes = b"") -> str:
    """Somebody's card, signed anew by a thief: under their insurer's key id, or their own."""
    insurer, thief = ground.world.insurer, ec.derive_private_key(77, ec.SECP256R1())
    keys = {kid_of(insurer.key.public_key()): insurer.key.public_key()}
    claims = read_card(ground.card(3), keys=lambda amc, kid: keys.get(kid), on=None)
    signed = sign1(to_payload(claims), thief, kid=kid or claims.key_id)
    return CARD_PREFIX + base45.encode(signed)


def why(ground: Ground, claim, *, at: int = NOW) -> str:
    """What is told of one claim that is sent and judged."""
    ground.send(claim)
    ground.judge(at=at)
    (told,) = reconciled(ground)[1]
    return f"{told.heading.kind.value}:{told.heading.reason}"


SHOWN = {
    "refused:card/damaged": lambda ground: {"cites": Shown("RP1:NONSENSE")},
    "refused:card/forged": lambda ground: {"cites": Shown(forged(ground))},
    "refused:card/unknown": lambda ground: {"cites": Shown(forged(ground, kid=b"k" * 8))},
    "refused:card/insurer": lambda ground: {"amc": "99990009"},
    "refused:card/domain": lambda ground: {"lines": (CareLine(Domain.AUDI, 100_00),)},
    "refused:card/dates": lambda ground: {"care": date(2027, 6, 1)},
    "person:cut/none": lambda ground: {"care": date.fromordinal(ON.toordinal() - 3)},
}


@pytest.mark.parametrize("told", SHOWN)
def test_why_a_card_that_was_shown_proves_nothing(ground, told):
    ground.cut()
    ground.back()
    assert why(ground, of_card(ground, ground.card(), **SHOWN[told](ground))) == told


def test_a_card_whose_key_is_trusted_no_more_is_told_so(ground):
    ground.cut()
    ground.back()
    ground.taken_off = True
    assert why(ground, of_card(ground, ground.card())) == "person:card/key"


@pytest.mark.parametrize(
    ("kid", "told"),
    [(b"", "refused:card/forged"), (b"k" * 8, "refused:card/unknown")],
)
def test_why_a_card_that_a_device_names_proves_nothing(ground, kid, told):
    """Its software believed it, and says the digest of what it was shown."""
    ground.enrol()
    ground.cut()
    code = forged(ground, kid=kid)
    sold = ground.sell(ground.card())
    made = replace(read_signed(sold.cites.message)[1], card=card_digest(code))
    key_id = kid_of(SHOP.public_key())
    message = sign1(undertaking.to_payload(made), SHOP, kid=key_id, kind=KIND)
    ground.back()
    assert why(ground, replace(sold, cites=Bound(message, code))) == told


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (CUT - HOUR, "person:cut/back-dated"),
        (BACK + HOUR - 60, "person:cut/after"),
    ],
)
def test_on_which_side_of_the_cut_it_was_signed_is_told(ground, at, told):
    ground.enrol()
    ground.cut()
    sold = ground.sell(ground.card(), at=at)
    ground.back()
    assert why(ground, sold) == told


def test_a_cut_of_before_does_not_make_it_late(ground):
    ground.enrol()
    ground.cut(CUT - 5 * HOUR)
    ground.at(CUT - 4 * HOUR)
    ground.world.service([ClearCutOff(ground.cuts.pop(), by="nadia")])
    ground.cut()
    sold = ground.sell(ground.card(), at=CUT - HOUR)
    ground.back()
    assert why(ground, sold) == "person:cut/back-dated"


def test_a_clock_that_was_set_back_is_told(ground):
    ground.enrol()
    ground.cut()
    first, second = ground.sell(ground.card(1), at=CUT + 60), ground.sell(ground.card(2), at=CUT)
    ground.back()
    ground.send(first)
    assert why(ground, second) == "person:cut/clock"


def test_what_no_cut_explains_is_told(ground):
    ground.enrol()
    assert why(ground, ground.sell(ground.card())) == "person:cut/none"


def no_vault(request):
    raise TemporarilyUnavailable("no vault behind the door")


def test_what_waits_is_told_with_what_it_waits_for(ground):
    ground.enrol()
    ground.cut()
    claims = [ground.sell(ground.card(number), at=CUT + number) for number in (1, 2, 3)]
    ground.send(claims[0], claims[2], of_card(ground, ground.card(4), "C-1"))
    ground.judge()

    def whys() -> list[str]:
        return [f"{e.heading.kind.value}:{e.heading.why}" for e in reconciled(ground)[1]]

    assert whys() == ["waiting:cut"] * 3
    ground.back()
    assert whys() == ["waiting:judge", "waiting:link", "waiting:judge"]
    ground.send(ground.bill(ground.answer(ground.card(5)).reference, "A-1"))
    ground.judge(vault=no_vault)
    assert whys() == ["waiting:vault", "waiting:link", "waiting:vault"]
    ground.judge()
    assert whys() == ["waiting:link"]
    ground.send(claims[1])
    assert whys() == ["waiting:judge", "waiting:judge"]
    ground.judge()
    assert whys() == []


# What a person decided, and the ledger


def test_a_decision_that_the_ledger_bears_out_is_told_as_one(ground):
    ground.send(of_card(ground, ground.card()))
    ground.judge()
    decide(ground, ground.store.book.newest())
    assert reconciled(ground)[0].unborne == []


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 39_99},
        {"accepted": False, "amount": 0},
        {"by": "nobody"},
        {"ref": 1},
        {"claim": b"t" * 16},
    ],
    ids=str,
)
def test_a_decision_that_was_changed_in_the_database_is_found_out(ground, change):
    ground.send(of_card(ground, ground.card()))
    ground.judge()
    number = ground.store.book.newest()
    taken = decide(ground, number)
    ground.store.forget()
    assert ground.store.book.decide(number, replace(taken, **change))
    assert reconciled(ground)[0].unborne == [number]


def test_a_decision_that_nobody_took_fails_the_command_by_the_claims_number(ground, monkeypatch):
    """Whoever writes into the database can accept a claim: not without being told."""
    ground.send(*(of_card(ground, ground.card(n), f"C-{n}") for n in (1, 2)))
    ground.judge()
    number = ground.store.book.newest()
    decide(ground, number - 1)
    written = ClaimDecision(
        claim=b"w" * 16, accepted=True, amount=40_00, why=ClaimWhy.DOUBT, by="nadia", ref=2
    )
    ground.store.book.decide(number, written)
    said = run(ground, monkeypatch, code=1)
    assert said.endswith(f"without an entry in the ledger : {number}\n")
    assert json.loads(said.splitlines()[-2])["unborne"] == 1


def test_every_rule_that_is_documented_has_its_words():
    bill = (ROOT / "docs/howto/bill.md").read_text(encoding="utf-8")
    undertaking = (ROOT / "specs/undertaking.md").read_text(encoding="utf-8")
    rules = set(re.findall(r"^\| \d+ \| (\w+):", undertaking, re.MULTILINE))
    tables = bill[bill.index("| Rule | On an answer") : bill.index("What is left to a person")]
    rules |= set(re.findall(r"^\| `(\w+)` \|", tables, re.MULTILINE))
    assert len(rules) > 12
    assert rules <= set(RULES)
