"""Reconciliation on return: every claim is told once, by what became of it, and why."""

# ruff: noqa: F811 - the fixtures of the chapter on claims are imported.

from __future__ import annotations

import csv
import json
import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from rempart.cli import claims_reconcile
from rempart.cli.claims import command
from rempart.cli.claims_reconcile import COLUMNS, RULES
from rempart.domain.claim import Use
from rempart.usecases.judge_undertakings import Standing
from rempart.usecases.reconcile_claims import Difference, Evidence, Kind, ReconcileClaims
from tests.spec.test_claims import (
    BACK,
    CUT,
    DAY,
    HOUR,
    JUDGE,
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


def reconciled(ground: Ground, book: object = None) -> tuple[object, list[Difference]]:
    told: list[Difference] = []
    found = ReconcileClaims(book or ground.store.book, JUDGE.private_bytes_raw())(told.append)
    return found, told


def run(ground: Ground, monkeypatch, *arguments: str) -> str:
    @contextmanager
    def of_ground(settings):
        yield ReconcileClaims(ground.store.book, JUDGE.private_bytes_raw())

    monkeypatch.setattr(claims_reconcile, "reconciliation", of_ground)
    ran = CliRunner().invoke(command, ["reconcile", *arguments], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_every_difference_is_told_by_its_rule_and_no_claim_is_lost(ground):
    on_return(ground)
    found, told = reconciled(ground)
    whys = sorted((e.heading.kind.value, e.heading.rule, e.evidence.value) for e in told)
    assert whys == sorted(
        [
            ("person", "cut", "undertaking"),
            ("ended", "", "undertaking"),
            ("refused", "limit", "undertaking"),
            ("person", "chain", "undertaking"),
            ("refused", "once", "undertaking"),
            ("refused", "site", "undertaking"),
            ("ended", "", "card"),
            ("person", "once", "card"),
            ("refused", "card", "card"),
            ("refused", "over", "card"),
            ("person", "deposit", "card"),
            ("waiting", "", "card"),
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
    ended = "       2  acceptée, carte finie depuis · accepted, card ended since  117.90 €"
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
    found = ReconcileClaims(ground.store.book, bytes(range(1, 33)))(told.append)
    assert found.claims == 1
    assert [(each.heading.amc, each.evidence) for each in told] == [("", Evidence.UNREADABLE)]


@pytest.mark.parametrize("change", [lambda each: each[1:], lambda each: [*each, each[0]]])
def test_a_book_that_loses_a_claim_or_tells_one_twice_is_found_out(ground, change):
    ground.send(of_card(ground, ground.card()))

    class Careless:
        @contextmanager
        def at_one_moment(self):
            with ground.store.book.at_one_moment() as (count, everything):
                yield count, iter(change(list(everything)))

    with pytest.raises(AssertionError, match="lost, or was told twice"):
        reconciled(ground, Careless())


def test_every_rule_that_is_documented_has_its_words():
    bill = (ROOT / "docs/howto/bill.md").read_text(encoding="utf-8")
    undertaking = (ROOT / "specs/undertaking.md").read_text(encoding="utf-8")
    rules = set(re.findall(r"^\| \d+ \| (\w+):", undertaking, re.MULTILINE))
    tables = bill[bill.index("| Rule | On an answer") : bill.index("What is left to a person")]
    rules |= set(re.findall(r"^\| `(\w+)` \|", tables, re.MULTILINE))
    assert len(rules) > 12
    assert rules <= set(RULES)
