"""A sale while everything is cut: signed at the shop, deposited on return, honoured by rule."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.memory.chain import MemoryChain
from rempart.adapters.memory.claims import MemorySales
from rempart.adapters.undertaking_chain import FileChain
from rempart.domain import undertaking
from rempart.domain.card import CardClaims
from rempart.domain.coverage import Domain, Mode
from rempart.domain.cut_history import Span
from rempart.domain.devices import Device
from rempart.domain.errors import (
    CardRefused,
    IntegrityBroken,
    MalformedIdentifier,
    TemporarilyUnavailable,
)
from rempart.domain.guarantee import Guarantee, OfCard, Statement
from rempart.domain.quote import Line
from rempart.domain.ruling import Ruling
from rempart.domain.status_list import PLACES_MIN, StatusList, bits_of
from rempart.domain.tariff import Basket, france
from rempart.domain.trust_list import Trusted, TrustList
from rempart.domain.undertaking import FIRST, Lists, Undertaking, from_payload, to_payload
from rempart.sealing.cose import kid_of, sign1
from rempart.usecases.card_codes import card_mark, card_text, read_card
from rempart.usecases.card_lists import sign_guarantees
from rempart.usecases.judge_undertakings import (
    Books,
    Deposited,
    JudgeUndertakings,
    Standing,
)
from rempart.usecases.p256_keys import point_of
from rempart.usecases.quote_share import QuoteShare
from rempart.usecases.undertake import KIND, Undertake, card_digest, read_undertaking
from rempart.usecases.verify_card import VerifyCard

title = "Undertakings"

DAY, HOUR = 86_400, 3_600
CUT = 1_795_600_800
"""25 November 2026, 10:00 UTC; eight hours."""
BACK = CUT + 8 * HOUR
NOON = CUT + 2 * HOUR
ON = date(2026, 11, 25)
ISSUER, SHOP, OTHER_SHOP = (ec.derive_private_key(n, ec.SECP256R1()) for n in (21, 22, 23))
PLACE, OVER = 16, 17
GRANTED = (
    Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),
    Guarantee(domain=Domain.OPTI, basket=Basket.B, times=2, most=250_00),
    Guarantee(domain=Domain.AUDI, basket=Basket.A, times=2),
)
STATEMENT = Statement(
    amc="99000001", made=CUT - 9 * DAY, until=CUT + 90 * DAY, list_days=7, profiles={0: GRANTED}
)
GLASSES = [
    Line(item="optics-frame-a", price=30_00),
    Line(item="optics-lens-a", price=32_50),
    Line(item="optics-lens-a", price=32_50),
]
MEDICINE = Line(domain=Domain.PHAR, price=9_00, base=9_00, rate=65)
CLASS_B = [Line(item="optics-lens-b", price=150_00)]


def card(*, place: int = PLACE, secret: int = 1, **more) -> str:
    claims = CardClaims(
        amc="99000001",
        convention="SP",
        csr="",
        secret=bytes([secret]) * 16,
        birth_year=1963,
        domains=((Domain.PHAR, Mode.TM), (Domain.OPTI, Mode.PEC)),
        responsable=True,
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
        key_id=kid_of(ISSUER.public_key()),
        status_index=place,
    )
    return card_text(replace(claims, **more), ISSUER)


def verifier(*, statement: Statement | None = STATEMENT, list_made: int = CUT - DAY) -> VerifyCard:
    public = ISSUER.public_key()
    trust = TrustList(
        operator="O",
        number=4,
        made=CUT - 3 * DAY,
        until=CUT + 30 * DAY,
        insurers=(
            Trusted(
                amc="99000001",
                name="M",
                keys={kid_of(public): point_of(public)},
                statement=b"" if statement is None else sign_guarantees(statement, ISSUER),
            ),
        ),
    )
    bits = bits_of(PLACES_MIN, [OVER])
    status = StatusList(amc="99000001", made=list_made, until=CUT + 30 * DAY, bits=bits)
    return VerifyCard(trust, {"99000001": status})


class Shop:
    """A shop with a device, and its side of a cut."""

    def __init__(self, key=SHOP, chain=None, verify: VerifyCard | None = None) -> None:
        self.key, self.chain = key, chain or MemoryChain()
        self.verify = verify or verifier()

    def sell(self, code: str, lines=GLASSES, *, at: int = NOON):
        undertake = Undertake(QuoteShare(self.verify, france()), self.chain, self.key)
        return undertake(code, lines, on=ON, now=at)

    def links(self) -> list[Deposited]:
        return [Deposited(message, code) for message, code in self.chain.links()]


def since(when: int | None):
    """A card that is over from a moment on; of places beyond the list, nobody knows."""

    def standing(amc: str, place: int | None, made: int) -> Standing:
        if place is None or place >= PLACES_MIN:
            return Standing(None)
        over = CUT - 40 * DAY if place == OVER else when
        if over is None:
            return Standing(False)
        return Standing(over <= made, over if over > made else None)

    return standing


def books(**more) -> Books:
    keys = VerifyCard(verifier().trust, {})
    return Books(
        tariff=france(),
        card_key=lambda amc, kid, number: keys._key(amc, kid) if number == 4 else None,
        statement=lambda amc, number: STATEMENT if (amc, number) == ("99000001", 4) else None,
        standing=more.pop("standing", since(None)),
        sales=MemorySales(),
        **more,
    )


def judge(shop: Shop, *, at: int = BACK + HOUR, enrolled: int = CUT - DAY, ended=0, **more):
    public = shop.key.public_key()
    device = Device(
        site=4,
        key_id=kid_of(public),
        point=point_of(public),
        since=enrolled * 1_000_000,
        until=ended * 1_000_000,
    )
    cuts = more.pop("cuts", [Span(since=CUT, until=BACK)])
    by = more.pop("books", None) or books()
    judged = JudgeUndertakings(device, lambda amc: cuts, by)(
        more.pop("links", None) or shop.links(), at=at
    )
    by.sales.sold += [sold for each in judged for sold in each.sold]
    return judged


def rulings(judged) -> list[tuple[Ruling, str]]:
    return [(each.ruling, each.rule) for each in judged]


HONOURED = (Ruling.HONOURED, "")


# At the shop


@pytest.fixture(params=["memory", "file"])
def chain(request, tmp_path):
    return MemoryChain() if request.param == "memory" else FileChain(tmp_path / "undertakings")


def test_a_sale_is_bound_to_the_cent_and_honoured_on_return(chain):
    shop = Shop(chain=chain)
    quoted, made, _ = shop.sell(card())
    assert (quoted.quote.amo, made.amc, quoted.quote.patient) == (17_10, 77_90, 0)
    (judged,) = judge(shop)
    assert (judged.ruling, judged.amc, judged.ended_since) == (Ruling.HONOURED, 77_90, False)


def test_each_names_the_one_before(chain):
    shop = Shop(chain=chain)
    messages = [shop.sell(card(secret=n), at=NOON + n)[2] for n in range(1, 5)]
    made = [read_undertaking(message) for message in messages]
    assert [each.number for each in made] == [1, 2, 3, 4]
    assert made[0].before == FIRST
    for before, after in zip(messages, made[1:], strict=False):
        assert after.before == sha256(before).digest()
    assert rulings(judge(shop)) == [HONOURED] * 4


def test_an_undertaking_names_nobody():
    code = card()
    message = Shop().sell(code)[2]
    assert code.encode() not in message
    assert bytes([1]) * 16 not in message
    assert read_undertaking(message).card == card_digest(code)


@pytest.mark.parametrize(
    ("verify", "code", "lines", "why"),
    [
        (verifier(statement=None), card(), GLASSES, "guarantees nothing"),
        (verifier(list_made=CUT - 8 * DAY), card(), GLASSES, "7 days old, and is older"),
        (
            verifier(statement=replace(STATEMENT, until=CUT)),
            *(card(), GLASSES, "guarantees have ended"),
        ),
        (verifier(), card(status_index=None), GLASSES, "no place on the insurer's list"),
        (verifier(), card(place=OVER), GLASSES, "status"),
        (
            verifier(),
            card(),
            [Line(domain=Domain.PHAR, price=9_00, base=9_00, rate=65)],
            "every line",
        ),
        (verifier(), card(), [Line(item="hearing-1", price=950_00)], "domain"),
        (
            verifier(),
            card(guarantees=OfCard(renewals={Domain.OPTI: date(2027, 1, 1)}).encode()),
            *(GLASSES, "every line"),
        ),
        (verifier(), card(guarantees=OfCard(profile=9).encode()), GLASSES, "every line"),
    ],
)
def test_nothing_is_signed_that_the_insurer_does_not_bear(verify, code, lines, why):
    shop = Shop(verify=verify)
    with pytest.raises(CardRefused, match=why):
        shop.sell(code, lines)
    assert shop.links() == []


def test_a_number_is_never_signed_twice_after_a_power_cut(tmp_path):
    """Killed while it wrote: the record is dropped, and its number had not been given out."""
    path = tmp_path / "undertakings"
    shop = Shop(chain=FileChain(path))
    shop.sell(card())
    whole = path.read_bytes()
    for cut in (1, 5, len(whole) - 1):
        path.write_bytes(whole + whole[:cut])
        assert len(shop.links()) == 1
        shop.sell(card(secret=2))
        assert [read_undertaking(link.message).number for link in shop.links()] == [1, 2]
    assert path.stat().st_mode & 0o077 == 0


def test_a_chain_that_is_damaged_is_not_signed_on(tmp_path):
    """A length in the middle is wrong: what follows must not be taken for a power cut, and cut."""
    path = tmp_path / "undertakings"
    shop = Shop(chain=FileChain(path))
    for n in range(1, 12):
        shop.sell(card(secret=n), at=NOON + n)
    damaged = b"\xff" + path.read_bytes()[1:]
    path.write_bytes(damaged)
    with pytest.raises(IntegrityBroken, match="keep it aside"):
        shop.sell(card(secret=20))
    assert path.read_bytes() == damaged


def test_two_clerks_do_not_sign_at_once(chain):
    shop = Shop(chain=chain)
    with chain.alone(), pytest.raises(TemporarilyUnavailable):
        shop.sell(card())


# On return


def forged(made: Undertaking, key=SHOP, **change) -> bytes:
    return sign1(to_payload(replace(made, **change)), key, kid=kid_of(key.public_key()), kind=KIND)


def one(**change):
    """A shop's first undertaking, made otherwise by whoever holds its device."""
    shop = Shop()
    _, made, _ = shop.sell(card())
    return shop, [Deposited(forged(made, **change), card())]


