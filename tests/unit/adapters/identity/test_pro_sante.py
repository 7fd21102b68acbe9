"""One good ID token; every other is refused with the same words, and a reason for the ledger."""

import base64
import hashlib
import hmac
import json
import os

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import assume, given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from rempart.adapters.identity.pro_sante import TOKEN_MAX, ProSanteTokens
from rempart.adapters.identity.trusted_keys import FILE_MAX, keys_from
from rempart.domain.errors import SetUpRefused, SignInRefused, TemporarilyUnavailable
from rempart.domain.identifiers import RPPS
from rempart.domain.sign_in import Doubt
from rempart.drill.impossible import rpps

ISSUER = "https://auth.example/auth/realms/esante-wallet"
CLIENT, NONCE = "rempart", "a-nonce-of-the-vault"
NOW = 1_795_424_400_000_000
SECONDS = NOW // 1_000_000
NUMBER = rpps(1)
GONE = ...


def made(kind, kid, **options):
    return kind.generate_key(*options.pop("size"), {"kid": kid, "use": "sig", **options})


RSA = made(RSAKey, "r1", size=(2048,), alg="RS256")
PSS = made(RSAKey, "p1", size=(2048,), alg="PS256")
BOTH = made(RSAKey, "b1", size=(2048,))
EC = made(ECKey, "e1", size=("P-256",), alg="ES256")
STRANGER = made(RSAKey, "r1", size=(2048,), alg="RS256")
GOOD = {
    "iss": ISSUER,
    "aud": CLIENT,
    "azp": CLIENT,
    "sub": f"f:uuid:8{NUMBER}",
    "typ": "ID",
    "nonce": NONCE,
    "iat": SECONDS,
    "exp": SECONDS + 120,
    "auth_time": SECONDS - 5,
    "acr": "eidas1",
    "amr": ["ecps"],
    "sid": "session-1",
    "SubjectNameID": f"8{NUMBER}",
    "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
}


def published(*keys):
    return {"keys": [key.as_dict(private=False) for key in keys]}


@pytest.fixture(scope="module")
def jwks(tmp_path_factory):
    path = tmp_path_factory.mktemp("psc") / "keys.json"
    path.write_text(json.dumps(published(RSA, PSS, BOTH, EC)))
    return keys_from(path)


@pytest.fixture(scope="module")
def check(jwks):
    return ProSanteTokens(issuer=ISSUER, client_id=CLIENT, keys=jwks)


def signed(key=RSA, algorithm="RS256", header=None, **changes):
    claims = {name: value for name, value in (GOOD | changes).items() if value is not GONE}
    header = {"alg": algorithm, "kid": key.kid, "typ": "JWT"} | (header or {})
    return jwt.encode(header, claims, key, [algorithm])


def verified(check, token, **options):
    return check.verify(token, **{"nonce": NONCE, "now": NOW} | options)


def refused(check, token, *doubts, **options):
    with pytest.raises(SignInRefused) as refusal:
        verified(check, token, **options)
    assert str(refusal.value) == "sign-in refused"
    assert refusal.value.__cause__ is None
    assert not doubts or refusal.value.doubt in doubts
    return refusal.value.doubt


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "RS256"), (PSS, "PS256"), (BOTH, "RS256"), (BOTH, "PS256"), (EC, "ES256")],
    ids=["RS256", "PS256", "either as RS256", "either as PS256", "ES256"],
)
def test_a_professional_is_known_by_their_rpps_number(check, key, algorithm):
    who = verified(check, signed(key, algorithm))

    assert who.rpps == RPPS.parse(NUMBER)
    assert who.subject == GOOD["sub"]
    assert who.authenticated == (SECONDS - 5) * 1_000_000
    assert who.session_ends == who.authenticated + 4 * 3600 * 1_000_000
    assert (who.acr, who.amr, who.level, who.sid) == ("eidas1", ("ecps",), "APPPRIP3", "session-1")
    assert NUMBER not in repr(who)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"]},
        {"azp": GONE},
        {"typ": GONE},
        {"sid": GONE},
        {"nbf": SECONDS + 60},
        {"acr": "eidas2"},
        {"acr": "eidas3"},
        {"amr": GONE},
        {"amr": ["APPPRIP3"], "Palier_Authentification": GONE},
        {"Palier_Authentification": "APPPRIP3"},
        {"iat": SECONDS + 60, "exp": SECONDS + 61},
        {"iat": SECONDS - 360, "exp": SECONDS - 59},
        {"auth_time": SECONDS + 60},
        {"auth_time": SECONDS - 4 * 3600 + 1},
        {"unknown": {"deep": [1]}},
    ],
    ids=str,
)
def test_what_still_holds(check, changes):
    verified(check, signed(**changes))


