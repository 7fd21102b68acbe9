"""Place the named sessions of a finding: whose account each is, by what was asked in it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rempart.domain.finding import Finding
from rempart.domain.signs import Entered, seen_of
from rempart.usecases.read_incidents import Case


class ReadsAsked(Protocol):
    """Of ``Evidence``, what is needed here."""

    def asked(self, accounts: Sequence[int], since: int) -> Iterator[Entered]:
        """What these accounts asked from a moment on."""
        ...


def placed(case: Case, finding: Finding, evidence: ReadsAsked) -> Case:
    """The case with the accounts of its finding's sessions. Nothing is read where none is named,
    or where there is one account alone.
    """
    named, accounts = finding.thief | finding.owner, [each.number for each in finding.suspects]
    if not finding.thief or len(accounts) < 2:
        return case
    since, until = finding.span
    found: dict[bytes, int] = {}
    for each in evidence.asked(accounts, since):
        if each.entry.at > until or len(found) == len(named):
            break
        if each.entry.session in named and (seen := seen_of(each)) is not None:
            found[each.entry.session] = seen.account
    return replace(case, sessions=found)
