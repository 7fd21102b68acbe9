"""Claims: taken in while everything else is down, judged on return, each accepted once."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from rempart.adapters.claim_sender import claim_resource
from rempart.adapters.memory.chain import MemoryChain
from rempart.adapters.memory.claims import MemoryClaims, MemoryJudgeLedger
from rempart.adapters.memory.ledger import MemoryLedger
from rempart.adapters.memory.world import MemoryChance
from rempart.adapters.postgres import claims as claims_in_postgres
from rempart.adapters.postgres.claims import PostgresClaimQueue
from rempart.adapters.postgres.connections import conninfo_file
from rempart.api.claim import read_claim
from rempart.api.intake import intake
from rempart.domain.claim import (
    Bound,
    CareLine,
    Claim,
    Disclosed,
    Shown,
    Use,
    from_bytes,
    to_bytes,
)
from rempart.domain.claim_decisions import ClaimDecision, ClaimDecisions, ClaimWhy, decided_in
from rempart.domain.containment import Authority
from rempart.domain.coverage import Domain
from rempart.domain.cut_history import CutHistory, Span, keys_of_site
from rempart.domain.cutoff_words import Channel, CutWhy, Scope
from rempart.domain.disclosure import (
    NOBODY,
    Codes,
    Entry,
    EntryType,
    Outcome,
    decode,
    decode_codes,
    encode_codes,
)
from rempart.domain.errors import (
    MalformedIdentifier,
    MalformedRow,
    NotSignedIn,
    NumberReused,
    TemporarilyUnavailable,
    TooManyClaims,
)
from rempart.domain.guarantee import Guarantee, OfCard, Statement
from rempart.domain.quote import Line
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.domain.status_list import PLACES_MIN, StatusList, bits_of
from rempart.domain.tariff import Basket, france
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.serving.claim_outcomes import CLAIM_OUTCOMES
from rempart.serving.declined import Declined
from rempart.usecases import look_at_intake
from rempart.usecases.card_codes import card_text, read_card
from rempart.usecases.card_lists import sign_guarantees
from rempart.usecases.claim_messages import DecideClaim
from rempart.usecases.claim_ports import (
    TOLD_TIMES,
    Alike,
    Biller,
    ClaimBook,
    ClaimQueue,
    Kept,
    Ruled,
)
from rempart.usecases.cut_off_messages import ClearCutOff, SetCutOff
from rempart.usecases.decide_claims import DecideClaims
from rempart.usecases.deposit_chain import claims_of, read_links
from rempart.usecases.device_messages import EnrolDevice
from rempart.usecases.judge_claims import JudgeClaims
from rempart.usecases.judge_undertakings import Books, Standing
from rempart.usecases.messages import Answered, Refused
from rempart.usecases.open_claims import opened, tag_of
from rempart.usecases.p256_keys import point_of
from rempart.usecases.quote_share import QuoteShare
from rempart.usecases.relate_claims import MANY
from rempart.usecases.take_claims import TakeClaims
from rempart.usecases.undertake import Undertake
from rempart.usecases.verify_card import VerifyCard, keys_of
from tests.failing import FailingLedger
from tests.switches import Said, cut, row
from tests.trap import Trap
from tests.worlds import CERTIFICATE, World

title = "Claims"

HOUR, DAY = 3_600, 86_400
NOW = 1_795_633_200
"""25 November 2026, 19:00 UTC."""
CUT, BACK = NOW - 9 * HOUR, NOW - HOUR
ON = datetime.fromtimestamp(CUT, UTC).date()
SHOP = ec.derive_private_key(31, ec.SECP256R1())
JUDGE = X25519PrivateKey.from_private_bytes(bytes(range(32)))
SITE, PHARMACY = "STRUCT:OPTI1", "STRUCT:PHAR1"
GLASSES = [
    Line(item="optics-frame-a", price=30_00),
    Line(item="optics-lens-a", price=32_50),
    Line(item="optics-lens-a", price=32_50),
]
PAYS = st.sampled_from([Use.CLAIM, Use.AGREEMENT])
GRANTED = (
    Guarantee(domain=Domain.PHAR, basket=Basket.TM, times=2),
    Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),
    Guarantee(domain=Domain.OPTI, basket=Basket.B, times=2, most=250_00),
)


@dataclass
class Store:
    """Where claims lie, as the intake and as the judge see it."""

    queue: ClaimQueue
    book: ClaimBook
    know: object = field(repr=False)
    another: object = field(repr=False)
    ended: object = field(default=None, repr=False)
    """Whether the ruling on a claim says that its card has ended since."""
    entry: object = field(default=None, repr=False)
    """The entry of a person's decision on a claim."""
    forget: object = field(default=None, repr=False)
    """Lose what persons have decided."""
    lose: object = field(default=None, repr=False)
    """Lose every claim."""
    told: object = field(default=None, repr=False)
    """When each claim was told again, by its number, and how it stood."""
    run: object = field(default=asyncio.run, repr=False)
    """Run what the intake does, on the loop of its connections."""


@pytest.fixture
def store() -> Store:
    claims = MemoryClaims()

    def know(certificate: bytes, biller: Biller, kind: SiteKind) -> None:
        claims.certificates[certificate] = biller
        claims.kinds[biller.site] = kind

    return Store(
        claims,
        claims,
        know,
        lambda: nullcontext(claims),
        lambda number: claims.rulings[number].ended_since,
        lambda number: claims.decisions[number].ref,
        claims.decisions.clear,
        lambda: [each.clear() for each in (claims.kept, claims.rulings, claims.decisions)],
        lambda: [tuple(each) for each in claims.told],
    )


@dataclass
class StandingClock:
    """Always the same moment."""

    at: int = NOW

    def now(self) -> int:
        return self.at * 1_000_000


def shop_of(claim: Claim) -> str:
    """Cards are shown at the pharmacy, but for glasses."""
    shown = isinstance(claim.cites, Shown) and claim.lines[0].domain is not Domain.OPTI
    return PHARMACY if shown else SITE


@dataclass
class Ground:
    """A platform with an optician, before, during and after a cut of practice software."""

    store: Store
    world: World = field(default_factory=World)
    chain: MemoryChain = field(default_factory=MemoryChain)
    cuts: list[int] = field(default_factory=list)
    over_since: int | None = None
    taken_off: bool = False
    """Whether the newest trust list, number 5, has the insurer's card key no more."""
    received: int = NOW

    def __post_init__(self) -> None:
        self.at(CUT - 20 * HOUR)
        self.world.add_site(SITE, SiteKind.OPTICIAN)
        self.world.add_site("STRUCT:OPTI2", SiteKind.OPTICIAN)
        self.world.service.look()
        for client in (SITE, "STRUCT:OPTI2", "STRUCT:PHAR1"):
            self.store.know(self.certificate(client), *self.registered(client))

    def at(self, seconds: int) -> None:
        self.world.clock.at = seconds * 1_000_000

    def certificate(self, client: str) -> bytes:
        return client.encode().ljust(32, b".")

    def registered(self, client: str) -> tuple[Biller, SiteKind]:
        registered = self.world.registry.read()
        software = registered.software[client]
        site = registered.sites[software.site]
        return Biller(software.number, site.number, product=77), site.kind

    def biller(self, client: str = SITE) -> Biller:
        return self.registered(client)[0]

    def enrol(self, key=SHOP, client: str = SITE) -> None:
        token = self.world.sign_in(client)
        point = point_of(key.public_key())
        self.world.service([EnrolDevice(point, token=token, certificate=CERTIFICATE)])

    def cut(self, at: int = CUT, scope="channel", what="api", why="incident") -> None:
        self.at(at)
        said = self.world.service([SetCutOff(scope, what, why, by="nadia")])[0]
        self.cuts.append(said.ref)

    def back(self, at: int = BACK) -> None:
        self.at(at)
        self.world.service([ClearCutOff(self.cuts.pop(), by="nadia")])
        self.at(NOW)

    @property
    def statement(self) -> Statement:
        return Statement(
            amc=self.world.insurer.amc,
            made=CUT - 9 * DAY,
            until=CUT + 90 * DAY,
            list_days=7,
            profiles={0: GRANTED},
        )

    @property
    def trust(self) -> TrustList:
        insurer = self.world.insurer
        public = insurer.key.public_key()
        trusted = Trusted(
            amc=insurer.amc,
            name="M",
            keys={kid_of(public): point_of(public)},
            statement=sign_guarantees(self.statement, insurer.key),
        )
        return TrustList(
            operator="O", number=4, made=CUT - 3 * DAY, until=CUT + 30 * DAY, insurers=(trusted,)
        )

    def card(self, number: int = 1) -> str:
        return self.world.member(f"ADH{number:07d}", place=number).code

    def sell(self, code: str, *, at: int = CUT + HOUR, key=SHOP, lines=GLASSES, **more) -> Claim:
        """A sale that the device binds, as the claim that the shop sends for it."""
        status = StatusList(
            amc=self.world.insurer.amc,
            made=CUT - DAY,
            until=CUT + 30 * DAY,
            bits=bits_of(PLACES_MIN, []),
        )
        verify = VerifyCard(self.trust, {self.world.insurer.amc: status})
        chain = more.pop("chain", self.chain)
        undertake = Undertake(QuoteShare(verify, france()), chain, key)
        _, made, message = undertake(code, lines, on=ON, now=at)
        number = more.pop("number", f"F-{made.number}")
        return Claim(
            number=number,
            use=more.pop("use", Use.CLAIM),
            amc=made.amc_number,
            care=ON,
            asked=made.amc,
            cites=Bound(message, code),
            **more,
        )

    def answer(self, code: str, client: str = SITE, *, domain="OPTI", care=ON) -> Answered:
        token = self.world.sign_in(client)
        reply = self.world.ask(token, code, domain=domain, care_date=str(care))
        assert isinstance(reply, Answered), reply
        return reply

    def bill(self, reference: int, number: str = "F-1", **more) -> Claim:
        said = {
            "use": Use.CLAIM,
            "amc": self.world.insurer.amc,
            "care": ON,
            "asked": 40_00,
            "lines": (CareLine(Domain.OPTI, 100_00),),
        }
        return Claim(number=number, cites=Disclosed(reference), **(said | more))

    @property
    def taking(self) -> TakeClaims:
        public = JUDGE.public_key().public_bytes_raw()
        return TakeClaims(self.store.queue, StandingClock(self.received), MemoryChance(), public)

    def send(self, *claims: Claim, client: str = ""):
        """By the shop of this name; else, each by one whose kind bills it."""

        async def sent():
            taking = self.taking
            return [
                await taking(await taking.biller(self.certificate(client or shop_of(claim))), claim)
                for claim in claims
            ]

        return self.store.run(sent())

    def vault(self, request):
        return self.world.service([request])[0]

    def judge(self, *, at: int = NOW, ledger: MemoryJudgeLedger | None = None, vault=None):
        judging = self.judging(ledger, vault)
        self.at(at)
        return judging()

    def judging(self, ledger: MemoryJudgeLedger | None = None, vault=None) -> JudgeClaims:
        book = self.store.book
        keys = keys_of(self.trust)
        return JudgeClaims(
            book=book,
            ledger=ledger or MemoryJudgeLedger(self.world.store),
            books=Books(
                tariff=france(),
                card_key=lambda amc, kid, number: keys.get((amc, kid)) if number == 4 else None,
                statement=lambda amc, number: self.statement,
                standing=self.standing,
                newest=5 if self.taken_off else 4,
                counted=lambda since, until: [4] if since <= CUT < until else [],
                sales=book.sales,
            ),
            clock=self.world.clock,
            vault=vault or self.vault,
            key=JUDGE.private_bytes_raw(),
        )

    def standing(self, amc, place, made) -> Standing:
        if place is None:
            return Standing(None)
        over = self.over_since
        return Standing(over is not None and over <= made, over)

    def stands(self, *claims: Claim, client: str = "") -> list[tuple[Ruling | None, str, int]]:
        return [(r.ruling, r.rule, r.amount) for r in self.send(*claims, client=client)]


@pytest.fixture
def ground(store) -> Ground:
    return Ground(store)


ACCEPTED = (Ruling.HONOURED, "", 77_90)
WAITS = (None, "", 0)


# Who was told where a claim stands