def test_a_session_without_name_has_none(check):
    assert verified(check, signed(sid=GONE)).sid is None


REFUSED = [
    (Doubt.KIND, {"typ": "Bearer"}),
    (Doubt.KIND, {"typ": "Logout"}),
    (Doubt.KIND, {"typ": ["ID"]}),
    (Doubt.ISSUER, {"iss": GONE}),
    (Doubt.ISSUER, {"iss": ISSUER + "/"}),
    (Doubt.ISSUER, {"iss": [ISSUER]}),
    (Doubt.ISSUER, {"iss": "https://another.example"}),
    (Doubt.AUDIENCE, {"aud": GONE}),
    (Doubt.AUDIENCE, {"aud": []}),
    (Doubt.AUDIENCE, {"aud": "another"}),
    (Doubt.AUDIENCE, {"aud": CLIENT + "x"}),
    (Doubt.AUDIENCE, {"aud": {CLIENT: 1}}),
    (Doubt.AUDIENCE, {"aud": "another", "azp": CLIENT}),
    (Doubt.AUDIENCE, {"azp": "another"}),
    (Doubt.AUDIENCE, {"azp": [CLIENT]}),
    (Doubt.AUDIENCE, {"aud": [CLIENT, "another"], "azp": GONE}),
    (Doubt.AUDIENCE, {"aud": [CLIENT, "another"], "azp": "another"}),
    (Doubt.EXPIRED, {"iat": SECONDS - 200, "exp": SECONDS - 60}),
    (Doubt.EXPIRED, {"iat": SECONDS - 361, "exp": SECONDS + 1}),
    (Doubt.MALFORMED, {"exp": GONE}),
    (Doubt.MALFORMED, {"exp": str(SECONDS + 120)}),
    (Doubt.MALFORMED, {"exp": float(SECONDS + 120)}),
    (Doubt.MALFORMED, {"exp": True}),
    (Doubt.MALFORMED, {"exp": None}),
    (Doubt.MALFORMED, {"exp": SECONDS}),
    (Doubt.MALFORMED, {"iat": GONE}),
    (Doubt.MALFORMED, {"iat": -1}),
    (Doubt.MALFORMED, {"auth_time": GONE}),
    (Doubt.MALFORMED, {"nbf": "now"}),
    (Doubt.TOO_EARLY, {"iat": SECONDS + 61, "exp": SECONDS + 100}),
    (Doubt.TOO_EARLY, {"nbf": SECONDS + 61}),
    (Doubt.TOO_EARLY, {"auth_time": SECONDS + 61}),
    (Doubt.SESSION_OVER, {"auth_time": SECONDS - 4 * 3600}),
    (Doubt.SESSION_OVER, {"auth_time": 0}),
    (Doubt.NONCE, {"nonce": GONE}),
    (Doubt.NONCE, {"nonce": ""}),
    (Doubt.NONCE, {"nonce": NONCE + "x"}),
    (Doubt.NONCE, {"nonce": "another"}),
    (Doubt.MALFORMED, {"nonce": [NONCE]}),
    (Doubt.MALFORMED, {"nonce": "é"}),
    (Doubt.MALFORMED, {"nonce": "n" * 256}),
    (Doubt.ASSURANCE, {"acr": GONE}),
    (Doubt.ASSURANCE, {"acr": "0"}),
    (Doubt.ASSURANCE, {"acr": "eidas"}),
    (Doubt.ASSURANCE, {"acr": ["eidas1"]}),
    (Doubt.ASSURANCE, {"acr": 1}),
    (Doubt.LEVEL, {"Palier_Authentification": GONE}),
    (Doubt.LEVEL, {"Palier_Authentification": "APPPRIP2^1.2.250.1.213.1.5.1.1.1"}),
    (Doubt.LEVEL, {"Palier_Authentification": "^APPPRIP3"}),
    (Doubt.LEVEL, {"Palier_Authentification": "", "amr": ["pwd"]}),
    (Doubt.MALFORMED, {"Palier_Authentification": 3}),
    (Doubt.MALFORMED, {"amr": "APPPRIP3"}),
    (Doubt.MALFORMED, {"amr": [3]}),
    (Doubt.IDENTIFIER, {"SubjectNameID": GONE}),
    (Doubt.IDENTIFIER, {"SubjectNameID": ""}),
    (Doubt.IDENTIFIER, {"SubjectNameID": NUMBER}),
    (Doubt.IDENTIFIER, {"SubjectNameID": "0123456789"}),
    (Doubt.IDENTIFIER, {"SubjectNameID": "8" + NUMBER + "0"}),
    (Doubt.IDENTIFIER, {"SubjectNameID": "8" + NUMBER[:-1]}),
    (Doubt.IDENTIFIER, {"SubjectNameID": f"8{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}"}),
    (Doubt.IDENTIFIER, {"SubjectNameID": "ANS20231122132732"}),
    (Doubt.MALFORMED, {"SubjectNameID": int("8" + NUMBER)}),
    (Doubt.MALFORMED, {"SubjectNameID": "８" + NUMBER}),
    (Doubt.MALFORMED, {"sub": GONE}),
    (Doubt.MALFORMED, {"sub": ""}),
    (Doubt.MALFORMED, {"sub": "s" * 256}),
    (Doubt.MALFORMED, {"sub": "a\nb"}),
    (Doubt.MALFORMED, {"sid": "\u0000"}),
]


