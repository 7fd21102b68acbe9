from dataclasses import replace
from datetime import date

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.card import (
    CardClaims,
    from_payload,
    issuer_of,
    to_payload,
)
from rempart.domain.coverage import Domain, Mode
from rempart.domain.errors import MalformedIdentifier

KEY_ID = b"key id 8"
CLAIMS = CardClaims(
    amc="99000001",
    convention="SP",
    csr="",
    secret=bytes(range(16)),
    birth_year=1963,
    domains=((Domain.PHAR, Mode.TM), (Domain.OPTI, Mode.PEC)),
    responsable=True,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    key_id=KEY_ID,
)
CARDS = st.builds(
    CardClaims,
    amc=st.from_regex(r"[0-9]{8}", fullmatch=True),
    convention=st.from_regex(r"[0-9A-Z]{2}", fullmatch=True),
    csr=st.from_regex(r"([!-~]([ -~]{0,6}[!-~])?)?", fullmatch=True),
    secret=st.binary(min_size=16, max_size=16),
    birth_year=st.integers(1800, 2199),
    domains=st.dictionaries(st.sampled_from(Domain), st.sampled_from(Mode), min_size=1).map(
        lambda modes: tuple(sorted(modes.items()))
    ),
    responsable=st.booleans(),
    valid_from=st.dates(max_value=date(2026, 1, 1)),
    valid_to=st.dates(min_value=date(2026, 1, 1), max_value=date(9999, 12, 30)),
    key_id=st.just(KEY_ID),
    status_index=st.none() | st.integers(0, 2**32 - 1),
    guarantees=st.none() | st.binary(max_size=32),
)


@given(CARDS)
def test_claims_come_back(claims):
    payload = to_payload(claims)
    assert from_payload(payload, key_id=KEY_ID) == claims
    assert issuer_of(payload) == claims.amc


@given(CARDS)
def test_claims_are_written_in_deterministic_cbor(claims):
    payload = to_payload(claims)
    assert cbor2.dumps(cbor2.loads(payload), canonical=True) == payload


def test_dates_are_those_of_a_web_token():
    claims_set = cbor2.loads(to_payload(CLAIMS))
    assert claims_set[5] == 1767225600  # 2026-01-01T00:00:00Z
    assert claims_set[4] == 1798761600  # 2027-01-01T00:00:00Z: no longer valid from then on


@pytest.mark.parametrize(
    "change",
    [
        {"amc": "9900001"},
        {"amc": "9900000A"},
        {"convention": "sp"},
        {"convention": "SPX"},
        {"csr": "NINE CHRS"},
        {"csr": " "},
        {"csr": "é"},
        {"secret": bytes(15)},
        {"birth_year": 63},
        {"domains": ()},
        {"domains": ((Domain.OPTI, Mode.PEC), (Domain.PHAR, Mode.TM))},
        {"domains": ((Domain.OPTI, Mode.PEC), (Domain.OPTI, Mode.TM))},
        {"valid_to": date(2025, 12, 31)},
        {"key_id": b"short"},
        {"status_index": -1},
        {"status_index": 2**32},
        {"guarantees": bytes(33)},
    ],
)
def test_a_claim_out_of_its_grammar_is_refused(change):
    with pytest.raises(MalformedIdentifier):
        replace(CLAIMS, **change)


def card(**changes):
    claims_set = cbor2.loads(to_payload(CLAIMS))
    claims_set[-65537] |= {int(key[1:]): value for key, value in changes.items()}
    return claims_set


def without(claims_set, *path):
    *way, last = path
    inner = claims_set
    for key in way:
        inner = inner[key]
    del inner[last]
    return claims_set


@pytest.mark.parametrize(
    "claims_set",
    [
        pytest.param(card() | {6: 0}, id="one claim more"),
        pytest.param(card(_9=1), id="one field more"),
        pytest.param(without(card(), 5), id="no nbf"),
        pytest.param(without(card(), -65537, 6), id="no responsable"),
        pytest.param(card() | {1: "9900000A"}, id="issuer"),
        pytest.param(card() | {1: 99000001}, id="issuer as a number"),
        pytest.param(card() | {4: 1798761601}, id="exp inside a day"),
        pytest.param(card() | {4: 2**63}, id="exp past the calendar"),
        pytest.param(card() | {5: -(2**63)}, id="nbf before the calendar"),
        pytest.param(card() | {4: 1798761600.0}, id="exp as a float"),
        pytest.param(card(_3=b"short"), id="secret"),
        pytest.param(card(_3="x" * 16), id="secret as text"),
        pytest.param(card(_4=True), id="birth year as a boolean"),
        pytest.param(card(_5={1: 9}), id="unknown mode"),
        pytest.param(card(_5={99: 1}), id="unknown domain"),
        pytest.param(card(_5={True: 1}), id="domain as a boolean"),
        pytest.param(card(_5={1: 1.0}), id="mode as a float"),
        pytest.param(card(_5=[[1, 1]]), id="domains as an array"),
        pytest.param(card(_6=1), id="responsable as a number"),
        pytest.param(card(_7=True), id="status index as a boolean"),
        pytest.param(card(_7=None), id="status index null"),
        pytest.param(card(_7="7"), id="status index as text"),
        pytest.param(card(_8="x"), id="guarantees as text"),
        pytest.param([1, 2], id="an array"),
        pytest.param({}, id="empty"),
    ],
)
def test_claims_that_are_not_exactly_a_cards_are_refused(claims_set):
    with pytest.raises(MalformedIdentifier):
        from_payload(cbor2.dumps(claims_set, canonical=True), key_id=KEY_ID)


def test_the_helpers_above_change_nothing_by_themselves():
    assert cbor2.dumps(card(), canonical=True) == to_payload(CLAIMS)


PAYLOAD = to_payload(CLAIMS)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(PAYLOAD + b"\0", id="a trailing byte"),
        pytest.param(PAYLOAD[:-1], id="cut"),
        pytest.param(b"\xbf" + PAYLOAD[1:] + b"\xff", id="indefinite"),
        pytest.param(b"\xb8\x04" + PAYLOAD[1:], id="long length"),
        pytest.param(b"\xa5\x01\x68" + b"99000002" + PAYLOAD[1:], id="two issuers"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\x81" * 250, id="deep"),
        pytest.param(PAYLOAD + bytes(300), id="too long"),
    ],
)
def test_another_spelling_is_refused(payload):
    with pytest.raises(MalformedIdentifier):
        from_payload(payload, key_id=KEY_ID)


@given(st.binary(max_size=120), st.integers(0, 60))
def test_noise_is_refused_and_nothing_else_is_raised(noise, kept):
    if (noisy := PAYLOAD[:kept] + noise) != PAYLOAD:
        with pytest.raises(MalformedIdentifier):
            from_payload(noisy, key_id=KEY_ID)


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xa4\x01\x68", b"\xa4\x01\x689900000", b"\xa4\x01\x68990000\xff1", b"\xa3" * 20],
)
def test_an_issuer_is_read_by_position_or_not_at_all(payload):
    with pytest.raises(MalformedIdentifier):
        issuer_of(payload)


def test_claims_are_not_printed():
    assert repr(CLAIMS) == str(CLAIMS) == "CardClaims(…)"
