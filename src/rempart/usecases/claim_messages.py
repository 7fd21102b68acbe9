"""What is asked of the vault about claims: to write down what a person decided on one, and under
which pair its ledger counts whoever a card is of.

Only the vault's own user may ask.
"""

from rempart.usecases.message import Message


class DecideClaim(Message, frozen=True, tag="decide-claim"):
    """``claim`` is the claim's tag, 16 bytes; ``amount`` in cents, 0 where it is refused; ``why`` a
    name of ``domain/claim_decisions.py``; ``owes``: of a reported verification nothing is owed.
    """

    claim: bytes
    accepted: bool
    amount: int
    why: str
    by: str
    owes: bool = True


class ClaimDecided(Message, frozen=True, tag="claim-decided"):
    """In the ledger under ``ref``."""

    ref: int


class FindPair(Message, frozen=True, tag="find-pair"):
    """Which pair do a site (its number) and a card make? Of the card, its insurer (AMC number) and
    its find: what its lock is found by, and not opened.
    """

    site: int
    amc: int
    find: bytes


class PairFound(Message, frozen=True, tag="pair-found"):
    """16 bytes, as they stand beside a question (``specs/disclosure-entry.md``); none where the
    vault knows no such card.
    """

    pair: bytes