def test_whoever_sends_a_claim_again_leaves_a_trace_of_what_they_were_told(ground):
    answer = ground.answer(ground.card())
    claim = ground.bill(answer.reference)
    ground.send(claim)
    assert ground.store.told() == [], "a first sending tells its sender nothing"
    ground.received = NOW + 60
    ground.send(claim)
    ground.judge()
    ground.received = NOW + 120
    assert ground.stands(claim) == [(Ruling.HONOURED, "", 40_00)]
    times = [(NOW + 60) * 1_000_000, (NOW + 120) * 1_000_000]
    assert ground.store.told() == [(1, times[0], None), (1, times[1], Ruling.HONOURED)]


def test_a_person_s_ruling_is_what_was_told(ground):
    ground.send(claim := ground.bill(7))
    decision = ClaimDecision(
        claim=bytes(16), accepted=True, amount=30_00, why=ClaimWhy.SHOWN, by="nadia", ref=9
    )
    ground.store.book.keep([Ruled(claim=1, ruling=Ruling.PERSON, rule="cut")])
    assert ground.stands(claim) == [(Ruling.PERSON, "cut", 0)]
    ground.store.book.decide(1, decision)
    assert ground.stands(claim) == [(Ruling.HONOURED, "cut", 30_00)]
    assert [each[2] for each in ground.store.told()] == [Ruling.PERSON, Ruling.HONOURED]


def test_whoever_guesses_at_a_claim_is_told_nothing_of_it(ground):
    """Under its number with another content, and with its content from another site."""
    ground.send(ground.bill(7))
    ground.store.book.keep([Ruled(claim=1, ruling=Ruling.HONOURED, amount=40_00)])
    guesses = [
        ground.bill(8),
        ground.bill(7, asked=39_99),
        ground.bill(7, amc="99990002"),
        ground.bill(7, lines=(CareLine(Domain.OPTI, 100_01),)),
        ground.bill(7, care=date(2026, 11, 24)),
        ground.bill(7, use=Use.AGREEMENT),
    ]
    for guess in guesses:
        with pytest.raises(NumberReused):
            ground.send(guess)
    assert ground.stands(ground.bill(7), client="STRUCT:OPTI2") == [WAITS]
    assert ground.store.told() == []


def test_who_has_itself_told_without_end_is_stopped(ground):
    a_day = 40
    if isinstance(ground.store.queue, MemoryClaims):
        ground.store.queue.a_day = a_day
    claim = ground.bill(7)
    ground.send(claim, *[claim] * (TOLD_TIMES * a_day))
    with pytest.raises(TooManyClaims):
        ground.send(claim)
    assert len(ground.store.told()) == TOLD_TIMES * a_day
    ground.send(ground.bill(7, "F-2"))
    ground.received = NOW + DAY
    assert ground.stands(claim) == [WAITS], "tomorrow again"


# While everything else is cut


def test_a_sale_that_was_bound_is_taken_in_and_accepted_on_return(ground):
    ground.enrol()
    ground.cut()
    claims = [ground.sell(ground.card(n), at=CUT + n) for n in (1, 2, 3)]
    assert ground.stands(*claims) == [WAITS] * 3
    assert ground.judge()[Ruling.HONOURED] == 0, "while the cut lasts, nothing is judged"
    ground.back()
    assert ground.judge() == {
        Ruling.HONOURED: 3,
        Ruling.PERSON: 0,
        Ruling.REFUSED: 0,
        Ruling.VOID: 0,
    }
    assert ground.stands(*claims) == [ACCEPTED] * 3


def test_the_same_claim_sent_again_is_one_claim(ground):
    ground.enrol()
    ground.cut()
    claim = ground.sell(ground.card())
    first, again = ground.send(claim, claim)
    assert first == again
    ground.back()
    assert ground.judge()[Ruling.HONOURED] == 1
    assert sum(ground.judge().values()) == 0
    assert ground.stands(claim) == [ACCEPTED]


def test_another_claim_under_the_same_number_is_refused(ground):
    ground.send(ground.bill(7))
    with pytest.raises(NumberReused):
        ground.send(ground.bill(8))
    assert ground.stands(ground.bill(7)) == [WAITS]
    assert ground.stands(ground.bill(8), client="STRUCT:OPTI2") == [WAITS], "numbers are a site's"


def test_one_undertaking_is_paid_once_under_whatever_number(ground):
    ground.enrol()
    ground.cut()
    claim = ground.sell(ground.card())
    again = replace(claim, number="F-99")
    ground.send(claim, again)
    ground.back()
    ground.judge()
    assert ground.stands(claim, again) == [ACCEPTED, (Ruling.REFUSED, "once", 0)]


def test_links_that_come_in_another_order_are_judged_in_theirs(ground):
    ground.enrol()
    ground.cut()
    claims = [ground.sell(ground.card(n), at=CUT + n) for n in (1, 2, 3)]
    ground.back()
    ground.send(claims[2], claims[1])
    assert sum(ground.judge().values()) == 0, "the first may still come"
    ground.send(claims[0])
    assert ground.judge()[Ruling.HONOURED] == 3


def test_what_is_missing_a_day_after_the_return_is_looked_at(ground):
    ground.enrol()
    ground.cut()
    claims = [ground.sell(ground.card(n), at=CUT + n) for n in (1, 2, 3)]
    ground.back()
    ground.send(claims[0], claims[2])
    assert ground.judge()[Ruling.HONOURED] == 1
    assert ground.judge(at=BACK + DAY + 1)[Ruling.PERSON] == 1
    assert ground.stands(claims[2]) == [(Ruling.PERSON, "chain", 0)]


def test_a_sale_that_was_not_made_leaves_no_gap(ground):
    ground.enrol()
    ground.cut()
    claims = [ground.sell(ground.card(n), at=CUT + n) for n in (1, 2)]
    ground.back()
    ground.send(replace(claims[0], void=True), claims[1])
    ground.judge()
    assert ground.stands(replace(claims[0], void=True), claims[1]) == [
        (Ruling.VOID, "", 0),
        ACCEPTED,
    ]


def test_a_chain_goes_on_from_where_it_was_judged(ground):
    ground.enrol()
    ground.cut()
    first = ground.sell(ground.card(1), at=CUT + 1)
    ground.back(at=CUT + HOUR)
    ground.send(first)
    assert ground.judge()[Ruling.HONOURED] == 1
    ground.cut(at=CUT + 2 * HOUR)
    second = ground.sell(ground.card(2), at=CUT + 3 * HOUR)
    ground.back()
    ground.send(second)
    assert ground.judge()[Ruling.HONOURED] == 1


def test_a_card_is_borne_as_often_as_its_insurer_said_in_all_shops(ground):
    other = ec.derive_private_key(32, ec.SECP256R1())
    ground.enrol()
    ground.enrol(other, "STRUCT:OPTI2")
    ground.cut()
    code = ground.card()
    one = ground.sell(code)
    two = ground.sell(code, key=other, chain=MemoryChain())
    ground.send(one)
    ground.send(two, client="STRUCT:OPTI2")
    ground.back()
    ground.judge()
    found = ground.stands(one) + ground.stands(two, client="STRUCT:OPTI2")
    assert sorted(found, key=str) == sorted([ACCEPTED, (Ruling.REFUSED, "limit", 0)], key=str)


def left_at_the_shop(ground, code: str, why: str) -> tuple[Claim, Claim]:
    """A sale that is for a person, by a rule; and one of the same kind to its card elsewhere."""
    other = ec.derive_private_key(32, ec.SECP256R1())
    ground.enrol(other, "STRUCT:OPTI2")
    if why not in {"device", "late device"}:
        ground.enrol()
    ground.at(CUT - 600)
    if why == "once":
        lines = (CareLine(Domain.OPTI, 95_00),)
        ground.send(ground.bill(ground.answer(code).reference, "A-1", lines=lines))
    ground.cut()
    if why == "chain":
        ground.sell(ground.card(2))
    claims = ground.sell(code), ground.sell(code, key=other, chain=MemoryChain())
    if why == "cut":
        ground.cut(CUT + 2 * HOUR, scope="site", what=SITE, why="suspicion")
        ground.back(BACK - 60)
    ground.back()
    if why == "late device":
        ground.enrol()
    return claims


@pytest.mark.parametrize("why", ["once", "device", "late device", "deposit", "chain", "cut"])
@pytest.mark.parametrize("accept", [None, False, True], ids=["undecided", "refused", "accepted"])
def test_a_sale_that_a_person_accepted_counts_in_all_shops(ground, why, accept):
    code = ground.card()
    one, two = left_at_the_shop(ground, code, why)
    ground.received = BACK + DAY + 1 if why == "deposit" else NOW
    ground.send(one)
    late = {"at": BACK + DAY + 2}
    ground.judge(**late)
    assert ground.stands(one) == [(Ruling.PERSON, why.removeprefix("late "), 0)]
    if accept is not None:
        decide(ground, ground.store.book.newest(), accept=accept)
    ground.received = NOW
    ground.send(two, client="STRUCT:OPTI2")
    ground.judge(**late)
    over = (Ruling.REFUSED, "limit", 0)
    assert ground.stands(two, client="STRUCT:OPTI2") == [over if accept else ACCEPTED]


@pytest.mark.parametrize("decided", [(True, None), (None, True), (True, True), (None, None)])
def test_a_sale_and_its_agreement_count_once(ground, decided):
    """Whichever of the two a person accepts, and where both are; class B is borne twice."""
    other = ec.derive_private_key(32, ec.SECP256R1())
    lens = [Line(item="optics-lens-b", price=150_00)]
    ground.enrol(other, "STRUCT:OPTI2")
    ground.cut()
    code, chain = ground.card(), MemoryChain()
    asked = ground.sell(code, lines=lens, use=Use.AGREEMENT, number="A-1")
    elsewhere = [ground.sell(code, lines=lens, key=other, chain=chain, at=CUT + n) for n in (1, 2)]
    ground.back()
    ground.enrol()
    ground.send(asked)
    ground.judge()
    ground.send(replace(asked, use=Use.CLAIM, number="F-1"))
    ground.judge()
    number = ground.store.book.newest()
    for left, accept in zip((number - 1, number), decided, strict=True):
        if accept:
            decide(ground, left)
    ground.send(*elsewhere, client="STRUCT:OPTI2")
    ground.judge()
    honoured = (Ruling.HONOURED, "", elsewhere[0].asked)
    last = (Ruling.REFUSED, "limit", 0) if any(decided) else honoured
    assert ground.stands(*elsewhere, client="STRUCT:OPTI2") == [honoured, last]


def issued_again(ground, code: str) -> str:
    """Another code of the same card: it says something else of what was paid lately."""
    key = ground.world.insurer.key
    claims = read_card(code, keys=lambda amc, kid: key.public_key(), on=None)
    said = OfCard(renewals={Domain.AUDI: date(2027, 1, 1)}).encode()
    return card_text(replace(claims, guarantees=said), key)


def test_a_card_that_is_issued_again_is_the_same_card(ground):
    """In what the insurer bears, and in what one site bills by either evidence."""
    other = ec.derive_private_key(32, ec.SECP256R1())
    ground.enrol()
    ground.enrol(other, "STRUCT:OPTI2")
    ground.cut()
    code = ground.card()
    one = ground.sell(code)
    two = ground.sell(issued_again(ground, code), key=other, chain=MemoryChain())
    ground.back()
    ground.send(one)
    ground.judge()
    shown = of_card(ground, code, "F-5")
    again = of_card(ground, issued_again(ground, code), "F-6")
    ground.send(two, client="STRUCT:OPTI2")
    ground.send(shown, again)
    ground.judge()
    assert ground.stands(two, client="STRUCT:OPTI2") == [(Ruling.REFUSED, "limit", 0)]
    assert ground.stands(one, shown, again) == [ACCEPTED, PAID, TWICE]


def test_a_card_is_borne_as_often_as_its_insurer_said_in_one_shop(ground):
    ground.enrol()
    ground.cut()
    code, lens = ground.card(), [Line(item="optics-lens-b", price=150_00)]
    claims = [ground.sell(code, at=CUT + n, lines=lens) for n in (1, 2, 3)]
    ground.send(*claims)
    ground.back()
    ground.judge()
    honoured = (Ruling.HONOURED, "", claims[0].asked)
    assert ground.stands(*claims) == [honoured, honoured, (Ruling.REFUSED, "limit", 0)]


def test_a_request_for_an_agreement_is_granted_on_return_and_then_billed(ground):
    ground.enrol()
    ground.cut()
    asked = ground.sell(ground.card(), use=Use.AGREEMENT, number="A-1")
    ground.send(asked)
    ground.back()
    ground.judge()
    bill = replace(asked, use=Use.CLAIM, number="F-1")
    again = replace(bill, number="F-2")
    ground.send(bill, again)
    ground.judge()
    assert ground.stands(asked, bill, again) == [
        ACCEPTED,
        ACCEPTED,
        (Ruling.REFUSED, "once", 0),
    ]


