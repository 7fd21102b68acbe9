"""Why a sign-in was refused: for the ledger's detail, never for whoever asked.

Whoever is refused reads the same words for every reason. The operator needs to tell an attack from
a key that turned or a clock that drifts, so the reason travels beside the words.
"""

from enum import StrEnum

SAME_WORDS = "sign-in refused"


class Doubt(StrEnum):
    """What did not hold."""

    UNSAID = "unsaid"
    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    UNKNOWN_KEY = "unknown-key"
    SIGNATURE = "signature"
    KIND = "kind"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    TOO_EARLY = "too-early"
    SESSION_OVER = "session-over"
    NOT_FRESH = "not-fresh"
    NONCE = "nonce"
    STATE = "state"
    ASSURANCE = "assurance"
    LEVEL = "level"
    IDENTIFIER = "identifier"
    ACTIVITY = "activity"
    DECLINED = "declined"
    GRANT = "grant"
    CEREMONY = "ceremony"
    CREDENTIAL = "credential"
    SIGN_COUNT = "sign-count"
