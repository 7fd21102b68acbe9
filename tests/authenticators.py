"""What people hold: a passkey in software, a page with a key, Pro Santé Connect's tokens."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from rempart.adapters.identity.trusted_keys import TrustedKey

RP, ORIGIN = "portail.example", "https://portail.example"
ISSUER, CLIENT = "https://psc.example/auth/realms/esante-wallet", "rempart-test"
UP, UV, AT = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One passkey: registers, and answers for whoever holds it."""

    credential: bytes = b"credential-1"
    rp: str = RP
    origin: str = ORIGIN
    count: int = 0
    user: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def register(self, options: str) -> str:
        asked = json.loads(options)
        self.user = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        told = self._client("webauthn.create", asked["challenge"])
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        size = len(self.credential).to_bytes(2, "big")
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        data = self._data(UP | UV | AT) + bytes(16) + size + self.credential + cose
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(clientDataJSON=b64(told), attestationObject=b64(made))

    def sign_in(self, options: str) -> str:
        told = self._client("webauthn.get", json.loads(options)["challenge"])
        self.count += 1
        data = self._data(UP | UV)
        signed = data + hashlib.sha256(told).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=b64(told),
            authenticatorData=b64(data),
            signature=b64(signature),
            userHandle=b64(self.user),
        )

    def _data(self, flags: int) -> bytes:
        head = hashlib.sha256(self.rp.encode()).digest()
        return head + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, **response: str) -> str:
        name = b64(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


class Issuer:
    """Signs ID tokens as Pro Santé Connect does, and is its file of trusted keys."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "psc-1"})
        self.away = False

    def get(self, kid: str) -> TrustedKey | None:
        from rempart.domain.errors import TemporarilyUnavailable

        if self.away:
            raise TemporarilyUnavailable("trusted keys of the issuer cannot be read")
        return TrustedKey(self.key, frozenset({"ES256"})) if kid == "psc-1" else None

    def token(self, rpps: str, nonce: str, *, now: int, ago: int = 0, **claims: object) -> str:
        made = now // 1_000_000
        told = {
            "iss": ISSUER,
            "aud": CLIENT,
            "azp": CLIENT,
            "typ": "ID",
            "iat": made,
            "exp": made + 120,
            "auth_time": made - ago,
            "sub": f"f:test:8{rpps}",
            "SubjectNameID": f"8{rpps}",
            "acr": "eidas1",
            "amr": ["ecps"],
            "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
            "nonce": nonce,
        }
        header = {"alg": "ES256", "kid": "psc-1"}
        return jwt.encode(header, told | claims, self.key, ["ES256"])
