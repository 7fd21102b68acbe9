"""What people hold: a passkey in software, a page with a key, Pro Santé Connect's tokens."""

from __future__ import annotations

from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import ECKey

from rempart.adapters.identity.trusted_keys import TrustedKey
from rempart.drill.stack import authenticator as drill

RP, ORIGIN = "portail.example", "https://portail.example"
ISSUER, CLIENT = "https://psc.example/auth/realms/esante-wallet", "rempart-test"


@dataclass
class Authenticator(drill.Authenticator):
    """A passkey for the portal of the tests."""

    credential: bytes = b"credential-1"
    rp: str = RP
    origin: str = ORIGIN


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
