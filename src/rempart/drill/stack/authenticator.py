"""A passkey in software, for owners who do not exist: what a telephone would answer (WebAuthn)."""

import base64
import hashlib
import json
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, NEW_CREDENTIAL = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(slots=True, repr=False)
class Authenticator:
    """One passkey, for one site of the web."""

    credential: bytes
    rp: str
    origin: str
    count: int = 0
    user: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    def register(self, options: str) -> str:
        """What ``navigator.credentials.create`` answers."""
        asked = json.loads(options)
        self.user = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        told = self._client("webauthn.create", asked["challenge"])
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        size = len(self.credential).to_bytes(2, "big")
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        data = self._data(USER_PRESENT | USER_VERIFIED | NEW_CREDENTIAL)
        data += bytes(16) + size + self.credential + cose
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(clientDataJSON=b64(told), attestationObject=b64(made))

    def sign_in(self, options: str) -> str:
        """What ``navigator.credentials.get`` answers."""
        told = self._client("webauthn.get", json.loads(options)["challenge"])
        self.count += 1
        data = self._data(USER_PRESENT | USER_VERIFIED)
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
