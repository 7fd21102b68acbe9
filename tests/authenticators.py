"""What people hold: a passkey in software, a page with a key, Pro Santé Connect's tokens."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_urlsafe

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
        self.down = False
        self.refreshes: dict[str, tuple[str, int, dict[str, object]]] = {}

    def get(self, kid: str) -> TrustedKey | None:
        from rempart.domain.errors import TemporarilyUnavailable

        if self.away:
            raise TemporarilyUnavailable("trusted keys of the issuer cannot be read")
        return TrustedKey(self.key, frozenset({"ES256"})) if kid == "psc-1" else None

    def grant(self, rpps: str, authenticated: int, **claims: object) -> str:
        """A refresh token, good once."""
        refresh = token_urlsafe(12)
        self.refreshes[refresh] = (rpps, authenticated, claims)
        return refresh

    def refresh(self, refresh: str, *, now: int) -> tuple[str, str] | None:
        """The next refresh token and an ID token without nonce; None: ``invalid_grant``."""
        found = self.refreshes.pop(refresh, None)
        if found is None:
            return None
        rpps, authenticated, claims = found
        ago = now // 1_000_000 - authenticated
        told = self.token(rpps, "", now=now, ago=ago, **claims)
        return self.grant(rpps, authenticated, **claims), told

    def end(self) -> None:
        """Everybody has left there: no refresh token is worth anything."""
        self.refreshes.clear()

    def signed(self, claims: dict[str, object], **header: object) -> str:
        told = {name: value for name, value in claims.items() if value is not ...}
        return jwt.encode({"alg": "ES256", "kid": "psc-1"} | header, told, self.key, ["ES256"])

    def logout(self, *, now: int, **claims: object) -> str:
        """A logout token; ``...`` leaves a claim out."""
        made = now // 1_000_000
        event = "http://schemas.openid.net/event/backchannel-logout"
        told: dict[str, object] = {
            **{"iss": ISSUER, "aud": CLIENT, "iat": made, "exp": made + 120, "typ": "Logout"},
            **{"jti": token_urlsafe(8), "events": {event: {}}},
        }
        return self.signed(told | claims, typ="logout+jwt")

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
            "nonce": nonce or ...,
        }
        return self.signed(told | claims)