# Attacks


def test_a_device_that_was_not_there_before_the_cut_binds_nobody(ground):
    ground.cut()
    claim = ground.sell(ground.card())
    ground.send(claim)
    ground.back()
    ground.enrol()
    ground.judge()
    assert ground.stands(claim) == [(Ruling.PERSON, "device", 0)]


def test_nobody_bills_what_the_device_of_another_site_has_signed(ground):
    ground.enrol()
    ground.cut()
    claim = ground.sell(ground.card())
    ground.send(claim, client="STRUCT:OPTI2")
    ground.back()
    ground.judge()
    assert ground.stands(claim, client="STRUCT:OPTI2") == [(Ruling.REFUSED, "site", 0)]
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [ACCEPTED], "a thief takes no place in a chain"


def test_a_forged_link_takes_no_place_in_a_chain(ground):
    ground.enrol()
    ground.cut()
    claim = ground.sell(ground.card())
    message = claim.cites.message[:-1] + bytes([claim.cites.message[-1] ^ 1])
    forged = replace(claim, number="F-0", cites=Bound(message, claim.cites.code))
    ground.send(forged, claim)
    ground.back()
    ground.judge()
    assert ground.stands(forged, claim) == [(Ruling.REFUSED, "signed", 0), ACCEPTED]


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"asked": 77_91}, "total"),
        ({"amc": "99990002"}, "insurer"),
        ({"care": date(2020, 1, 1)}, "item"),
    ],
)
def test_a_claim_says_what_its_undertaking_says(ground, change, element):
    ground.cut()
    claim = ground.sell(ground.card())
    with pytest.raises(MalformedIdentifier, match=f"^{element}: another than the undertaking's"):
        ground.send(replace(claim, **change))


def test_who_is_not_known_by_a_certificate_sends_nothing(ground):
    for certificate in (b"", b"x" * 32):
        with pytest.raises(NotSignedIn):
            ground.store.run(ground.taking.biller(certificate))


def test_a_site_sends_so_many_a_day_and_no_more(ground):
    if isinstance(ground.store.queue, MemoryClaims):
        ground.store.queue.a_day = 40
    claims = [ground.bill(n, f"F-{n}") for n in range(41)]
    ground.send(*claims[:40])
    with pytest.raises(TooManyClaims):
        ground.send(claims[40])
    assert ground.stands(claims[0]) == [WAITS], "what is kept is told"


def test_the_intake_keeps_nothing_that_it_could_read(ground):
    ground.enrol()
    ground.cut()
    code = ground.card()
    ground.send(ground.sell(code))
    (waiting,) = ground.store.book.waiting(9)
    for secret in (code.encode(), ground.chain.last()[1]):
        assert secret not in waiting.sealed


# What rests on an answer


def test_an_answer_is_billed_once(ground):
    ground.at(CUT)
    answered = ground.answer(ground.card())
    ground.at(NOW)
    one, two = ground.bill(answered.reference), ground.bill(answered.reference, "F-2")
    ground.send(one, two)
    ground.judge()
    assert ground.stands(one, two) == [(Ruling.HONOURED, "", 40_00), (Ruling.REFUSED, "once", 0)]
    three = ground.bill(answered.reference, "F-3")
    ground.send(three)
    ground.judge()
    assert ground.stands(three) == [(Ruling.REFUSED, "once", 0)]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"reference": 99_999}, "answer"),
        ({"reference": 0}, "answer"),
        ({"client": "STRUCT:OPTI2"}, "site"),
        ({"amc": "99990002"}, "same"),
        ({"care": date.fromordinal(ON.toordinal() - 1)}, "same"),
        ({"lines": (CareLine(Domain.AUDI, 100_00),)}, "same"),
        ({"lines": (CareLine(Domain.OPTI, 90_00), CareLine(Domain.AUDI, 10_00))}, "same"),
    ],
)
def test_what_is_billed_is_what_was_answered(ground, change, rule):
    ground.at(CUT)
    answered = ground.answer(ground.card())
    client = change.pop("client", SITE) if (change := dict(change)) else SITE
    claim = ground.bill(change.pop("reference", answered.reference), **change)
    ground.send(claim, client=client)
    ground.judge()
    assert ground.stands(claim, client=client) == [(Ruling.REFUSED, rule, 0)]


def test_a_miss_is_no_answer(ground):
    ground.at(CUT)
    token = ground.world.sign_in(SITE)
    stranger = ground.world.member("ADH0000009").code
    ground.world.rights.rows.clear()
    ground.world.ask(token, stranger, domain="OPTI", care_date=str(ON))
    last = ground.world.store.rows[-1]
    missed = decode(last.body)
    assert (missed.type, missed.outcome) == (EntryType.QUESTION, Outcome.MISSED)
    claim = ground.bill(last.index)
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [(Ruling.REFUSED, "answer", 0)]


# What rests on a card that was verified offline


def ruled(ground, claim: Claim) -> tuple[Ruling, str, int]:
    """What becomes of one claim, sent and judged."""
    ground.send(claim)
    ground.judge()
    (ruling,) = ground.stands(claim)
    return ruling


def of_card(ground, code, number="F-1", **more) -> Claim:
    lines = (CareLine(Domain.PHAR, 100_00),)
    return replace(ground.bill(0, number), **({"cites": Shown(code), "lines": lines} | more))


def test_a_card_that_was_verified_while_cut_is_honoured_on_return(ground):
    ground.cut()
    claim = of_card(ground, ground.card())
    ground.send(claim)
    assert sum(ground.judge().values()) == 0, "while the cut lasts, nothing is judged"
    ground.back()
    ground.judge()
    assert ground.stands(claim) == [(Ruling.HONOURED, "", 40_00)]


def test_what_a_card_is_shown_for_is_billed_once(ground):
    ground.cut()
    code = ground.card()
    ground.back()
    one, two = of_card(ground, code), of_card(ground, code, "F-2")
    ground.send(one, two)
    ground.judge()
    three = of_card(ground, code, "F-3")
    ground.send(three)
    ground.judge()
    assert ground.stands(one, two, three) == [(Ruling.HONOURED, "", 40_00), TWICE, TWICE]


def test_two_prescriptions_are_paid_on_a_card_that_is_shown_up_to_what_one_may_be(ground):
    ground.cut()
    code = ground.card()
    ground.back()
    claims = [
        of_card(ground, code, f"F-{n}", lines=(CareLine(Domain.PHAR, 300_00 + n),), asked=asked)
        for n, asked in enumerate((200_00, 100_00, 1))
    ]
    ground.send(*claims[:2])
    ground.judge()
    ground.send(claims[2])
    ground.judge()
    paid = [(Ruling.HONOURED, "", 200_00), (Ruling.HONOURED, "", 100_00)]
    assert ground.stands(*claims) == [*paid, (Ruling.PERSON, "agreement", 0)]
    decide(ground, ground.store.book.newest())
    last = of_card(ground, code, "F-9", lines=(CareLine(Domain.PHAR, 7_00),), asked=1)
    assert ruled(ground, last) == (Ruling.PERSON, "agreement", 0)


def test_a_site_that_bills_one_person_all_day_long_is_looked_at(ground):
    """Nor does the judge open more than so many claims for one."""
    ground.cut()
    code = ground.card()
    ground.back()
    claims = [
        of_card(ground, code, f"F-{n}", lines=(CareLine(Domain.PHAR, 1_000 + n),), asked=1)
        for n in range(MANY + 1)
    ]
    ground.send(*claims)
    ground.judge()
    assert ground.stands(*claims) == [(Ruling.HONOURED, "", 1)] * MANY + [TWICE]


@pytest.mark.parametrize(
    ("change", "ruling"),
    [
        ({"cites": Shown("RP1:NONSENSE")}, (Ruling.REFUSED, "card", 0)),
        ({"amc": "99990002"}, (Ruling.REFUSED, "card", 0)),
        ({"lines": (CareLine(Domain.AUDI, 100_00),)}, (Ruling.REFUSED, "card", 0)),
        ({"care": date(2027, 6, 1)}, (Ruling.REFUSED, "card", 0)),
        ({"care": date.fromordinal(ON.toordinal() - 3)}, (Ruling.PERSON, "cut", 0)),
        ({"lines": (CareLine(Domain.OPTI, 100_00),)}, (Ruling.PERSON, "agreement", 0)),
        (
            {"lines": (CareLine(Domain.PHAR, 900_00),), "asked": 300_01},
            (Ruling.PERSON, "agreement", 0),
        ),
    ],
    ids=str,
)
def test_a_card_proves_what_it_proves_on_a_day_on_which_nobody_could_ask(ground, change, ruling):
    ground.cut()
    ground.back()
    assert ruled(ground, of_card(ground, ground.card(), **change)) == ruling


def test_a_site_that_could_ask_about_rights_is_not_believed_on_a_card(ground):
    """Only agreements were cut: what a device has signed for one stands, and asks about rights."""
    ground.enrol()
    ground.cut(what="agreement")
    code = ground.card()
    signed = ground.sell(code)
    shown = of_card(ground, code, "C-1")
    ground.send(signed, shown)
    ground.judge()
    assert ground.stands(signed, shown) == [WAITS, (Ruling.PERSON, "cut", 0)]
    ground.back()
    ground.judge()
    assert ground.stands(signed) == [ACCEPTED]


SUSPICIOUS = (Ruling.PERSON, "cut", 0)


@pytest.mark.parametrize("scope", ["site", "account"])
@pytest.mark.parametrize("when", ["alone", "in the cut", "before it is judged"])
def test_who_was_cut_on_suspicion_is_not_believed_offline(ground, scope, when):
    """Getting caught opens no way, and closes the one that a cut of everybody has opened."""
    ground.enrol()
    suspect = {"scope": scope, "what": SITE, "why": "suspicion"}
    ground.cut(**(suspect if when == "alone" else {}))
    code = ground.card()
    claims = [ground.sell(code), of_card(ground, code, "C-1"), verified(ground, code)]
    if when == "in the cut":
        ground.cut(CUT + 2 * HOUR, **suspect)
    ground.back()
    if when == "in the cut":
        ground.back()
    ground.send(*claims, client=SITE)
    if when == "before it is judged":
        ground.cut(NOW - 60, **suspect)
        ground.back(NOW - 30)
    ground.judge()
    assert ground.stands(*claims, client=SITE) == [SUSPICIOUS] * 3


@pytest.mark.parametrize("why", ["incident", "asked"])
def test_who_was_cut_for_something_else_is_believed_offline(ground, why):
    ground.enrol()
    ground.cut()
    ground.cut(scope="site", what=SITE, why=why)
    code = ground.card()
    claims = [ground.sell(code), of_card(ground, code, "C-1")]
    ground.back()
    ground.back()
    ground.send(*claims)
    ground.judge()
    assert ground.stands(*claims) == [ACCEPTED, PAID]


def test_a_suspicion_is_the_sites_or_its_accounts_from_that_day_on():
    """A release that is suspected does not make its thousands of sites suspect."""
    who = Biller(5, 4, 77)

    def suspected(scope, number, why, since, until, *, at=CUT) -> bool:
        history = CutHistory()
        said = cut(scope, number, since=since * 1_000_000, until=until * 1_000_000)
        codes = replace(said, why=why, authority=Authority.GUARD).codes()
        entry = Entry(EntryType.CUT_OFF, 2611, since * 1_000_000)
        history.absorb(0, entry, encode_codes(codes, salt=bytes(16)))
        return history.suspected(who, at, NOW * 1_000_000)

    together = CutWhy.FROZEN_TOGETHER
    assert suspected(Scope.SITE, 4, together, CUT, BACK)
    assert suspected(Scope.ACCOUNT, 5, CutWhy.SUSPICION, CUT, 0)
    assert suspected(Scope.SITE, 4, together, CUT - DAY, CUT + 1)
    assert not suspected(Scope.SITE, 4, together, CUT - DAY, CUT), "it was over"
    assert not suspected(Scope.SITE, 4, together, NOW + 1, 0), "it has not begun"
    assert not suspected(Scope.SITE, 5, together, CUT, BACK)
    assert not suspected(Scope.ACCOUNT, 4, together, CUT, BACK)
    assert not suspected(Scope.SOFTWARE, 77, together, CUT, BACK)


