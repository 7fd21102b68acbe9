"""Cells of the member file, one by one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.coverage import (
    ContractKind,
    Domain,
    Mode,
    Period,
    decode_record,
)
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import CardSerial
from rempart.domain.live_locks import LiveLock, legacy_end, live_locks
from rempart.domain.member_cells import (
    Fault,
    LiveCard,
    Rights,
    read_cards,
    read_contract,
    read_convention,
    read_csr,
    read_domains,
    read_formula,
    read_periods,
    read_responsable,
    read_rights,
)

DAYS = st.dates(date(2000, 1, 1), date(2179, 6, 1))


def span(since, first, last):
    return Period(known_since=since, valid_from=first, valid_to=last)


@given(since=DAYS, first=DAYS, last=st.none() | DAYS)
def test_a_period_reads_back(since, first, last):
    text = f"{first}/{last or '..'}@{since}"
    assert read_periods(text) == (span(since, first, last),)


def test_versions_of_a_period_stand_beside_each_other():
    assert read_periods(" 2026-01-01/..@2025-12-01  2026-01-01/2026-03-31@2026-05-10 ") == (
        span(date(2025, 12, 1), date(2026, 1, 1), None),
        span(date(2026, 5, 10), date(2026, 1, 1), date(2026, 3, 31)),
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "at least one period"),
        ("2026-01-01/2026-12-31", "expected FROM/TO@SINCE"),
        ("2026-01-01/@2025-12-01", "expected FROM/TO@SINCE"),
        ("2026-01-01/2026-12-31@", "expected FROM/TO@SINCE"),
        ("01/01/2026/31/12/2026@2025-12-01", "expected FROM/TO@SINCE"),
        ("2026-02-30/..@2025-12-01", "not a day of the calendar"),
        ("2026-02-0१/..@2025-12-01", "expected FROM/TO@SINCE"),
        ("1999-12-31/..@2025-12-01", "outside 2000-01-01"),
        ("2026-01-01/2179-12-31@2025-12-01", "outside 2000-01-01"),
        ("2026-01-01/..@2025-12-01 2026-01-01/2026-02-01@2025-12-01", "two versions"),
    ],
)
def test_a_bad_period_names_its_rule(text, rule):
    with pytest.raises(MalformedIdentifier, match=rule) as refused:
        read_periods(text)
    assert refused.value.kind == "periods"


def test_domains_stand_in_the_order_of_their_numbers():
    assert read_domains("OPTI=PEC PHAR=TM LABO=100 AUDI=SMUT") == (
        (Domain.PHAR, Mode.TM),
        (Domain.LABO, Mode.FULL),
        (Domain.OPTI, Mode.PEC),
        (Domain.AUDI, Mode.SMUT),
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "at least one domain"),
        ("PHAR", "DOMAIN=MODE"),
        ("PHARMA=TM", "DOMAIN=MODE"),
        ("phar=TM", "DOMAIN=MODE"),
        ("PHAR=FULL", "expected the mode"),
        ("PHAR=", "expected the mode"),
        ("PHAR=TM PHAR=100", "listed twice"),
    ],
)
def test_a_bad_domain_names_its_rule(text, rule):
    with pytest.raises(MalformedIdentifier, match=rule):
        read_domains(text)


def test_cards_stand_by_serial():
    old = LiveCard(CardSerial(key_version=0, number=0), date(2026, 12, 31))
    new = LiveCard(CardSerial(key_version=1, number=3), date(2027, 12, 31))
    stolen = LiveCard(CardSerial(key_version=2, number=1), date(2027, 12, 31))
    assert read_cards("") == ()
    assert read_cards("3:2027-12-31 0:2026-12-31") == (old, new)
    assert read_cards("2.1:2027-12-31 3:2027-12-31") == (new, stolen)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("3", "SERIAL:UNTIL"),
        ("3:", "SERIAL:UNTIL"),
        ("-3:2026-12-31", "SERIAL:UNTIL"),
        ("3:2026-12-32", "not a day"),
        ("1:2026-12-31 2:2027-12-31 3:2028-12-31", "at most 2"),
        ("1:2026-12-31 1.1:2027-12-31", "serial is listed twice"),
        ("0:2026-12-31 0:2027-12-31", "serial is listed twice"),
        ("1.0:2026-12-31", "serial 0 has no card key version"),
        ("0.1:2026-12-31", "versions begin at 1"),
        ("65536:2026-12-31", "0 to 65535"),
        ("65536.1:2026-12-31", "0 to 65535"),
    ],
)
def test_a_bad_card_names_its_rule(text, rule):
    with pytest.raises(MalformedIdentifier, match=rule):
        read_cards(text)


@pytest.mark.parametrize(
    ("grammar", "good", "bad"),
    [
        (read_formula, ["F", "CONFORT+", "x" * 16], ["", "x" * 17, " F", "F ", "É", "F\t1"]),
        (read_convention, ["SP", "01"], ["", "S", "SPP", "sp", "É1"]),
        (read_csr, ["", "R66", "ROUTE 66"], ["ROUTE 666", " R", "É"]),
    ],
)
def test_short_codes(grammar, good, bad):
    for text in good:
        assert grammar(text) == text
    for text in bad:
        with pytest.raises(MalformedIdentifier):
            grammar(text)


def test_words():
    assert [read_responsable(text) for text in ("yes", "oui", "no", "non")] == [
        True,
        True,
        False,
        False,
    ]
    assert read_contract("C2S") is ContractKind.C2S
    for grammar in (read_responsable, read_contract):
        for text in ("", "YES", "c2s", "1"):
            with pytest.raises(MalformedIdentifier):
                grammar(text)


GOOD = ("2026-01-01/..@2025-12-01", "F1", "PHAR=TM", "GROUP", "yes")


def test_rights_are_their_record_and_its_bytes():
    rights = read_rights(*GOOD)
    assert isinstance(rights, Rights)
    assert decode_record(rights.encoded) == rights.record


def test_rights_tell_all_their_faults():
    assert read_rights("x", "", "y", "z", "w") == (
        Fault("periods", "expected FROM/TO@SINCE, days as YYYY-MM-DD"),
        Fault("formula", "expected 1 to 16 printable ASCII characters"),
        Fault("domains", "expected DOMAIN=MODE, domains as on a card"),
        Fault("contract", "expected INDIVIDUAL, GROUP, PORTABILITY, C2S, CANARY"),
        Fault("responsable", "expected yes or no"),
    )


def test_too_many_versions_are_a_fault():
    versions = " ".join(f"2026-01-01/..@2025-{n // 28 + 1:02d}-{n % 28 + 1:02d}" for n in range(35))
    assert read_rights(versions, *GOOD[1:]) == (
        Fault("periods", "too many periods for one record"),
    )


# --- which locks a card has

TODAY, YEAR_END = date(2026, 11, 24), 9_861
OLD = read_cards("0:2026-12-31")
NEW = read_cards("3:2026-12-31")


def locks(cards, *, declared=True, legacy_until=None, today=TODAY):
    return live_locks(cards, declared=declared, legacy_ends=legacy_end(legacy_until, today=today))


def test_a_card_of_rempart_has_two_locks_or_one():
    assert locks(NEW) == [LiveLock(1, 65_539, YEAR_END), LiveLock(2, 65_539, YEAR_END)]
    assert locks(NEW, declared=False) == [LiveLock(1, 65_539, YEAR_END)]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, []),
        (date(2026, 11, 23), []),
        (date(2026, 11, 24), [LiveLock(3, 0, 9_824)]),
        (date(2027, 6, 30), [LiveLock(3, 0, YEAR_END)]),
    ],
)
def test_an_old_card_has_one_until_the_insurers_date(until, expected):
    assert locks(OLD, legacy_until=until) == expected


def test_while_renewing_the_locks_of_both_stand():
    both = read_cards("3:2026-12-31 4:2027-12-31")
    assert [lock.serial for lock in locks(both)] == [65_539, 65_539, 65_540, 65_540]
    assert locks(()) == []
