"""What an answer about somebody is to the incidents that they hear of.

By the rule of the scope (``domain/scope.py``), of the finding that stands: read by the thief, by
the owner, or in doubt. An account that was frozen, and of which no finding speaks yet, or of an
earlier theft alone, is being looked into: nobody is told that they are not concerned.

A finding from before the ledger held whose its sessions are clears nobody within its time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from rempart.domain.disclosure import Entry
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import NEVER, Finding, Suspect, Whose
from rempart.domain.incident import Found, Incident
from rempart.domain.incident_words import Did, Outcome, Rest
from rempart.domain.scope import outside, whose
from rempart.domain.stated_finding import stated, suspects_of


class Concern(IntEnum):
    """What is known of one answer, the worse the higher."""

    CLEARED = 1
    """By the owner of an account that was stolen: at another time, in another session, or on what
    a thief with a list cannot show.
    """
    LOOKED_INTO = 2
    UNDECIDED = 3
    BREACHED = 4


OF = {
    Whose.OWNER: Concern.CLEARED,
    Whose.UNKNOWN: Concern.UNDECIDED,
    Whose.THIEF: Concern.BREACHED,
}


def is_told(incident: Incident, *, sandbox: bool) -> bool:
    """Whether whom it is about hears of it: no exercise, and not dismissed."""
    return incident.exercise is sandbox and incident.outcome in {None, Outcome.BREACH}


@dataclass(frozen=True, slots=True)
class Told:
    """An incident that is told, its finding taken apart once for many answers: ``suspects`` by
    number, and until when (microseconds) other accounts are ``doubted``.
    """

    incident: Incident
    finding: Finding | None = field(repr=False)
    suspects: Mapping[int, Suspect] = field(repr=False)
    doubted: Mapping[int, int] = field(repr=False)

    def concern(self, entry: Entry, number: int) -> Concern | None:
        """What it says of an answer of this account (its number), if anything."""
        said = self._judged(entry, number), self._looked_into(entry, number)
        return max((each for each in said if each is not None), default=None)

    def _judged(self, entry: Entry, number: int) -> Concern | None:
        if self.finding is not None:
            return _judged(entry, self.suspects.get(number), self.finding)
        found = self.incident.found
        return None if found is None else self._unnamed(entry, number, found)

    def _unnamed(self, entry: Entry, number: int, found: Found) -> Concern | None:
        suspect = self.suspects.get(number)
        if suspect is None:
            ends = found.earliest, found.contained or entry.at
            within = found.gateway and ends[0] <= entry.at <= ends[1]
            return Concern.UNDECIDED if within else None
        if outside(suspect, entry.at):
            return None
        return Concern.BREACHED if found.rest is Rest.THIEF else Concern.UNDECIDED

    def _looked_into(self, entry: Entry, number: int) -> Concern | None:
        return Concern.LOOKED_INTO if entry.at <= self.doubted.get(number, -1) else None


def told_of(incident: Incident) -> Told:
    """An incident, to be told of answers."""
    finding = stated(incident)
    found = incident.found
    suspects = finding.suspects if finding else suspects_of(incident, found) if found else ()
    numbered = {each.number: each for each in suspects}
    return Told(incident, finding, numbered, doubted=_doubted(incident, numbered))


def _doubted(incident: Incident, suspects: Mapping[int, Suspect]) -> dict[int, int]:
    """Accounts that were frozen since the last finding, each until it was given back; of an
    incident that is open. One that the finding names is so where it has it contained before: it
    speaks of another theft.
    """
    last = max((each.ref for each in incident.said(Did.FINDING)), default=-1)
    doubted: dict[int, int] = {}
    for each in () if incident.closed else incident.frozen:
        named = suspects.get(each.account)
        if each.ref > last and (named is None or named.contained < each.at):
            until = each.until or NEVER
            doubted[each.account] = max(until, doubted.get(each.account, until))
    return doubted


def concern_of(entry: Entry, number: int, incidents: Iterable[Told]) -> Concern | None:
    """The worst that incidents say of an answer of this account, if one says anything."""
    said = (each.concern(entry, number) for each in incidents)
    return max((each for each in said if each is not None), default=None)


def _judged(entry: Entry, suspect: Suspect | None, finding: Finding) -> Concern | None:
    try:
        by = whose(finding, suspect, entry)
    except MalformedIdentifier:
        # The ledger contradicts the finding: no scope follows from it, and nobody is cleared.
        return Concern.UNDECIDED
    return None if by is None else OF[by]