@pytest.mark.parametrize(
    ("domain", "client", "ruling"),
    [
        (Domain.PHAR, PHARMACY, (Ruling.HONOURED, "", 40_00)),
        (Domain.PHAR, SITE, (Ruling.PERSON, "kind", 0)),
        (Domain.LABO, SITE, (Ruling.PERSON, "kind", 0)),
        (Domain.LABO, PHARMACY, (Ruling.PERSON, "kind", 0)),
        (Domain.OPTI, PHARMACY, (Ruling.PERSON, "kind", 0)),
        (Domain.OPTI, SITE, (Ruling.PERSON, "agreement", 0)),
    ],
)
def test_a_site_bills_on_a_card_what_its_kind_may_ask(ground, domain, client, ruling):
    """A verification bills nothing, and is what it was."""
    ground.cut()
    code, of_domain = ground.card(), {"lines": (CareLine(domain, 100_00),)}
    claim = of_card(ground, code, **of_domain)
    looked = verified(ground, code, lines=(CareLine(domain, 0),))
    ground.back()
    ground.send(claim, looked, client=client)
    ground.judge()
    assert ground.stands(claim, looked, client=client) == [ruling, (Ruling.HONOURED, "", 0)]


@pytest.mark.parametrize("use", [Use.CLAIM, Use.AGREEMENT])
def test_a_site_binds_an_insurer_for_what_its_kind_may_ask(ground, use):
    """A pharmacist's device has signed a sale of glasses, and an optician's one of medicine."""
    ground.enrol(client=PHARMACY)
    other, medicine = ec.derive_private_key(32, ec.SECP256R1()), Domain.PHAR
    ground.enrol(other)
    ground.cut()
    code, chain = ground.card(), MemoryChain()
    line = Line(domain=medicine, price=20_00, base=20_00, rate=65)
    glasses = ground.sell(code, use=use)
    drug = ground.sell(code, lines=[line], use=use, key=other, chain=chain)
    after = ground.sell(ground.card(2), use=use, key=other, chain=chain)
    ground.back()
    ground.send(glasses, client=PHARMACY)
    ground.send(drug, after)
    ground.judge()
    of_another_kind = (Ruling.PERSON, "kind", 0)
    assert ground.stands(glasses, client=PHARMACY) == [of_another_kind]
    assert ground.stands(drug, after) == [of_another_kind, ACCEPTED], "the chain goes on"


def test_a_site_that_the_registry_knows_no_more_bills_nothing_offline(ground):
    ground.cut()
    claim = of_card(ground, ground.card())
    ground.back()
    ground.send(claim)
    judging = ground.judging()

    class Forgotten:
        def __getattr__(self, name):
            return getattr(ground.store.book, name)

        def waiting(self, upto):
            return (replace(each, kind=None) for each in ground.store.book.waiting(upto))

    judging.book = Forgotten()
    judging()
    assert ground.stands(claim) == [(Ruling.PERSON, "kind", 0)]


@pytest.mark.parametrize(
    ("change", "ruling"),
    [
        ({}, (Ruling.PERSON, "card", 0)),
        ({"care": date.fromordinal(ON.toordinal() - 1)}, (Ruling.REFUSED, "card", 0)),
        ({"lines": (CareLine(Domain.AUDI, 100_00),)}, (Ruling.REFUSED, "card", 0)),
        ({"cites": Shown("RP1:NONSENSE")}, (Ruling.REFUSED, "card", 0)),
    ],
    ids=str,
)
def test_a_card_whose_key_was_taken_off_since_is_looked_at(ground, change, ruling):
    """It proved its rights at the counter: only what no list of that day bears out is refused."""
    ground.cut()
    ground.back()
    claim = of_card(ground, ground.card(), **change)
    ground.taken_off = True
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [ruling]


def test_what_comes_later_than_a_day_after_the_return_is_looked_at(ground):
    ground.cut()
    ground.back()
    claim = of_card(ground, ground.card())
    ground.received = BACK + DAY + 1
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [(Ruling.PERSON, "deposit", 0)]


@pytest.mark.parametrize(
    ("since", "ruling", "ended"),
    [
        (None, (Ruling.HONOURED, "", 40_00), False),
        (CUT + HOUR, (Ruling.HONOURED, "", 40_00), True),
        (CUT - DAY, (Ruling.REFUSED, "over", 0), False),
    ],
)
def test_a_card_that_ended_meanwhile_is_the_insurers_and_is_listed(ground, since, ruling, ended):
    ground.cut()
    ground.back()
    ground.over_since = since
    claim = of_card(ground, ground.card())
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [ruling]
    assert ground.store.ended(1) is ended


# One care, on an answer and on a card

TWICE = (Ruling.PERSON, "once", 0)
PAID = (Ruling.HONOURED, "", 40_00)
NO_VAULT = TemporarilyUnavailable("no vault behind the door")


@dataclass
class Evidence:
    """The same care on an answer and on a card, in the morning and in the cut, by one site."""

    on_answer: Claim
    on_card: Claim
    client: str
    paid: tuple[Ruling, str, int]
    """What becomes of that on the card alone."""


def evidence(ground, kind: str, *, asker: str = "", **other) -> Evidence:
    """``asker`` and ``other`` change who asked for what; the vault is there when it was asked."""
    code, at_optician = ground.card(), kind == "undertaking"
    client = SITE if at_optician else PHARMACY
    usual = {"domain": "OPTI" if at_optician else "PHAR"}
    price = other.pop("price", 95_00 if at_optician else 100_00)
    ground.enrol()
    ground.at(CUT - 600)
    asked_of = ground.card(2) if other.pop("person", None) else code
    answered = ground.answer(asked_of, asker or client, **(usual | other))
    ground.cut()
    # An answer has the sum; what the device has signed are its parts.
    lines = (CareLine(Domain[(usual | other)["domain"]], price),)
    on_answer = ground.bill(
        answered.reference, "A-1", lines=lines, care=other.get("care", ON), asked=40_00
    )
    on_card = ground.sell(code) if at_optician else of_card(ground, code, "C-1")
    ground.back()
    return Evidence(on_answer, on_card, client, ACCEPTED if at_optician else PAID)


@pytest.fixture(params=["undertaking", "shown"])
def kind(request) -> str:
    return request.param


@pytest.mark.parametrize("order", ["answer first", "card first"])
def test_one_care_billed_on_an_answer_and_on_a_card_is_looked_at(ground, kind, order):
    said = evidence(ground, kind)
    first, later, paid = said.on_answer, said.on_card, PAID
    if order == "card first":
        first, later, paid = later, first, said.paid
    for claim in (first, later):
        ground.send(claim, client=said.client)
        ground.judge()
    assert ground.stands(first, later, client=said.client) == [paid, TWICE]
    number, show = ground.store.book.newest(), deciding(ground).show
    assert (show(number)[1].alike, show(number - 1)[1].alike) == ((number - 1,), (number,))
    again = replace(later, number="Z-1")
    ground.send(again, client=said.client)
    ground.judge()
    # A card that is shown again is not the same paper: nothing proves that it is.
    same_paper = not isinstance(later.cites, Shown)
    refused = (Ruling.REFUSED, "once", 0) if same_paper else TWICE
    assert ground.stands(again, client=said.client) == [refused]


@pytest.mark.parametrize("order", ["answer first", "card first"])
def test_two_prescriptions_of_a_day_are_two_cares(ground, kind, order):
    """One in the morning, on an answer; one in the cut: each has its own lines."""
    said = evidence(ground, kind, price=94_99)
    for claim in (said.on_answer, said.on_card)[:: 1 if order == "answer first" else -1]:
        ground.send(claim, client=said.client)
        ground.judge()
    stands = ground.stands(said.on_answer, said.on_card, client=said.client)
    assert stands == [PAID, said.paid]


def test_what_opens_no_more_may_be_the_same_care(ground):
    """Whoever writes into the database of claims can damage one: it is not forgotten by that."""
    said = evidence(ground, "shown", price=94_99)
    ground.send(said.on_answer, said.on_card, client=said.client)
    judging = ground.judging()

    class Damaged:
        def __getattr__(self, name):
            return getattr(ground.store.book, name)

        def same_care(self, cares, *, on_cards, limit):
            return [] if on_cards else [Alike(1, b"damaged", 40_00)]

    judging.book = Damaged()
    judging()
    assert ground.stands(said.on_answer, said.on_card, client=said.client) == [PAID, TWICE]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("price", [20_00, 21_00])
@pytest.mark.parametrize("order", ["signed first", "shown first", "one pass"])
def test_what_a_device_has_signed_and_a_card_that_is_shown(ground, known, price, order):
    """One care at the same price, two at another; whether the vault knows the card or not."""
    ground.enrol(client=PHARMACY)
    ground.cut()
    code, line = ground.card(), Line(domain=Domain.PHAR, price=20_00, base=20_00, rate=65)
    signed = ground.sell(code, lines=[line])
    shown = of_card(ground, code, "C-1", lines=(CareLine(Domain.PHAR, price),), asked=7_00)
    ground.back()
    if not known:
        ground.world.rights.rows.clear()
    for claim in (shown, signed) if order == "shown first" else (signed, shown):
        ground.send(claim, client=PHARMACY)
        if order != "one pass":
            ground.judge()
    ground.judge()
    paid = (Ruling.HONOURED, "", 7_00)
    later = paid if price != 20_00 else TWICE
    first_is_signed = order == "signed first"
    stands = ground.stands(signed, shown, client=PHARMACY)
    assert stands == ([paid, later] if first_is_signed else [later, paid])


def test_the_same_in_one_pass(ground, kind):
    said = evidence(ground, kind)
    ground.send(said.on_card, said.on_answer, client=said.client)
    tally = ground.judge()
    assert (tally[Ruling.HONOURED], tally[Ruling.PERSON]) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("undertaking", {"asker": "STRUCT:OPTI2"}),
        ("undertaking", {"person": 2}),
        ("undertaking", {"care": date.fromordinal(ON.toordinal() - 1)}),
        ("shown", {"person": 2}),
        ("shown", {"care": date.fromordinal(ON.toordinal() - 1)}),
        ("shown", {"domain": "LPPS"}),
    ],
    ids=str,
)
def test_what_is_another_sites_person_domain_or_day_is_another_care(ground, kind, other):
    said = evidence(ground, kind, **other)
    asker = other.get("asker", said.client)
    ground.send(said.on_answer, client=asker)
    ground.send(said.on_card, client=said.client)
    ground.judge()
    assert ground.stands(said.on_answer, client=asker) == [PAID]
    assert ground.stands(said.on_card, client=said.client) == [said.paid]


def unanswered(request):
    raise NO_VAULT


@pytest.mark.parametrize(
    "vault", [unanswered, lambda request: Refused("unavailable")], ids=["away", "no database"]
)
def test_with_the_vault_away_claims_on_cards_wait_and_none_is_lost(ground, kind, vault):
    said, asked = evidence(ground, kind), []

    def overheard(request):
        asked.append(request)
        return vault(request)

    more = ground.card(3)
    second = (
        ground.sell(more, at=CUT + HOUR + 1)
        if kind == "undertaking"
        else of_card(ground, more, "C-2")
    )
    ground.send(said.on_card, second, said.on_answer, client=said.client)
    judging = ground.judging(vault=overheard)
    assert judging()[Ruling.HONOURED] == 1, "what rests on an answer needs no vault"
    assert (judging.waits, len(asked)) == (2, 1), "a vault that is away is asked once"
    stands = ground.stands(said.on_card, second, said.on_answer, client=said.client)
    assert stands == [WAITS, WAITS, PAID]
    judging = ground.judging()
    judging()
    assert judging.waits == 0
    stands = ground.stands(said.on_card, second, client=said.client)
    assert stands == [TWICE, said.paid]


def test_what_the_vault_does_not_know_is_judged_without(ground, kind):
    """An insurer that is not on this platform, or has sent no member yet."""
    said = evidence(ground, kind)
    ground.world.rights.rows.clear()
    ground.send(said.on_answer, said.on_card, client=said.client)
    ground.judge()
    assert ground.stands(said.on_answer, said.on_card, client=said.client) == [PAID, said.paid]


