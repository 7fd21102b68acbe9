"""A proof of possession: what is one, and everything that is not."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from rempart.adapters.identity.proofs import (
    PROOF_MAX,
    SKEW,
    DpopProofs,
    make_proof,
    new_client_key,
    thumbprint,
)
from rempart.domain.errors import SignInRefused
from rempart.domain.sign_in import Doubt

KEY = new_client_key()
NOW = 1_795_521_600_000_000
MADE = {
    "method": "POST",
    "address": "https://portail.example/people/ask",
    "content": b"c" * 32,
    "handle": b"h" * 32,
    "now": NOW,
}
CHECK = DpopProofs()


def refused(proof, **changes):
    with pytest.raises(SignInRefused) as refusal:
        CHECK.verify(proof, **(MADE | changes))
    assert str(refusal.value) == "sign-in refused"
    assert refusal.value.doubt is Doubt.PROOF
    assert refusal.value.__cause__ is None


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(header, key=None, claims=None):
    """The claims of a good proof under another header."""
    made = json.loads(base64.urlsafe_b64decode(make_proof(KEY, **MADE).split(".")[1] + "=="))
    if key is None:
        return f"{part(header)}.{part(claims or made)}."
    return jwt.encode(header, claims or made, key, [header["alg"]])


def public(key):
    return {name: key[name] for name in ("kty", "crv", "x", "y")}


def test_a_proof_says_whose_key_and_until_when():
    proven = CHECK.verify(make_proof(KEY, **MADE), **MADE)
    assert proven.key == thumbprint(KEY)
    assert proven.until == NOW + (SKEW + 1) * 1_000_000
    assert 8 <= len(proven.jti) <= 64
    assert repr(proven) == "Proven(…)"


def test_a_thumbprint_is_the_digest_of_the_members_that_name_the_key():
    """RFC 7638, section 3: required members alone, in lexicographic order, without spaces."""
    key = {"y": "AQ", "kty": "EC", "kid": "x", "x": "AA", "crv": "P-256"}
    text = '{"crv":"P-256","kty":"EC","x":"AA","y":"AQ"}'
    digest = hashlib.sha256(text.encode()).digest()
    assert thumbprint(key) == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "GET"},
        {"address": "https://portail.example/people/report"},
        {"address": "https://evil.example/people/ask"},
        {"content": b"d" * 32},
        {"handle": b"i" * 32},
        {"handle": b""},
        {"now": NOW + (SKEW + 1) * 1_000_000},
        {"now": NOW - (SKEW + 1) * 1_000_000},
    ],
    ids=" ".join,
)
def test_another_request_at_another_time_is_not_proven(changes):
    refused(make_proof(KEY, **MADE), **changes)
    assert CHECK.verify(make_proof(KEY, **(MADE | changes)), **(MADE | changes))


def test_a_proof_of_no_session_serves_none():
    refused(make_proof(KEY, **(MADE | {"handle": b""})))


def test_algorithms_and_keys_of_other_kinds_are_refused():
    ours, rsa = ECKey.import_key(dict(KEY)), RSAKey.generate_key(2048)
    p384 = ECKey.generate_key("P-384")
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public(KEY)}
    assert CHECK.verify(forged(head, ours), **MADE)
    rsa_jwk = rsa.as_dict(private=False)
    shared = OctKey.import_key(thumbprint(KEY))
    for header, key in (
        (head | {"typ": "JWT"}, ours),
        ({"alg": "ES256", "jwk": public(KEY)}, ours),
        ({"typ": "dpop+jwt", "alg": "ES256"}, ours),
        (head | {"jwk": dict(KEY)}, ours),
        (head | {"jwk": public(new_client_key())}, ours),
        ({"typ": "dpop+jwt", "alg": "RS256", "jwk": rsa_jwk}, rsa),
        ({"typ": "dpop+jwt", "alg": "ES384", "jwk": p384.as_dict(private=False)}, p384),
        (head | {"alg": "HS256"}, shared),
        (head | {"alg": "none"}, None),
        (head, None),
        (head | {"jwk": rsa_jwk}, ours),
        (head | {"jwk": []}, None),
        (head | {"jwk": {**public(KEY), "x": 7}}, None),
        (head | {"crit": ["b64"], "b64": False}, None),
    ):
        refused(forged(header, key))


@pytest.mark.parametrize("jti", ["", "short", "x" * 65, "é" * 8, "a\nbbbbbbb", None, 12345678])
def test_an_identifier_is_8_to_64_printable_characters(jti):
    refused(make_proof(KEY, **MADE, jti=jti))


@pytest.mark.parametrize("iat", [None, "1795521600", 1795521600.0, True, -1, 10**20])
def test_a_time_is_a_whole_second_of_now(iat):
    refused(make_proof(KEY, **MADE, iat=iat))


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "é", "x" * (PROOF_MAX + 1), part([]) + ".e30.AA"]
)
def test_what_is_no_proof_is_refused(text):
    refused(text)


@given(st.text(max_size=400) | st.binary(max_size=300).map(lambda b: b.hex()))
def test_no_text_is_a_proof(text):
    refused(text)


@given(st.integers(0, 600), st.characters(codec="ascii", categories=["L", "N"]))
def test_no_changed_character_is_a_proof(place, letter):
    good = PROOF
    place %= len(good)
    if good[place] == letter or place == len(good) - 1:
        return
    changed = good[:place] + letter + good[place + 1 :]
    refused(changed)


PROOF = make_proof(KEY, **MADE)
