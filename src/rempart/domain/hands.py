"""In whose hands accounts were, by a finding: surely in somebody else's, perhaps, or in none.

* *surely*: a session of the thief's is in it, or what no session is named in was the thief's;
* *perhaps*: nobody can tell thief from owner there, as with an honest owner whom the guard stopped;
* its owner's alone: the rest is the owner's, and no session of the thief's may be in it.

Whose accounts the named sessions are, the ledger tells. One that it does not tell of may be of any
account, and of a finding that has one account alone it is of that one. What passed through a
gateway was read on its way: nobody used the accounts for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from rempart.domain.finding import NEVER, Finding, Suspect, Whose, Window

Sessions = Mapping[bytes, int]
"""Accounts, by number, of sessions that a finding names."""
NOWHERE: Sessions = MappingProxyType({})


class Hands(IntEnum):
    """Whether somebody else used an account."""

    OWNERS = 1
    PERHAPS = 2
    SURELY = 3


@dataclass(frozen=True, slots=True)
class InHands:
    """Accounts of a finding by their numbers, and the windows of a gateway; none is in two."""

    surely: tuple[int, ...] = field(repr=False)
    perhaps: tuple[int, ...] = field(repr=False)
    gateway: tuple[Window, ...] = field(repr=False)
    one_of: bool
    """Whether some session is the thief's, and no ledger tells at which of these accounts."""
    ended: bool
    """Whether nothing can be read any more, as far as was found."""

    @property
    def theft(self) -> bool:
        """Whether somebody else was there for sure: at an account, or at a gateway."""
        return bool(self.surely or self.gateway or self.one_of)


def hands_of(finding: Finding, suspect: Suspect, sessions: Sessions) -> Hands:
    """Of one account."""
    his = {sessions.get(each, 0) for each in finding.thief}
    alone = bool(his) and len(finding.suspects) == 1
    if suspect.rest is Whose.THIEF or suspect.number in his or alone:
        return Hands.SURELY
    return Hands.OWNERS if suspect.rest is Whose.OWNER and 0 not in his else Hands.PERHAPS


def in_hands(finding: Finding, sessions: Sessions) -> InHands:
    """Of all of them."""
    of = {each.number: hands_of(finding, each, sessions) for each in finding.suspects}
    return InHands(
        surely=tuple(number for number in sorted(of) if of[number] is Hands.SURELY),
        perhaps=tuple(number for number in sorted(of) if of[number] is Hands.PERHAPS),
        gateway=tuple(sorted(finding.gateway)),
        one_of=bool(finding.thief) and Hands.SURELY not in of.values(),
        ended=finding.span[1] != NEVER,
    )


def whose_deed(finding: Finding, number: int, sessions: Sessions) -> Whose:
    """Whose a deed is that was done meanwhile: no session stands beside a deed in the ledger."""
    suspect = next((each for each in finding.suspects if each.number == number), None)
    if suspect is None:
        return Whose.UNKNOWN
    if suspect.rest is Whose.THIEF:
        return Whose.THIEF
    owners = hands_of(finding, suspect, sessions) is Hands.OWNERS
    return Whose.OWNER if owners else Whose.UNKNOWN