@pytest.mark.parametrize(
    ("change", "ruling"),
    [
        ({"amc": 77_91}, (Ruling.PERSON, "amount")),
        ({"amc": 77_89}, (Ruling.PERSON, "amount")),
        ({"at": CUT - 301}, (Ruling.PERSON, "cut")),
        ({"at": CUT - 300}, HONOURED),
        ({"at": BACK + 300}, HONOURED),
        ({"at": BACK + 301}, (Ruling.PERSON, "cut")),
        ({"number": 2, "before": bytes([1]) * 32}, (Ruling.PERSON, "chain")),
        ({"card": bytes(32)}, (Ruling.REFUSED, "card")),
        ({"amc_number": "99000002"}, (Ruling.REFUSED, "card")),
        ({"care": 20_818 + 60}, (Ruling.REFUSED, "card")),
        ({"lists": Lists(trust=4, status=CUT - 8 * DAY)}, (Ruling.PERSON, "list")),
        ({"lists": Lists(trust=4, status=NOON + 301)}, (Ruling.PERSON, "list")),
        (
            {"lines": (Line(item="hearing-1", price=950_00),), "amc": 710_00},
            (Ruling.REFUSED, "card"),
        ),
        ({"lines": (Line(item="optics-frame-a", price=31_00),)}, (Ruling.PERSON, "amount")),
        ({"lines": (Line(item="optics-frame-z", price=31_00),)}, (Ruling.PERSON, "amount")),
    ],
    ids=str,
)
def test_what_was_made_otherwise_is_ruled_by_its_first_broken_rule(change, ruling):
    shop, links = one(**change)
    assert rulings(judge(shop, links=links)) == [ruling]