@pytest.mark.parametrize(
    ("decided", "ruling"),
    [(None, TWICE), ({"accept": True}, TWICE), ({"accept": False}, PAID)],
    ids=["undecided", "accepted", "refused"],
)
def test_what_a_person_has_or_may_have_accepted_is_one_care_too(ground, kind, decided, ruling):
    said = evidence(ground, kind)
    ground.received = BACK + DAY + 1
    ground.send(said.on_card, client=said.client)
    ground.judge(at=BACK + DAY + 1)
    assert ground.stands(said.on_card, client=said.client) == [(Ruling.PERSON, "deposit", 0)]
    if decided is not None:
        decide(ground, ground.store.book.newest(), **decided)
    ground.send(said.on_answer, client=said.client)
    ground.judge()
    assert ground.stands(said.on_answer, client=said.client) == [ruling]


def test_a_claim_that_follows_an_agreement_is_one_care_with_an_answer_too(ground):
    """The request itself bills nothing."""
    said = evidence(ground, "undertaking")
    asked = replace(said.on_card, use=Use.AGREEMENT, number="A-9")
    ground.send(asked)
    ground.judge()
    ground.send(said.on_answer)
    ground.judge()
    ground.send(said.on_card)
    ground.judge()
    assert ground.stands(asked, said.on_answer, said.on_card) == [ACCEPTED, PAID, TWICE]


def test_another_sites_claim_on_an_answer_makes_nobodys_care_suspect(ground):
    """It was not opened at first: who cites it is looked at, whoever that is."""
    said = evidence(ground, "undertaking")
    reference = said.on_answer.cites.reference
    ground.world.service.ledger.act(EntryType.UNOPENED, {}, cites=reference)
    ground.send(said.on_answer, client="STRUCT:OPTI2")
    ground.judge()
    assert ground.stands(said.on_answer, client="STRUCT:OPTI2") == [(Ruling.PERSON, "answer", 0)]
    ground.send(said.on_card)
    ground.judge()
    assert ground.stands(said.on_card) == [ACCEPTED]


def test_a_sale_that_was_not_made_is_no_care(ground):
    said = evidence(ground, "undertaking")
    void = replace(said.on_card, void=True)
    ground.send(void)
    ground.judge()
    ground.send(said.on_answer)
    ground.judge()
    assert ground.stands(void, said.on_answer) == [(Ruling.VOID, "", 0), PAID]


# A verification that a software reports, and that led to no claim


def verified(ground, code, number="V-1", *, made=CUT - DAY, **more) -> Claim:
    said = {"use": Use.VERIFICATION, "asked": 0, "lines": (CareLine(Domain.PHAR, 0),)}
    return of_card(ground, code, number, **(said | {"cites": Shown(code, made)} | more))


def test_a_verification_is_judged_owes_nothing_and_uses_nothing_up(ground):
    ground.cut()
    code = ground.card()
    ground.back()
    one, again = verified(ground, code), verified(ground, code, "V-2")
    assert ground.stands(one, again, one) == [WAITS] * 3, "the same one again is one"
    assert ground.judge()[Ruling.HONOURED] == 2
    good = (Ruling.HONOURED, "", 0)
    assert ground.stands(one, again) == [good, good]
    billed = of_card(ground, code)
    ground.send(billed)
    ground.judge()
    assert ground.stands(billed) == [(Ruling.HONOURED, "", 40_00)]


@pytest.mark.parametrize(
    ("change", "ruling"),
    [
        ({"cites": Shown("RP1:NONSENSE", CUT - DAY)}, (Ruling.REFUSED, "card", 0)),
        ({"amc": "99990002"}, (Ruling.REFUSED, "card", 0)),
        ({"care": date.fromordinal(ON.toordinal() - 3)}, (Ruling.PERSON, "cut", 0)),
        # It needs an agreement to be billed, and none to be verified.
        ({"lines": (CareLine(Domain.OPTI, 0),)}, (Ruling.HONOURED, "", 0)),
        ({"made": CUT - 8 * DAY}, (Ruling.PERSON, "list", 0)),
        ({"made": NOW + DAY}, (Ruling.PERSON, "list", 0)),
    ],
    ids=str,
)
def test_a_verification_is_told_apart_from_one_that_was_wrong(ground, change, ruling):
    ground.cut()
    ground.back()
    assert ruled(ground, verified(ground, ground.card(), **change)) == ruling


@pytest.mark.parametrize(
    ("since", "made", "ruling", "ended"),
    [
        (CUT + HOUR, CUT - DAY, (Ruling.HONOURED, "ended", 0), True),
        (CUT - DAY, CUT - DAY, (Ruling.REFUSED, "over", 0), False),
        # What the list said that the site had, and not the one that it could have had.
        (CUT - 2 * DAY, CUT - 3 * DAY, (Ruling.HONOURED, "ended", 0), True),
    ],
)
def test_a_verification_goes_by_the_list_that_the_site_had(ground, since, made, ruling, ended):
    ground.cut()
    ground.back()
    ground.over_since = since
    claim, billed = (make(ground, ground.card()) for make in (verified, of_card))
    claim = replace(claim, cites=Shown(claim.cites.code, made))
    billed = replace(billed, cites=Shown(billed.cites.code, made))
    ground.send(claim, billed)
    ground.judge()
    assert ground.stands(claim) == [ruling]
    assert ground.store.ended(1) is ended
    honoured = ruling[0] is Ruling.HONOURED
    assert ground.stands(billed) == [(Ruling.HONOURED, "", 40_00) if honoured else ruling]


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"asked": 1}, "total"),
        ({"lines": (CareLine(Domain.PHAR, 1),)}, "item"),
        ({"lines": (CareLine(Domain.PHAR, 0),) * 2}, "item"),
        ({"cites": Shown("RP1:X")}, "insurance"),
        ({"cites": Shown("RP1:X", -1)}, "insurance"),
        ({"cites": Disclosed(1)}, "insurance"),
        ({"use": Use.CLAIM}, "total"),
    ],
    ids=str,
)
def test_a_verification_has_no_amount_and_says_its_list(ground, change, element):
    with pytest.raises(MalformedIdentifier) as refused:
        verified(ground, "RP1:X", **change)
    assert refused.value.kind == element


def test_a_reported_verification_reads_as_it_was_written(ground):
    claim = verified(ground, ground.card())
    assert from_bytes(to_bytes(claim)) == claim
    assert read_claim(json.dumps(claim_resource(claim)).encode()) == claim


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"total": {"value": 1, "currency": "EUR"}}, "total"),
        ({"use": "claim"}, "item[0].net"),
        ({"insurance": {}}, "insurance[0].extension"),
        ({"insurance": {"extension": [{"url": "urn:rempart:status-list"}]}}, "insurance[0]"),
        (
            {
                "insurance": {
                    "extension": [
                        {
                            "url": "urn:rempart:status-list",
                            "valueInstant": "2026-13-01T00:00:00Z",
                        }
                    ]
                }
            },
            "insurance[0].extension",
        ),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_reported_verification_is_named(ground, change, element):
    body = claim_resource(verified(ground, "RP1:SECRET"))
    if "insurance" in change:
        (insurance,) = body["insurance"]
        del insurance["extension"]
        change = {"insurance": [insurance | change["insurance"]]}
    with pytest.raises(Declined) as refused:
        read_claim(json.dumps(body | change).encode())
    assert refused.value.expression.startswith(f"Claim.{element}")
    assert "SECRET" not in str(refused.value)


# Faults


def test_two_judges_do_not_judge_at_once(ground):
    with ground.store.another() as other:
        with ground.store.book.alone(), pytest.raises(TemporarilyUnavailable), other.alone():
            pass
        with other.alone():
            pass


TAKEN = {
    "disclosure": {"disclosure": 5},
    "link": {"device": b"d" * 8, "link": 1, "digest": b"u" * 32},
    "follows": {"follows": 1},
    "shown": {"shown": b"s" * 32},
}
"""What a ruling uses up."""


@pytest.mark.parametrize("taken", TAKEN)
def test_what_is_used_up_is_used_up_once_and_rulings_are_kept_together_or_not_at_all(ground, taken):
    book = ground.store.book
    ground.send(*(ground.bill(n, f"F-{n}") for n in (1, 2, 3)))
    one, two, three = (each.number for each in book.waiting(99))
    accepted = Ruled(claim=one, ruling=Ruling.HONOURED, amount=1, **TAKEN[taken])
    book.keep([accepted])
    for bad in (
        Ruled(claim=one, ruling=Ruling.REFUSED),
        replace(accepted, claim=three),
        Ruled(claim=99, ruling=Ruling.REFUSED),
    ):
        with pytest.raises((AssertionError, psycopg.IntegrityError)):
            book.keep([Ruled(claim=two, ruling=Ruling.REFUSED), bad])
        assert [each.number for each in book.waiting(99)] == [two, three]
    book.keep([Ruled(claim=two, ruling=Ruling.REFUSED), Ruled(claim=three, ruling=Ruling.REFUSED)])
    assert list(book.waiting(99)) == []


def test_no_database_is_said_and_nothing_is_acknowledged(tmp_path: Path):
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    file = conninfo_file(secrets, "billing")
    file.write_text("host=127.0.0.1 port=1 dbname=none user=none connect_timeout=1")
    file.chmod(0o600)
    queue = PostgresClaimQueue(file, sandbox=True)
    with pytest.raises(TemporarilyUnavailable):
        asyncio.run(queue.biller(b"c" * 32))
    assert not asyncio.run(queue.ready())


def test_a_database_that_never_answers_is_said_within_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(claims_in_postgres, "WITHIN", 0.3)
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = conninfo_file(secrets, "billing")
        file.write_text(f"host=127.0.0.1 port={silent.getsockname()[1]} dbname=none user=none")
        file.chmod(0o600)
        queue, began = PostgresClaimQueue(file, sandbox=True), time.monotonic()
        with pytest.raises(TemporarilyUnavailable):
            asyncio.run(asyncio.wait_for(queue.biller(b"c" * 32), 10))
        assert 0.3 <= time.monotonic() - began < 5
        monkeypatch.setattr(claims_in_postgres, "READY_WITHIN", 0.1)
        monkeypatch.setattr(claims_in_postgres, "WITHIN", 30.0)
        queue, began = PostgresClaimQueue(file, sandbox=True), time.monotonic()
        assert not asyncio.run(queue.ready())
        assert time.monotonic() - began < 5


def test_a_queue_that_could_keep_a_claim_is_ready_and_keeps_none(ground):
    assert ground.store.run(ground.store.queue.ready())
    assert ground.store.book.newest() == 0


# At the door


@pytest.fixture
def door():
    """The intake on claims in memory, and what is cut."""
    claims = MemoryClaims()
    claims.certificates[CERTIFICATE] = Biller(7, 4)
    rows = Said()
    take = TakeClaims(
        claims, StandingClock(), MemoryChance(), JUDGE.public_key().public_bytes_raw()
    )
    client = TestClient(intake(take, instance="t", clock=StandingClock(), rows=rows))
    client.app_state["certificate"] = CERTIFICATE
    return client, rows, claims


def of_answer(**change):
    body = {
        "resourceType": "Claim",
        "identifier": [{"system": "urn:rempart:claim", "value": "F2026-1"}],
        "status": "active",
        "type": {"coding": [{"system": "urn:x", "code": "vision"}]},
        "use": "claim",
        "patient": {"identifier": {"system": "urn:rempart:this-question", "value": "beneficiary"}},
        "created": "2026-11-26T09:00:00+01:00",
        "insurer": {"identifier": {"system": "urn:rempart:amc", "value": "99990001"}},
        "provider": {"identifier": {"system": "urn:rempart:this-question", "value": "provider"}},
        "priority": {"coding": [{"system": "urn:x", "code": "normal"}]},
        "insurance": [
            {
                "sequence": 1,
                "focal": True,
                "coverage": {"identifier": {"system": "urn:rempart:disclosure", "value": "D41"}},
            }
        ],
        "item": [
            {
                "sequence": 1,
                "category": {"coding": [{"system": "urn:rempart:domain", "code": "OPTI"}]},
                "productOrService": {"coding": [{"system": "urn:x", "code": "frame"}]},
                "servicedDate": "2026-11-26",
                "net": {"value": 100.00, "currency": "EUR"},
            }
        ],
        "total": {"value": 40.5, "currency": "EUR"},
    }
    return body | change


def of_undertaking(claim: Claim, **change):
    body = of_answer()
    del body["item"]
    message = base64.urlsafe_b64encode(claim.cites.message).rstrip(b"=").decode()
    rests = {"system": "urn:rempart:undertaking", "value": message}
    body["insurance"][0]["coverage"] = {"identifier": rests}
    body["supportingInfo"] = [
        {
            "sequence": 1,
            "category": {"coding": [{"system": "urn:rempart:card-code", "code": "card-code"}]},
            "valueString": claim.cites.code,
        }
    ]
    body["total"] = {"value": claim.asked / 100, "currency": "EUR"}
    return body | change


