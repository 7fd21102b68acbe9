"""Claims of a breach: what a stolen software sent, or was told of, in whose hands, and whose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.claims import MemoryClaims
from rempart.adapters.memory.incidents import MemoryEvidence
from rempart.adapters.memory.world import MemoryChance
from rempart.domain.claim import CareLine, Claim, Disclosed, Shown, Use
from rempart.domain.claims_touched import Back, ClaimFacts, Doing, Inside, back, worst
from rempart.domain.coverage import Domain
from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.domain.finding import NEVER, Finding, Suspect, Whose, Window
from rempart.domain.ruling import Ruling
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind
from rempart.domain.tariff import france
from rempart.usecases.claim_ports import Biller, Ruled
from rempart.usecases.claims_file import UNOPENED, ClaimsSaid, read_claims
from rempart.usecases.claims_list import ClaimsTouched
from rempart.usecases.scope_claims import ScopeClaims
from rempart.usecases.take_claims import TakeClaims
from tests.spec import test_claims as bills
from tests.worlds import World

title = "Claims of a breach"

ONE, TWO = "99990001", "99990002"
THIEF = b"t" * 16
STOLEN, CONTAINED, NOW = 1_000_000, 2_000_000, 3_000_000
BEFORE, DURING, AFTER = STOLEN - 1, STOLEN + 1, CONTAINED + 1
JUDGE = X25519PrivateKey.from_private_bytes(bytes(range(32)))
SHOP, LAB = 17, 18
CODE = "a card's whole code, which nobody is told"


@dataclass
class Standing:
    at: int

    def now(self) -> int:
        return self.at


@dataclass
class Ground:
    """The intake, the judge and an incident on one store; ``know`` registers a software."""

    queue: Any
    book: Any
    evidence: Any
    know: Callable[[bytes, Biller, SiteKind], None]
    run: Callable[[Any], Any] = asyncio.run
    known: set[int] = field(default_factory=set)

    def send(self, claim: Claim, at: int, software: int = SHOP) -> None:
        biller, key = Biller(software, software), b"%032d" % software
        if software not in self.known:
            self.know(key, biller, SiteKind.PHARMACY)
            self.known.add(software)
        public = JUDGE.public_key().public_bytes_raw()
        taking = TakeClaims(self.queue, Standing(at), MemoryChance(b"%d" % at), public)
        self.run(taking(biller, claim))

    def rule(self, number: int, ruling: Ruling, rule: str = "", cents: int = 40_00) -> None:
        self.book.keep([Ruled(claim=number, ruling=ruling, rule=rule, why="", amount=cents)])

    def scope(self, *, key: bytes | None = JUDGE.private_bytes_raw(), **said: Any) -> ClaimsTouched:
        finding = finding_of(**said)
        claims = ScopeClaims(self.evidence, france(), key)(finding, until=NOW)
        return ClaimsTouched(claims=claims, kinds={SHOP: "pharmacy"}, until=NOW)


def finding_of(rest: Whose = Whose.UNKNOWN, contained: int = CONTAINED, **said: Any) -> Finding:
    suspect = Suspect(number=SHOP, stolen=STOLEN, contained=contained, rest=rest)
    return Finding(suspects=said.pop("suspects", (suspect,)), **said)


def bill(number: str = "F-1", **said: Any) -> Claim:
    whole = {
        "use": Use.CLAIM,
        "amc": ONE,
        "care": date(2026, 11, 3),
        "asked": 40_00,
        "cites": Disclosed(41),
        "lines": (CareLine(Domain.PHAR, 50_00), CareLine(Domain.LPPS, 9_00)),
    }
    return Claim(number=number, **(whole | said))


def in_memory() -> Ground:
    world, claims = World(), MemoryClaims()
    evidence = MemoryEvidence(world.store, world.registry, claims)

    def know(key: bytes, biller: Biller, _: SiteKind) -> None:
        claims.certificates[key] = biller

    return Ground(claims, claims, evidence, know)


@pytest.fixture
def ground() -> Ground:
    return in_memory()


def only(claims: ClaimsTouched) -> ClaimFacts:
    (one,) = claims.claims
    return one


# In whose hands


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({}, Verdict.UNDECIDED),
        ({"rest": Whose.THIEF}, Verdict.BREACHED),
        ({"rest": Whose.OWNER}, Verdict.CLEARED),
        ({"rest": Whose.OWNER, "thief": frozenset({THIEF})}, Verdict.UNDECIDED),
        ({"thief": frozenset({THIEF})}, Verdict.UNDECIDED),
        ({"contained": NEVER}, Verdict.UNDECIDED),
    ],
    ids=["nobody knows", "the thief", "the owner", "both", "sessions say nothing", "not contained"],
)
def test_a_claim_sent_during_the_theft_is_whose_the_rest_was(ground, said, verdict):
    ground.send(bill(), DURING)
    facts = only(ground.scope(**said))
    assert (facts.verdict, facts.sent, facts.told, facts.late) == (verdict, True, 0, False)
    assert facts.shown is Back.NONE, "who sends a claim is shown nothing"


@pytest.mark.parametrize("at", [STOLEN, CONTAINED])
def test_both_ends_of_the_theft_are_in_it(ground, at):
    ground.send(bill(), at)
    assert only(ground.scope(rest=Whose.THIEF)).verdict is Verdict.BREACHED


def test_what_was_sent_before_the_theft_or_by_another_account_is_not_there(ground):
    ground.send(bill("F-1"), BEFORE)
    ground.send(bill("F-2"), DURING, software=LAB)
    assert ground.scope(rest=Whose.THIEF).claims == []


def test_a_frozen_account_still_sends_and_nobody_knows_who_did(ground):
    """The freeze stops no certificate at the intake."""
    ground.send(bill(), AFTER)
    facts = only(ground.scope(rest=Whose.THIEF))
    assert (facts.verdict, facts.late) == (Verdict.UNDECIDED, True)


def test_a_gateway_in_other_hands_reads_no_claim(ground):
    ground.send(bill(), DURING)
    window = (Window(STOLEN, CONTAINED),)
    assert ground.scope(suspects=(), gateway=window).claims == []


# What was told


@pytest.mark.parametrize(
    ("use", "ruling", "rule", "shown"),
    [
        (Use.CLAIM, None, "", Back.KEPT),
        (Use.CLAIM, Ruling.HONOURED, "", Back.KEPT | Back.OUTCOME | Back.OWED),
        (Use.CLAIM, Ruling.HONOURED, "cut", Back.KEPT | Back.OUTCOME | Back.OWED | Back.RULE),
        (Use.AGREEMENT, Ruling.REFUSED, "once", Back.KEPT | Back.OUTCOME | Back.RULE),
        (Use.VERIFICATION, Ruling.HONOURED, "", Back.KEPT | Back.OUTCOME),
    ],
)
def test_what_is_shown_is_where_it_stands_and_nothing_in_it(use, ruling, rule, shown):
    assert back(use, ruling, rule) == shown


def test_a_claim_of_before_that_is_told_during_the_theft_is_in_it(ground):
    ground.send(bill(), BEFORE)
    ground.rule(1, Ruling.REFUSED, "once", 0)
    ground.send(bill(), DURING)
    ground.send(bill(), DURING + 1)
    facts = only(ground.scope(rest=Whose.THIEF))
    assert (facts.verdict, facts.sent, facts.told) == (Verdict.BREACHED, False, 2)
    assert facts.shown == Back.KEPT | Back.OUTCOME | Back.RULE
    assert (facts.first, facts.last) == (DURING, DURING + 1)


def test_what_was_shown_is_what_stood_then_and_not_what_stands_now(ground):
    ground.send(bill(), BEFORE)
    ground.send(bill(), DURING)
    ground.rule(1, Ruling.HONOURED)
    facts = only(ground.scope(rest=Whose.THIEF))
    assert facts.shown is Back.KEPT
    assert (facts.ruling, facts.owed) == (Ruling.HONOURED, 40_00)


def test_facts_are_of_the_worst_alone(ground):
    ground.send(bill(), DURING)
    ground.rule(1, Ruling.HONOURED)
    ground.send(bill(), AFTER)
    facts = only(ground.scope(rest=Whose.THIEF))
    assert (facts.verdict, facts.told, facts.shown) == (Verdict.BREACHED, 0, Back.NONE)
    assert facts.last == DURING


def test_who_only_guesses_is_in_no_breach(ground):
    ground.send(bill(), BEFORE)
    with pytest.raises(Refusal):
        ground.send(bill(asked=39_00), DURING)
    assert ground.scope(rest=Whose.THIEF).claims == []


# Whose, and how many


def test_each_insurer_has_its_own_and_no_other(ground):
    ground.send(bill("F-1"), DURING)
    ground.send(bill("F-2", amc=TWO, asked=10_00), DURING)
    ground.send(bill("F-3", amc=TWO, asked=11_00), AFTER)
    claims = ground.scope(rest=Whose.THIEF)
    assert claims.insurers == [int(ONE), int(TWO)]
    said = claims.said(int(TWO))
    assert (said.breached, said.undecided, said.late, said.asked) == (1, 1, 1, 21_00)
    assert said.domains == {"PHAR": 2, "LPPS": 2}
    assert [line.split(";")[1] for line in claims.lines_of(int(TWO))][1:] == ["2", "3"]
    file = claims.to_file(incident=41, scope=1, finding="f")
    assert file.whole.touched == sum(each.touched for each in file.insurers.values()) == 3
    assert read_claims(file.to_json()) == file


def test_without_the_judge_s_key_claims_are_counted_and_nobody_knows_whose(ground):
    ground.send(bill(), DURING)
    claims = ground.scope(key=None)
    file = claims.to_file(incident=41, scope=1, finding="f")
    assert (claims.insurers, claims.unopened, claims.touched) == ([], 1, 1)
    assert file.insurers.keys() == {UNOPENED}
    assert file.unopened.undecided == 1
    other = ground.scope(key=bytes(31) + b"\x01")
    assert other.unopened == 1


def test_a_line_says_what_is_known_and_no_code_of_a_card(ground):
    shown = bill("F-77", cites=Shown(CODE), lines=(CareLine(Domain.OPTI, 50_00),))
    ground.send(shown, DURING)
    claims = ground.scope(rest=Whose.THIEF)
    heading, line = claims.lines()
    assert line == (
        f"breached;{ONE};17;1;pharmacy;claim;card;;OPTI;2026-11-03;1;0;;{DURING};{DURING};"
        "waiting;;4000;0\n"
    )
    assert len(heading.split(";")) == len(line.split(";"))
    _, own = claims.lines_of(int(ONE))
    assert ";17;" not in own
    everything = [*claims.lines(), own, repr(claims), repr(claims.claims)]
    everything.append(claims.to_file(incident=1, scope=1, finding="").to_json().decode())
    for secret in (CODE, "F-77"):
        assert not any(secret in each for each in everything)


def test_what_rests_on_an_undertaking_has_the_domains_of_its_items(ground):
    shop = bills.Ground(bills.Store(None, None, lambda *_: None, None))
    sale = shop.sell(code := shop.card())
    ground.send(sale, DURING)
    facts = only(ground.scope())
    assert (facts.inside.rests, facts.inside.domains) == ("undertaking", 1 << Domain.OPTI)
    assert facts.inside.entry is None
    assert code not in "".join(ground.scope().lines())


def test_an_exercise_is_marked_on_each_line(ground):
    ground.send(bill(), DURING)
    claims = ClaimsTouched(claims=ground.scope().claims, exercise=True)
    heading, line = claims.lines()
    assert heading.endswith(";exercise\n")
    assert line.endswith(";EXERCICE\n")
    assert claims.to_file(incident=1, scope=1, finding="").exercise


def test_claims_that_do_not_add_up_are_refused(ground):
    ground.send(bill(), DURING)
    file = ground.scope().to_file(incident=1, scope=1, finding="")
    said = file.to_json().replace(b'"undecided": 1', b'"undecided": 2', 1)
    with pytest.raises(IntegrityBroken, match="add up"):
        read_claims(said)
    with pytest.raises(Refusal, match="no claims"):
        read_claims(b"{}")


moments = st.integers(BEFORE - 3, AFTER + 3)
rests = st.sampled_from(Whose)
doings = st.lists(st.builds(Doing, moments, st.booleans()), min_size=1, max_size=5)


@given(doings, rests, st.booleans())
def test_every_claim_is_in_one_part_and_the_parts_are_all(done, rest, named):
    thief = frozenset({THIEF}) if named else frozenset()
    finding = finding_of(rest, thief=thief)
    judged = worst(finding, finding.suspects[0], done)
    within = [each for each in done if each.at >= STOLEN]
    assert (judged is None) == (not within)
    if judged is None:
        return
    verdict, made = judged
    assert set(made) <= set(within)
    if verdict is Verdict.CLEARED:
        assert (rest, named) == (Whose.OWNER, False), "nobody else is cleared"
    if any(STOLEN <= each.at <= CONTAINED for each in done) and rest is Whose.THIEF:
        assert verdict is Verdict.BREACHED
    assert verdict is not Verdict.BREACHED or rest is Whose.THIEF, "nobody is accused by time"


@given(st.lists(st.tuples(st.sampled_from([ONE, TWO, ""]), st.sampled_from(Verdict)), max_size=9))
def test_insurers_add_up_to_all_of_them(made):
    claims = ClaimsTouched(claims=[facts(n, *each) for n, each in enumerate(made)])
    file = claims.to_file(incident=1, scope=1, finding="")
    for part in Verdict:
        name = part.name.lower()
        total = sum(verdict is part for _, verdict in made)
        assert getattr(file.whole, name) == total
        assert sum(getattr(each, name) for each in file.insurers.values()) == total
    assert sum(claims.said(amc).touched for amc in claims.insurers) == (
        claims.touched - claims.unopened
    )
    assert file.insurers.get("", ClaimsSaid()).touched == claims.unopened


def facts(number: int, amc: str, verdict: Verdict) -> ClaimFacts:
    inside = Inside(
        amc=int(amc or 0), care=date(2026, 11, 3), domains=2, rests="card", entry=None, asked=9
    )
    return ClaimFacts(
        number=number,
        account=SHOP,
        use=Use.CLAIM,
        verdict=verdict,
        sent=True,
        told=number % 3,
        shown=Back.KEPT,
        late=False,
        first=DURING,
        last=DURING,
        ruling=None,
        rule="",
        owed=number,
        inside=inside if amc else None,
    )