def test_another_key_signs_nothing_for_a_device():
    shop = Shop()
    _, made, message = shop.sell(card())
    for bad in (
        forged(made, OTHER_SHOP),
        message[:-1] + bytes([message[-1] ^ 1]),
        b"",
        b"\xff" * 99,
    ):
        assert rulings(judge(shop, links=[Deposited(bad, card())])) == [(Ruling.REFUSED, "signed")]


def test_the_code_that_is_deposited_is_the_one_that_was_shown():
    shop = Shop()
    shop.sell(card())
    (link,) = shop.links()
    others = (card(secret=2), "", "RP1:", "https://example.org")
    for code in others:
        links = [replace(link, code=code)]
        assert rulings(judge(shop, links=links)) == [(Ruling.REFUSED, "card")]


@pytest.mark.parametrize(
    ("enrolled", "ruling"),
    [(CUT - 1, HONOURED), (CUT, (Ruling.PERSON, "device")), (NOON, (Ruling.PERSON, "device"))],
)
def test_a_device_was_enrolled_before_the_cut(enrolled, ruling):
    shop = Shop()
    shop.sell(card())
    assert rulings(judge(shop, enrolled=enrolled)) == [ruling]


@pytest.mark.parametrize(
    ("at", "ruling"),
    [
        (NOON, HONOURED),
        (BACK + DAY, HONOURED),
        (BACK + DAY + 1, (Ruling.PERSON, "deposit")),
        (NOON - 301, (Ruling.PERSON, "deposit")),
    ],
)
def test_a_chain_comes_within_a_day_of_the_return(at, ruling):
    shop = Shop()
    shop.sell(card())
    assert rulings(judge(shop, at=at)) == [ruling]