def test_a_claim_is_acknowledged_once_it_is_kept(door):
    client, _, claims = door
    reply = client.post("/fhir/Claim", json=of_answer())
    assert (reply.status_code, reply.json()["outcome"]) == (202, "queued")
    assert reply.json()["extension"][0]["valueCode"] == "claim-kept"
    assert len(claims.kept) == 1
    claims.rulings[1] = Ruled(claim=1, ruling=Ruling.HONOURED, amount=40_50)
    reply = client.post("/fhir/Claim", json=of_answer())
    assert (reply.status_code, reply.json()["outcome"]) == (200, "complete")
    assert reply.json()["total"][0]["amount"] == {"value": 40.5, "currency": "EUR"}
    assert b"40.50" in reply.content


ACT, DIAGNOSIS, PRODUCT = "HBLD038", "C50.9", "3400930000000"


def test_nothing_medical_is_kept_of_a_claim_nor_given_back(door):
    """Codes of acts, of products, of diagnoses: what has a place is dropped, else it is refused."""
    client, _, claims = door
    body = of_answer()
    body["type"]["coding"][0]["code"] = DIAGNOSIS
    body["item"][0]["productOrService"]["coding"] = [
        {"system": "urn:oid:1.2.250.1.213.2.5", "code": ACT},
        {"system": "http://data.esante.gouv.fr/CIP", "code": PRODUCT},
    ]
    assert client.post("/fhir/Claim", json=body).status_code == 202
    kept = opened(claims.kept[0].sealed, JUDGE.private_bytes_raw())
    assert to_bytes(kept) == to_bytes(read_claim(json.dumps(of_answer()).encode()))
    claims.rulings[1] = Ruled(claim=1, ruling=Ruling.REFUSED, rule="kind", why="w")
    told = client.post("/fhir/Claim", json=body).json()
    assert told["extension"][1]["valueCode"] == "kind"
    for secret in (ACT, DIAGNOSIS, PRODUCT, "OPTI", "D41", "100", "99990001"):
        assert secret not in json.dumps(told), secret
    diagnosis = [{"sequence": 1, "diagnosisCodeableConcept": {"text": DIAGNOSIS}}]
    assert client.post("/fhir/Claim", json=body | {"diagnosis": diagnosis}).status_code == 422


