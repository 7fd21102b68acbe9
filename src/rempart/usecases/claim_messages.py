"""What is asked of the vault about claims: to write down what a person decided on one.

Only the vault's own user may ask.
"""

from rempart.usecases.message import Message


class DecideClaim(Message, frozen=True, tag="decide-claim"):
    """``claim`` is the claim's tag, 16 bytes; ``amount`` in cents, 0 where it is refused; ``why`` a
    name of ``domain/claim_decisions.py``.
    """

    claim: bytes
    accepted: bool
    amount: int
    why: str
    by: str


class ClaimDecided(Message, frozen=True, tag="claim-decided"):
    """In the ledger under ``ref``."""

    ref: int
