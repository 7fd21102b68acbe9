import cbor2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from rempart.sealing.cose import CARD_KIND, ORDER, Kind, Sign1, kid_of, read1, sign1, verify1
from rempart.sealing.errors import SealBroken

KEY = ec.derive_private_key(7, ec.SECP256R1())
PUBLIC = KEY.public_key()
OTHER = ec.derive_private_key(8, ec.SECP256R1())
KID = kid_of(PUBLIC)
PAYLOADS = st.binary(min_size=24, max_size=255)
MESSAGE = sign1(b"twenty-four bytes, or more", KEY, kid=KID)


@given(PAYLOADS)
def test_what_is_signed_verifies_and_comes_back(payload):
    message = read1(sign1(payload, KEY, kid=KID))
    assert message.kid == KID
    assert verify1(message, PUBLIC) == payload


@given(PAYLOADS)
def test_a_general_reader_finds_what_the_rfcs_say(payload):
    """cbor2 and the RFC's own structure as the oracle of our bytes by position."""
    tag = cbor2.loads(sign1(payload, KEY, kid=KID))
    protected, unprotected, content, signature = tag.value
    assert tag.tag == 18
    assert cbor2.loads(protected) == {1: -7, 4: KID}
    assert unprotected == {}
    assert content == payload
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    PUBLIC.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        PUBLIC.verify(encode_dss_signature(r, s), signed + b"\0", ec.ECDSA(SHA256()))


LIST = Kind("application/statuslist+cwt", 1, 1 << 20)
OTHER_LIST = Kind("application/another+cbor", 1, 1 << 20)


@given(st.sampled_from([1, 23, 24, 255, 256, 257, 65_535, 65_536, 70_000]))
def test_a_typed_message_of_any_size_is_one_that_a_general_reader_reads(size):
    signed = sign1(bytes(size), KEY, kid=KID, kind=LIST)
    message = read1(signed, kind=LIST)
    assert (message.kid, verify1(message, PUBLIC)) == (KID, bytes(size))
    tag = cbor2.loads(signed)
    protected, unprotected, content, _ = tag.value
    assert cbor2.loads(protected) == {1: -7, 4: KID, 16: LIST.type}
    assert (tag.tag, unprotected, content) == (18, {}, bytes(size))
    assert cbor2.dumps(tag, canonical=True) == signed


@pytest.mark.parametrize("kind", [CARD_KIND, OTHER_LIST])
def test_a_message_is_of_one_kind(kind):
    signed = sign1(bytes(30), KEY, kid=KID, kind=LIST)
    with pytest.raises(SealBroken):
        read1(signed, kind=kind)
    with pytest.raises(SealBroken):
        read1(sign1(bytes(30), KEY, kid=KID, kind=kind), kind=LIST)


def test_a_type_is_signed():
    """Its name respelled in place: same bytes elsewhere, and no signature."""
    other = Kind("application/statuslist+cwu", 1, 1 << 20)
    forged = sign1(bytes(30), KEY, kid=KID, kind=LIST).replace(b"+cwt", b"+cwu")
    with pytest.raises(SealBroken, match="does not verify"):
        verify1(read1(forged, kind=other), PUBLIC)


def test_signing_twice_gives_the_same_bytes():
    assert sign1(bytes(30), KEY, kid=KID) == sign1(bytes(30), KEY, kid=KID)


def test_another_key_is_refused():
    with pytest.raises(SealBroken, match="does not verify"):
        verify1(read1(MESSAGE), OTHER.public_key())


def test_a_key_of_another_curve_is_refused():
    with pytest.raises(SealBroken, match="P-256"):
        verify1(read1(MESSAGE), ec.derive_private_key(7, ec.SECP384R1()).public_key())


def test_the_other_signature_of_the_same_is_refused():
    s = int.from_bytes(MESSAGE[-32:], "big")
    assert s <= ORDER // 2
    high = MESSAGE[:-32] + (ORDER - s).to_bytes(32, "big")
    with pytest.raises(SealBroken, match="low form"):
        verify1(read1(high), PUBLIC)


@pytest.mark.parametrize("half", [bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32])
def test_numbers_outside_the_group_are_refused(half):
    for signature in (half + MESSAGE[-32:], MESSAGE[-64:-32] + half):
        with pytest.raises(SealBroken):
            verify1(read1(MESSAGE[:-64] + signature), PUBLIC)


def test_every_changed_bit_and_every_cut_is_refused():
    for bit in range(8 * len(MESSAGE)):
        changed = bytearray(MESSAGE)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            verify1(read1(bytes(changed)), PUBLIC)
    for size in range(len(MESSAGE)):
        with pytest.raises(SealBroken):
            read1(MESSAGE[:size])


def respelled(*, tag=18, protected=None, unprotected=None, payload=None, signature=None):
    """The same message as another encoder could write it."""
    message = read1(MESSAGE)
    content = [
        cbor2.dumps({1: -7, 4: KID}) if protected is None else protected,
        {} if unprotected is None else unprotected,
        message.payload if payload is None else payload,
        message.signature if signature is None else signature,
    ]
    return cbor2.dumps(content if tag is None else cbor2.CBORTag(tag, content))


def test_the_parameters_of_the_next_test_are_the_only_difference():
    assert respelled() == MESSAGE


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(respelled(tag=None), id="untagged"),
        pytest.param(respelled(tag=17), id="another tag"),
        pytest.param(respelled(protected=cbor2.dumps({1: -8, 4: KID})), id="EdDSA"),
        pytest.param(respelled(protected=cbor2.dumps({1: -35, 4: KID})), id="ES384"),
        pytest.param(respelled(protected=cbor2.dumps({4: KID, 1: -7})), id="unsorted"),
        pytest.param(respelled(protected=cbor2.dumps({1: -7})), id="no key id"),
        pytest.param(respelled(protected=cbor2.dumps({1: -7, 4: KID[:7]})), id="short key id"),
        pytest.param(respelled(protected=b""), id="nothing protected"),
        pytest.param(respelled(unprotected={4: KID}), id="unprotected"),
        pytest.param(respelled(payload=bytes(23)), id="short payload"),
        pytest.param(respelled(payload=bytes(256)), id="long payload"),
        pytest.param(respelled(signature=bytes(63)), id="short signature"),
        pytest.param(MESSAGE + b"\0", id="trailing byte"),
        pytest.param(b"\xd8\x12" + MESSAGE[1:], id="long tag"),
        pytest.param(MESSAGE[:1] + b"\x9f" + MESSAGE[2:] + b"\xff", id="indefinite array"),
        pytest.param(MESSAGE.replace(b"\xa0\x58", b"\xa0\x59\x00"), id="long length"),
        pytest.param(cbor2.dumps(cbor2.loads(MESSAGE).value), id="array alone"),
        pytest.param(b"", id="empty"),
    ],
)
def test_every_other_spelling_is_refused(message):
    with pytest.raises(SealBroken):
        read1(message)


@given(st.binary(max_size=400))
def test_noise_is_refused_and_nothing_else_is_raised(noise):
    with pytest.raises(SealBroken):
        read1(noise)


def test_repr_tells_the_key_id_only():
    assert repr(Sign1(b"12345678", b"payload", b"signature")) == "Sign1(kid=b'12345678')"