@pytest.mark.parametrize(("doubt", "changes"), REFUSED, ids=str)
def test_a_claim_that_does_not_hold(check, doubt, changes):
    refused(check, signed(**changes), doubt)


@pytest.mark.parametrize("nonce", ["", "another", "é", NONCE.upper()])
def test_a_token_of_another_sign_in(check, nonce):
    refused(check, signed(), Doubt.NONCE, nonce=nonce)


def test_no_nonce_is_not_the_same_as_no_nonce(check):
    """A sign-in that chose none must not accept a token that has none."""
    refused(check, signed(nonce=GONE), Doubt.NONCE, nonce="")


@pytest.mark.parametrize(
    ("age", "seconds", "holds"), [(0, 60, True), (0, 61, False), (30, 90, True), (30, 91, False)]
)
def test_a_step_up_is_as_fresh_as_it_was_asked(check, age, seconds, holds):
    token = signed(auth_time=SECONDS - seconds)
    if holds:
        verified(check, token, max_age=age)
    else:
        refused(check, token, Doubt.NOT_FRESH, max_age=age)


def test_assurance_and_levels_are_as_strong_as_told(jwks):
    strict = ProSanteTokens(
        issuer=ISSUER, client_id=CLIENT, keys=jwks, weakest="eidas2", levels=frozenset({"cps"})
    )
    refused(strict, signed(amr=["cps"]), Doubt.ASSURANCE)
    refused(strict, signed(acr="eidas2"), Doubt.LEVEL)
    verified(strict, signed(acr="eidas3", amr=["ecps", "cps"]))


def test_numbers_of_test_cards_are_for_a_sandbox(jwks):
    wrong = f"{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}"
    token = signed(SubjectNameID="8" + wrong)
    sandbox = ProSanteTokens(issuer=ISSUER, client_id=CLIENT, keys=jwks, lenient_key=True)
    assert verified(sandbox, token).rpps.value == wrong
    refused(ProSanteTokens(issuer=ISSUER, client_id=CLIENT, keys=jwks), token, Doubt.IDENTIFIER)


def test_the_claim_that_names_the_professional_can_be_another(jwks):
    other = ProSanteTokens(
        issuer=ISSUER, client_id=CLIENT, keys=jwks, national_id="preferred_username"
    )
    token = signed(SubjectNameID=GONE, preferred_username="8" + NUMBER)
    assert verified(other, token).rpps.value == NUMBER


# Signatures and keys


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def by_hand(header, sign=lambda _: b"", claims=GOOD):
    """A token that no library would make."""
    message = f"{part(header)}.{part(claims)}"
    return f"{message}.{part(sign(message.encode()))}"


def hmac_under(secret):
    return lambda message: hmac.digest(secret, message, hashlib.sha256)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
@pytest.mark.parametrize("kid", ["r1", None])
def test_an_unsigned_token(check, algorithm, kid):
    header = {"alg": algorithm} | ({"kid": kid} if kid else {})
    refused(check, by_hand(header), Doubt.ALGORITHM, Doubt.MALFORMED)


