"""People here cannot exist: department 99 with country 999, or commune 999 of Corsica."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import nir as oracle

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import (
    FINESS,
    NIR,
    RPPS,
    AMCNumber,
    BirthDate,
    BirthRank,
    CardSerial,
    InsurerReference,
    MemberNumber,
    MemberNumberRule,
    PrintedKey,
    SiteId,
)

MONTHS = [*range(1, 13), *range(20, 43), *range(50, 100)]


@st.composite
def impossible_nirs(draw, places=("99999", "2A999", "2B999")):
    sex = draw(st.sampled_from("123478"))
    year = draw(st.integers(0, 99))
    month = draw(st.sampled_from(MONTHS))
    order = draw(st.integers(0, 999))
    number = f"{sex}{year:02}{month:02}{draw(st.sampled_from(places))}{order:03}"
    return number + oracle.calc_check_digits(number + "00")


def refused(parse, text, *rest, **options):
    """The refusal of ``text``, whose message must not quote it."""
    with pytest.raises(MalformedIdentifier) as refusal:
        parse(text, *rest, **options)
    if len(text) > 3 and not text.endswith(":"):
        assert text not in str(refusal.value)
    return str(refusal.value)


# NIR


@given(impossible_nirs())
def test_a_nir_with_its_key_is_read(text):
    assert NIR.parse(text).value == text
    printed = (
        f" {text[:1]} {text[1:3]} {text[3:5]} {text[5:7]}\N{NO-BREAK SPACE}{text[7:].lower()} "
    )
    assert NIR.parse(printed).value == text


@given(impossible_nirs(), st.integers(0, 99))
def test_a_nir_under_another_key_is_refused(text, key):
    if f"{key:02}" != text[13:]:
        assert "key" in refused(NIR.parse, f"{text[:13]}{key:02}")


@given(st.from_regex(r"[0-9]{5}(99|2A|2B)999[0-9]{5}", fullmatch=True))
def test_no_nir_is_read_that_the_oracle_refuses(text):
    try:
        NIR.parse(text)
    except MalformedIdentifier:
        return
    assert oracle.is_valid(text)


@pytest.mark.parametrize("month", [0, *range(13, 20), *range(43, 50)])
def test_a_month_that_is_never_given_is_refused(month):
    number = f"199{month:02}99999001"
    assert "expected" in refused(NIR.parse, number + oracle.calc_check_digits(number + "00"))


@given(impossible_nirs())
def test_a_nir_is_provisional_while_it_waits(text):
    assert NIR.parse(text).provisional == (text[0] in "3478")


@pytest.mark.parametrize("first", "0569")
def test_other_first_digits_are_refused(first):
    number = first + "990199999001"
    refused(NIR.parse, number + oracle.calc_check_digits(number + "00"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "19901",
        "1990199999001",
        "199012C99900112",
        "1992A9999900112",
        "１９９０１９９９９９００１１２",
        "199019999900112\n1",
    ],
)
def test_what_is_not_shaped_like_a_nir_is_refused(text):
    refused(NIR.parse, text)


# Numbers of insurers, professionals and places


def test_an_amc_number_is_eight_digits():
    assert AMCNumber.parse("99000001").value == "99000001"
    for text in ("", "9900001", "990000010", "9900000A", " 99000001", "99000001\n", "９9000001"):
        refused(AMCNumber.parse, text)


def test_an_rpps_has_a_luhn_key_except_published_test_numbers():
    valid = "1000346103" + luhn.calc_check_digit("1000346103")
    assert RPPS.parse(valid).value == valid
    refused(RPPS.parse, "10003461033")
    assert RPPS.parse("10003461033", lenient_key=True).value == "10003461033"
    refused(RPPS.parse, "1000346103", lenient_key=True)


@pytest.mark.parametrize(
    "text", ["750712184", "600100713", "600000194", "2A0000154", "2B0004246", "2B0000020"]
)
def test_a_finess_has_a_luhn_key_in_corsica_too(text):
    assert FINESS.parse(text).value == text
    for wrong in range(10):
        if str(wrong) != text[-1]:
            assert "key" in refused(FINESS.parse, f"{text[:-1]}{wrong}")


@pytest.mark.parametrize(
    "text", ["", "75071218", "7507121840", "2C0000154", "A20000154", "2a0000154"]
)
def test_what_is_not_shaped_like_a_finess_is_refused(text):
    assert "expected" in refused(FINESS.parse, text)


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("FINESS:750712184", "FINESS"),
        ("SIRET:73282932000074", "SIRET"),
        ("SIRET:35600000049837", "SIRET"),  # a branch of the post office: digits sum to 45
        ("STRUCT:R10100000123456", "STRUCT"),
    ],
)
def test_a_site_carries_its_scheme(text, scheme):
    site = SiteId.parse(text)
    assert (site.value, site.scheme, f"{site.scheme}:{site.number}") == (text, scheme, text)


@pytest.mark.parametrize(
    "text",
    [
        "750712184",
        "FINESS:750712185",
        "SIRET:73282932000075",
        "SIRET:35600000049838",
        "SIRET:7328293200007",
        "STRUCT:",
        "STRUCT:a b",
        "STRUCT:" + "1" * 37,
        "RPPS:10003461031",
        "finess:750712184",
    ],
)
def test_other_sites_are_refused(text):
    refused(SiteId.parse, text)


# Things printed on a card

KEEP, STRIP, DIGITS = (
    MemberNumberRule(),
    MemberNumberRule(strip_leading_zeros=True),
    MemberNumberRule(strip_leading_zeros=True, keep_letters=False),
)


@pytest.mark.parametrize(
    ("text", "rule", "canonical"),
    [
        ("00 12-34.5/a", KEEP, "0012345A"),
        ("00 12-34.5/a", STRIP, "12345A"),
        ("00 12-34.5/a", DIGITS, "12345"),
        ("A00123", STRIP, "A00123"),
        ("A00123", DIGITS, "123"),
        ("000", STRIP, "0"),
        ("１２３", KEEP, "123"),
        ("12\N{NO-BREAK SPACE}3\N{EN DASH}4", KEEP, "1234"),
    ],
)
def test_a_member_number_has_one_form_per_insurer(text, rule, canonical):
    assert MemberNumber.parse(text, rule).value == canonical


@given(
    st.text(max_size=40),
    st.builds(MemberNumberRule, strip_leading_zeros=st.booleans(), keep_letters=st.booleans()),
)
def test_the_one_form_is_its_own_form(text, rule):
    try:
        number = MemberNumber.parse(text, rule)
    except MalformedIdentifier:
        return
    assert re.fullmatch("[0-9A-Z]{1,32}", number.value)
    assert MemberNumber.parse(number.value, rule) == number


@pytest.mark.parametrize("text", ["", " - ", "É12", "12_3", "1" * 33, "ı123", "ſ1ß"])
def test_other_member_numbers_are_refused(text):
    refused(MemberNumber.parse, text, KEEP)


def test_letters_alone_are_no_number_where_letters_do_not_count():
    refused(MemberNumber.parse, "ABCD", DIGITS)


@given(st.booleans(), st.booleans())
def test_a_rule_is_published_and_read_back(zeros, letters):
    rule = MemberNumberRule(strip_leading_zeros=zeros, keep_letters=letters)
    assert MemberNumberRule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"strip_leading_zeros": True},
        {"strip_leading_zeros": 1, "keep_letters": True},
        {"strip_leading_zeros": True, "keep_letters": True, "upper": True},
    ],
)
def test_a_rule_that_we_would_misread_is_refused(value):
    with pytest.raises(MalformedIdentifier):
        MemberNumberRule.from_json(value)


@pytest.mark.parametrize(
    ("text", "value", "year"),
    [
        ("1963-02-01", "19630201", 1963),
        ("19630201", "19630201", 1963),
        ("01/02/1963", "19630201", 1963),
        ("1963-02", "19630200", 1963),
        ("1963", "19630000", 1963),
        ("19630000", "19630000", 1963),
        ("31/02/1963", "19630231", 1963),
        ("1963-02-31", "19630231", 1963),
    ],
)
def test_a_birth_date_may_be_incomplete_or_impossible(text, value, year):
    assert BirthDate.parse(text).value == value
    assert BirthDate.parse(text).year == year


@pytest.mark.parametrize(
    "text",
    ["", "63", "196302", "1963-2-1", "1963/02/01", "01021963x", "31121963", "1799-01-01", "１963"],
)
def test_other_birth_dates_are_refused(text):
    refused(BirthDate.parse, text)


def test_a_birth_rank_is_one_digit():
    assert [BirthRank.parse(text).value for text in "123456789"] == list(range(1, 10))
    for text in ("", "0", "10", "01", "a", "²", "１"):
        refused(BirthRank.parse, text)


def test_a_reference_is_what_the_insurer_writes():
    for text in ("B1", "B 000/42", "~", "x" * 32):
        assert InsurerReference.parse(text).value == text
    for text in ("", " B1", "B1 ", "x" * 33, "B\t1", "Bé1", " "):
        refused(InsurerReference.parse, text)


@given(st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1))
def test_a_card_serial_is_a_number_and_back(version, number):
    serial = CardSerial(key_version=version, number=number)
    assert CardSerial.from_int(serial.to_int()) == serial
    assert serial.to_bytes() == version.to_bytes(2, "big") + number.to_bytes(2, "big")
    assert serial.before_rempart == (number == 0)


@pytest.mark.parametrize(("version", "number"), [(-1, 0), (0, -1), (2**16, 0), (0, 2**16)])
def test_a_serial_out_of_range_is_refused(version, number):
    with pytest.raises(MalformedIdentifier):
        CardSerial(key_version=version, number=number)


@pytest.mark.parametrize("value", [-1, 2**32])
def test_a_serial_that_is_no_u32_is_refused(value):
    with pytest.raises(MalformedIdentifier):
        CardSerial.from_int(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("ABCD0123", "ABCD0123"), ("abcd-0123", "ABCD0123"), (" ab cd oiLl ", "ABCD0111")],
)
def test_a_printed_key_is_read_as_people_copy_it(text, value):
    assert PrintedKey.parse(text).value == value


@pytest.mark.parametrize(
    "text", ["", "ABCD012", "ABCD01234", "ABCDU123", "ABCDé123", "ABCD_123", "ABCD012ı"]
)
def test_other_printed_keys_are_refused(text):
    refused(PrintedKey.parse, text)


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        (NIR.parse("199019999900" + "1" + oracle.calc_check_digits("199019999900100")), "1990199"),
        (MemberNumber.parse("A12345", KEEP), "A12345"),
        (BirthDate.parse("1963-02-31"), "1963"),
        (InsurerReference.parse("B000042"), "B000042"),
        (PrintedKey.parse("ABCD0123"), "ABCD"),
    ],
)
def test_what_says_something_of_a_person_is_not_printed(value, secret):
    for printed in (repr(value), str(value), f"{value}", repr([value])):
        assert secret not in printed
        assert f"{type(value).__name__}(…)" in printed
