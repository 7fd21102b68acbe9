"""Decide, as a person, on a claim that the judge left to one: once, under a name."""

from dataclasses import dataclass, field
from typing import Protocol

from rempart.domain.claim import Claim
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.ruling import Ruling
from rempart.usecases.claim_ports import Decided
from rempart.usecases.contain_account import officer_named
from rempart.usecases.judge_claims import opened


class ClaimsForAPerson(Protocol):
    """Claims and rulings as whoever decides sees them.

    Every implementation promises, and ``tests/spec/test_claims.py`` checks: a claim is decided on
    once, and only where it was left to a person.
    """

    def sealed(self, number: int) -> tuple[bytes, Ruling | None] | None:
        """A claim, as it was kept, and its ruling; none where there is no such claim."""
        ...

    def decide(self, decided: Decided) -> bool:
        """Keep a decision, durably; whether there was one to take."""
        ...


@dataclass(frozen=True, slots=True)
class DecideClaims:
    """``key`` is the private half of what claims are sealed to."""

    claims: ClaimsForAPerson
    key: bytes = field(repr=False)

    def show(self, number: int) -> tuple[Claim, Ruling | None]:
        """What is in a claim, and its ruling.

        Raises:
            MalformedIdentifier: there is no such claim.
        """
        found = self.claims.sealed(number)
        if found is None:
            raise MalformedIdentifier("claim", "there is none of this number")
        sealed, ruling = found
        return opened(sealed, self.key), ruling

    def __call__(self, number: int, *, by: str, accept: bool, cents: int | None = None) -> int:
        """Accept, for what was asked or for ``cents`` of it, or refuse; what is owed, in cents.

        Raises:
            MalformedIdentifier: nobody decides, no such claim waits for a person, or it is more
                than was asked.
        """
        name = officer_named(by)
        claim, ruling = self.show(number)
        amount = (claim.asked if cents is None else cents) if accept else 0
        if accept and not 0 < amount <= claim.asked:
            raise MalformedIdentifier("amount", "expected no more than was asked")
        decided = Decided(claim=number, accepted=accept, amount=amount, by=name)
        if ruling is not Ruling.PERSON or not self.claims.decide(decided):
            raise MalformedIdentifier("claim", "it does not wait for a person, or was decided on")
        return amount