def forms_of_the_public_key():
    public = RSA.public_key
    for encoding, form in (
        (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
    ):
        yield public.public_bytes(encoding, form)
    yield json.dumps(RSA.as_dict(private=False)).encode()


@pytest.mark.parametrize("secret", [*forms_of_the_public_key()], ids=range(4))
@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_a_public_key_is_no_shared_secret(check, secret, algorithm):
    token = by_hand({"alg": algorithm, "kid": "r1"}, hmac_under(secret))
    refused(check, token, Doubt.ALGORITHM)


@pytest.mark.parametrize(
    ("key", "algorithm", "doubt"),
    [
        (STRANGER, "RS256", Doubt.SIGNATURE),
        (RSA, "PS256", Doubt.ALGORITHM),
        (RSA, "RS512", Doubt.ALGORITHM),
        (PSS, "RS256", Doubt.ALGORITHM),
    ],
    ids=["another key", "another padding", "another hash", "another padding still"],
)
def test_a_key_decides_what_it_verifies(check, key, algorithm, doubt):
    same = {name: value for name, value in key.as_dict(private=True).items() if name != "alg"}
    refused(check, signed(RSAKey.import_key(same), algorithm), doubt)


def test_a_key_of_another_type_under_a_known_name(check):
    ours = ECKey.import_key({**EC.as_dict(private=True), "kid": "r1"})
    refused(check, signed(ours, "ES256"), Doubt.ALGORITHM)
    theirs = RSAKey.import_key({**RSA.as_dict(private=True), "kid": "e1", "alg": "RS256"})
    refused(check, signed(theirs), Doubt.ALGORITHM)


@pytest.mark.parametrize("kid", ["r2", "R1", "", "../r1", "r1\u0000"])
def test_a_key_that_is_not_trusted_has_a_reason_of_its_own(check, kid):
    refused(check, signed(header={"kid": kid}), Doubt.UNKNOWN_KEY)


@pytest.mark.parametrize("kid", [None, 1, ["r1"], {"r1": 1}])
def test_a_key_must_be_named(check, kid):
    header = {"alg": "RS256"} if kid is None else {"alg": "RS256", "kid": kid}
    refused(check, by_hand(header), Doubt.MALFORMED)


def test_a_token_cannot_bring_its_own_key(check):
    """CVE-2018-0114: a key in the header is not one that we trust."""
    theirs = made(ECKey, "e1", size=("P-256",))
    brought = theirs.as_dict(private=False)
    refused(check, signed(theirs, "ES256", header={"jwk": brought}), Doubt.SIGNATURE)
    refused(check, signed(STRANGER, header={"jku": "https://x.example", "kid": "x"}))


def test_a_critical_header_that_we_do_not_know(check):
    header = {"alg": "RS256", "kid": "r1", "crit": ["exp"], "exp": 1}
    refused(check, by_hand(header), Doubt.MALFORMED)


@pytest.mark.parametrize("payload", [b"[]", b"7", b"null", b"not JSON", b"\xff", b"[" * 9000])
def test_a_signed_payload_that_is_no_claims(check, payload):
    token = jws.serialize_compact({"alg": "RS256", "kid": "r1"}, payload, RSA, ["RS256"])
    refused(check, token, Doubt.MALFORMED)


def test_a_number_of_five_thousand_digits(check):
    payload = json.dumps(GOOD).replace(str(SECONDS + 120), "9" * 5000).encode()
    token = jws.serialize_compact({"alg": "RS256", "kid": "r1"}, payload, RSA, ["RS256"])
    refused(check, token, Doubt.MALFORMED)


HOSTILE = [
    "",
    ".",
    "..",
    "a.b.c",
    "é.é.é",
    "a" * (TOKEN_MAX + 1),
    signed(padding="p" * TOKEN_MAX),
    part(b'{"alg":' + b"[" * 6000) + ".e30.AA",
    part([1]) + ".e30.AA",
    part("x") + ".e30.AA",
    part({"alg": {}, "kid": "r1"}) + ".e30.AA",
    signed() + ".AA",
    signed().rpartition(".")[0],
    signed().rpartition(".")[0] + ".",
    signed() + "=",
    " " + signed(),
    signed() + "\n",
    OctKey.generate_key(256).as_dict()["k"],
]


@pytest.mark.parametrize("token", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_refused_like_the_rest(check, token):
    refused(check, token, Doubt.MALFORMED, Doubt.SIGNATURE)


def test_a_payload_that_was_tampered_with(check):
    header, _, signature = signed().split(".")
    for change in ({"SubjectNameID": "8" + rpps(2)}, {"exp": SECONDS + 10_000}):
        refused(check, f"{header}.{part(GOOD | change)}.{signature}", Doubt.SIGNATURE)


TOKENS = [signed(), signed(EC, "ES256"), signed(PSS, "PS256")]


@given(st.sampled_from(TOKENS), st.data())
def test_a_flipped_bit_breaks_it(check, token, data):
    head, dot, tail = token.rpartition(".")
    signature = bytearray(base64.urlsafe_b64decode(tail + "=="))
    text = bytearray(head.encode())
    place = data.draw(st.integers(0, (len(text) + len(signature)) * 8 - 1))
    where, bit = divmod(place, 8)
    if where < len(text):
        text[where] ^= 1 << bit
    else:
        signature[where - len(text)] ^= 1 << bit
    assume(max(text) < 128)
    refused(check, text.decode() + dot + part(bytes(signature)))


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda b: b.decode("latin-1")))
def test_any_text_is_refused(check, text):
    refused(check, text)