def test_a_site_that_was_not_cut_could_have_asked():
    shop = Shop()
    shop.sell(card())
    assert rulings(judge(shop, cuts=[])) == [(Ruling.PERSON, "cut")]


def test_a_link_that_is_missing_shows_and_the_chain_goes_on():
    shop = Shop()
    for n in range(1, 5):
        shop.sell(card(secret=n), at=NOON + n)
    links = shop.links()
    del links[1]
    assert rulings(judge(shop, links=links)) == [HONOURED, (Ruling.PERSON, "chain"), HONOURED]


def test_nothing_is_put_in_between_afterwards():
    """Two under one number: whoever holds the device has signed again."""
    shop, again = Shop(), Shop()
    for n in (1, 2):
        shop.sell(card(secret=n), at=NOON + n)
        again.sell(card(secret=n + 4), at=NOON + n)
    links = [*shop.links(), *again.links()]
    assert rulings(judge(shop, links=links)) == [
        *(HONOURED, HONOURED),
        *[(Ruling.REFUSED, "number")] * 2,
    ]


def test_what_is_deposited_twice_is_honoured_once():
    shop = Shop()
    shop.sell(card())
    assert rulings(judge(shop, links=shop.links() * 3)) == [
        HONOURED,
        *[(Ruling.KNOWN, "number")] * 2,
    ]


def test_a_clock_that_goes_back_is_looked_at():
    shop = Shop()
    shop.sell(card(), at=NOON)
    shop.sell(card(secret=2), at=NOON - 1)
    assert rulings(judge(shop)) == [HONOURED, (Ruling.PERSON, "cut")]


def test_a_card_sold_to_in_two_shops_is_borne_up_to_the_limit():
    """Neither hears the other: the insurer has said how often it bears that."""
    one, other, shared = Shop(), Shop(OTHER_SHOP), books()
    for shop in (one, other):
        shop.sell(card())
        shop.sell(card(), CLASS_B)
    assert rulings(judge(one, books=shared)) == [HONOURED, HONOURED]
    assert rulings(judge(other, books=shared)) == [(Ruling.REFUSED, "limit"), HONOURED]
    ((mark, domain, basket, _), *more) = shared.sales.sold
    assert (domain, basket) == (Domain.OPTI, Basket.A)
    assert [each[:3] for each in more] == [(mark, Domain.OPTI, Basket.B)] * 2


def test_a_card_is_counted_under_all_of_its_codes():
    """Issued again with other guarantees: another code, which the other shop has sold to."""
    one, other, shared = Shop(), Shop(OTHER_SHOP), books()
    again = card(guarantees=OfCard(renewals={Domain.AUDI: date(2027, 1, 1)}).encode())
    assert card_digest(again) != card_digest(card())
    one.sell(card())
    other.sell(again)
    assert rulings(judge(one, books=shared)) == [HONOURED]
    assert rulings(judge(other, books=shared)) == [(Ruling.REFUSED, "limit")]


def test_what_stands_for_a_card_is_of_its_insurer_and_its_secret():
    keys = lambda amc, kid: ISSUER.public_key()  # noqa: E731
    claims = read_card(card(), keys=keys, on=None)
    mark = sha256(b"\0\x0899000001" + b"\0\x10" + bytes([1]) * 16).digest()
    assert card_mark(claims) == card_mark(replace(claims, key_id=b"k" * 8)) == mark
    others = {"amc": "99000002"}, {"secret": bytes(16)}
    assert mark not in {card_mark(replace(claims, **other)) for other in others}


def test_a_card_sold_to_again_in_one_shop_is_borne_up_to_the_limit():
    shop = Shop()
    for n in (1, 2):
        shop.sell(card(), at=NOON + n)
    judged = judge(shop)
    assert rulings(judged) == [HONOURED, (Ruling.REFUSED, "limit")]
    assert [len(each.sold) for each in judged] == [1, 0]


