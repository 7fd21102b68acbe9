"""Claims of a breach: what a stolen account has sent, or was told of, and in whose hands it was.

The intake of claims knows a software by its certificate and sees no session: of two who hold the
key, nobody can tell which one sent. So only time tells, and what the finding says of the *rest*:

* from the earliest theft to containment it was the thief, where the rest was the thief's;
* it was the owner all along, where the rest was the owner's and no session of the thief's may be in
  this account;
* else it was one of the two. So it is after containment: a frozen account still sends claims, until
  its certificate is ended.

A claim has the worst of what was done with it, so that each is in one part and only one. No gateway
stands before the intake, and persons send no claims: both have none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntFlag
from typing import NamedTuple

from rempart.domain.claim import Use
from rempart.domain.finding import Finding, Suspect, Whose
from rempart.domain.hands import NOWHERE, Hands, Sessions, hands_of
from rempart.domain.hidden import Hidden
from rempart.domain.ruling import Ruling
from rempart.domain.scope import Verdict


class Back(IntFlag):
    """What is told of a claim that is sent again; of what is in it, nothing."""

    NONE = 0
    KEPT = 1
    """That it is kept, and since when."""
    OUTCOME = 2
    """Whether it is accepted, refused, or left to a person."""
    RULE = 4
    """The rule that it does not keep."""
    OWED = 8
    """What the insurer owes."""


def back(use: Use, ruling: Ruling | None, rule: str) -> Back:
    """What a sender is told of a claim that stands like this."""
    if ruling is None:
        return Back.KEPT
    told = Back.KEPT | Back.OUTCOME | (Back.RULE if rule else Back.NONE)
    owes = ruling is Ruling.HONOURED and use is not Use.VERIFICATION
    return told | Back.OWED if owes else told


class Doing(NamedTuple):
    """A claim was sent, or sent again and ``told``: when (microseconds), and what was told."""

    at: int
    told: bool
    shown: Back = Back.NONE


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Inside(Hidden):
    """What is in a claim, as far as a breach is told of it: no code of a card, nobody's name.

    ``domains`` has one bit per code; ``rests`` is a word; ``entry`` is the place of the answer in
    the ledger, where it rests on one; ``asked`` in cents.
    """

    amc: int
    care: date
    domains: int
    rests: str
    entry: int | None
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """A claim by its number, and what an account did with it, in what makes its verdict.

    ``told`` is how often it was told again; ``late`` says that all of it came after containment.
    ``ruling``, ``rule`` and ``owed`` (cents) are as it stands now; ``inside`` is none where it was
    not opened.
    """

    number: int
    account: int
    use: Use
    verdict: Verdict
    sent: bool
    told: int
    shown: Back
    late: bool
    first: int
    last: int
    ruling: Ruling | None
    rule: str
    owed: int
    inside: Inside | None = field(repr=False)


def by_whom(finding: Finding, suspect: Suspect, at: int, sessions: Sessions = NOWHERE) -> Whose:
    """In whose hands an account was that sent a claim, from its earliest theft on; ``sessions`` are
    the accounts of those that the finding names.
    """
    if hands_of(finding, suspect, sessions) is Hands.OWNERS:
        return Whose.OWNER
    if suspect.rest is Whose.THIEF and at <= suspect.contained:
        return Whose.THIEF
    return Whose.UNKNOWN


def worst(
    finding: Finding, suspect: Suspect, doings: Iterable[Doing], sessions: Sessions = NOWHERE
) -> tuple[Verdict, Sequence[Doing]] | None:
    """The verdict on a claim, and the doings that make it; none where all was before the theft."""
    judged = [
        (by_whom(finding, suspect, each.at, sessions), each)
        for each in doings
        if each.at >= suspect.stolen
    ]
    if not judged:
        return None
    whose = max(each for each, _ in judged)
    return Verdict(whose), [each for by, each in judged if by is whose]