# The file of keys


def put(path, text):
    fresh = path.with_suffix(".new")
    fresh.write_text(text if isinstance(text, str) else json.dumps(text))
    os.replace(fresh, path)  # noqa: PTH105 - as an operator's script does


def test_keys_that_turn_are_read_again(tmp_path):
    path = tmp_path / "keys.json"
    put(path, published(RSA))
    check = ProSanteTokens(issuer=ISSUER, client_id=CLIENT, keys=keys_from(path))
    verified(check, signed())
    refused(check, signed(EC, "ES256"), Doubt.UNKNOWN_KEY)
    put(path, published(EC))
    verified(check, signed(EC, "ES256"))
    refused(check, signed(), Doubt.UNKNOWN_KEY)


def test_a_file_that_breaks_trusts_nobody_until_it_is_mended(tmp_path):
    path = tmp_path / "keys.json"
    put(path, published(RSA))
    check = ProSanteTokens(issuer=ISSUER, client_id=CLIENT, keys=keys_from(path))
    verified(check, signed())
    for broken in ("", "{", {"keys": []}, {}):
        put(path, broken)
        with pytest.raises(TemporarilyUnavailable):
            verified(check, signed())
        with pytest.raises(TemporarilyUnavailable):
            verified(check, signed())
    path.unlink()
    with pytest.raises(TemporarilyUnavailable):
        verified(check, signed())
    put(path, published(RSA))
    verified(check, signed())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"keys": 7}',
        '{"keys": {"r1": {}}}',
        '{"keys": [[]]}',
        "[" * 9000,
        " " * FILE_MAX + "{}",
        json.dumps({"keys": [OctKey.generate_key(256, {"kid": "r1"}).as_dict()]}),
        json.dumps(published(RSA, STRANGER)),
        json.dumps(published(ECKey.generate_key("P-384", {"kid": "e1"}))),
        json.dumps({"keys": [{**RSA.as_dict(private=False), "use": "enc"}]}),
        json.dumps({"keys": [{**RSA.as_dict(private=False), "alg": "RS512"}]}),
        json.dumps({"keys": [{**RSA.as_dict(private=False), "kid": ""}]}),
        json.dumps({"keys": [{**RSA.as_dict(private=False), "n": "AQAB"}]}),
        json.dumps({"keys": [{**EC.as_dict(private=False), "x": "AAAA"}]}),
    ],
    ids=range(17),
)
def test_a_file_without_a_usable_key(tmp_path, text):
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(SetUpRefused):
        keys_from(tmp_path / "keys.json")


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_key_that_is_too_short_is_left_out(tmp_path):
    short = made(RSAKey, "s1", size=(1024,))
    put(tmp_path / "keys.json", published(short, RSA))
    keys = keys_from(tmp_path / "keys.json")
    assert keys.get("s1") is None
    assert keys.get("r1") is not None


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SetUpRefused):
        keys_from(tmp_path / "keys.json")


def test_what_cannot_sign_is_left_out(tmp_path):
    """A published set has encryption keys and others beside."""
    others = [
        {**BOTH.as_dict(private=False), "use": "enc"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "o1"},
        {**EC.as_dict(private=False), "kid": 7},
    ]
    put(tmp_path / "keys.json", {"keys": [*others, RSA.as_dict(private=False)]})
    keys = keys_from(tmp_path / "keys.json")
    assert keys.get("r1") is not None
    assert [keys.get(kid) for kid in ("b1", "o1", "e1", "7")] == [None] * 4


def test_of_a_key_only_the_public_half_is_kept(tmp_path):
    put(tmp_path / "keys.json", {"keys": [RSA.as_dict(private=True)]})
    key = keys_from(tmp_path / "keys.json").get("r1").key
    assert not key.is_private
