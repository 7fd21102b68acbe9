"""What each pays of a sale, to the cent, and what an insurer has bound itself to pay."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.coverage import Domain
from rempart.domain.errors import ListRefused, MalformedIdentifier
from rempart.domain.guarantee import Guarantee, OfCard, Statement
from rempart.domain.quote import PRICE_MAX, Line, Terms, quote
from rempart.domain.tariff import Basket, france, share_of
from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import read_guarantees, sign_guarantees
from rempart.usecases.p256_keys import point_of

title = "Quotes and guarantees"

ON = date(2026, 11, 26)
KEY = ec.derive_private_key(11, ec.SECP256R1())
KEYS = {kid_of(KEY.public_key()): point_of(KEY.public_key())}
EVERYTHING = (
    Guarantee(domain=Domain.SVIL, basket=Basket.TM, times=20),
    Guarantee(domain=Domain.DEPR, basket=Basket.A, times=4),
    Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),
    Guarantee(domain=Domain.OPTI, basket=Basket.B, times=1, most=25_000),
    Guarantee(domain=Domain.AUDI, basket=Basket.A, times=2),
)
STATEMENT = Statement(
    amc="99000001", made=1, until=2, list_days=7, profiles={0: EVERYTHING, 3: EVERYTHING[:1]}
)
TERMS = Terms(tariff=france(), on=ON, birth_year=1963, of_card=OfCard(), statement=STATEMENT)


def frame(price, basket="a"):
    return Line(item=f"optics-frame-{basket}", price=price)


def lens(price, basket="a"):
    return Line(item=f"optics-lens-{basket}", price=price)


def care(domain, price, base=None, rate=None):
    return Line(domain=domain, price=price, base=base or price, rate=rate)


# Examples, worked by hand


@pytest.mark.parametrize(
    ("lines", "amo", "amc", "patient"),
    [
        pytest.param([care(Domain.SVIL, 30_00)], 21_00, 9_00, 0, id="a doctor"),
        pytest.param([care(Domain.LABO, 27_00)], 16_20, 10_80, 0, id="a laboratory"),
        pytest.param([care(Domain.RADL, 85_12)], 59_58, 25_54, 0, id="imaging"),
        pytest.param([care(Domain.DENT, 28_92)], 17_35, 11_57, 0, id="scaling"),
        pytest.param([care(Domain.SVIL, 50_00, 23_00)], 16_10, 6_90, 27_00, id="over the base"),
        pytest.param([Line(item="crown-front", price=500_00)], 72_00, 428_00, 0, id="a crown"),
        pytest.param(
            [frame(30_00), lens(32_50), lens(32_50)], 17_10, 77_90, 0, id="glasses of class A"
        ),
        pytest.param([Line(item="hearing-1", price=950_00)], 240_00, 710_00, 0, id="an aid"),
        pytest.param(
            [lens(150_00, "b"), lens(150_00, "b")], 6, 250_00, 49_94, id="glasses of class B"
        ),
        pytest.param([frame(180_00, "b")], 3, 99_97, 80_00, id="a frame above what both may pay"),
        pytest.param(
            [care(Domain.PHAR, 10_00, rate=65), care(Domain.PHAR, 10_00, rate=30)],
            *(9_50, 10_50, 0),
            id="medicines",
        ),
    ],
)
def test_an_example_comes_out_to_the_cent(lines, amo, amc, patient):
    said = quote(lines, TERMS)
    assert (said.amo, said.amc, said.patient) == (amo, amc, patient)
    assert said.amo + said.amc + said.patient == said.price


def test_somebody_young_has_the_tariff_of_the_young_for_certain():
    young = replace(TERMS, birth_year=2007)
    aid = Line(item="hearing-1-young", price=1_400_00)
    assert quote([aid], young).amc == 560_00
    for year in (2006, 1963):
        with pytest.raises(MalformedIdentifier, match="younger"):
            quote([aid], replace(TERMS, birth_year=year))


LINES = st.one_of(
    st.builds(frame, st.integers(1, 30_00)),
    st.builds(lens, st.integers(1, 170_00)),
    st.builds(frame, st.integers(1, PRICE_MAX), st.just("b")),
    st.builds(lens, st.integers(1, PRICE_MAX), st.just("b")),
    st.builds(care, st.sampled_from([Domain.SVIL, Domain.LABO]), st.integers(1, PRICE_MAX)),
    st.builds(
        care, st.just(Domain.PHAR), st.integers(1, PRICE_MAX), st.none(), st.integers(0, 100)
    ),
)


@given(st.lists(LINES, min_size=1, max_size=20))
def test_nobody_pays_less_than_nothing_and_the_parts_are_the_whole(lines):
    said = quote(lines, TERMS)
    for share in said.shares:
        assert min(share.amo, share.amc, share.patient) >= 0
        assert share.amo + share.amc + share.patient == share.price
    b = [share.amc for share in said.shares if share.basket is Basket.B]
    assert sum(b) <= 250_00
    a = [share.patient for share in said.shares if share.basket is Basket.A]
    assert sum(a) == 0, "100 % Santé leaves nothing to pay"
    assert 0 <= said.guaranteed <= said.amc


@given(st.integers(0, 10**7), st.integers(0, 100))
def test_a_share_is_rounded_half_up(amount, percent):
    assert abs(share_of(amount, percent) * 100 - amount * percent) <= 50
    assert share_of(amount, percent) + share_of(amount, 100 - percent) - amount in (0, 1)


# What is guaranteed


def test_without_a_statement_nothing_is_guaranteed():
    said = quote([frame(30_00), care(Domain.SVIL, 30_00)], replace(TERMS, statement=None))
    assert (said.guaranteed, said.amc) == (0, 33_60)


def test_a_free_price_without_guarantee_is_nobodys_but_the_insurers_to_say():
    said = quote([lens(150_00, "b")], replace(TERMS, of_card=OfCard(profile=3)))
    assert (said.amc, said.guaranteed) == (0, 0)


def test_a_profile_has_its_own_guarantees():
    terms = replace(TERMS, of_card=OfCard(profile=3))
    assert quote([care(Domain.SVIL, 30_00)], terms).guaranteed == 9_00
    assert quote([frame(30_00)], terms).guaranteed == 0
    assert (
        quote([care(Domain.SVIL, 30_00)], replace(TERMS, of_card=OfCard(profile=9))).guaranteed == 0
    )


@pytest.mark.parametrize(("day", "bound"), [(26, 24_60), (27, 0)])
def test_what_was_renewed_lately_is_guaranteed_again_from_its_day(day, bound):
    of_card = OfCard(renewals={Domain.OPTI: date(2026, 11, day)})
    terms = replace(TERMS, of_card=of_card)
    assert quote([frame(30_00)], terms).guaranteed == bound
    assert quote([Line(item="hearing-1", price=950_00)], terms).guaranteed == 710_00


def test_care_is_no_renewal():
    of_card = OfCard(renewals={Domain.SVIL: date(2027, 1, 1)})
    assert quote([care(Domain.SVIL, 30_00)], replace(TERMS, of_card=of_card)).guaranteed == 9_00


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (frame(30_01), "above the limit"),
        (frame(0), "price"),
        (frame(PRICE_MAX + 1), "price"),
        (Line(item="monocle", price=1_00), "not in the tariff"),
        (replace(frame(30_00), base=9_00), "own base"),
        (replace(frame(30_00), domain=Domain.OPTI), "own base"),
        (care(Domain.PHAR, 10_00), "rate: expected for this domain"),
        (care(Domain.SVIL, 10_00, 11_00), "base"),
        (care(Domain.SVIL, 10_00, rate=101), "percentage"),
        (Line(price=10_00), "base"),
        (Line(price=10_00, domain=Domain.SVIL), "base"),
    ],
)
def test_a_line_that_breaks_a_rule_is_named(line, rule):
    with pytest.raises(MalformedIdentifier, match=f"line 2: .*{rule}"):
        quote([frame(30_00), line], TERMS)


def test_a_sale_has_one_to_twenty_lines():
    for lines in ([], [frame(30_00)] * 21):
        with pytest.raises(MalformedIdentifier, match="1 to 20"):
            quote(lines, TERMS)


# The tariff


@pytest.mark.parametrize(
    ("day", "percent"), [(date(2023, 10, 14), 70), (date(2023, 10, 15), 60), (ON, 60)]
)
def test_a_rate_is_that_of_the_day(day, percent):
    assert france().rate("dentist", day) == percent


def test_before_its_first_day_nothing_is_known():
    with pytest.raises(MalformedIdentifier, match="on this day"):
        france().item("hearing-1", date(2020, 12, 31))
    with pytest.raises(MalformedIdentifier, match="for this day"):
        france().rate("transport", date(2023, 7, 31))


def test_every_figure_says_its_day_its_source_and_whether_it_was_read():
    root = Path(__file__).parents[2] / "src/rempart/domain/tariffs/france.toml"
    said = tomllib.loads(root.read_text("utf-8"))
    for each in [*said["rate"], *said["item"]]:
        assert each["source"]
        assert isinstance(each["verified"], bool)
        assert isinstance(each["from"], date)
    for item in france().items:
        assert (item.limit is not None) is (item.basket is Basket.A), item.code
        assert (item.base is None) is not (item.base_percent is None), item.code


# What is signed


def test_a_statement_comes_back_as_it_was_signed():
    assert read_guarantees(sign_guarantees(STATEMENT, KEY), "99000001", KEYS) == STATEMENT


def test_nobody_else_guarantees_in_an_insurers_name():
    other = ec.derive_private_key(12, ec.SECP256R1())
    with pytest.raises(ListRefused, match="not trusted"):
        read_guarantees(sign_guarantees(STATEMENT, other), "99000001", KEYS)
    with pytest.raises(ListRefused, match="another insurer"):
        read_guarantees(sign_guarantees(STATEMENT, KEY), "99000002", KEYS)


def test_every_changed_bit_of_a_statement_is_refused():
    signed = sign_guarantees(STATEMENT, KEY)
    for bit in range(8 * len(signed)):
        changed = bytearray(signed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ListRefused):
            read_guarantees(bytes(changed), "99000001", KEYS)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"times": 0}, "times"),
        ({"times": 256}, "times"),
        ({"most": 0}, "most"),
        ({"most": 10_000_01}, "most"),
        ({"basket": Basket.B}, "basket B needs one"),
    ],
)
def test_a_guarantee_keeps_its_grammar(change, rule):
    with pytest.raises(MalformedIdentifier, match=rule):
        replace(EVERYTHING[0], **change)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"until": 1}, "made"),
        ({"list_days": 0}, "list"),
        ({"profiles": {256: ()}}, "profile"),
        ({"profiles": {0: EVERYTHING[::-1]}}, "ascending"),
        ({"profiles": {0: EVERYTHING[:1] * 2}}, "twice"),
    ],
)
def test_a_statement_keeps_its_grammar(change, rule):
    with pytest.raises(MalformedIdentifier, match=rule):
        replace(STATEMENT, **change)


RENEWALS = st.dictionaries(
    st.sampled_from(list(Domain)), st.dates(date(2000, 1, 1), date(2179, 6, 5)), max_size=10
)


@given(st.integers(0, 255), RENEWALS)
def test_what_a_card_says_of_its_guarantees_comes_back(profile, renewals):
    of_card = OfCard(profile=profile, renewals=renewals)
    assert OfCard.decode(of_card.encode()) == of_card
    assert len(of_card.encode()) <= 32


@given(st.binary(max_size=32))
def test_nothing_else_is_read_from_a_card(said):
    try:
        assert OfCard.decode(said).encode() == said
    except MalformedIdentifier:
        return
