"""What is asked of the vault about protections: what it alone can see, and to write down the rest.

Only the vault's own user asks.
"""

from rempart.usecases.message import Message


class AskProtections(Message, frozen=True, tag="ask-protections"):
    """What the running vault sees of its own."""


class ProtectionsTold(Message, frozen=True, tag="protections"):
    """Counts and digests; ``presence`` is the second in which its key was made, 0 for none.

    ``overdue`` are accounts that the guard has frozen and that no person has decided on in time;
    ``table`` is the digest of its caps; ``habits`` insurers whose hours it knows, ``closed`` those
    that an hour has closed; ``cuts`` the cut-offs that stand, ``publishers`` whose alerts it takes.
    """

    guard_failed: bool
    accounts: int
    watched: int
    narrowed: int
    frozen: int
    overdue: int
    exceptions: int
    table: bytes
    habits: int
    closed: int
    cuts: int
    publishers: int
    presence: int
    people: bool
    professionals: bool
    epoch: int
    size: int


class EnterMeasures(Message, frozen=True, tag="enter-measures"):
    """Enter what was attested: a state a measure of this edition, and the digest of the evidence,
    which is kept already.
    """

    edition: int
    states: bytes
    evidence: bytes


class MeasuresEntered(Message, frozen=True, tag="measures-entered"):
    """In the ledger, under ``ref``."""

    ref: int


MeasureRequest = AskProtections | EnterMeasures
MeasureReply = ProtectionsTold | MeasuresEntered
