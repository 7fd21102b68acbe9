"""What a member file says of guarantees: on the card alone, and in what the card is quoted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier, MalformedRow
from rempart.domain.guarantee import Guarantee, OfCard, Statement
from rempart.domain.guarantee_cells import RENEWALS_MAX, read_of_card, read_profile
from rempart.domain.quote import Line
from rempart.domain.tariff import Basket, france
from rempart.domain.trust_list import Trusted, TrustList
from rempart.usecases.card_codes import read_card
from rempart.usecases.card_lists import read_status, sign_guarantees
from rempart.usecases.insurer_keys import card_signing_key, public_bundle
from rempart.usecases.quote_share import QuoteShare
from rempart.usecases.verify_card import VerifyCard
from tests.insurers import HEADER, NOW, TODAY, AtInsurer, Platform, keys_of, row, said_of, text_of

title = "Guarantees on cards"

DAY = 86_400
WITH = f"{HEADER};guarantee_profile;renewals"
BEGINS = date(2026, 1, 1)
"""First day of the cards of ``row``."""


@pytest.fixture
def insurer():
    return Platform().admit(AtInsurer())


def issued(insurer, *rows, header=WITH):
    insurer.faults = []
    with insurer.register.taking():
        return list(insurer.issue(text_of(*rows, header=header), rejected=insurer.faults.append))


def said(insurer, profile="", renewals="", header=WITH, **more):
    """Claim 8 of the card of such a row."""
    cells = f";{profile};{renewals}" if header == WITH else ""
    (card,) = issued(insurer, row("R1", **more) + cells, header=header)
    return read_card(card.code, keys=keys_of(insurer), on=None).guarantees


# From the file onto the card


def test_a_file_without_the_columns_says_nothing(insurer):
    assert said(insurer, header=HEADER) is None
    assert said(insurer) is None
    assert said(insurer, "0") is None


def test_a_card_says_its_profile_and_what_is_paid_again_later(insurer):
    claim = said(insurer, "3", "AUDI=2029-01-15 OPTI=2027-03-01")
    assert (
        claim
        == OfCard(
            profile=3, renewals={Domain.OPTI: date(2027, 3, 1), Domain.AUDI: date(2029, 1, 15)}
        ).encode()
    )
    assert said(insurer, "", "OPTI=2027-03-01") == b"\0" + claim[1:4]


def test_what_is_paid_again_before_the_card_begins_is_not_told(insurer):
    assert said(insurer, "", f"OPTI={BEGINS}") is None
    assert said(insurer, "", f"OPTI={BEGINS + timedelta(days=1)}") is not None


def test_the_fullest_card_still_has_room(insurer):
    renewals = " ".join(f"{domain.name}=2030-01-01" for domain in list(Domain)[:RENEWALS_MAX])
    grid = " ".join(f"{domain.name}=PEC" for domain in Domain)
    claim = said(insurer, "255", renewals, domains=grid, csr="ROUTE 66")
    assert len(claim) == 31
    assert not insurer.faults


@pytest.mark.parametrize(
    ("profile", "renewals", "column"),
    [
        ("256", "", "guarantee_profile"),
        ("-1", "", "guarantee_profile"),
        ("1.0", "", "guarantee_profile"),
        ("٣", "", "guarantee_profile"),
        ("", "OPTI", "renewals"),
        ("", "EYES=2027-03-01", "renewals"),
        ("", "OPTI=2027-02-30", "renewals"),
        ("", "OPTI=1999-12-31", "renewals"),
        ("", "OPTI=2027-03-01 OPTI=2027-03-02", "renewals"),
        ("", " ".join(f"{each.name}=2027-03-01" for each in list(Domain)[:11]), "renewals"),
    ],
)
def test_a_fault_is_named_by_line_field_and_rule(insurer, profile, renewals, column):
    assert issued(insurer, f"{row('R1')};{profile};{renewals}") == []
    (fault,) = insurer.faults
    assert (fault.line, fault.column) == (2, column)
    for cell in filter(None, (profile, renewals)):
        assert cell not in str(fault)


def test_one_fault_does_not_hide_another(insurer):
    assert issued(insurer, f"{row('R1', cards='x')};256;OPTI") == []
    columns = ["cards", "guarantee_profile", "renewals"]
    assert said_of(insurer.faults) == [(2, column) for column in columns]


@pytest.mark.parametrize("name", ["guarantee_profile", "renewals"])
def test_a_column_stands_once(insurer, name):
    with pytest.raises(MalformedRow, match=f"line 1, {name}: column stands twice"):
        issued(insurer, header=f"{WITH};{name}")


DAYS = st.dates(date(2000, 1, 1), date(2179, 6, 5))


@given(
    st.integers(0, 255),
    st.dictionaries(st.sampled_from(list(Domain)), DAYS, max_size=RENEWALS_MAX),
)
def test_cells_read_back(profile, renewals):
    cell = " ".join(f"{domain.name}={day}" for domain, day in renewals.items())
    assert read_of_card(str(profile), cell) == OfCard(profile=profile, renewals=renewals)


@given(st.text("0123456789 ٣x-", max_size=4))
def test_a_profile_is_a_number_that_one_byte_holds(text):
    try:
        found = read_profile(text)
    except MalformedIdentifier:
        assert text not in ("", *map(str, range(256)))
    else:
        assert text == "" or found == int(text) <= 255


# On the card alone


def test_no_feed_and_no_digest_holds_any_of_it(insurer):
    """The platform is told nothing, so that a change of either is no change of a row."""
    assert insurer.prepare(row("R1")).sent == 1
    report = insurer.prepare(f"{row('R1')};3;OPTI=2027-03-01", header=WITH)
    assert (report.sent, report.unchanged) == (0, 1)


def test_a_card_keeps_its_secret_and_its_place(insurer):
    """Printed again with other guarantees it is the same card, under the same serial."""
    (before,) = issued(insurer, f"{row('R1')};;")
    (after,) = issued(insurer, f"{row('R1')};3;OPTI=2027-03-01")
    assert before.code != after.code
    one, other = (read_card(card.code, keys=keys_of(insurer), on=None) for card in (before, after))
    assert (one.secret, one.status_index) == (other.secret, other.status_index)


# The whole way: file, code, quote

GRANTED = {
    0: (Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),),
    3: (
        Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),
        Guarantee(domain=Domain.OPTI, basket=Basket.B, times=1, most=180_00),
    ),
}
LENS = Line(item="optics-lens-b", price=300_00)


def counter(insurer, *rows):
    """A counter that keeps this insurer's lists of today, with its guarantees."""
    key = card_signing_key(insurer.keys)
    statement = Statement(
        amc=insurer.amc, made=NOW - DAY, until=NOW + 90 * DAY, list_days=7, profiles=GRANTED
    )
    trust = TrustList(
        operator="O",
        number=1,
        made=NOW - DAY,
        until=NOW + 30 * DAY,
        insurers=(
            Trusted(
                amc=insurer.amc,
                name="M",
                keys=public_bundle(insurer.profile, insurer.keys).card_keys,
                statement=sign_guarantees(statement, key),
            ),
        ),
    )
    data, _ = insurer.status(*rows)
    return QuoteShare(VerifyCard(trust, {insurer.amc: read_status(data, trust)}), france())


def test_a_row_becomes_a_code_that_is_quoted_under_its_profile_and_renewals(insurer):
    rows = [
        f"{row('R1')};;",
        f"{row('R2', number='2')};3;",
        f"{row('R3', number='3')};3;OPTI={TODAY + timedelta(days=1)}",
    ]
    cards = issued(insurer, *rows)
    quote = counter(insurer, row("R1"), row("R2", number="2"), row("R3", number="3"))

    def parts(card, on=TODAY):
        said = quote(card.code, [LENS], on=on, now=NOW).quote
        return said.amc, said.guaranteed

    plain, profiled, renewed = cards
    assert parts(plain) == (0, 0), "profile 0 has no class B"
    assert parts(profiled) == (180_00, 180_00)
    assert parts(renewed) == (0, 0), "paid again tomorrow"
    assert parts(renewed, TODAY + timedelta(days=1)) == (180_00, 180_00)
