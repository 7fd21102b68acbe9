"""Algorithm confusion: ``python -m tests.confused_vectors`` writes it into verification.json.

Each message is what a verifier that believed its header would take: the trusted key has signed
these very bytes, or they bear an HMAC under that key's public point, which anybody knows. Those of
devices (``chain_vectors``) are made here too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

from rempart.domain import guarantee
from rempart.domain.guarantee import Statement
from rempart.sealing import base45
from rempart.sealing.cose import CARD_KIND, CARD_PREFIX, ORDER, Kind, kid_of, read1, sign1
from rempart.usecases.card_lists import GUARANTEES, STATUS, TRUST, sign_guarantees
from rempart.usecases.p256_keys import point_of

PLACE = Path(__file__).parents[1] / "specs/vectors/verification.json"
OPERATOR, INSURER = (derive_private_key(n, SECP256R1()) for n in (101, 103))
MARK = "algorithm: "
ES256, EDDSA, ES384, HMAC_256, HMAC_512 = -7, -8, -35, 5, 7
SIGN1, MAC0 = 18, 17


def confused(
    payload: bytes, key: EllipticCurvePrivateKey, kind: Kind
) -> Iterator[tuple[str, bytes]]:
    """Messages with this payload in a frame that is not ours, each with its name."""
    kid, secret = kid_of(key.public_key()), point_of(key.public_key())

    def message(alg: int | None, hashed: HashAlgorithm, tag: int = SIGN1, loose: int = 0) -> bytes:
        said = {1: alg, 4: kid, 16: kind.type}
        protected = _spelt({each: value for each, value in said.items() if value not in (None, "")})
        about = "MAC0" if tag == MAC0 else "Signature1"
        covered = _spelt([about, protected, b"", payload])
        by_hmac = alg in (HMAC_256, HMAC_512)
        proof = _mac(covered, secret, hashed) if by_hmac else _signature(covered, key, hashed)
        unprotected = {1: loose} if loose else {}
        return _spelt(cbor2.CBORTag(tag, [protected, unprotected, payload, proof]))

    yield "EdDSA", message(EDDSA, SHA256())
    yield "ES384", message(ES384, SHA384())
    yield "none", message(None, SHA256())
    yield "in the unprotected header alone", message(None, SHA256(), loose=ES256)
    yield "in both headers, which differ", message(ES256, SHA256(), loose=EDDSA)
    yield "a COSE_Mac0 under the public key", message(HMAC_256, SHA256(), MAC0)
    yield "a COSE_Sign1 with HMAC under the public key", message(HMAC_512, SHA512())


def hmac_as_signature(payload: bytes, key: EllipticCurvePrivateKey, kind: Kind) -> bytes:
    """A frame that is ours to the byte, with an HMAC under the public key for a signature.

    Its second half is made low, so that nothing but the signature itself stands against it.
    """
    protected = kind.headers(kid_of(key.public_key()))
    covered = _spelt(["Signature1", protected, b"", payload])
    mac = _mac(covered, point_of(key.public_key()), SHA512())
    low = mac[:32] + bytes([mac[32] & 0x7E]) + mac[33:]
    return _spelt(cbor2.CBORTag(SIGN1, [protected, {}, payload, low]))


def steps(
    payload: bytes, key: EllipticCurvePrivateKey, kind: Kind, *, unsigned: str
) -> Iterator[tuple[str, str, bytes]]:
    """Every confusion of one message: its name, the step that refuses it, and its bytes."""
    for name, bad in confused(payload, key, kind):
        yield name, "well-formed", bad
    yield "HMAC for a signature", unsigned, hmac_as_signature(payload, key, kind)


def _spelt(value: object) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _mac(covered: bytes, secret: bytes, hashed: HashAlgorithm) -> bytes:
    mac = HMAC(secret, hashed)
    mac.update(covered)
    return mac.finalize()


def _signature(covered: bytes, key: EllipticCurvePrivateKey, hashed: HashAlgorithm) -> bytes:
    r, s = decode_dss_signature(key.sign(covered, ECDSA(hashed, deterministic_signing=True)))
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


class Newer:
    """The lists that ``offline`` keeps, each newer: only an algorithm stands against them."""

    def __init__(self, offline: Any) -> None:
        kept = [bytes.fromhex(data) for data in offline["lists"][:2]]
        self.trust = cbor2.loads(read1(kept[0], kind=TRUST).payload)
        self.trust[-65538][1] += 1
        self.status = cbor2.loads(read1(kept[1], kind=STATUS).payload)
        self.status[6] += 1
        amc = self.trust[-65538][2][0][1]
        self.stated = Statement(amc=amc, made=1, until=2, list_days=7, profiles={0: ()})

    def carrying(self, statement: bytes) -> bytes:
        """The trust list, signed in earnest, with an insurer's guarantees."""
        own = self.trust[-65538]
        insurers = [{**own[2][0], 4: statement}, *own[2][1:]]
        payload = _spelt({**self.trust, -65538: {**own, 2: insurers}})
        return sign1(payload, OPERATOR, kid=kid_of(OPERATOR.public_key()), kind=TRUST)

    def honest(self) -> Iterator[bytes]:
        """What would be taken in."""
        yield sign1(_spelt(self.trust), OPERATOR, kid=kid_of(OPERATOR.public_key()), kind=TRUST)
        yield sign1(_spelt(self.status), INSURER, kid=kid_of(INSURER.public_key()), kind=STATUS)
        yield self.carrying(sign_guarantees(self.stated, INSURER))

    def refused(self) -> Iterator[tuple[str, str, bytes]]:
        """What is not: a name, a step, the bytes."""
        trust, status = _spelt(self.trust), _spelt(self.status)
        for name, step, bad in steps(trust, OPERATOR, TRUST, unsigned="signed"):
            yield f"trust, {name}", step, bad
        for name, step, bad in steps(status, INSURER, STATUS, unsigned="signed"):
            yield f"status, {name}", step, bad
        stated = guarantee.to_payload(self.stated)
        for name, step, bad in steps(stated, INSURER, GUARANTEES, unsigned="well-formed"):
            yield f"guarantees, {name}", step, self.carrying(bad)


def cards(offline: Any) -> Iterator[Any]:
    """Codes, as they stand in the file."""
    good = next(each for each in offline["cards"] if each["finding"] == "good")
    payload = read1(base45.decode(good["code"].removeprefix(CARD_PREFIX))).payload
    for name, step, bad in steps(payload, INSURER, CARD_KIND, unsigned="authentic"):
        said = {"finding": "refused", "step": step, "insurer": "", "mode": None, "list_made": None}
        code = CARD_PREFIX + base45.encode(bad)
        yield {**good, "name": MARK + name, "code": code, **said}


def refused_lists(offline: Any) -> Iterator[Any]:
    """Lists, as they stand in the file."""
    for name, step, bad in Newer(offline).refused():
        yield {"name": MARK + name, "data": bad.hex(), "now": offline["now"], "step": step}


def with_confused(offline: Any) -> Any:
    """The file with these vectors, and whatever else was in it."""
    return {
        **offline,
        "cards": [*_others(offline["cards"]), *cards(offline)],
        "refused_lists": [*_others(offline["refused_lists"]), *refused_lists(offline)],
    }


def _others(vectors: Any) -> list[Any]:
    return [each for each in vectors if not each["name"].startswith(MARK)]


if __name__ == "__main__":
    whole = with_confused(json.loads(PLACE.read_text("utf-8")))
    PLACE.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")
