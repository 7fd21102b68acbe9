"""Python and JavaScript say the same of damage, and of nonsense that is signed in earnest."""

import zlib
from dataclasses import replace
from datetime import date

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rempart.adapters.memory.lists import MemoryShelf
from rempart.domain import card, guarantee, status_list, trust_list
from rempart.domain.card import CardClaims
from rempart.domain.coverage import Domain, Mode
from rempart.domain.errors import ListRefused
from rempart.domain.guarantee import Guarantee, Statement
from rempart.domain.status_list import PLACES_MIN, StatusList, bits_of
from rempart.domain.tariff import Basket
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing import base45
from rempart.sealing.cose import CARD_KIND, CARD_PREFIX, es256, kid_of, sign1
from rempart.usecases.card_lists import (
    GUARANTEES,
    STATUS,
    TRUST,
    sign_guarantees,
    sign_status,
    sign_trust,
)
from rempart.usecases.p256_keys import point_of
from rempart.usecases.take_lists import TakeLists
from rempart.usecases.verify_card import VerifyCard
from tests.node import running_node
from tests.nonsense import DAY, INSURER, KID, NEXT, NOW, OFF_CURVE, cut, payloads, within

title = "Two verifiers agree"

ON = date(2026, 11, 18)
OPERATOR, OTHER = (ec.derive_private_key(n, ec.SECP256R1()) for n in (3, 7))


def trusted(amc, key):
    public = key.public_key()
    return Trusted(amc=amc, name=f"Mutuelle {amc}", keys={kid_of(public): point_of(public)})


STATED = Statement(
    amc="99000001",
    made=NOW - DAY,
    until=NOW + DAY,
    list_days=7,
    profiles={
        0: (
            Guarantee(domain=Domain.OPTI, basket=Basket.A, times=1),
            Guarantee(domain=Domain.OPTI, basket=Basket.B, times=1, most=25_000),
        ),
        3: (),
    },
)
STATEMENT = guarantee.to_payload(STATED)
TRUST_LIST = TrustList(
    operator="Opérateur",
    number=7,
    made=NOW - DAY,
    until=NOW + DAY,
    insurers=(
        replace(trusted("99000001", INSURER), statement=sign_guarantees(STATED, INSURER)),
        trusted("99000002", OTHER),
    ),
    next_key=point_of(NEXT.public_key()),
)
STATUS_LIST = StatusList(
    amc="99000001",
    made=NOW - 60,
    until=NOW + DAY,
    bits=bits_of(PLACES_MIN, [3, 77, PLACES_MIN - 1]),
)
CARD = CardClaims(
    amc="99000001",
    convention="SP",
    csr="ROUTE 66",
    secret=bytes(range(16)),
    birth_year=1963,
    domains=((Domain.PHAR, Mode.TM), (Domain.OPTI, Mode.PEC)),
    responsable=True,
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    key_id=KID,
    status_index=2,
)
CARD_PAYLOAD = card.to_payload(CARD)
LISTS = (sign_trust(TRUST_LIST, OPERATOR), sign_status(STATUS_LIST, INSURER))
NEWER_TRUST = trust_list.to_payload(replace(TRUST_LIST, number=8))
NEWER_STATUS = status_list.to_payload(replace(STATUS_LIST, made=NOW - 30))


class Both:
    """A verifier in each language, with the same lists."""

    def __init__(self, node):
        self.node = node
        self.begin()

    def begin(self):
        point = point_of(OPERATOR.public_key())
        self.take = TakeLists(MemoryShelf())
        self.take.trust_operator(point)
        self.node.ask("begin", operator=point.hex())
        for data in LISTS:
            assert self.shown(data) == "new"

    def shown(self, data, now=NOW):
        """What both make of a list, or the step at which both refuse it."""
        try:
            told = {"told": self.take(data, now=now).value}
        except ListRefused as refusal:
            told = {"refused": refusal.step}
        assert self.node.ask("take", data=data.hex(), now=now) == told
        self.same_kept()
        (said,) = told.values()
        return said

    def same_kept(self):
        kept, shelf = self.node.ask("kept")["told"], self.take.shelf
        assert kept["trust"] == (None if shelf.trust() is None else shelf.trust().hex())
        assert sorted(kept["roots"]) == sorted(point.hex() for point in shelf.roots().values())
        assert sorted(kept["statuses"]) == sorted(data.hex() for data in shelf.statuses())

    def verdict(self, code, domain=None, now=NOW):
        """What both say of a code."""
        verify = VerifyCard(*self.take.lists())
        ours = verify(code, on=ON, domain=domain, now=now)
        asked = {"on": ON.isoformat(), "domain": domain and domain.name, "now": now}
        theirs = self.node.ask("verify", code=code, **asked)["told"]
        mode = ours.mode and ours.mode.printed
        said = (ours.finding.value, ours.step, ours.insurer, mode, ours.list_made)
        assert said == tuple(
            theirs[name] for name in ("finding", "step", "insurer", "mode", "list_made")
        )
        if ours.claims is not None:
            assert theirs["claims"]["valid_to"] == ours.claims.valid_to.isoformat()
            assert theirs["claims"]["status_index"] == ours.claims.status_index
        return ours.finding.value, ours.step


