"""Why a sign-in was refused: for the ledger's detail, never for whoever asked.

Whoever is refused reads the same words for every reason. The operator needs to tell an attack from
a key that turned or a clock that drifts, so the reason travels beside the words.
"""

from enum import IntEnum, StrEnum

SAME_WORDS = "sign-in refused"


class Means(IntEnum):
    """How somebody proved who they are."""

    ASSERTION = 1
    """A software's signed assertion, with its certificate."""
    PRO_SANTE = 2
    PASSKEY = 3
    STEP_UP = 4
    """A passkey again, in a session that was there."""
    ENROLMENT = 5
    """A one-time code, for a first passkey and nothing else."""


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
    FLOW = "flow"
    """No such beginning, or it was spent, or another's key began it."""
    PROOF = "proof"
    """The client's key did not sign this very request, now."""
    REPLAYED = "replayed"
    UNKNOWN = "unknown"
    """Proven, and nobody who takes part here."""
    SUSPENDED = "suspended"
    OVER = "over"
    """Pro Santé Connect's session has ended: neither a passkey nor an old token begins one."""
    EVENT = "event"
    """No word of a logout, or not of one alone."""
    CODE = "code"
    CUT_OFF = "cut-off"
    """Proven, and a cut-off stands over them: nobody else's doing."""
