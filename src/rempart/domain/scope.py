"""The scope of a breach: who was read by the thief, who surely was not, who stays in doubt.

An answer is one opened question, or its repeat, of an account of the finding. What could not be
opened is none, and a canary is nobody. Each answer was given to the thief, to the owner (also
before the earliest theft and after containment), or to one of the two. A person has the worst of
their answers' verdicts, so that everybody is in one part and only one.

Where entries are missing that may have been written while an account was stolen, nobody is cleared:
they might have been read in there.

This is the reference of what the SQL text does: ``tests/spec/test_scope.py`` holds both together.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from rempart.domain.disclosure import KEYED, NOBODY, Entry, EntryType, Fields, Outcome
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import Finding, Suspect, Whose


class Verdict(IntEnum):
    """What is known of one person, the worse the higher; as ``Whose`` of the answers."""

    CLEARED = 1
    UNDECIDED = 2
    BREACHED = 3


class Hole(NamedTuple):
    """Entries ``first`` to ``end`` (excluded) are not here; they are of ``since`` to ``until``."""

    first: int
    end: int
    since: int
    until: int


class Who(NamedTuple):
    """A person in a scope: a beneficiary at one insurer, by the pseudonym of one key period."""

    period: int
    amc: int
    person: bytes

    def __repr__(self) -> str:
        return "Who(…)"


class Asked(NamedTuple):
    """An entry of the ledger, its index, and the number of its account; 0 where it has none."""

    ref: int
    entry: Entry
    number: int


@dataclass(slots=True)
class Facts:
    """What was answered about one person, in the answers that make their verdict.

    ``domains`` and ``presences`` have one bit per code; times in microseconds; ``entry`` is the
    index of the first of them, which can be proven.
    """

    verdict: Verdict
    fields: Fields = Fields.NONE
    domains: int = 0
    presences: int = 0
    accounts: frozenset[int] = frozenset()
    first: int = 0
    last: int = 0
    answers: int = 0
    entry: int = 0

    def take(self, asked: Asked) -> None:
        """One more answer of this verdict."""
        entry = asked.entry
        self.fields |= entry.fields
        self.domains |= 1 << entry.domain
        self.presences |= 1 << entry.presence
        self.accounts |= {asked.number}
        if not self.answers:
            self.first, self.entry = entry.at, asked.ref
        self.last = max(self.last, entry.at)
        self.answers += 1


class Attempt(NamedTuple):
    """What was asked in vain: by whom, and what became of it."""

    whose: Whose
    outcome: Outcome


@dataclass(slots=True)
class Scope:
    """The answer. ``unopened`` were committed and not opened; ``canaries`` are nobody."""

    people: dict[Who, Facts] = field(default_factory=dict, repr=False)
    attempts: Counter[Attempt] = field(default_factory=Counter)
    unopened: Counter[Whose] = field(default_factory=Counter)
    canaries: Counter[Whose] = field(default_factory=Counter)
    seen: set[bytes] = field(default_factory=set, repr=False)
    asked: set[int] = field(default_factory=set, repr=False)


def outside(suspect: Suspect, at: int) -> bool:
    """Whether the account was its owner's alone at a moment."""
    return not suspect.stolen <= at <= suspect.contained


def whose(finding: Finding, suspect: Suspect | None, entry: Entry) -> Whose | None:
    """Who asked; nobody that the finding is about, where it names neither account nor moment.

    A thief goes on asking in vain after containment; what was answered then contradicts it.

    Raises:
        MalformedIdentifier: the thief's session was answered at a time when there was no thief:
            the finding contradicts the ledger.
    """
    if finding.passed(entry.at):
        return Whose.THIEF
    if suspect is None:
        return None
    if entry.session in finding.thief:
        if outside(suspect, entry.at) and entry.outcome is Outcome.OPENED:
            raise contradicted(suspect.number, early=entry.at < suspect.stolen)
        return Whose.THIEF
    if outside(suspect, entry.at):
        return Whose.OWNER
    if entry.session in finding.owner:
        return Whose.OWNER
    keyed = entry.session in finding.keyed and entry.presence in KEYED
    return Whose.OWNER if keyed else suspect.rest


def contradicted(number: int, *, early: bool) -> MalformedIdentifier:
    """How a finding is refused that the ledger contradicts."""
    when = "before the earliest theft" if early else "after containment"
    rule = f"one was answered {when} of account {number}: move that moment, or the session"
    return MalformedIdentifier("sessions, thief", rule)


def clears(finding: Finding, holes: Sequence[Hole]) -> bool:
    """Whether anybody can be cleared: no entry is missing of the time of a theft."""
    spans = [(each.stolen, each.contained) for each in finding.suspects]
    spans += [(window.since, window.until) for window in finding.gateway]
    return not any(
        hole.since <= until and since <= hole.until for hole in holes for since, until in spans
    )


def scope_of(entries: Iterable[Asked], finding: Finding, holes: Sequence[Hole] = ()) -> Scope:
    """Judge everything that the accounts of a finding asked, by ascending index.

    Raises:
        MalformedIdentifier: the ledger contradicts the finding.
    """
    suspects = {each.number: each for each in finding.suspects}
    everything, scope = list(entries), Scope()
    spoilt = _spoilt(everything)
    for asked in everything:
        if asked.entry.type not in {EntryType.QUESTION, EntryType.REPEAT}:
            continue
        by = whose(finding, suspects.get(asked.number), asked.entry)
        if by is None:
            continue
        scope.seen.add(asked.entry.session)
        scope.asked.add(asked.number)
        _judge(scope, asked, by, spoilt.get(asked.ref))
    if not clears(finding, holes):
        for facts in scope.people.values():
            facts.verdict = max(facts.verdict, Verdict.UNDECIDED)
    return scope


def _spoilt(entries: Iterable[Asked]) -> dict[int, EntryType]:
    """What other entries say of a question: that it was not opened, or was a canary."""
    spoilt: dict[int, EntryType] = {}
    for _, entry, _ in entries:
        if entry.type in {EntryType.UNOPENED, EntryType.CANARY}:
            spoilt[entry.cites] = max(entry.type, spoilt.get(entry.cites, entry.type))
    return spoilt


def _judge(scope: Scope, asked: Asked, by: Whose, spoilt: EntryType | None) -> None:
    entry = asked.entry
    if entry.outcome is not Outcome.OPENED:
        scope.attempts[Attempt(by, entry.outcome)] += 1
    elif spoilt is EntryType.UNOPENED:
        scope.unopened[by] += 1
    elif spoilt is EntryType.CANARY:
        scope.canaries[by] += 1
    elif entry.person != NOBODY:
        who, verdict = Who(entry.period, entry.amc, entry.person), Verdict(by)
        facts = scope.people.get(who)
        if facts is None or verdict > facts.verdict:
            facts = scope.people[who] = Facts(verdict)
        if verdict == facts.verdict:
            facts.take(asked)