@pytest.fixture(scope="module")
def both():
    with running_node() as node:
        yield Both(node)


def code_of(payload):
    return CARD_PREFIX + base45.encode(sign1(payload, INSURER, kid=KID, kind=CARD_KIND))


# Cards


def test_they_agree_on_what_is_whole(both):
    both.begin()
    assert both.verdict(code_of(CARD_PAYLOAD)) == ("good", "")
    assert both.verdict(code_of(CARD_PAYLOAD), Domain.AUDI) == ("refused", "domain")
    assert both.verdict(code_of(CARD_PAYLOAD), now=NOW + 2 * DAY) == ("unchecked", "")


@settings(max_examples=100)
@given(st.text(alphabet=base45.ALPHABET + "aé\n\U0001f600", max_size=20), st.integers(0, 400))
def test_they_agree_on_damaged_text(both, noise, at):
    code = code_of(CARD_PAYLOAD)
    both.verdict(code[:at] + noise + code[at + len(noise) :])
    both.verdict(code[:at] + noise + code[at:])
    both.verdict(noise)


@settings(max_examples=100)
@given(cut(base45.decode(code_of(CARD_PAYLOAD).removeprefix(CARD_PREFIX))))
def test_they_agree_on_damaged_messages(both, message):
    both.verdict(CARD_PREFIX + base45.encode(message))


@settings(max_examples=150)
@given(payloads(CARD_PAYLOAD), st.sampled_from([None, *Domain]))
@example(cbor2.dumps(cbor2.loads(CARD_PAYLOAD) | {4: 2**63}, canonical=True), None)
@example(cbor2.dumps(cbor2.loads(CARD_PAYLOAD) | {5: -719_162 * DAY}, canonical=True), None)
@example(cbor2.dumps(cbor2.loads(CARD_PAYLOAD) | {5: -719_163 * DAY}, canonical=True), None)
@example(cbor2.dumps(cbor2.loads(CARD_PAYLOAD) | {4: 2_932_897 * DAY}, canonical=True), None)
@example(cbor2.dumps(cbor2.loads(CARD_PAYLOAD) | {4: 2_932_898 * DAY}, canonical=True), None)
def test_they_agree_on_nonsense_that_an_insurer_signs(both, payload, domain):
    if within(payload, CARD_KIND):
        both.verdict(code_of(payload), domain)


# Lists


@settings(max_examples=100)
@given(st.sampled_from(LISTS).flatmap(cut))
def test_they_agree_on_damaged_lists(both, data):
    both.begin()
    both.shown(data)


@settings(max_examples=150)
@given(payloads(NEWER_TRUST))
@example(NEWER_TRUST)
@example(cbor2.dumps(cbor2.loads(NEWER_TRUST) | {6: True}, canonical=True))
def test_they_agree_on_nonsense_that_an_operator_signs(both, payload):
    if within(payload, TRUST):
        signed = sign1(payload, OPERATOR, kid=kid_of(OPERATOR.public_key()), kind=TRUST)
        both.begin()
        both.shown(signed)
        both.verdict(code_of(CARD_PAYLOAD))


@settings(max_examples=150)
@given(payloads(guarantee.to_payload(STATED)), st.sampled_from([INSURER, INSURER, OTHER]))
@example(guarantee.to_payload(STATED), INSURER)
@example(
    cbor2.dumps(cbor2.loads(guarantee.to_payload(STATED)) | {6: True}, canonical=True), INSURER
)
@example(guarantee.to_payload(replace(STATED, amc="99000002")), INSURER)
def test_they_agree_on_nonsense_that_an_insurer_guarantees(both, payload, key):
    if within(payload, GUARANTEES):
        stated = sign1(payload, key, kid=kid_of(key.public_key()), kind=GUARANTEES)
        insurers = (replace(TRUST_LIST.insurers[0], statement=stated), TRUST_LIST.insurers[1])
        both.begin()
        both.shown(sign_trust(replace(TRUST_LIST, number=8, insurers=insurers), OPERATOR))


@settings(max_examples=150)
@given(payloads(NEWER_STATUS))
@example(NEWER_STATUS)
@example(cbor2.dumps(cbor2.loads(NEWER_STATUS) | {6: True}, canonical=True))
def test_they_agree_on_nonsense_that_an_insurer_signs_as_its_list(both, payload):
    if within(payload, STATUS):
        signed = sign1(payload, INSURER, kid=KID, kind=STATUS)
        both.begin()
        both.shown(signed)
        both.verdict(code_of(CARD_PAYLOAD))


