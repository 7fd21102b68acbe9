"""Fresh codes, byte by byte: their vectors, and everything that the vault must refuse."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.errors import CardRefused, MalformedIdentifier
from rempart.domain.fresh import FreshCodes, FreshUse
from rempart.domain.phone_card import PhoneCard, from_payload, to_payload
from rempart.sealing.cose import check_es256, es256
from rempart.sealing.errors import SealBroken
from rempart.sealing.fresh import (
    FRESH_SIZE,
    HISTORY,
    PHONE_CARD_SIZE,
    RIGHTS,
    Aim,
    named_in,
    open_fresh,
    to_be_signed,
)
from rempart.sealing.presence import CONTENT_MAX, key_id_of, public_of
from rempart.usecases.fresh_codes import (
    bytes_of_fresh,
    fresh_text,
    phone_card_bytes,
    read_fresh,
    text_of_fresh,
)
from rempart.usecases.messages import CardShown
from rempart.usecases.p256_keys import key_at
from rempart.usecases.seal_presence import content_of, shown_in

VECTORS = json.loads(
    (Path(__file__).parents[3] / "specs/vectors/fresh-code.json").read_text(encoding="utf-8")
)
NOW = datetime.fromisoformat(VECTORS["now"]).astimezone(UTC)
SECOND = int(NOW.timestamp())
VAULT = {name: bytes.fromhex(value) for name, value in VECTORS["vault"].items()}
INSURER = ec.derive_private_key(int(VECTORS["insurer"]["private"], 16), ec.SECP256R1())
PHONE = ec.derive_private_key(int(VECTORS["phone"]["private"], 16), ec.SECP256R1())
SAID = VECTORS["phone_card"]
CARD = PhoneCard(
    amc=SAID["amc"],
    secret=bytes.fromhex(SAID["secret"]),
    point=bytes.fromhex(VECTORS["phone"]["point"]),
    valid_from=date.fromisoformat(SAID["valid_from"]),
    valid_to=date.fromisoformat(SAID["valid_to"]),
    key_id=bytes.fromhex(VECTORS["insurer"]["key_id"]),
)
SIGNED = bytes.fromhex(SAID["bytes"])
USED = b"somebody else's"
AIMS = {"rights": RIGHTS, "history": HISTORY}
HISTORIES = VECTORS["history"]
CODES = [
    *((RIGHTS, vector) for vector in VECTORS["codes"]),
    *((HISTORY, vector) for vector in HISTORIES["codes"]),
]


def presence(key_id: bytes) -> bytes | None:
    return VAULT["private"] if key_id == VAULT["key_id"] else None


def keys(amc: str, kid: bytes):
    return INSURER.public_key() if (amc, kid) == (CARD.amc, CARD.key_id) else None


def read(text: str, fresh: FreshCodes | None = None, aim: Aim = RIGHTS):
    """What the vault does with a code, but for the record."""
    shown = read_fresh(text, presence=presence, keys=keys, today=NOW.date(), aim=aim)
    use = FreshUse(shown.once, b"a request", shown.made)
    if doubt := (fresh or FreshCodes()).doubt(use, at=SECOND * 1_000_000):
        raise CardRefused(doubt)
    return shown


def used(text: str) -> FreshCodes:
    fresh = FreshCodes()
    shown = read_fresh(text, presence=presence, keys=keys, today=NOW.date())
    fresh.note(shown.once, USED, at=SECOND * 1_000_000)
    return fresh


# The vectors


def test_the_keys():
    assert public_of(VAULT["private"]) == VAULT["public"]
    assert key_id_of(VAULT["public"]) == VAULT["key_id"]
    assert key_at(bytes.fromhex(VECTORS["insurer"]["point"])) == INSURER.public_key()
    assert key_at(CARD.point) == PHONE.public_key()


def test_the_phone_card():
    assert to_payload(CARD).hex() == SAID["payload"]
    assert from_payload(to_payload(CARD), key_id=CARD.key_id) == CARD
    assert phone_card_bytes(CARD, INSURER) == SIGNED
    assert len(SIGNED) == PHONE_CARD_SIZE


@pytest.mark.parametrize(
    ("aim", "vector"), CODES, ids=lambda v: v.prefix if isinstance(v, Aim) else v["made"] - SECOND
)
def test_a_code_is_made_and_read_as_its_vector(aim, vector):
    v = {name: bytes.fromhex(each) for name, each in vector.items() if name not in {"made", "text"}}
    made, ephemeral = vector["made"], v["ephemeral_public"]
    assert public_of(v["ephemeral_private"]) == ephemeral
    theirs = X25519PublicKey.from_public_bytes(ephemeral)
    assert X25519PrivateKey.from_private_bytes(VAULT["private"]).exchange(theirs) == v["shared"]
    signed = to_be_signed(
        SIGNED, made=made, nonce=v["nonce"], ephemeral=ephemeral, vault=VAULT["public"], aim=aim
    )
    assert signed == v["signed"]
    assert es256(signed, PHONE) == v["signature"]
    text = fresh_text(
        SIGNED,
        PHONE,
        vault=VAULT["public"],
        made=made,
        nonce=v["nonce"],
        ephemeral=v["ephemeral_private"],
        aim=aim,
    )
    assert text == vector["text"]
    shown = read(text, aim=aim)
    assert (shown.card, shown.made) == (CARD, made)


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda v: v["name"])
def test_what_is_refused_and_at_which_step(vector):
    fresh = used(vector["text"]) if vector.get("used") else None
    with pytest.raises(CardRefused) as refused:
        read(vector["text"], fresh)
    step, _, reason = str(refused.value).partition(": ")
    assert step == vector["step"]
    assert reason
    assert vector["text"][4:40] not in str(refused.value)


@pytest.mark.parametrize("vector", HISTORIES["refused"], ids=lambda v: v["name"])
def test_no_code_serves_another_aim_than_its_own(vector):
    with pytest.raises(CardRefused) as refused:
        read(vector["text"], aim=AIMS[vector["aim"]])
    assert str(refused.value).partition(": ")[0] == vector["step"]


def test_the_vectors_fail_at_every_step():
    assert [*dict.fromkeys(vector["step"] for vector in VECTORS["refused"])] == [
        *("well-formed", "sealed", "issuer", "authentic", "claims", "dates", "phone"),
        *("time", "once"),
    ]


# One form


@given(st.binary(min_size=FRESH_SIZE, max_size=FRESH_SIZE))
def test_every_code_fits_a_sealed_presence_and_comes_back_from_it(sealed):
    shown = CardShown(text_of_fresh(sealed))
    assert bytes_of_fresh(shown.code) == sealed
    content = content_of(shown)
    assert len(content) <= CONTENT_MAX
    assert shown_in(content) == shown


@given(st.binary(max_size=FRESH_SIZE + 8))
def test_bytes_of_any_kind_are_refused(sealed):
    with pytest.raises(CardRefused):
        read(text_of_fresh(sealed))
    if len(sealed) != FRESH_SIZE:
        with pytest.raises(SealBroken):
            named_in(sealed)


def test_every_flipped_bit_is_refused():
    sealed = bytes_of_fresh(VECTORS["codes"][0]["text"])
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CardRefused, match="sealed: "):
            read(text_of_fresh(bytes(changed)))


@given(st.binary(max_size=120))
def test_claims_of_any_kind_are_refused(payload):
    with pytest.raises(MalformedIdentifier):
        from_payload(payload, key_id=CARD.key_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"amc": "123"},
        {"secret": b"short"},
        {"point": b"\4" + bytes(32)},
        {"point": b"\2"},
        {"valid_to": date(2026, 11, 19)},
        {"key_id": b""},
    ],
    ids=str,
)
def test_a_phone_card_holds_what_its_table_says(changes):
    fields = {name: getattr(CARD, name) for name in PhoneCard.__slots__}
    with pytest.raises(MalformedIdentifier):
        PhoneCard(**fields | changes)


def another(value):
    match value:
        case int():
            return value + 1
        case Aim():
            return HISTORY
        case _:
            return bytes([value[0] ^ 1]) + value[1:]


def test_a_phone_signature_is_over_every_part():
    inside = open_fresh(bytes_of_fresh(VECTORS["codes"][0]["text"]), VAULT["private"])
    parts = {
        "phone_card": SIGNED,
        "made": inside.made,
        "nonce": inside.nonce,
        "ephemeral": bytes.fromhex(VECTORS["codes"][0]["ephemeral_public"]),
        "vault": VAULT["public"],
        "aim": RIGHTS,
    }

    def signed(**changes) -> bytes:
        each = parts | changes
        return to_be_signed(each.pop("phone_card"), **each)

    check_es256(inside.signature, signed(), PHONE.public_key())
    for name, value in parts.items():
        other = another(value)
        with pytest.raises(SealBroken):
            check_es256(inside.signature, signed(**{name: other}), PHONE.public_key())
