"""What persons decided on claims: a fold of the ledger.

A claim is named there by a tag, 16 bytes that whoever judges can compute and nobody else: it tells
nothing about the claim, and the same claim has the same one.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from rempart.domain.claim import AMOUNT_MAX
from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.reversible import Reversible
from rempart.domain.ruling import Ruling

TAG_SIZE = 16


class ClaimWhy(IntEnum):
    """Why a person accepts or refuses."""

    SHOWN = 1
    """What was missing has been shown since."""
    INSURER = 2
    """The insurer says so."""
    DOUBT = 3
    """Nothing speaks against it."""
    UNSHOWN = 4
    """What was missing was asked for, and not shown."""
    WRONG = 5
    """What was shown contradicts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDecision:
    """One person's (``by``, a name) on one claim (its tag), in entry ``ref``; cents."""

    claim: bytes = field(repr=False)
    accepted: bool
    amount: int
    why: ClaimWhy
    by: str = field(repr=False)
    ref: int = -1

    @property
    def ruling(self) -> Ruling:
        """What it comes to."""
        return Ruling.HONOURED if self.accepted else Ruling.REFUSED

    def says(self, other: "ClaimDecision") -> bool:
        """Whether another says the same, wherever it stands."""
        return self.codes() == other.codes()

    def codes(self) -> Codes:
        """How the ledger says it."""
        return {
            "claim": self.claim,
            "accepted": int(self.accepted),
            "amount": self.amount,
            "why": self.why.value,
            "by": self.by,
        }

    def check(self, *, owes: bool = True) -> None:
        """Return if it can be one; ``owes``: of a claim, and not of a reported verification.

        Raises:
            MalformedIdentifier: it cannot.
        """
        if len(self.claim) != TAG_SIZE:
            raise MalformedIdentifier("claim", f"expected a tag of {TAG_SIZE} bytes")
        if not owes and self.amount:
            raise MalformedIdentifier("amount", "a verification owes nothing")
        if owes and not (0 < self.amount <= AMOUNT_MAX if self.accepted else self.amount == 0):
            raise MalformedIdentifier("amount", "expected cents where accepted, 0 where refused")

    def copy(self) -> "ClaimDecision":
        """Itself: it does not change."""
        return self


def decided_in(index: int, entry: Entry, detail: bytes) -> ClaimDecision | None:
    """What an entry decides on a claim, if anything."""
    codes = decode_codes(detail) if entry.type is EntryType.DECISION else {}
    tag = codes.get("claim")
    if not isinstance(tag, bytes):
        return None
    return ClaimDecision(
        claim=tag,
        accepted=bool(codes["accepted"]),
        amount=int(codes["amount"]),
        why=ClaimWhy(int(codes["why"])),
        by=str(codes["by"]),
        ref=index,
    )


class ClaimDecisions:
    """The fold: by the claim's tag, the first that was taken on it."""

    def __init__(self) -> None:
        self._taken: Reversible[bytes, ClaimDecision] = Reversible()
        self.mark, self.undo = self._taken.mark, self._taken.undo
        self.forget = self._taken.forget

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        decided = decided_in(index, entry, detail)
        if decided is not None and self._taken.touch(decided.claim) is None:
            self._taken.put(decided.claim, decided)

    def find(self, claim: bytes) -> ClaimDecision | None:
        """What was decided on the claim of this tag."""
        return self._taken.states.get(claim)

    def claims(self) -> set[bytes]:
        """The tags of claims that were decided on."""
        return set(self._taken.states)
