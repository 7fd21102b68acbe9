from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.coverage import (
    PERIODS_MAX,
    RECORD_SIZE,
    ContractKind,
    Domain,
    InForce,
    Mode,
    NotInForce,
    Period,
    RightsRecord,
    decode_record,
    encode_record,
    rights_on,
)
from rempart.domain.errors import MalformedIdentifier, MalformedRecord, RecordTooLarge

DAYS = st.dates(date(2000, 1, 1), date(2179, 6, 5))
PERIODS = st.lists(
    st.builds(Period, known_since=DAYS, valid_from=DAYS, valid_to=st.none() | DAYS),
    max_size=PERIODS_MAX,
    unique_by=lambda period: (period.known_since, period.valid_from),
).map(lambda periods: tuple(sorted(periods, key=lambda p: (p.known_since, p.valid_from))))
GRIDS = st.dictionaries(st.sampled_from(Domain), st.sampled_from(Mode)).map(
    lambda modes: tuple(sorted(modes.items()))
)
RECORDS = st.builds(
    RightsRecord,
    periods=PERIODS,
    formula=st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=16),
    domains=GRIDS,
    contract=st.sampled_from(ContractKind),
    responsable=st.booleans(),
)


def a_record(*periods, formula="CONFORT", domains=((Domain.OPTI, Mode.PEC),)):
    return RightsRecord(
        periods=tuple(
            Period(known_since=known, valid_from=start, valid_to=end)
            for known, start, end in periods
        ),
        formula=formula,
        domains=domains,
        contract=ContractKind.GROUP,
        responsable=True,
    )


# Words


def test_modes_are_printed_as_on_cards():
    assert [mode.printed for mode in Mode] == ["TM", "100", "PEC", "SMUT"]
    assert [Mode.from_printed(mode.printed) for mode in Mode] == list(Mode)
    for text in ("FULL", "tm", ""):
        with pytest.raises(MalformedIdentifier):
            Mode.from_printed(text)


def test_domains_have_the_codes_of_the_specification():
    assert " ".join(domain.name for domain in sorted(Domain)) == (
        "PHAR LABO RADL AUXM SVIL SAGE DENT DEPR OPTI AUDI HOSP EXTE CENT TRAN LPPS"
    )
    assert sorted(Domain) == list(range(1, 16))


# The record


@given(RECORDS)
def test_a_record_comes_back_from_its_256_bytes(record):
    body = encode_record(record)
    assert len(body) == RECORD_SIZE
    assert decode_record(body) == record


@given(RECORDS, st.randoms())
def test_the_order_of_periods_and_domains_says_nothing(record, chance):
    periods, domains = list(record.periods), list(record.domains)
    chance.shuffle(periods)
    chance.shuffle(domains)
    shuffled = RightsRecord(
        periods=tuple(periods),
        formula=record.formula,
        domains=tuple(domains),
        contract=record.contract,
        responsable=record.responsable,
    )
    assert encode_record(shuffled) == encode_record(record)


@given(RECORDS, st.integers(0, RECORD_SIZE - 1), st.integers(1, 255))
def test_a_record_has_one_spelling(record, place, change):
    body = bytearray(encode_record(record))
    body[place] ^= change
    try:
        other = decode_record(bytes(body))
    except MalformedRecord:
        return
    assert other != record
    assert encode_record(other) == bytes(body)


@given(st.binary(min_size=RECORD_SIZE, max_size=RECORD_SIZE))
def test_noise_is_refused_and_nothing_else_is_raised(noise):
    with pytest.raises(MalformedRecord):
        decode_record(b"\x01\x63" + noise[2:])


@pytest.mark.parametrize(
    "body", [b"", bytes(RECORD_SIZE), b"\x02" + bytes(255), b"\x01" + bytes(256)]
)
def test_another_size_or_format_is_refused(body):
    with pytest.raises(MalformedRecord):
        decode_record(body)


def test_versions_that_do_not_fit_are_refused():
    day = date(2026, 1, 1)
    spans = [(day + timedelta(n), day, None) for n in range(PERIODS_MAX + 1)]
    encode_record(a_record(*spans[:-1]))
    with pytest.raises(RecordTooLarge):
        encode_record(a_record(*spans))


@pytest.mark.parametrize("formula", ["x" * 17, "é", "a\0"])
def test_a_formula_that_does_not_fit_is_refused(formula):
    with pytest.raises(RecordTooLarge):
        encode_record(a_record(formula=formula))


def test_what_would_have_two_meanings_is_refused():
    day = date(2026, 1, 1)
    with pytest.raises(MalformedRecord):
        encode_record(a_record((day, day, None), (day, day, date(2026, 6, 30))))
    with pytest.raises(MalformedRecord):
        encode_record(a_record(domains=((Domain.OPTI, Mode.TM), (Domain.OPTI, Mode.PEC))))


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2179, 6, 6)])
def test_a_date_that_two_bytes_cannot_hold_is_refused(day):
    with pytest.raises(MalformedIdentifier):
        encode_record(a_record((date(2026, 1, 1), day, None)))


def test_rights_are_not_printed():
    record = a_record((date(2026, 1, 1), date(2026, 1, 1), None))
    assert repr(record) == "RightsRecord(…)"
    assert repr(record.periods) == "(Period(…),)"


