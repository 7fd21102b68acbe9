"""Write down in the ledger what a person decided on a claim, before it counts anywhere.

(1) somebody decides, under a name, for a reason of the list;
(2) one decision a claim: the same again is the same, another is refused;
(3) the entry names the claim by a tag that only whoever judges can compute.
"""

from dataclasses import dataclass

from rempart.domain.claim_decisions import ClaimDecision, ClaimDecisions, ClaimWhy
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import MalformedIdentifier
from rempart.usecases.claim_messages import ClaimDecided, DecideClaim
from rempart.usecases.contain_account import named, officer_named
from rempart.usecases.keep_ledger import KeepLedger


@dataclass(slots=True)
class EnterDecisions:
    """``decisions`` is a fold over the ledger."""

    decisions: ClaimDecisions
    ledger: KeepLedger

    def __call__(self, wanted: DecideClaim) -> ClaimDecided:
        """Enter one; or say where it stands.

        Raises:
            MalformedIdentifier: (1) or (2) does not hold, or it can be no decision.
            TemporarilyUnavailable: it could not be written; asked again, it is the same.
        """
        decided = ClaimDecision(
            claim=wanted.claim,
            accepted=wanted.accepted,
            amount=wanted.amount,
            why=named(ClaimWhy, wanted.why, "why"),  # (1)
            by=officer_named(wanted.by),
        )
        decided.check(owes=wanted.owes)
        self.ledger.stamp()  # what is in doubt is read again before it is looked at
        standing = self.decisions.find(decided.claim)
        if standing is None:
            return ClaimDecided(self.ledger.act(EntryType.DECISION, decided.codes()))  # (3)
        if not standing.says(decided):  # (2)
            raise MalformedIdentifier("claim", f"it was decided on: entry {standing.ref}")
        return ClaimDecided(standing.ref)
