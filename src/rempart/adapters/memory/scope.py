"""A scope judged in memory: the reference of ``ScopeEngine``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from rempart.adapters.memory.questions import MemoryEntries
from rempart.domain.disclosure import EntryType, decode, question_detail
from rempart.domain.finding import Finding
from rempart.domain.scope import Asked, Hole, Verdict, scope_of
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.scope_list import lines
from rempart.usecases.scope_ports import Judged, OfInsurer

ANY_TIME = Hole(0, 0, 0, 2**62)
WORST_FIRST = (Verdict.BREACHED, Verdict.UNDECIDED, Verdict.CLEARED)
QUESTIONS = frozenset({EntryType.QUESTION, EntryType.REPEAT})


@dataclass(slots=True)
class MemoryScope(MemoryEntries):
    """Everything in lists; ``made`` is the list of people."""

    made: str = field(default="", repr=False)

    def judge(
        self,
        days: Sequence[str],
        finding: Finding,
        *,
        size: int,
        clears: bool,
        exercise: bool = False,
    ) -> Judged:
        """Judge what the accounts of the finding asked."""
        stored = self.stored(days, size)
        asked = [_asked(each) for each in stored if each.body is not None]
        scope = scope_of(asked, finding, () if clears else (ANY_TIME,))
        text = "".join(lines(scope.people, exercise=exercise))
        self.made = text
        counted = Counter((who.amc, facts.verdict) for who, facts in scope.people.items())
        return Judged(
            insurers=[
                OfInsurer(amc, *(counted[amc, verdict] for verdict in WORST_FIRST))
                for amc in sorted({amc for amc, _ in counted})
            ],
            attempts=sorted(scope.attempts.items()),
            unopened=sorted(scope.unopened.items()),
            canaries=sorted(scope.canaries.items()),
            met=frozenset(scope.seen & finding.named),
            asked=frozenset(scope.asked & {each.number for each in finding.suspects}),
            digest=sha256(text.encode()).digest(),
            people=len(scope.people),
            persons=len(scope.people),
        )


def _asked(stored: StoredEntry) -> Asked:
    assert stored.body is not None
    entry = decode(stored.body)
    number = question_detail(stored.detail or b"").software if entry.type in QUESTIONS else 0
    return Asked(stored.index, entry, number)
