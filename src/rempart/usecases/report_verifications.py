"""Report, on return, the cards that a shop verified offline: was each of them right?

(1) a verification is noted when it is made, if a list of its insurer had its say: the card's code,
    domain, day of care, and when that list was made; one a card, domain and day;
(2) each is sent as a claim that asks for nothing, under a number drawn by chance;
(3) once it is said to be right or wrong it is forgotten, and its code with it; until then the same
    is sent again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

from rempart.domain.claim import CareLine, Claim, Shown, Use
from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden
from rempart.usecases.ports import Chance
from rempart.usecases.verify_card import Finding, Verdict

NUMBER_SIZE = 12
"""Bytes: no two shops draw the same."""
RULED = frozenset({"verification-right", "verification-wrong"})
"""Rows of the outcome table after which nothing more is to come."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Verification(Hidden):
    """A card that was verified offline; ``made`` is when the list was, seconds since 1970."""

    number: str
    code: str
    amc: str
    domain: Domain
    care: date
    made: int


class VerificationJournal(Protocol):
    """What a shop has verified and not yet been told about.

    Every implementation promises, and ``tests/spec/test_report_verifications.py`` checks: what
    ``add`` and ``forget`` have returned from is durable; the first of a card, domain and day is
    the one that stands.

    Trust: it lies at the shop, closed to others: the codes in it open rights.
    """

    def add(self, verification: Verification) -> bool:
        """Note one; whether it is new."""
        ...

    def waiting(self) -> Sequence[Verification]:
        """All of them, in the order in which they were noted."""
        ...

    def forget(self, number: str) -> None:
        """Erase one."""
        ...


class Told(NamedTuple):
    """What the intake says of one: a row of the outcome table, and the rule that is not kept."""

    outcome: str
    rule: str = ""


def noted(
    verdict: Verdict, code: str, *, domain: Domain | None, care: date, chance: Chance
) -> Verification:
    """(1) What is to be reported of a verdict.

    Raises:
        MalformedIdentifier: nothing, and why.
    """
    if domain is None:
        raise MalformedIdentifier("domain", "expected one: a verification is of one domain")
    if verdict.finding is Finding.REFUSED or verdict.claims is None:
        raise MalformedIdentifier("code", "the card proved nothing: there is nothing to report")
    if verdict.list_made is None:
        raise MalformedIdentifier("lists", "no list of its insurer: there is nothing to report")
    return Verification(
        number=f"V{chance.draw(NUMBER_SIZE).hex()}",
        code=code,
        amc=verdict.claims.amc,
        domain=domain,
        care=care,
        made=verdict.list_made,
    )


def claim_of(verification: Verification) -> Claim:
    """A verification as it is sent."""
    return Claim(
        number=verification.number,
        use=Use.VERIFICATION,
        amc=verification.amc,
        care=verification.care,
        asked=0,
        cites=Shown(verification.code, verification.made),
        lines=(CareLine(verification.domain, 0),),
    )


@dataclass(frozen=True, slots=True)
class ReportVerifications:
    """``send`` sends a claim until it is acknowledged."""

    journal: VerificationJournal
    send: Callable[[Claim], Told] = field(repr=False)

    def __call__(self) -> Iterator[tuple[Verification, Told]]:
        """Send each, and say what became of it.

        Raises:
            TemporarilyUnavailable: one was not acknowledged; it waits, with those behind it.
        """
        for each in self.journal.waiting():
            told = self.send(claim_of(each))  # (2)
            if told.outcome in RULED:  # (3)
                self.journal.forget(each.number)
            yield each, told
