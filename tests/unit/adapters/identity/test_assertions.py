"""One good assertion; every other is refused with the same words."""

import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import assume, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from rempart.adapters.identity.assertions import (
    PRESENCE,
    SignedAssertions,
    make_assertion,
    new_key,
    public_jwks,
)
from rempart.domain.errors import SignInRefused
from rempart.usecases.ports import Software

URL = "https://gateway.example/token"
NOW = 1_795_424_400_000_000
SECONDS = NOW // 1_000_000
CHECK = SignedAssertions(URL)
KEY, STRONG = new_key("k1"), new_key("k2", curve="P-384")
CLIENT = "software-1"
GOOD = {
    "iss": CLIENT,
    "sub": CLIENT,
    "aud": URL,
    "iat": SECONDS,
    "exp": SECONDS + 120,
    "jti": "0123456789abcdef",
}
GONE = ...


def software(*keys):
    return Software(
        client_id=CLIENT,
        number=1,
        site="FINESS:750712184",
        jwks=public_jwks(*(keys or (KEY, STRONG))),
        certificates=frozenset(),
        sandbox=False,
        revoked=False,
    )


def signed(claims=None, *, key=KEY, header=None, **changes):
    claims = {n: v for n, v in ((claims or GOOD) | changes).items() if v is not GONE}
    algorithm = "ES256" if key["crv"] == "P-256" else "ES384"
    header = header or {"alg": algorithm, "kid": key["kid"]}
    return jwt.encode(header, claims, ECKey.import_key(dict(key)), ["ES256", "ES384"])


def refused(assertion, of=None):
    with pytest.raises(SignInRefused) as refusal:
        CHECK.verify(assertion, of or software(), now=NOW)
    assert str(refusal.value) == "sign-in refused"
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("key", [KEY, STRONG], ids=["ES256", "ES384"])
def test_a_software_makes_an_assertion_that_holds(key):
    assertion = make_assertion(CLIENT, URL, key, now=NOW)

    assert CHECK.client_id(assertion) == CLIENT
    proven = CHECK.verify(assertion, software(), now=NOW)
    assert 8 <= len(proven.jti) <= 64
    assert proven.expires == (SECONDS + 120) * 1_000_000
    assert proven.presence == b""
    assert proven.jti not in repr(proven)


def test_a_software_that_seals_names_its_key_under_its_signature():
    presence = bytes(range(40))
    assertion = make_assertion(CLIENT, URL, KEY, now=NOW, presence=presence)
    assert CHECK.verify(assertion, software(), now=NOW).presence == presence


WELL = base64.urlsafe_b64encode(bytes(range(200, 240))).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "claim",
    [
        *(WELL[:-1], WELL + "A", WELL[:-2], WELL + "==", WELL.replace("-", "+"), WELL + "\n"),
        # The last character has two bits that say nothing: one spelling alone.
        WELL[:-1] + chr(ord(WELL[-1]) + 1),
        *("A", "é" * 54, "!" * 54, 7, True, None, [WELL], {"key": WELL}),
    ],
    ids=str,
)
def test_a_presence_key_has_one_form(claim):
    assert CHECK.verify(signed(**{PRESENCE: WELL}), software(), now=NOW).presence[0] == 200
    refused(signed(**{PRESENCE: claim}))


def test_no_two_assertions_have_the_same_identifier():
    made = [make_assertion(CLIENT, URL, KEY, now=NOW) for _ in range(2)]
    assert len({CHECK.verify(a, software(), now=NOW)[0] for a in made}) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [URL]},
        {"iat": GONE},
        {"exp": SECONDS + 300},
        {"exp": SECONDS + 1},
        {"iat": SECONDS + 60, "nbf": SECONDS + 60},
        {"iat": SECONDS - 300},
        {"jti": "x" * 64},
    ],
)
def test_what_still_holds(changes):
    CHECK.verify(signed(**changes), software(), now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "software-2"},
        {"sub": "software-2"},
        {"iss": "software-2", "sub": "software-2"},
        {"iss": GONE},
        {"sub": GONE},
        {"aud": GONE},
        {"aud": URL + "/"},
        {"aud": "https://other.example/token"},
        {"aud": [URL, "https://other.example/token"]},
        {"aud": []},
        {"exp": GONE},
        {"exp": SECONDS},
        {"exp": SECONDS - 1},
        {"exp": SECONDS + 301},
        {"exp": float(SECONDS + 120)},
        {"exp": str(SECONDS + 120)},
        {"exp": True},
        {"iat": SECONDS + 61},
        {"iat": SECONDS - 301},
        {"iat": "now"},
        {"nbf": SECONDS + 61},
        {"jti": GONE},
        {"jti": "1234567"},
        {"jti": "x" * 65},
        {"jti": 12345678},
        {"jti": "identité"},
    ],
    ids=str,
)
def test_a_claim_that_does_not_hold(changes):
    refused(signed(**changes))


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_hand(header, sign, claims=GOOD):
    """An assertion that no library would make."""
    signed_part = f"{part(header)}.{part(claims)}"
    signature = base64.urlsafe_b64encode(sign(signed_part.encode())).rstrip(b"=").decode()
    return f"{signed_part}.{signature}"


