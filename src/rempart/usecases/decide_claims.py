"""Decide, as a person, on a claim that the judge left to one: once, under a name, for a reason.

(1) the claim waits for a person, and no more is accepted than was asked; a reported verification
    asks for nothing: it is noted as right, or as wrong;
(2) the vault writes the decision down in the ledger; it refuses another one on the same claim;
(3) the ruling is kept with its claim, with the place of that entry.

Stopped between (2) and (3), the same decision again finds its entry; so does the next judgement.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rempart.domain.claim import Claim, Use
from rempart.domain.claim_decisions import ClaimDecision, ClaimWhy
from rempart.domain.errors import MalformedIdentifier, TemporarilyUnavailable
from rempart.domain.person import told
from rempart.domain.ruling import Ruling
from rempart.sealing.errors import SealBroken
from rempart.usecases.claim_messages import ClaimDecided, DecideClaim
from rempart.usecases.claim_ports import ClaimsForAPerson, Standing
from rempart.usecases.contain_account import officer_named
from rempart.usecases.messages import Refused, Reply, Request
from rempart.usecases.open_claims import opened, tag_of


@dataclass(frozen=True, slots=True)
class DecideClaims:
    """``vault`` asks the vault; ``key`` is the private half of what claims are sealed to."""

    claims: ClaimsForAPerson
    vault: Callable[[Request], Reply]
    key: bytes = field(repr=False)

    def show(self, number: int) -> tuple[Claim, Standing]:
        """What is in a claim, and where it stands.

        Raises:
            MalformedIdentifier: there is no such claim, or it does not open.
        """
        found = self.claims.find(number)
        if found is None:
            raise MalformedIdentifier("claim", "there is none of this number")
        try:
            return opened(found.sealed, self.key), found
        except SealBroken:
            raise MalformedIdentifier("claim", "it does not open under the judge's key") from None

    def __call__(
        self, number: int, *, by: str, accept: bool, why: ClaimWhy, cents: int | None = None
    ) -> ClaimDecision:
        """Accept, for what was asked or for ``cents`` of it, or refuse.

        Raises:
            MalformedIdentifier: nobody decides, no such claim waits for a person, it is more than
                was asked, or something else was decided on it.
            TemporarilyUnavailable: it is not kept; the same decision again is the same.
        """
        claim, standing = self.show(number)
        amount = _owed(claim, accept=accept, cents=cents)
        if standing.ruling is not Ruling.PERSON:  # (1)
            raise MalformedIdentifier("claim", "it does not wait for a person")
        wanted = ClaimDecision(
            claim=tag_of(standing.software, claim, self.key),
            accepted=accept,
            amount=amount,
            why=why,
            by=officer_named(by),
        )
        if standing.decision is None:
            ref = self._entered(wanted, claim)  # (2)
            self.claims.decide(number, replace(wanted, ref=ref))  # (3)
            _, standing = self.show(number)
        kept = standing.decision
        assert kept is not None, "one of those who decided at once has kept it"
        if not kept.says(wanted):
            raise MalformedIdentifier("claim", f"it was decided on: entry {kept.ref}")
        return kept

    def _entered(self, wanted: ClaimDecision, claim: Claim) -> int:
        """The place of a decision in the ledger."""
        reply = self.vault(
            DecideClaim(
                wanted.claim,
                accepted=wanted.accepted,
                amount=wanted.amount,
                why=told(wanted.why.name),
                by=wanted.by,
                owes=claim.use is not Use.VERIFICATION,
            )
        )
        match reply:
            case ClaimDecided(ref=ref):
                return ref
            case Refused(reason="forbidden-move", detail=detail):
                # The vault's own words begin with the name of what they are about.
                raise MalformedIdentifier("the ledger", detail)
            case _:
                raise TemporarilyUnavailable(
                    "the vault did not write it down: the claim waits, decide the same again"
                )


def _owed(claim: Claim, *, accept: bool, cents: int | None) -> int:
    """What is owed by a decision."""
    if claim.use is Use.VERIFICATION:
        if cents is not None:
            raise MalformedIdentifier("amount", "a verification owes nothing")
        return 0
    amount = (claim.asked if cents is None else cents) if accept else 0
    if accept and not 0 < amount <= claim.asked:
        raise MalformedIdentifier("amount", "expected no more than was asked")
    return amount
