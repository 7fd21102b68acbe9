"""From pseudonyms to persons: whoever was read in two months is one, by the insurer's handle.

This is the reference of what the SQL text does: ``tests/spec/test_dossiers.py`` holds both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rempart.domain.disclosure import Fields
from rempart.domain.scope import Facts, Verdict, Who


class Of(NamedTuple):
    """A person of an insurer: by handle, or by pseudonym where no handle is known any more."""

    amc: int
    handle: bytes
    who: Who | None

    def __repr__(self) -> str:
        return "Of(…)"


@dataclass(slots=True)
class Affected:
    """What was answered about one person, in all answers that make their verdict.

    ``pseudonyms`` counts those they had, of whichever verdict.
    """

    verdict: Verdict
    fields: Fields = Fields.NONE
    domains: int = 0
    presences: int = 0
    accounts: set[int] = field(default_factory=set)
    first: int = 0
    last: int = 0
    answers: int = 0
    entry: int = 0
    pseudonyms: int = 0

    def __repr__(self) -> str:
        return "Affected(…)"

    def take(self, facts: Facts) -> None:
        """One more pseudonym of theirs."""
        self.pseudonyms += 1
        if facts.verdict > self.verdict:
            self._again(facts.verdict)
        if facts.verdict < self.verdict:
            return
        fresh = not self.answers
        self.fields |= facts.fields
        self.domains |= facts.domains
        self.presences |= facts.presences
        self.accounts |= facts.accounts
        self.first = facts.first if fresh else min(self.first, facts.first)
        self.entry = facts.entry if fresh else min(self.entry, facts.entry)
        self.last = max(self.last, facts.last)
        self.answers += facts.answers

    def _again(self, verdict: Verdict) -> None:
        """Start again from nothing, under a worse verdict."""
        self.verdict, self.fields, self.accounts = verdict, Fields.NONE, set()
        self.domains = self.presences = self.first = self.last = self.answers = self.entry = 0


def named(
    people: Iterable[tuple[Who, Facts]], handles: Mapping[tuple[int, bytes], bytes]
) -> dict[Of, Affected]:
    """Persons of a scope who are not cleared; ``handles`` by key period and pseudonym."""
    persons: dict[Of, Affected] = {}
    for who, facts in people:
        if facts.verdict is Verdict.CLEARED:
            continue
        handle = handles.get((who.period, who.person), b"")
        of = Of(who.amc, handle, None if handle else who)
        persons.setdefault(of, Affected(facts.verdict)).take(facts)
    return persons