def by_key(message):
    private = ECKey.import_key(dict(KEY)).private_key
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def test_an_assertion_made_by_hand_holds_like_any_other():
    CHECK.verify(by_hand({"alg": "ES256", "kid": "k1"}, by_key), software(), now=NOW)


def test_an_identifier_that_no_bytes_can_hold_is_none():
    """Signed by a key that we know: JSON can say half a character, and it must not stop a vault."""
    refused(by_hand({"alg": "ES256", "kid": "k1"}, by_key, GOOD | {"jti": "\ud800" * 8}))


def test_an_extension_that_must_be_understood_is_not():
    refused(by_hand({"alg": "ES256", "kid": "k1", "crit": ["exp"], "exp": 1}, by_key))
    refused(by_hand({"alg": "ES256", "kid": "k1", "crit": ["b64"], "b64": False}, by_key))


def test_no_signature_is_no_proof():
    for algorithm in ("none", "None", "NONE"):
        refused(f"{part({'alg': algorithm, 'kid': 'k1'})}.{part(GOOD)}.")
    header, claims, _ = signed().split(".")
    refused(f"{header}.{claims}.")
    refused(f"{header}.{claims}")


def test_a_public_key_is_not_a_shared_secret():
    public = software().jwks["keys"][0]
    for secret in (ECKey.import_key(public).as_pem(private=False), json.dumps(public).encode()):
        for algorithm in ("HS256", "ES256"):
            forged = by_hand(
                {"alg": algorithm, "kid": "k1"}, lambda m, s=secret: hmac.digest(s, m, "sha256")
            )
            refused(forged)


def test_rsa_is_not_accepted_even_if_registered():
    key = RSAKey.generate_key(2048, {"kid": "rsa"})
    forged = jwt.encode({"alg": "RS384", "kid": "rsa"}, GOOD, key, ["RS384"])
    registered = software()
    registered.jwks["keys"].append(key.as_dict(private=False) | {"kid": "rsa"})
    refused(forged, registered)


def test_the_key_is_the_registered_one_that_the_header_names():
    stranger = new_key("k1")
    refused(signed(key=stranger))
    refused(signed(key=new_key("k9")))
    refused(signed(header={"alg": "ES256", "kid": "k2"}))
    refused(signed(header={"alg": "ES256"}))
    embedded = software(stranger).jwks["keys"][0]
    refused(signed(key=stranger, header={"alg": "ES256", "kid": "k1", "jwk": embedded}))


def test_a_key_registered_twice_or_for_something_else_proves_nothing():
    refused(signed(), software(KEY, new_key("k1")))
    registered = software(KEY)
    registered.jwks["keys"][0]["use"] = "enc"
    refused(signed(), registered)


def test_the_algorithm_is_that_of_the_key():
    header = {"alg": "ES384", "kid": "k1"}
    claims = part(header) + "." + part(GOOD)
    _, _, signature = signed(key=STRONG).split(".")
    refused(f"{claims}.{signature}")


ASSERTION = signed()
# The last character of a part may carry bits that mean nothing.
TELLING = [i for i in range(len(ASSERTION) - 1) if ASSERTION[i + 1] != "."]


@given(st.sampled_from(TELLING), st.sampled_from("ABCxyz012-_."))
def test_a_changed_character_breaks_it(place, other):
    assume(ASSERTION[place] != other)
    refused(ASSERTION[:place] + other + ASSERTION[place + 1 :])


HOSTILE = [
    "",
    ".",
    "..",
    "a.b.c",
    "é.é.é",
    f"{part([1])}.{part(GOOD)}.AA",
    f"{part({'alg': 'ES256', 'kid': ['k1']})}.{part(GOOD)}.AA",
    f"{part({'alg': 'ES256', 'kid': 'k1'})}.{part([GOOD])}.AA",
    f"{part({'alg': {}, 'kid': 'k1'})}.{part(GOOD)}.AA",
    part("x") * 3000,
    base64.urlsafe_b64encode(b'{"alg":' + b"[" * 4000).decode().rstrip("=") + ".e30.AA",
    part({"alg": "ES256", "kid": "k1"})
    + "."
    + base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=")
    + ".AA",
    part({"alg": "ES256", "kid": "k1"})
    + "."
    + base64.urlsafe_b64encode(b'{"iss":' + b"9" * 5000 + b"}").decode().rstrip("=")
    + ".AA",
]


@pytest.mark.parametrize("assertion", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_like_the_rest(assertion):
    refused(assertion)


@pytest.mark.parametrize(
    "assertion",
    [
        *(text for number, text in enumerate(HOSTILE) if number != 8),
        signed(iss=GONE),
        signed(iss=7),
        signed(iss=""),
        signed(iss="x" * 129),
    ],
)
def test_who_it_claims_to_be_is_read_or_refused(assertion):
    try:
        claimed = CHECK.client_id(assertion)
    except SignInRefused as refusal:
        claimed = str(refusal)
    assert claimed in {CLIENT, "sign-in refused"}


def test_a_registered_set_holds_public_halves_alone():
    (registered,) = public_jwks(KEY)["keys"]
    assert "d" in KEY
    assert "d" not in registered