@pytest.mark.parametrize("change", [{1: True}, {3: OFF_CURVE}, {3: b""}, {2: []}, {1: 2**32}])
def test_they_agree_on_a_list_within(both, change):
    claims = cbor2.loads(NEWER_TRUST)
    claims[-65538] |= change
    payload = cbor2.dumps(claims, canonical=True)
    signed = sign1(payload, OPERATOR, kid=kid_of(OPERATOR.public_key()), kind=TRUST)
    expected = "new" if change == {2: []} else "well-formed"
    both.begin()
    assert both.shown(signed) == expected


# A key twice, a paste without end


def doubled(payload):
    """A map's first entry, written twice; all else as it was."""
    claims = cbor2.loads(payload)
    assert 0 < len(claims) < 23
    assert cbor2.dumps(claims, canonical=True) == payload
    first = min(cbor2.dumps(key) for key in claims)
    entry = first + cbor2.dumps(claims[cbor2.loads(first)], canonical=True)
    assert payload[1:].startswith(entry)
    return bytes([payload[0] + 1]) + entry + payload[1:]


def doubly_headed(payload, key, kind):
    """A message whose protected header says its algorithm twice, signed in earnest."""
    kid = kid_of(key.public_key())
    headers = doubled(kind.headers(kid))
    covered = cbor2.dumps(["Signature1", headers, b"", payload])
    return cbor2.dumps(cbor2.CBORTag(18, [headers, {}, payload, es256(covered, key)]))


def test_they_refuse_a_card_that_says_a_claim_or_a_header_twice(both):
    both.begin()
    assert both.verdict(code_of(doubled(CARD_PAYLOAD))) == ("refused", "well-formed")
    message = doubly_headed(CARD_PAYLOAD, INSURER, CARD_KIND)
    code = CARD_PREFIX + base45.encode(message)
    assert both.verdict(code) == ("refused", "well-formed")


@pytest.mark.parametrize(
    ("payload", "key", "kind"),
    [(NEWER_TRUST, OPERATOR, TRUST), (NEWER_STATUS, INSURER, STATUS)],
)
def test_they_refuse_a_list_that_says_a_claim_or_a_header_twice(both, payload, key, kind):
    kid = kid_of(key.public_key())
    both.begin()
    assert both.shown(sign1(payload, key, kid=kid, kind=kind)) == "new"
    both.begin()
    # Whose list it is stands in the claims: where they cannot be read, nobody's key is tried.
    refused = {"signed", "well-formed"}
    assert both.shown(sign1(doubled(payload), key, kid=kid, kind=kind)) in refused
    assert both.shown(doubly_headed(payload, key, kind)) in refused


@pytest.mark.parametrize("begins", ["", "HC9:", code_of(CARD_PAYLOAD)])
def test_they_refuse_a_paste_of_ten_megabytes(both, begins):
    both.begin()
    assert both.verdict(begins + "A" * 10_000_000) == ("refused", "well-formed")


def test_lists_that_come_together_are_taken_one_after_the_other(both):
    """An older list that is read more slowly does not end up over a newer one."""
    both.begin()
    lists = [sign_trust(replace(TRUST_LIST, number=number), OPERATOR) for number in (9, 8, 10)]
    told = both.node.ask("race", datas=[data.hex() for data in lists], now=NOW)
    assert told == {"told": ["new", "newer", "new"]}
    assert both.node.ask("kept")["told"]["trust"] == lists[2].hex()


# What is pressed


def pressed(data, level, strategy):
    press = zlib.compressobj(level, zlib.DEFLATED, 15, 8, strategy)
    return press.compress(data) + press.flush()


@settings(max_examples=100)
@given(
    st.lists(st.binary(max_size=40), max_size=20),
    st.integers(1, 60),
    st.integers(0, 9),
    st.sampled_from([zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED]),
)
def test_what_zlib_presses_is_inflated(both, parts, times, level, strategy):
    data = b"".join(parts) * times
    told = both.node.ask("inflate", data=pressed(data, level, strategy).hex(), largest=1 << 20)
    assert told == {"told": data.hex()}


@settings(max_examples=150)
@given(st.data(), st.binary(max_size=200), st.integers(0, 9))
def test_what_zlib_does_not_inflate_is_refused(both, data, plain, level):
    damaged = data.draw(cut(pressed(plain, level, zlib.Z_DEFAULT_STRATEGY)))
    inflater = zlib.decompressobj()
    try:
        bits = inflater.decompress(damaged, 10_001)
        whole = inflater.eof and not inflater.unused_data and len(bits) <= 10_000
    except zlib.error:
        whole = False
    told = both.node.ask("inflate", data=damaged.hex(), largest=10_000)
    assert told == ({"told": bits.hex()} if whole else {"refused": "malformed"})
