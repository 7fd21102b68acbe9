"""Answer an insurer's request: what was read about each of these people, in the last twelve months.

By each month's pseudonym of their handle, at this insurer and at no other: a handle of somebody
else's has nothing here. The opening stands in the ledger already (``open_access``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rempart.domain.access import TOLD_BACK
from rempart.domain.concerned import Told, concern_of
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import EntryType, Fields, Presence, question_detail
from rempart.domain.person import told
from rempart.domain.site import KINDS
from rempart.usecases.access_answer import AccessAnswer, OfPerson, Reading
from rempart.usecases.access_request import AccessRequest
from rempart.usecases.keep_ledger import Kept, kept_of
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.pseudonyms import PERSON, Pseudonyms


class ByPerson(Protocol):
    """Entries by whom they are about: as ``LedgerStore`` finds them, in one moment."""

    def of_persons(self, persons: Sequence[bytes]) -> Sequence[StoredEntry]:
        """What was opened about these (18 bytes each), by ascending index."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerAccess:
    """``incidents`` are those that whom they are about hears of; ``size`` is that of the ledger."""

    ledger: ByPerson
    pseudonyms: Pseudonyms
    incidents: Sequence[Told] = field(repr=False)
    size: int
    now: int

    def __call__(self, request: AccessRequest, digest: str) -> AccessAnswer:
        """The answer to a request, its people in their order.

        Raises:
            TemporarilyUnavailable: an entry and its detail disagree.
        """
        since, amc = max(self.now - TOLD_BACK, 0), int(request.amc)
        return AccessAnswer(
            amc=request.amc,
            format="rempart/access-answer/1",
            made=self.now,
            people=tuple(self._person(handle, amc, since) for handle in request.handles),
            request=digest,
            since=since,
            size=self.size,
        )

    def _person(self, handle: bytes, amc: int, since: int) -> OfPerson:
        persons = self.pseudonyms.of_every_month(PERSON, handle)
        kept = [
            each
            for each in kept_of(self.ledger.of_persons(persons))
            if each.entry.amc == amc and each.entry.at >= since
        ]
        asked = [each.entry.at for each in kept if each.entry.type is EntryType.HISTORY]
        read = [each for each in kept if each.entry.type is not EntryType.HISTORY]
        return OfPerson(asked=tuple(asked), handle=handle, readings=tuple(map(self._reading, read)))

    def _reading(self, kept: Kept) -> Reading:
        entry, detail = kept.entry, question_detail(kept.detail)
        concern = concern_of(entry, detail.software, self.incidents)
        kind = KINDS.get(detail.kind)
        return Reading(
            at=entry.at,
            domain=told(Domain(entry.domain).name),
            entry=kept.ref,
            fields=tuple(told(str(each.name)) for each in Fields(entry.fields)),
            incident="" if concern is None else told(concern.name),
            kind="" if kind is None else told(kind.name),
            presence=told(Presence(entry.presence).name),
        )