def test_the_limit_is_of_one_cut():
    """The same card, in the next cut: the insurer bears it again."""
    again = [Span(since=CUT, until=BACK), Span(since=CUT + 4 * DAY, until=BACK + 4 * DAY)]
    shop = Shop()
    shop.sell(card())
    shop.sell(card(), at=NOON + 4 * DAY)
    first, _ = shop.links()
    judged = judge(shop, links=[first], cuts=again, books=(shared := books()))
    assert rulings(judged) == [HONOURED]
    later = Shop(OTHER_SHOP, verify=verifier(list_made=CUT + 3 * DAY))
    later.sell(card(), at=NOON + 4 * DAY)
    judged = judge(later, at=BACK + 4 * DAY + HOUR, cuts=again, books=shared)
    assert rulings(judged) == [HONOURED]


@pytest.mark.parametrize(
    ("ended", "ruling"), [(NOON + 1, HONOURED), (NOON, (Ruling.PERSON, "device"))]
)
def test_a_device_that_was_taken_out_binds_nobody(ended, ruling):
    shop = Shop()
    shop.sell(card())
    assert rulings(judge(shop, ended=ended)) == [ruling]


def test_a_sale_that_was_not_made_leaves_no_gap_and_owes_nothing():
    shop = Shop()
    for n in (1, 2):
        shop.sell(card(secret=n), at=NOON + n)
    one, two = shop.links()
    judging = JudgeUndertakings(
        Device(site=4, key_id=b"k" * 8, point=point_of(SHOP.public_key()), since=1),
        lambda amc: [Span(since=CUT, until=BACK)],
        books(),
    )
    passed = judging.pass_over(one)
    assert (passed.ruling, passed.amc) == (Ruling.VOID, 0)
    assert rulings(judging([two], at=BACK)) == [HONOURED]
    assert judging.pass_over(one).ruling is Ruling.KNOWN


@pytest.mark.parametrize(
    ("ended_on", "ruling", "ended"),
    [
        (None, Ruling.HONOURED, False),
        (CUT - 2 * DAY, Ruling.REFUSED, False),
        (CUT - DAY, Ruling.REFUSED, False),
        (CUT - DAY + 1, Ruling.HONOURED, True),
        (NOON, Ruling.HONOURED, True),
        (NOON + 1, Ruling.HONOURED, False),
    ],
)
def test_a_card_that_ended_after_the_list_is_the_insurers_to_bear(ended_on, ruling, ended):
    shop = Shop()
    shop.sell(card())
    (judged,) = judge(shop, books=books(standing=since(ended_on)))
    assert (judged.ruling, judged.ended_since) == (ruling, ended)


# The format


ANY_LINE = st.one_of(
    st.builds(
        Line,
        item=st.text("abcdefghij-", min_size=1, max_size=32),
        price=st.integers(1, 10**6),
        rate=st.none() | st.integers(0, 100),
    ),
    st.builds(
        Line,
        domain=st.sampled_from(list(Domain)),
        price=st.integers(1, 10**6),
        base=st.integers(1, 10**6),
        rate=st.none() | st.integers(0, 100),
    ),
)
ANY = st.builds(
    Undertaking,
    amc_number=st.from_regex(r"[0-9]{8}", fullmatch=True),
    at=st.integers(1, 2**33 - 1),
    number=st.integers(2, 2**32 - 1),
    before=st.binary(min_size=32, max_size=32).filter(lambda each: each != FIRST),
    card=st.binary(min_size=32, max_size=32),
    care=st.integers(0, 65_535),
    lines=st.lists(ANY_LINE, min_size=1, max_size=20).map(tuple),
    amc=st.integers(1, 10**7),
    lists=st.builds(Lists, trust=st.integers(1, 2**32 - 1), status=st.integers(1, 2**33 - 1)),
)


@given(ANY)
def test_an_undertaking_comes_back_as_it_was_made(made):
    payload = to_payload(made)
    assert len(payload) <= undertaking.ENCODED_MAX
    assert from_payload(payload) == made


@given(ANY, st.data())
def test_whatever_else_is_no_undertaking(made, data):
    payload = bytearray(to_payload(made))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))
    try:
        assert to_payload(from_payload(bytes(payload))) == bytes(payload)
    except MalformedIdentifier:
        return