# Rights on a day

JAN, JUN, SEP, DEC = date(2026, 1, 1), date(2026, 6, 30), date(2026, 9, 1), date(2026, 12, 31)
KNOWN = date(2025, 11, 3)
CLOSED_ON = date(2026, 7, 10)


def asked(record, care_date, *, domain=Domain.OPTI, known_at=date(2030, 1, 1), card_ends=None):
    return rights_on(
        record, domain=domain, care_date=care_date, known_at=known_at, card_ends=card_ends
    )


def until(day):
    return InForce(until=day, mode=Mode.PEC)


def test_rights_are_open_from_the_first_to_the_last_day():
    record = a_record((KNOWN, JAN, DEC))
    assert asked(record, JAN - timedelta(1)) == NotInForce()
    assert asked(record, JAN) == until(DEC)
    assert asked(record, DEC) == until(DEC)
    assert asked(record, DEC + timedelta(1)) == NotInForce()


def test_an_open_period_has_no_end():
    assert asked(a_record((KNOWN, JAN, None)), date(2100, 1, 1)) == until(None)


def test_a_domain_that_is_not_covered_is_not_in_force():
    assert asked(a_record((KNOWN, JAN, None)), JAN, domain=Domain.AUDI) == NotInForce()


def test_nothing_is_known_before_it_was_said():
    record = a_record((KNOWN, JAN, None))
    assert asked(record, JAN, known_at=KNOWN - timedelta(1)) == NotInForce()
    assert asked(record, JAN, known_at=KNOWN) == until(None)


def test_a_retroactive_close_undoes_no_answer_given_before_it():
    record = a_record((KNOWN, JAN, DEC), (CLOSED_ON, JAN, JUN))
    care = date(2026, 7, 5)
    assert asked(record, care, known_at=CLOSED_ON - timedelta(1)) == until(DEC)
    assert asked(record, care, known_at=CLOSED_ON) == NotInForce()
    assert asked(record, JUN, known_at=CLOSED_ON) == until(JUN)


def test_the_latest_version_speaks_wherever_it_stands():
    versions = [(KNOWN, JAN, DEC), (CLOSED_ON, JAN, JUN), (SEP, JAN, None)]
    for order in permutations(versions):
        assert asked(a_record(*order), JAN, known_at=KNOWN) == until(DEC)
        assert asked(a_record(*order), JAN, known_at=CLOSED_ON) == until(JUN)
        assert asked(a_record(*order), JAN, known_at=SEP) == until(None)


def test_a_period_can_be_taken_back_altogether():
    record = a_record((KNOWN, JAN, DEC), (CLOSED_ON, JAN, JAN - timedelta(1)))
    assert asked(record, JAN, known_at=CLOSED_ON - timedelta(1)) == until(DEC)
    assert asked(record, JAN) == NotInForce()


def test_rights_reopen_after_a_gap():
    record = a_record((KNOWN, JAN, JUN), (CLOSED_ON, SEP, None))
    assert asked(record, JUN) == until(JUN)
    assert asked(record, JUN + timedelta(1)) == NotInForce()
    assert asked(record, SEP) == until(None)


def test_of_two_periods_the_longer_answers():
    record = a_record((KNOWN, JAN, JUN), (KNOWN, SEP - timedelta(100), DEC))
    assert asked(record, JUN) == until(DEC)


def test_the_end_of_the_card_comes_first_when_it_is_earlier():
    record = a_record((KNOWN, JAN, DEC))
    assert asked(record, JAN, card_ends=JUN) == until(JUN)
    assert asked(record, JUN, card_ends=JUN) == until(JUN)
    assert asked(record, JUN + timedelta(1), card_ends=JUN) == NotInForce()
    assert asked(record, JAN, card_ends=date(2030, 1, 1)) == until(DEC)
    assert asked(a_record((KNOWN, JAN, None)), JAN, card_ends=JUN) == until(JUN)


NEAR = st.dates(date(2026, 1, 1), date(2026, 1, 6))
CROWDED = st.lists(
    st.builds(Period, known_since=NEAR, valid_from=NEAR, valid_to=st.none() | NEAR),
    max_size=8,
    unique_by=lambda period: (period.known_since, period.valid_from),
)


@given(CROWDED, NEAR, NEAR, st.none() | NEAR)
def test_the_answer_does_not_hang_on_the_order_of_versions(periods, care, known, ends):
    other = a_record(*((p.known_since, p.valid_from, p.valid_to) for p in periods))
    answers = {
        asked(each, care, known_at=known, card_ends=ends)
        for each in (other, decode_record(encode_record(other)))
    }
    assert answers == {naive(other, care, known, ends)}


def naive(record, care, known, ends):
    """The same rule day by day, in sets."""
    known_versions = [p for p in record.periods if p.known_since <= known]
    standing = [
        p
        for p in known_versions
        if not any(
            q.valid_from == p.valid_from and q.known_since > p.known_since for q in known_versions
        )
    ]
    lasts = [
        p.valid_to or date.max for p in standing if p.valid_from <= care <= (p.valid_to or date.max)
    ]
    if not lasts or care > (ends or date.max):
        return NotInForce()
    last = min(max(lasts), ends or date.max)
    return InForce(until=None if last == date.max else last, mode=Mode.PEC)
