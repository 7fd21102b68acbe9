"""One good ceremony; every other is refused with the same words, and a reason for the ledger."""

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.adapters.identity.passkeys import RESPONSE_MAX, WebAuthnPasskeys
from rempart.domain.errors import SignInRefused
from rempart.domain.sign_in import Doubt

RP, ORIGIN = "portail.example", "https://portail.example"
PASSKEYS = WebAuthnPasskeys(rp_id=RP, rp_name="Rempart", origin=ORIGIN)
ACCOUNT = b"an opaque handle of an account"
CHALLENGE, OTHER = b"a challenge of the vault, once", b"another challenge of the vault"
NOW = 1_795_424_400_000_000
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
GONE = ...


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ec_key():
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    cose = {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    return cose, lambda message: private.sign(message, ec.ECDSA(hashes.SHA256()))


def ed_key():
    private = ed25519.Ed25519PrivateKey.generate()
    return {1: 1, 3: -8, -1: 6, -2: private.public_key().public_bytes_raw()}, private.sign


def rsa_key(size=2048):
    private = rsa.generate_private_key(65537, size)
    n = private.public_key().public_numbers().n.to_bytes(size // 8, "big")

    def sign(message):
        return private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    return {1: 3, 3: -257, -1: n, -2: b"\x01\x00\x01"}, sign


@dataclass
class Authenticator:
    """A passkey in software: does what it is told, right or wrong."""

    key: tuple = field(default_factory=ec_key)
    credential: bytes = b"credential-of-the-test"
    rp: str = RP
    count: int = 0
    flags: int = UP | UV

    def data(self, *, flags, attested=b""):
        head = hashlib.sha256(self.rp.encode()).digest()
        return head + bytes([flags]) + self.count.to_bytes(4, "big") + attested

    def attested(self):
        size = len(self.credential).to_bytes(2, "big")
        return bytes(16) + size + self.credential + cbor2.dumps(self.key[0])

    def register(self, *, statement=None, fmt="none", extra=b"", **client):
        told = client_data("webauthn.create", **client)
        data = self.data(flags=self.flags | AT, attested=self.attested() + extra)
        if callable(statement):
            statement = statement(self.key[1](data + hashlib.sha256(told).digest()))
        sealed = cbor2.dumps({"fmt": fmt, "attStmt": statement or {}, "authData": data})
        return self.answer(clientDataJSON=b64(told), attestationObject=b64(sealed))

    def sign_in(self, *, user=None, sign=None, **client):
        told = client_data("webauthn.get", **client)
        data = self.data(flags=self.flags)
        signature = (sign or self.key[1])(data + hashlib.sha256(told).digest())
        response = {"authenticatorData": b64(data), "signature": b64(signature)}
        if user is not None:
            response["userHandle"] = b64(user)
        return self.answer(clientDataJSON=b64(told), **response)

    def answer(self, **response):
        name = b64(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def client_data(kind, **changes):
    told = {"type": kind, "challenge": b64(CHALLENGE), "origin": ORIGIN, "crossOrigin": False}
    return json.dumps({k: v for k, v in (told | changes).items() if v is not GONE}).encode()


def registered(authenticator, **client):
    return PASSKEYS.verify_registration(
        authenticator.register(**client), account=ACCOUNT, challenge=CHALLENGE, now=NOW
    )


def asserted(passkey, response, challenge=CHALLENGE):
    return PASSKEYS.verify_assertion(response, challenge=challenge, passkey=passkey)


def refused(call, doubt=Doubt.CEREMONY):
    with pytest.raises(SignInRefused) as refusal:
        call()
    assert str(refusal.value) == "sign-in refused"
    assert refusal.value.__cause__ is None
    assert doubt is None or refusal.value.doubt is doubt


@pytest.mark.parametrize("make", [ec_key, ed_key, rsa_key], ids=["ES256", "EdDSA", "RS256"])
def test_a_passkey_is_registered_then_signs_in(make):
    device = Authenticator(key=make(), count=1)
    passkey = registered(device)
    assert (passkey.account, passkey.credential_id) == (ACCOUNT, device.credential)
    assert (passkey.sign_count, passkey.made) == (1, NOW)
    assert (passkey.backup_eligible, passkey.backed_up) == (False, False)
    assert passkey.aaguid == "00000000-0000-0000-0000-000000000000"

    device.count = 2
    response = device.sign_in(user=ACCOUNT)
    assert PASSKEYS.credential_id(response) == passkey.credential_id
    assert asserted(passkey, response) == replace(passkey, sign_count=2)


def test_a_passkey_that_does_not_count_stays_at_zero():
    device = Authenticator(flags=UP | UV | BE)
    passkey = registered(device)
    assert passkey.backup_eligible
    device.flags |= BS
    moved = asserted(passkey, device.sign_in())
    assert (moved.sign_count, moved.backed_up) == (0, True)
    assert asserted(moved, device.sign_in()) == moved


def test_a_passkey_tells_nothing_of_itself():
    passkey = registered(Authenticator())
    assert repr(passkey) == "Passkey(…)"


def test_options_ask_for_verification_and_a_passkey_of_this_site():
    wanted = PASSKEYS.registration_options(ACCOUNT, CHALLENGE, [b"one", b"two"], name="Officine")
    assert wanted["challenge"] == b64(CHALLENGE)
    assert wanted["rp"] == {"name": "Rempart", "id": RP}
    assert wanted["user"]["id"] == b64(ACCOUNT)
    assert wanted["attestation"] == "none"
    assert [each["id"] for each in wanted["excludeCredentials"]] == [b64(b"one"), b64(b"two")]
    assert wanted["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    asked = PASSKEYS.authentication_options(CHALLENGE, [])
    assert (asked["challenge"], asked["rpId"]) == (b64(CHALLENGE), RP)
    assert asked["userVerification"] == "required"
    assert asked["allowCredentials"] == []


@pytest.mark.parametrize("challenge", [b"", b"short"])
def test_a_challenge_is_never_left_to_the_library(challenge):
    with pytest.raises(AssertionError):
        PASSKEYS.registration_options(ACCOUNT, challenge, [], name="x")
    with pytest.raises(AssertionError):
        PASSKEYS.authentication_options(challenge, [])


WRONG_CLIENT = [
    {"type": "webauthn.get"},
    {"type": "payment.get"},
    {"type": GONE},
    {"challenge": b64(OTHER)},
    {"challenge": ""},
    {"challenge": GONE},
    {"challenge": 7},
    {"origin": "https://portail.example.evil.example"},
    {"origin": "https://autre.portail.example"},
    {"origin": "http://portail.example"},
    {"origin": ORIGIN + "/"},
    {"origin": [ORIGIN]},
    {"origin": GONE},
    {"crossOrigin": True},
    {"crossOrigin": "false"},
    {"topOrigin": "https://evil.example"},
    {"topOrigin": ORIGIN},
]


@pytest.mark.parametrize("changes", WRONG_CLIENT, ids=str)
def test_a_registration_made_elsewhere(changes):
    refused(lambda: registered(Authenticator(), **changes))


@pytest.mark.parametrize("changes", WRONG_CLIENT[1:], ids=str)
def test_an_assertion_made_elsewhere(changes):
    device = Authenticator()
    passkey = registered(device)
    refused(lambda: asserted(passkey, device.sign_in(**changes)))


def test_a_registration_is_no_assertion():
    device = Authenticator()
    passkey = registered(device)
    refused(lambda: asserted(passkey, device.sign_in(type="webauthn.create")))
    refused(lambda: asserted(passkey, device.register()))


@pytest.mark.parametrize("flags", [0, UP, UV, UP | UV | BS])
def test_nobody_there_or_nobody_verified(flags):
    refused(lambda: registered(Authenticator(flags=flags)))
    device = Authenticator()
    passkey = registered(device)
    device.flags = flags
    refused(lambda: asserted(passkey, device.sign_in()))


def test_a_passkey_of_another_party():
    refused(lambda: registered(Authenticator(rp="evil.example")))
    device = Authenticator()
    passkey = registered(device)
    device.rp = "evil.example"
    refused(lambda: asserted(passkey, device.sign_in()))


def test_another_challenge_is_another_ceremony():
    device = Authenticator()
    passkey = registered(device)
    refused(lambda: asserted(passkey, device.sign_in(), OTHER))


def test_another_key_under_the_same_name():
    device = Authenticator()
    passkey = registered(device)
    refused(lambda: asserted(passkey, Authenticator().sign_in()))
    refused(lambda: asserted(passkey, Authenticator(key=ed_key()).sign_in()))
    refused(lambda: asserted(passkey, device.sign_in(sign=lambda _: b"")))


def test_another_passkey_of_the_same_account():
    device = Authenticator()
    passkey = registered(device)
    device.credential = b"another"
    refused(lambda: asserted(passkey, device.sign_in()), Doubt.CREDENTIAL)


def test_an_answer_that_names_another_account():
    device = Authenticator()
    passkey = registered(device)
    refused(lambda: asserted(passkey, device.sign_in(user=b"another")), Doubt.CREDENTIAL)
    asserted(passkey, device.sign_in(user=b""))


@pytest.mark.parametrize("count", [0, 6, 7])
def test_a_count_that_goes_back_or_stays(count):
    device = Authenticator(count=7)
    passkey = registered(device)
    device.count = count
    refused(lambda: asserted(passkey, device.sign_in()), Doubt.SIGN_COUNT)


def test_a_forged_count_is_not_taken_for_a_clone():
    """The ledger must not say that somebody's passkey was copied on the word of a stranger."""
    device = Authenticator(count=7)
    passkey = registered(device)
    stranger = Authenticator(count=1)
    refused(lambda: asserted(passkey, stranger.sign_in()), Doubt.CEREMONY)


def test_a_passkey_does_not_change_its_nature():
    device = Authenticator()
    passkey = registered(device)
    device.flags |= BE
    refused(lambda: asserted(passkey, device.sign_in()), Doubt.CREDENTIAL)


# Keys and attestations


def changed(cose, **_):
    return Authenticator(key=(cose, ec_key()[1]))


def test_keys_that_we_did_not_ask_for():
    cose, _ = ec_key()
    p384 = {**cose, 3: -35, -1: 2}
    for key in (
        p384,
        {**cose, -2: bytes(32)},
        {**cose, -1: 9},
        {**cose, 3: -257},
        {**cose, 3: -8},
        {**ed_key()[0], 3: -7},
        {**p384, 3: -7, -2: bytes(48), -3: bytes(48)},
        {**ed_key()[0], -1: 7},
        {1: 2, 3: -7},
        {1: 9, 3: -7},
        {},
        4,
        [],
        "key",
        rsa_key(1024)[0],
    ):
        refused(lambda key=key: registered(changed(key)))


def test_an_attestation_of_the_passkey_itself_is_taken():
    device = Authenticator()
    passkey = registered(
        device, fmt="packed", statement=lambda signature: {"alg": -7, "sig": signature}
    )
    asserted(passkey, device.sign_in())
    refused(lambda: registered(device, fmt="packed", statement={"alg": -7, "sig": b"x"}))


@pytest.mark.parametrize(
    ("fmt", "statement"),
    [
        ("none", {"sig": b"x"}),
        ("fido-u2f", {"sig": b"x", "x5c": [b"x"]}),
        ("android-safetynet", {"ver": "1", "response": b"x"}),
        ("tpm", {"ver": "2.0"}),
        ("unknown", {}),
        (7, {}),
        (["none"], {}),
    ],
)
def test_no_other_attestation_is_even_read(fmt, statement):
    refused(lambda: registered(Authenticator(), fmt=fmt, statement=statement))


def attestation_certificate():
    """Such as the library would take: WebAuthn Level 3, section 8.2.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    words = {
        NameOID.COUNTRY_NAME: "FR",
        NameOID.ORGANIZATION_NAME: "Nobody",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "Authenticator Attestation",
        NameOID.COMMON_NAME: "Nobody's authenticator",
    }
    name = x509.Name([x509.NameAttribute(each, word) for each, word in words.items()])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER), key


def test_a_chain_of_certificates_is_not_read():
    certificate, key = attestation_certificate()
    device = Authenticator()

    def attested(message):
        return key.sign(message, ec.ECDSA(hashes.SHA256()))

    def with_chain(signature):
        return {"alg": -7, "sig": signature, "x5c": [certificate]}

    device.key = (device.key[0], attested)
    refused(lambda: registered(device, fmt="packed", statement=with_chain))


def test_bytes_behind_the_key():
    refused(lambda: registered(Authenticator(), extra=b"\x00"))


def test_a_name_that_is_too_long():
    refused(lambda: registered(Authenticator(credential=b"c" * 1024)))
    refused(
        lambda: PASSKEYS.credential_id(Authenticator(credential=b"c" * 1024).sign_in()),
        Doubt.CREDENTIAL,
    )


def test_a_browser_that_names_another_credential():
    answer = json.loads(Authenticator().register())
    answer["id"] = answer["rawId"] = b64(b"of somebody else")
    refused(
        lambda: PASSKEYS.verify_registration(
            json.dumps(answer), account=ACCOUNT, challenge=CHALLENGE, now=NOW
        ),
        Doubt.CREDENTIAL,
    )


# Hostile text

HOSTILE = [
    "",
    "null",
    "[]",
    "{}",
    "7",
    "{",
    "[" * 9000,
    '{"id":' * 3000,
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
    json.dumps({"id": "AA", "rawId": "AA", "type": "other", "response": {"signature": "AA"}}),
    json.dumps({"id": 7, "rawId": [], "type": None, "response": "x"}),
    json.dumps({"id": "A", "rawId": "A", "type": "public-key", "response": {"x": 1}}),
    Authenticator().register().replace('"rawId"', '"rawid"'),
    Authenticator().register() + " " * RESPONSE_MAX,
    Authenticator().register().replace("clientDataJSON", "clientDataJson"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_like_the_rest(text):
    passkey = registered(Authenticator())
    refused(
        lambda: PASSKEYS.verify_registration(text, account=ACCOUNT, challenge=CHALLENGE, now=NOW)
    )
    refused(lambda: asserted(passkey, text))


def test_a_name_is_read_or_refused():
    for text in HOSTILE[:12]:
        refused(lambda text=text: PASSKEYS.credential_id(text), None)


DEVICE = Authenticator(count=3)
PASSKEY = registered(DEVICE)
REGISTRATION, ASSERTION = DEVICE.register(), replace(DEVICE, count=4).sign_in(user=ACCOUNT)
many = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])


def flipped(answer, name, place):
    told = json.loads(answer)
    part = told["response"][name]
    raw = bytearray(base64.urlsafe_b64decode(part + "==="))
    raw[place // 8 % len(raw)] ^= 1 << place % 8
    told["response"][name] = b64(bytes(raw))
    return json.dumps(told)


@many
@given(
    st.sampled_from(["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
    st.integers(0, 100_000),
)
def test_a_flipped_bit_breaks_an_assertion(name, place):
    refused(lambda: asserted(PASSKEY, flipped(ASSERTION, name, place)), None)


@many
@given(st.sampled_from(["clientDataJSON", "attestationObject"]), st.integers(0, 100_000))
def test_a_flipped_bit_of_a_registration_opens_nothing_else(name, place):
    """Unsigned without attestation: a flip may pass, but only into a key that can be used."""
    try:
        made = PASSKEYS.verify_registration(
            flipped(REGISTRATION, name, place), account=ACCOUNT, challenge=CHALLENGE, now=NOW
        )
    except SignInRefused as refusal:
        made = str(refusal)
    assert made == "sign-in refused" or made.account == ACCOUNT
    assert made == "sign-in refused" or made.credential_id == DEVICE.credential


@many
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_refused(one, two):
    name = b64(b"credential")
    told = {"id": name, "rawId": name, "type": "public-key"}
    made = told | {"response": {"clientDataJSON": b64(one), "attestationObject": b64(two)}}
    refused(
        lambda: PASSKEYS.verify_registration(
            json.dumps(made), account=ACCOUNT, challenge=CHALLENGE, now=NOW
        )
    )
    data = {"clientDataJSON": b64(one), "authenticatorData": b64(two), "signature": b64(one)}
    refused(lambda: asserted(PASSKEY, json.dumps(told | {"response": data})), None)
