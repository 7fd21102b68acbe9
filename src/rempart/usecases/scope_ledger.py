"""Scope a breach: who was read, of a finding and the ledger alone.

(1) the finding does not contradict itself;
(2) the entries are gathered, and are what the checkpoint signs; what is missing is a hole;
(3) everything that the accounts asked is judged, by one SQL text; the ledger may contradict the
    finding, which is then refused;
(4) everybody is in one part and only one: breached, undecided and cleared are together as many as
    the people who were answered about, counted apart;
(5) it is written down with the checkpoint, the ranges and the holes, so that anybody who has the
    same entries makes it again (``recompute``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

import msgspec

from rempart.domain.errors import IntegrityBroken
from rempart.domain.finding import Finding
from rempart.domain.scope import Hole, clears
from rempart.tlog.checkpoint import Checkpoint
from rempart.tlog.note import NoteVerifier
from rempart.usecases.gather_ranges import Gathered, GatherRanges, Read, last_note, opened_note
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.retain_days import TERM
from rempart.usecases.scope_check import Verified, check_against
from rempart.usecases.scope_file import (
    AttemptSaid,
    HoleSaid,
    InsurerSaid,
    RangeRead,
    ScopeFile,
    finding_in,
)
from rempart.usecases.scope_ports import Heard, Judged, ScopeEngine, Step
from rempart.usecases.segment_ports import SegmentShelf
from rempart.usecases.verify_days import DaysReport, VerifyDays


@dataclass(frozen=True, slots=True)
class ScopeLedger:
    """The scoping; ``ledger`` is the open ledger, or none where it cannot be reached; ``heard``
    hears how far it is.
    """

    shelf: SegmentShelf
    ledger: LedgerView | None
    engine: ScopeEngine
    key: NoteVerifier
    heard: Heard = lambda _step, _done, _of: None

    def __call__(
        self, finding: Finding, *, number: int, now: int, exercise: bool = False
    ) -> ScopeFile:
        """The scope under this number, at the last checkpoint; ``now`` is in microseconds. That of
        an ``exercise`` says so, and its list on every line.

        Raises:
            MalformedIdentifier: the finding contradicts itself, or the ledger it.
            IntegrityBroken: the entries are not what was signed.
            Refusal: there is nothing to scope.
        """
        finding.check(now)  # (1)
        report = self._verified()
        gathered = self._gather(report, note := self._last(report), now)
        return self._scope(finding, gathered, note, number, exercise=exercise)

    def recompute(self, said: ScopeFile, *, now: int) -> Verified:
        """The same again, at the checkpoint of ``said``: it is as it was said, or this raises. Its
        number, and who has moved, follow from the scope before, which is not looked at here.

        Raises:
            IntegrityBroken: another scope comes out, or the entries are not what was signed.
            MalformedIdentifier: the finding contradicts itself, or the ledger it.
        """
        finding = finding_in(said)
        finding.check(now)
        report = self._verified()
        gathered = self._gather(report, said.checkpoint, now)
        again = self._scope(finding, gathered, said.checkpoint, said.number, exercise=said.exercise)
        size = self._opened(said.checkpoint).size
        return check_against(said, again, report.days, size=size)

    def _last(self, report: DaysReport) -> str:
        return last_note(report, self.ledger)

    def _verified(self) -> DaysReport:
        done, of = count(1), len(self.shelf.notes())
        return VerifyDays(self.shelf, self.key)(
            told=lambda _: self.heard(Step.VERIFIED, next(done), of)
        )

    def _gather(self, report: DaysReport, note: str, now: int) -> Gathered:
        checkpoint = self._opened(note)
        told = partial(self._gathered, of=checkpoint.size)
        gather = GatherRanges(self.shelf, self.ledger, self.engine, term=now - TERM, told=told)
        return gather(report, checkpoint)  # (2)

    def _gathered(self, done: int, *, of: int) -> None:
        self.heard(Step.GATHERED, done, of)

    def _scope(
        self, finding: Finding, gathered: Gathered, note: str, number: int, *, exercise: bool
    ) -> ScopeFile:
        checkpoint = self._opened(note)
        clear = clears(finding, gathered.holes)
        judged = self.engine.judge(  # (3)
            gathered.days, finding, size=checkpoint.size, clears=clear, exercise=exercise
        )
        if judged.people != judged.persons:  # (4)
            raise IntegrityBroken("the parts of the scope are not as many as the people")
        said = _said(finding, gathered, judged, note=note, clear=clear, number=number)  # (5)
        return msgspec.structs.replace(said, exercise=exercise)

    def _opened(self, note: str) -> Checkpoint:
        return opened_note(note, self.key)


def _said(
    finding: Finding, gathered: Gathered, judged: Judged, *, note: str, clear: bool, number: int
) -> ScopeFile:
    breached, undecided, cleared = (sum(part) for part in zip(*_parts(judged), strict=True))
    return ScopeFile(
        number=number,
        finding=finding.to_json(),
        finding_digest=finding.digest.hex(),
        checkpoint=note,
        ranges=tuple(_range(each) for each in gathered.ranges),
        holes=tuple(_hole(each) for each in gathered.holes),
        clears=clear,
        people=judged.people,
        breached=breached,
        undecided=undecided,
        cleared=cleared,
        insurers=tuple(InsurerSaid(f"{amc:08d}", *parts) for amc, *parts in judged.insurers),
        attempts=tuple(
            AttemptSaid(each.whose.name.lower(), each.outcome.name.lower(), count)
            for each, count in judged.attempts
        ),
        unopened={whose.name.lower(): count for whose, count in judged.unopened},
        canaries={whose.name.lower(): count for whose, count in judged.canaries},
        unmet=tuple(sorted(s.hex() for s in finding.named - judged.met)),
        list=judged.digest.hex(),
        silent=tuple(sorted({each.number for each in finding.suspects} - judged.asked)),
    )


def _parts(judged: Judged) -> Sequence[tuple[int, int, int]]:
    return [(0, 0, 0), *((each.breached, each.undecided, each.cleared) for each in judged.insurers)]


def _range(read: Read) -> RangeRead:
    if read.closed is None:
        return RangeRead(read.first, read.end)
    return RangeRead(read.first, read.end, read.closed.name, read.closed.digest.hex())


def _hole(hole: Hole) -> HoleSaid:
    return HoleSaid(*hole)
