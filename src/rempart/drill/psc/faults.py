"""What may go wrong with Pro Santé Connect, one at a time, chosen on the simulator's page."""

import base64
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey


class Fault(StrEnum):
    """A failure to play."""

    NONE = "none"
    WRONG_NONCE = "wrong-nonce"
    ALG_NONE = "alg-none"
    UNKNOWN_KEY = "unknown-key"
    EXPIRED = "expired"
    WRONG_AUDIENCE = "wrong-audience"
    WEAK_ACR = "weak-acr"
    DECLINED = "declined"
    DOWN = "down"


WORDS: Mapping[Fault, str] = {
    Fault.NONE: "aucune · none",
    Fault.WRONG_NONCE: "nonce d'une autre session · another session's nonce",
    Fault.ALG_NONE: "jeton sans signature · unsigned token",
    Fault.UNKNOWN_KEY: "clé inconnue · unknown key",
    Fault.EXPIRED: "jeton expiré · expired token",
    Fault.WRONG_AUDIENCE: "jeton d'un autre service · another service's token",
    Fault.WEAK_ACR: "authentification trop faible · authentication too weak",
    Fault.DECLINED: "refus de la personne · the person declines",
    Fault.DOWN: "Pro Santé Connect en panne (503) · down (503)",
}


def claims_under(fault: Fault, now: int) -> dict[str, Any]:
    """What the failure changes in the claims of an ID token."""
    match fault:
        case Fault.WRONG_NONCE:
            return {"nonce": "of-another-session"}
        case Fault.EXPIRED:
            return {"iat": now - 7200, "auth_time": now - 7200, "exp": now - 7080}
        case Fault.WRONG_AUDIENCE:
            return {"aud": "another-service", "azp": "another-service"}
        case Fault.WEAK_ACR:
            return {"acr": "0"}
        case _:
            return {}


def token_under(fault: Fault, id_token: str) -> str:
    """What the failure does to a signed ID token."""
    header, payload, _ = id_token.split(".")
    match fault:
        case Fault.ALG_NONE:
            return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}."
        case Fault.UNKNOWN_KEY:
            key = RSAKey.generate_key(2048, {"kid": "turned"})
            return jwt.encode({"alg": "RS256", "kid": "turned"}, _decoded(payload), key, ["RS256"])
        case _:
            del header
            return id_token


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _decoded(part: str) -> dict[str, Any]:
    claims = json.loads(base64.urlsafe_b64decode(part + "=="))
    assert isinstance(claims, dict)
    return claims