@pytest.mark.parametrize("path", ["/fhir/Claim", "/fhir/Claim/1", "/fhir/ClaimResponse", "/fhir"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_no_claim_is_read_at_the_intake_by_any_other_way(door, path, method):
    client, _, claims = door
    client.post("/fhir/Claim", json=of_answer())
    reply = client.request(method, path, params={"identifier": "F2026-1"})
    assert reply.status_code in {404, 405}
    assert b"F2026" not in reply.content
    assert claims.told == []


def test_a_verification_has_outcomes_of_its_own_and_no_amount(door):
    client, _, claims = door
    ground = Ground(Store(None, None, lambda *_: None, None))
    body = claim_resource(verified(ground, ground.card()))

    def told() -> tuple[int, str, str]:
        said = client.post("/fhir/Claim", json=body)
        reply = said.json()
        assert "total" not in reply
        assert reply["use"] == "predetermination"
        return said.status_code, reply["outcome"], reply["extension"][0]["valueCode"]

    assert told() == (202, "queued", "verification-kept")
    for ruling, outcome, code in (
        (Ruling.HONOURED, "complete", "verification-right"),
        (Ruling.PERSON, "partial", "verification-looked-at"),
        (Ruling.REFUSED, "error", "verification-wrong"),
    ):
        claims.rulings[1] = Ruled(claim=1, ruling=ruling, rule="cut")
        assert told() == (200, outcome, code)
        assert code in CLAIM_OUTCOMES


def test_an_agreement_is_provisional_on_the_undertakings_word(door):
    client, _, _ = door
    ground = Ground(Store(None, None, lambda *_: None, None))
    ground.cut()
    body = of_undertaking(ground.sell(ground.card()), use="preauthorization")
    reply = client.post("/fhir/Claim", json=body).json()
    assert reply["preAuthRef"] == f"U{kid_of(SHOP.public_key()).hex()}/1"
    assert reply["extension"][0]["valueCode"] == "agreement-provisional"


@pytest.mark.parametrize(
    ("change", "expression"),
    [
        ({"total": {"value": 100.01, "currency": "EUR"}}, "Claim.total"),
        ({"total": {"value": 1.001, "currency": "EUR"}}, "Claim.total"),
        ({"total": {"value": -1, "currency": "EUR"}}, "Claim.total"),
        ({"item": []}, "Claim.item"),
        ({"status": "cancelled"}, "Claim.status"),
        ({"insurer": {"identifier": {"system": "urn:x", "value": "1"}}}, "Claim.insurer"),
        ({"identifier": [{"system": "urn:x", "value": "1"}]}, "Claim.identifier"),
        ({"patient": {"reference": "#p"}}, "Claim.patient"),
        ({"diagnosis": []}, "Claim.diagnosis"),
        (
            {
                "supportingInfo": of_undertaking(
                    Claim(
                        number="x",
                        use=Use.CLAIM,
                        amc="99990001",
                        care=ON,
                        asked=1,
                        cites=Bound(b"m", "RP1:"),
                    )
                )["supportingInfo"]
            },
            "Claim.supportingInfo",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_claim_that_breaks_a_rule_is_refused_by_element(door, change, expression):
    client, _, claims = door
    reply = client.post("/fhir/Claim", json=of_answer(**change))
    assert reply.status_code == 422
    assert reply.json()["issue"][0]["expression"] == [expression]
    assert claims.kept == []


def test_an_undertaking_that_is_none_is_refused(door):
    client, _, claims = door
    claim = Claim(
        number="x", use=Use.CLAIM, amc="99990001", care=ON, asked=1, cites=Bound(b"m", "RP1:")
    )
    reply = client.post("/fhir/Claim", json=of_undertaking(claim))
    assert reply.status_code == 422
    assert claims.kept == []


@pytest.mark.parametrize("spelled", ["{}=", "{} ", "+{}"])
def test_an_undertaking_has_one_spelling(door, spelled):
    client, _, claims = door
    ground = Ground(Store(None, None, lambda *_: None, None))
    ground.cut()
    body = of_undertaking(ground.sell(ground.card()))
    rests = body["insurance"][0]["coverage"]["identifier"]
    rests["value"] = spelled.format(rests["value"])
    reply = client.post("/fhir/Claim", json=body)
    assert reply.status_code == 422
    assert "base64url" in reply.json()["issue"][0]["diagnostics"]
    assert claims.kept == []


def test_who_shows_no_known_certificate_is_not_read(door):
    client, _, claims = door
    client.app_state["certificate"] = b"z" * 32
    assert client.post("/fhir/Claim", content=b"{").status_code == 401
    assert claims.kept == []


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ASKEW = ("/fhir/Claim/", "//fhir/Claim", "/health/../fhir/Claim", "/health/fhir/Claim", "/")


def test_who_shows_no_certificate_reaches_two_public_pages_and_nothing_else(door):
    """Whatever route is added asks who sends, or is named here."""
    client, _, claims = door
    client.app_state["certificate"] = b""
    # Where no certificate were one of somebody's, it would be taken.
    claims.certificates[b""] = Biller(7, 4)
    reached = {
        (method, path)
        for path in (*[route.path for route in client.app.routes], *ASKEW)
        for method in METHODS
        if client.request(method, path, json=of_answer()).status_code < 400
    }
    assert reached == {(method, path) for method in METHODS[:2] for path in ("/health", "/status")}
    assert claims.kept == []
    assert client.post("/fhir/Claim", content=b"{").status_code == 401
    client.app_state["certificate"] = CERTIFICATE
    assert client.post("/fhir/Claim", json=of_answer()).status_code == 202


def test_it_is_up_while_a_claim_can_be_kept_and_no_longer(door, monkeypatch):
    monkeypatch.setattr(look_at_intake, "REMEMBERED", 0.0)
    client, _, claims = door
    client.app_state["certificate"] = b""
    for claims.down, status, health, told in (
        (False, 200, "up", "up"),
        (True, 503, "down", "down"),
        (False, 200, "up", "up"),
    ):
        reply = client.get("/health")
        assert (reply.status_code, reply.json()) == (status, {"status": health, "instance": "t"})
        assert client.get("/status").json()["claims"] == told


def test_whoever_reads_it_how_often_the_queue_is_asked_once(door):
    client, _, claims = door
    assert client.get("/health").status_code == 200
    claims.down = True
    assert {client.get("/health").status_code for _ in range(50)} == {200}


@pytest.mark.parametrize(
    ("cuts", "claim", "agreement"),
    [
        ([], 202, 202),
        (None, 202, 202),
        ([cut(Scope.RIGHTS)], 202, 202),
        ([cut(Scope.CHANNEL, Channel.API), cut(Scope.CHANNEL, Channel.PORTAL)], 202, 202),
        ([cut(Scope.CHANNEL, Channel.BILLING)], 503, 202),
        ([cut(Scope.CHANNEL, Channel.AGREEMENT)], 202, 503),
        ([cut(Scope.PLATFORM)], 503, 503),
    ],
    ids=str,
)
def test_what_is_cut_of_billing_is_cut_and_nothing_else(door, cuts, claim, agreement):
    """Nobody can tell what is cut: then claims are taken in all the same."""
    client, rows, _ = door
    rows.row = None if cuts is None else row(*cuts)
    assert client.post("/fhir/Claim", json=of_answer()).status_code == claim
    other = of_answer(
        use="preauthorization", identifier=[{"system": "urn:rempart:claim", "value": "A-1"}]
    )
    assert client.post("/fhir/Claim", json=other).status_code == agreement


def test_a_database_that_is_away_acknowledges_nothing(door):
    client, _, claims = door
    claims.down = True
    reply = client.post("/fhir/Claim", json=of_answer())
    assert (reply.status_code, "retry-after" in reply.headers) == (503, True)
    claims.down = False
    assert client.post("/fhir/Claim", json=of_answer()).status_code == 202


# Folds and formats


ANY_CLAIM = (
    st.builds(
        Claim,
        number=st.from_regex(r"[!-~]{1,64}", fullmatch=True),
        use=PAYS,
        amc=st.from_regex(r"[0-9]{8}", fullmatch=True),
        care=st.dates(date(2000, 1, 1), date(2099, 1, 1)),
        asked=st.integers(1, 1_000),
        cites=st.builds(Disclosed, st.integers(0, 2**60)),
        lines=st.lists(
            st.builds(CareLine, st.sampled_from(Domain), st.integers(1_000, 10**6)),
            min_size=1,
            max_size=20,
        ).map(tuple),
    )
    | st.builds(
        Claim,
        number=st.just("F-2"),
        use=PAYS,
        amc=st.just("99990001"),
        care=st.just(ON),
        asked=st.integers(1, 10),
        cites=st.builds(Shown, st.text(max_size=20), st.none() | st.integers(1, 2**40)),
        lines=st.just((CareLine(Domain.PHAR, 10_00),)),
    )
    | st.builds(
        Claim,
        number=st.just("V-1"),
        use=st.just(Use.VERIFICATION),
        amc=st.just("99990001"),
        care=st.just(ON),
        asked=st.just(0),
        cites=st.builds(Shown, st.text(max_size=20), st.integers(1, 2**40)),
        lines=st.just((CareLine(Domain.PHAR, 0),)),
    )
    | st.builds(
        Claim,
        number=st.just("F-1"),
        use=PAYS,
        void=st.booleans(),
        amc=st.just("99990001"),
        care=st.just(ON),
        asked=st.integers(1, 10**7),
        cites=st.builds(Bound, st.binary(max_size=64), st.text(max_size=20)),
    )
)


@given(ANY_CLAIM)
def test_a_claim_comes_back_as_it_was_sent(claim):
    assert from_bytes(to_bytes(claim)) == claim


def history(*events) -> CutHistory:
    """Of ``("set", since, until, at)`` and ``("clear", ref, at)``, in seconds."""
    fold = CutHistory()
    for index, event in enumerate(events):
        at = event[-1] * 1_000_000
        if event[0] == "set":
            codes = cut(
                Scope.PLATFORM, since=event[1] * 1_000_000, until=event[2] * 1_000_000
            ).codes()
            fold.absorb(
                index, Entry(EntryType.CUT_OFF, 2611, at), encode_codes(codes, salt=bytes(16))
            )
        else:
            fold.absorb(index, Entry(EntryType.CUT_OFF, 2611, at, cites=event[1]), b"")
    return fold


@pytest.mark.parametrize(
    ("events", "now", "spans"),
    [
        ([("set", 10, 0, 10)], 50, [Span(10, 0)]),
        ([("set", 10, 20, 10)], 50, [Span(10, 20)]),
        ([("set", 10, 0, 10), ("clear", 0, 30)], 50, [Span(10, 30)]),
        ([("set", 10, 0, 10), ("set", 25, 40, 25), ("clear", 0, 30)], 50, [Span(10, 40)]),
        ([("set", 10, 20, 10), ("set", 30, 40, 25)], 50, [Span(10, 20), Span(30, 40)]),
        ([("set", 10, 20, 10), ("set", 15, 0, 15)], 50, [Span(10, 0)]),
        ([("set", 60, 0, 10)], 50, []),
        ([("set", 60, 0, 10), ("clear", 0, 30)], 90, []),
        ([("set", 10, 20, 10), ("clear", 0, 30)], 50, [Span(10, 20)]),
    ],
)
def test_when_a_site_could_not_ask_is_read_from_the_ledger(events, now, spans):
    found = history(*events).spans([(Scope.PLATFORM, 0)], now * 1_000_000)
    assert found == spans


# What a page has exported


def exported(*links: tuple[bytes, str]) -> list[str]:
    """As the offline page writes them."""
    return [
        json.dumps(
            {
                "message": base64.urlsafe_b64encode(message).rstrip(b"=").decode(),
                "code": code,
            }
        )
        for message, code in links
    ]


def test_what_a_page_has_exported_is_deposited(ground):
    ground.enrol()
    ground.cut()
    for n in (1, 2):
        ground.sell(ground.card(n), at=CUT + n)
    links = list(ground.chain.links())
    claims = list(claims_of(read_links(exported(*links))))
    ground.back()
    ground.send(*claims)
    ground.judge()
    assert ground.stands(*claims) == [ACCEPTED] * 2
    assert [claim.number.partition("/")[2] for claim in claims] == ["1", "2"]


def test_a_code_that_a_shop_has_forgotten_was_deposited_before():
    assert list(read_links(exported((b"m1", ""), (b"m2", "RP1:X")))) == [(b"m2", "RP1:X")]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        '{"message": "AA"}',
        '{"message": 1, "code": ""}',
        '{"message": "é", "code": "x"}',
        '{"message": "AA==", "code": "x"}',
        '{"message": "AB", "code": "x"}',
        "[" * 9_999,
    ],
)
def test_a_line_of_an_export_that_is_none_is_named(line):
    with pytest.raises(MalformedRow) as refused:
        list(read_links([*exported((b"m", "RP1:X")), line]))
    assert refused.value.line == 2


# What a hostile, an unlucky, or a slow one does


def test_a_code_that_was_mixed_up_takes_no_place(ground):
    ground.enrol()
    ground.cut()
    claim = ground.sell(ground.card())
    mixed = replace(claim, cites=Bound(claim.cites.message, ground.card(2)))
    nonsense = replace(claim, cites=Bound(claim.cites.message, "no code at all"))
    for wrong in (mixed, nonsense):
        with pytest.raises(MalformedIdentifier):
            ground.send(wrong)
    ground.send(claim)
    ground.back()
    ground.judge()
    assert ground.stands(claim) == [ACCEPTED]


def test_an_intake_that_stays_cut_takes_nothing_from_the_day_of_the_deposit(ground):
    ground.enrol()
    ground.cut(at=CUT - 9 * HOUR)
    claim = ground.sell(ground.card(), at=CUT - 8 * HOUR)
    said = ground.world.service([SetCutOff("channel", "billing", "incident", by="nadia")])[0]
    ground.back(at=CUT - 5 * HOUR)
    ground.at(BACK + 20 * HOUR)
    ground.world.service([ClearCutOff(said.ref, by="nadia")])
    ground.received = BACK + 43 * HOUR
    ground.send(claim)
    ground.judge(at=BACK + 44 * HOUR)
    assert ground.stands(claim) == [ACCEPTED]


def test_what_was_signed_after_the_return_does_not_overtake_what_was_signed_before(ground):
    ground.enrol()
    ground.cut()
    claims = [ground.sell(ground.card(n), at=CUT + n) for n in (1, 2)]
    ground.back(at=CUT + HOUR)
    late = ground.sell(ground.card(3), at=CUT + HOUR + 400)
    ground.send(late)
    assert sum(ground.judge().values()) == 0, "those before it may still come"
    ground.send(*claims)
    ground.judge()
    assert ground.stands(*claims, late) == [ACCEPTED, ACCEPTED, (Ruling.PERSON, "cut", 0)]


def test_a_site_whose_software_the_guard_has_cut_could_not_ask_either(ground):
    history = CutHistory()
    codes = cut(Scope.SOFTWARE, 77, since=CUT * 1_000_000, until=BACK * 1_000_000).codes()
    entry = Entry(EntryType.CUT_OFF, 2611, CUT * 1_000_000)
    history.absorb(0, entry, encode_codes(codes, salt=bytes(16)))
    keys = list(keys_of_site(ground.biller(), 99_990_001))
    assert history.spans(keys, NOW * 1_000_000) == [Span(CUT, BACK)]
    other = ground.biller()._replace(product=0)
    assert history.spans(keys_of_site(other, 99_990_001), NOW * 1_000_000) == []


def test_an_answer_that_was_not_opened_at_first_is_looked_at(ground):
    ground.at(CUT)
    answered = ground.answer(ground.card())
    ground.world.service.ledger.act(EntryType.UNOPENED, {}, cites=answered.reference)
    claim = ground.bill(answered.reference)
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [(Ruling.PERSON, "answer", 0)]


AGREED_BY_A_PERSON = (Ruling.PERSON, "agreement", 0)


def agreement_asked(ground, asked: int = 40_00) -> tuple[Claim, Claim]:
    """A request for an agreement on an answer, judged; and the claim that is to follow it."""
    ground.at(CUT)
    answered = ground.answer(ground.card())
    price = (CareLine(Domain.OPTI, 100_000_00),)
    request = ground.bill(answered.reference, "A-1", use=Use.AGREEMENT, asked=asked, lines=price)
    ground.send(request)
    ground.judge()
    return request, replace(request, use=Use.CLAIM, number="F-1")


@pytest.mark.parametrize("asked", [1, 40_00, 100_000_00])
def test_an_answer_agrees_to_nothing(ground, asked):
    """It tells that rights are open: a person says what is agreed."""
    request, _ = agreement_asked(ground, asked)
    assert ground.stands(request) == [AGREED_BY_A_PERSON]
    assert ground.judge()[Ruling.HONOURED] == 0


@pytest.mark.parametrize(
    ("decided", "asked", "ruling"),
    [
        ({}, 40_00, (Ruling.HONOURED, "", 40_00)),
        ({"cents": 30_00}, 40_00, (Ruling.HONOURED, "", 30_00)),
        ({}, 41_00, (Ruling.HONOURED, "", 40_00)),
        ({}, 39_00, (Ruling.HONOURED, "", 39_00)),
        ({"accept": False}, 40_00, (Ruling.REFUSED, "agreement", 0)),
        (None, 40_00, (Ruling.PERSON, "agreement", 0)),
    ],
    ids=str,
)
def test_a_claim_on_an_answer_takes_over_what_a_person_agreed_to_once(
    ground, decided, asked, ruling
):
    _, claim = agreement_asked(ground)
    if decided is not None:
        decide(ground, ground.store.book.newest(), **decided)
    claim = replace(claim, asked=asked)
    same_pass, later = replace(claim, number="F-2"), replace(claim, number="F-3")
    ground.send(claim, same_pass)
    ground.judge()
    ground.send(later)
    ground.judge()
    once = (Ruling.REFUSED, "once", 0)
    assert ground.stands(claim, same_pass, later) == [ruling, once, once]


def test_a_claim_that_comes_with_its_request_waits_for_the_same_person(ground):
    ground.at(CUT)
    answered = ground.answer(ground.card())
    request = ground.bill(answered.reference, "A-1", use=Use.AGREEMENT)
    claim = ground.bill(answered.reference)
    ground.send(request, claim)
    ground.judge()
    assert ground.stands(request, claim) == [AGREED_BY_A_PERSON] * 2


def test_of_two_requests_the_last_one_that_was_decided_on_counts(ground):
    request, claim = agreement_asked(ground)
    first, others = ground.store.book.newest(), []
    for number in ("A-2", "A-3"):
        others.append(replace(request, number=number))
        ground.send(others[-1])
    ground.judge()
    decide(ground, first, accept=False)
    decide(ground, first + 1, cents=12_00)
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [(Ruling.HONOURED, "", 12_00)]


def test_a_request_on_what_is_not_this_sites_answer_is_refused_and_agrees_to_nothing(ground):
    ground.at(CUT)
    answered = ground.answer(ground.card())
    request = ground.bill(answered.reference, "A-1", use=Use.AGREEMENT)
    ground.send(request, client="STRUCT:OPTI2")
    claim = ground.bill(answered.reference)
    ground.send(claim)
    ground.judge()
    assert ground.stands(request, client="STRUCT:OPTI2") == [(Ruling.REFUSED, "site", 0)]
    assert ground.stands(claim) == [(Ruling.HONOURED, "", 40_00)]


class WhileItIsRead(MemoryJudgeLedger):
    """A ledger during whose reading something happens."""

    def __init__(self, kept: MemoryLedger, happens: Callable[[], object]) -> None:
        super().__init__(kept)
        self.happens = happens

    def decisions(self):
        yield from super().decisions()
        self.happens()


def test_what_comes_while_it_is_judged_waits_for_the_next_time(ground):
    """The ledger is read once a pass: what came after that is not judged by it."""
    before, meanwhile = ground.bill(7), ground.bill(8, "F-2")
    ground.send(before)
    ledger = WhileItIsRead(ground.world.store, lambda: ground.send(meanwhile))
    ground.judge(ledger=ledger)
    refused = (Ruling.REFUSED, "answer", 0)
    assert ground.stands(before, meanwhile) == [refused, WAITS]
    ground.judge()
    assert ground.stands(meanwhile) == [refused]


# What is left to a person


def left_to_a_person(ground) -> tuple[int, Claim]:
    """A claim of which nothing proves anything: the site was not cut that day."""
    claim = of_card(ground, ground.card())
    ground.send(claim)
    ground.judge()
    assert ground.stands(claim) == [(Ruling.PERSON, "cut", 0)]
    return ground.store.book.newest(), claim


def deciding(ground, book=None, vault=None) -> DecideClaims:
    ask = vault or (lambda request: ground.world.service([request])[0])
    return DecideClaims(book or ground.store.book, ask, JUDGE.private_bytes_raw())


def decide(ground, number: int, *, book=None, vault=None, **said) -> ClaimDecision:
    said = {"by": "nadia", "accept": True, "why": ClaimWhy.SHOWN} | said
    return deciding(ground, book, vault)(number, **said)


def entries_on_claims(ground) -> list[tuple[int, Entry, Codes]]:
    read = [(each.index, decode(each.body), each.detail) for each in ground.world.store.rows]
    said = [(i, e, decode_codes(d)) for i, e, d in read if e.type is EntryType.DECISION]
    return [each for each in said if "claim" in each[2]]


LEFT = (Ruling.PERSON, "cut", 0)


@pytest.mark.parametrize(
    ("accept", "cents", "stands"),
    [
        (True, None, (Ruling.HONOURED, "cut", 40_00)),
        (True, 12_34, (Ruling.HONOURED, "cut", 12_34)),
        (False, None, (Ruling.REFUSED, "cut", 0)),
    ],
)
def test_a_person_decides_once_and_the_ledger_says_so(ground, accept, cents, stands):
    number, claim = left_to_a_person(ground)
    shown, standing = deciding(ground).show(number)
    assert (shown, standing.ruling, standing.decision) == (claim, Ruling.PERSON, None)
    taken = decide(ground, number, accept=accept, cents=cents)
    assert taken.amount == stands[2]
    assert ground.stands(claim) == [stands]
    ((index, entry, codes),) = entries_on_claims(ground)
    assert taken.ref == index == len(ground.world.store.rows) - 1
    assert (codes["accepted"], codes["amount"]) == (int(accept), stands[2])
    assert (codes["by"], codes["why"]) == ("nadia", ClaimWhy.SHOWN)
    assert entry.at == ground.world.clock.now()
    assert deciding(ground).show(number)[1].decision == taken


def test_the_same_decision_again_is_the_same_and_another_is_refused(ground):
    number, claim = left_to_a_person(ground)
    taken = decide(ground, number)
    stands = ground.stands(claim)
    assert decide(ground, number) == taken
    assert decide(ground, number, vault=no_vault) == taken, "nothing is left to write down"
    for other in (
        {"accept": False},
        {"cents": 39_99},
        {"by": "basile"},
        {"why": ClaimWhy.DOUBT},
    ):
        with pytest.raises(MalformedIdentifier, match=f"decided on: entry {taken.ref}"):
            decide(ground, number, **other)
    assert ground.stands(claim) == stands
    assert len(entries_on_claims(ground)) == 1


def test_a_person_decides_on_nothing_else(ground):
    number, claim = left_to_a_person(ground)
    for bad, rule in (
        ({"by": ""}, "one word"),
        ({"by": "no name"}, "one word"),
        ({"cents": 40_01}, "no more than was asked"),
        ({"cents": 0}, "no more than was asked"),
    ):
        with pytest.raises(MalformedIdentifier, match=rule):
            decide(ground, number, **bad)
    with pytest.raises(MalformedIdentifier, match="none of this number"):
        decide(ground, number + 1)
    ground.send(waiting := ground.bill(7, "F-9"))
    with pytest.raises(MalformedIdentifier, match="does not wait"):
        decide(ground, ground.store.book.newest())
    assert ground.stands(claim, waiting) == [LEFT, WAITS]
    assert entries_on_claims(ground) == []


@pytest.mark.parametrize(
    ("accept", "stands"),
    [(True, (Ruling.HONOURED, "cut", 0)), (False, (Ruling.REFUSED, "cut", 0))],
)
def test_a_person_notes_a_verification_as_right_or_wrong_and_it_owes_nothing(
    ground, accept, stands
):
    claim = verified(ground, ground.card())
    assert ruled(ground, claim) == LEFT
    number = ground.store.book.newest()
    for cents in (0, 1):
        with pytest.raises(MalformedIdentifier, match="owes nothing"):
            decide(ground, number, accept=accept, cents=cents)
    taken = decide(ground, number, accept=accept)
    assert decide(ground, number, accept=accept) == taken
    assert ground.stands(claim) == [stands]
    ((index, _, codes),) = entries_on_claims(ground)
    assert (taken.ref, codes["accepted"], codes["amount"]) == (index, int(accept), 0)
    with pytest.raises(MalformedIdentifier, match="decided on: entry"):
        decide(ground, number, accept=not accept)


def test_a_claim_that_does_not_open_is_left_to_a_person_and_said_so(ground):
    kept = Kept(
        biller=ground.biller(),
        use=Use.CLAIM,
        received=NOW * 1_000_000,
        key=bytes(32),
        digest=bytes(32),
        sealed=b"nothing that was sealed",
    )
    ground.store.run(ground.store.queue.put(kept))
    number, claim = left_to_a_person(ground)
    killed_between(ground, number)
    assert ground.judge()[Ruling.PERSON] == 0
    assert ground.stands(claim) == [(Ruling.HONOURED, "cut", 40_00)], "others are kept"
    with pytest.raises(MalformedIdentifier, match="does not open"):
        deciding(ground).show(number - 1)


def no_vault(request):
    raise TemporarilyUnavailable("no vault behind the door")


def cannot_write(request):
    return Refused("unavailable")


@pytest.mark.parametrize("vault", [no_vault, cannot_write])
def test_with_the_vault_down_nothing_is_decided_and_it_is_said(ground, vault):
    number, claim = left_to_a_person(ground)
    with pytest.raises(TemporarilyUnavailable, match="vault"):
        decide(ground, number, vault=vault)
    assert ground.stands(claim) == [LEFT]
    assert entries_on_claims(ground) == []
    decide(ground, number, accept=False)
    assert ground.stands(claim) == [(Ruling.REFUSED, "cut", 0)]


class Killed(Exception):
    """Whoever decided is no more."""


class StoppedBefore:
    """A book whose reader is killed before it keeps a decision."""

    def __init__(self, book) -> None:
        self.find = book.find

    def decide(self, number, decision):
        raise Killed


def killed_between(ground, number: int, **said) -> None:
    """Somebody decides, and is killed once the ledger says so."""
    with pytest.raises(Killed):
        decide(ground, number, book=StoppedBefore(ground.store.book), **said)


def test_whoever_is_killed_between_the_entry_and_the_ruling_finds_the_entry_again(ground):
    number, claim = left_to_a_person(ground)
    killed_between(ground, number)
    assert ground.stands(claim) == [LEFT]
    ((ref, _, _),) = entries_on_claims(ground)
    with pytest.raises(MalformedIdentifier, match=f"decided on: entry {ref}"):
        decide(ground, number, accept=False)
    assert ground.stands(claim) == [LEFT]
    ground.world.restart()
    assert decide(ground, number).ref == ref
    assert ground.stands(claim) == [(Ruling.HONOURED, "cut", 40_00)]
    assert len(entries_on_claims(ground)) == 1


def test_a_decision_whose_reply_was_lost_is_taken_once(ground):
    number, claim = left_to_a_person(ground)

    def lost(request):
        ground.world.service([request])
        raise TemporarilyUnavailable("the vault went silent")

    with pytest.raises(TemporarilyUnavailable):
        decide(ground, number, vault=lost)
    taken = decide(ground, number)
    assert [index for index, _, _ in entries_on_claims(ground)] == [taken.ref]
    assert ground.stands(claim) == [(Ruling.HONOURED, "cut", 40_00)]


@pytest.mark.parametrize("persisted", [False, True])
def test_an_entry_of_which_the_vault_is_not_sure_is_written_once(store, persisted):
    failing = FailingLedger(persisted=persisted)
    ground = Ground(store, World(store=failing))
    number, claim = left_to_a_person(ground)
    failing.after = 0
    with pytest.raises(TemporarilyUnavailable):
        decide(ground, number)
    assert ground.stands(claim) == [LEFT]
    if persisted:
        with pytest.raises(MalformedIdentifier, match="decided on"):
            decide(ground, number, accept=False)
    decide(ground, number)
    assert len(entries_on_claims(ground)) == 1
    assert ground.stands(claim) == [(Ruling.HONOURED, "cut", 40_00)]


@pytest.mark.parametrize("lost", ["killed", "lost"])
def test_the_judge_keeps_what_the_ledger_alone_says(ground, lost):
    """Whoever decided was killed before it was kept; or what was kept has been lost."""
    number, claim = left_to_a_person(ground)
    other = of_card(ground, ground.card(2), "F-2")
    ground.send(other)
    ground.judge()
    if lost == "killed":
        killed_between(ground, number, cents=12_34)
    else:
        decide(ground, number, cents=12_34)
        ground.store.forget()
    assert ground.stands(claim, other) == [LEFT, LEFT]
    ground.judge()
    assert ground.stands(claim, other) == [(Ruling.HONOURED, "cut", 12_34), LEFT]
    ((ref, _, _),) = entries_on_claims(ground)
    assert deciding(ground).show(number)[1].decision.ref == ref
    assert ground.store.entry(number) == ref


def test_a_claim_that_was_lost_and_is_sent_again_is_not_decided_on_twice(ground):
    number, claim = left_to_a_person(ground)
    taken = decide(ground, number, cents=12_34)
    ground.store.lose()
    ground.send(ground.bill(99_999, "F-9"), claim)
    ground.judge()
    again = ground.store.book.newest()
    assert (again, ground.stands(claim)) == (number + 1, [LEFT])
    with pytest.raises(MalformedIdentifier, match=f"decided on: entry {taken.ref}"):
        decide(ground, again)
    ground.judge()
    assert ground.stands(claim) == [(Ruling.HONOURED, "cut", 12_34)]
    assert deciding(ground).show(again)[1].decision == taken


def test_a_claim_that_follows_an_agreement_follows_what_a_person_decided_on_it(ground):
    """Also where the ledger alone says it: it is kept before the claim is judged."""
    ground.cut()
    asked = ground.sell(ground.card(), use=Use.AGREEMENT, number="A-1")
    ground.back()
    ground.enrol()
    ground.send(asked)
    ground.judge()
    assert ground.stands(asked) == [(Ruling.PERSON, "device", 0)]
    killed_between(ground, ground.store.book.newest())
    claim = replace(asked, use=Use.CLAIM, number="F-1")
    ground.send(claim)
    ground.judge()
    assert ground.stands(asked, claim) == [(Ruling.HONOURED, "device", 77_90), ACCEPTED]


def test_a_decision_tells_the_ledger_nothing_about_a_claim(ground):
    """The entry, what is asked of the vault, what is refused, what is printed of either."""
    number, claim = left_to_a_person(ground)
    asked = []

    def overheard(request):
        asked.append(request)
        return ground.world.service([request])[0]

    taken = decide(ground, number, vault=overheard)
    with pytest.raises(MalformedIdentifier) as refused:
        decide(ground, number, accept=False)
    ((index, entry, _),) = entries_on_claims(ground)
    assert entry[3:7] == (NOBODY,) * 4
    stored = ground.world.store.rows[index]
    said = [stored.body, stored.detail, msgspec.msgpack.encode(asked)]
    said += [repr(each).encode() for each in (taken, deciding(ground).show(number)[1], asked)]
    said.append(str(refused.value).encode())
    trap = Trap(
        nirs=frozenset(),
        names=frozenset(),
        dates=frozenset({"19800203", "03021980"}),
        numbers=frozenset({"ADH0000001"}),
        codes=frozenset({claim.cites.code}),
    )
    assert trap.found_in(claim.cites.code.encode()), "it would be found"
    clear = to_bytes(claim)
    for each in said:
        assert trap.found_in(each) == set()
        for secret in (claim.number.encode(), clear, sha256(clear).digest()[:8]):
            assert secret not in each
            assert secret.hex().encode() not in each


def test_a_tag_is_of_one_claim_of_one_software_under_one_key(ground):
    claim, key = ground.bill(7), bytes(32)
    tag = tag_of(1, claim, key)
    assert tag == tag_of(1, ground.bill(7), key)
    assert len({tag, tag_of(2, claim, key), tag_of(1, ground.bill(8), key)}) == 3
    assert tag_of(1, claim, b"k" * 32) != tag


ANY_DECISION = st.builds(
    ClaimDecision,
    claim=st.binary(min_size=16, max_size=16),
    accepted=st.just(True),
    amount=st.integers(1, 10**7),
    why=st.sampled_from(ClaimWhy),
    by=st.from_regex(r"[A-Za-z0-9._-]{1,32}", fullmatch=True),
)


@given(st.lists(ANY_DECISION, max_size=6), st.integers(0, 6))
def test_the_first_decision_on_a_claim_stands_and_what_was_not_written_is_forgotten(taken, kept):
    fold, first = ClaimDecisions(), {}
    for index, decision in enumerate(taken):
        if index == kept:
            fold.mark()
        detail = encode_codes(decision.codes(), salt=bytes(16))
        entry = Entry(EntryType.DECISION, 2611, index)
        assert decided_in(index, entry, detail) == replace(decision, ref=index)
        fold.absorb(index, entry, detail)
        if index < kept:
            first.setdefault(decision.claim, replace(decision, ref=index))
    if len(taken) <= kept:
        fold.mark()
    fold.undo()
    assert fold.claims() == set(first)
    assert all(fold.find(claim) == decision for claim, decision in first.items())


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"claim": b"t" * 15}, "16 bytes"),
        ({"amount": 0}, "cents where accepted"),
        ({"amount": 10**7 + 1}, "cents where accepted"),
        ({"accepted": False}, "0 where refused"),
        ({"why": "because"}, "why"),
        ({"by": "Nadia Benali, de la compta"}, "one word"),
        ({"owes": False}, "owes nothing"),
    ],
)
def test_the_vault_writes_no_decision_that_can_be_none(change, rule):
    world = World()
    said = {"claim": b"t" * 16, "accepted": True, "amount": 1, "why": "shown", "by": "nadia"}
    reply = world.service([DecideClaim(**(said | change))])[0]
    assert (reply.reason, rule in reply.detail) == ("forbidden-move", True)
    assert not [codes for codes in world.details(EntryType.DECISION) if "claim" in codes]
