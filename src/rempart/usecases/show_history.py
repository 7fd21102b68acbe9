"""Show a person what was read about them, and nobody else anything.

(1) the code was made for this, by a phone that their insurer enrolled, to this vault
    (``fresh_codes``, steps 1 to 7);
(2) it is in time, serves for the first time, and its card has not asked too often today;
(3) the card's own lock is found, live, and says whose it is under the insurer's outer key: nothing
    in it is opened;
(4) the entry comes first: that somebody looked stands in the ledger, and in the next answer;
(5) everything that was opened about this person at this insurer, by each month's pseudonym.

Whatever does not hold in (1) to (3), one answer: no caller learns whether a card, a phone or a
person exists. What is refused in (1) and (2) writes nothing, or a stranger could fill the ledger;
what is refused once too often that day writes one line.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rempart.domain.concerned import Told, concern_of, is_told, told_of
from rempart.domain.cutoff import CutOffs, seconds_left
from rempart.domain.cutoff_words import Scope
from rempart.domain.days import days_of
from rempart.domain.disclosure import (
    NOBODY,
    EntryType,
    Outcome,
    Presence,
    question_detail,
)
from rempart.domain.errors import (
    AskYourInsurer,
    CardRefused,
    CutOffStands,
    KeyMissing,
    TemporarilyUnavailable,
)
from rempart.domain.fresh import NO_REQUEST, FreshCodes, FreshUse
from rempart.domain.history import A_DAY, AskedToday, HistoryTags
from rempart.domain.incident import Incidents
from rempart.sealing.errors import SealBroken
from rempart.sealing.fresh import HISTORY
from rempart.sealing.locks import CARD, find_of
from rempart.sealing.outer import index_of, open_outer
from rempart.usecases.answer_rights import the_one
from rempart.usecases.cut_off import CutAndRestore
from rempart.usecases.fresh_codes import FreshShown
from rempart.usecases.history_messages import AskHistory, Disclosed, HistoryShown
from rempart.usecases.keep_ledger import KeepLedger, Kept
from rempart.usecases.ports import LockRow, RightsSource
from rempart.usecases.pseudonyms import (
    FRESH_CODE,
    HISTORY_CARD,
    PERSON,
    Pseudonyms,
    pseudonym,
)
from rempart.usecases.read_question import QuestionReader, day_of
from rempart.usecases.rights_keys import RightsKeys

SECOND = 1_000_000
EVERY = SECOND // 20
"""Microseconds between two histories: on the day of a breach everybody asks, and patients at a
counter still come first."""
SHOWN = 1_000
"""Answers in one reply: they fit a frame."""
ASKED_SHOWN = 20


@dataclass(slots=True)
class ShowHistory:
    """``fresh``, ``asked`` and ``incidents`` are folds over the ledger."""

    reader: QuestionReader
    rights: RightsSource
    keys: RightsKeys
    ledger: KeepLedger
    pseudonyms: Pseudonyms
    cut: CutAndRestore
    fresh: FreshCodes
    asked: AskedToday
    incidents: Incidents
    _last: int = 0

    def __call__(self, wanted: AskHistory) -> HistoryShown:
        """The history of whoever's phone made this code.

        Raises:
            AskYourInsurer: not (1), (2) or (3); never said which.
            CutOffStands: codes of phones are cut, for everybody.
            TemporarilyUnavailable: too many at once, or the ledger is away; nothing was used up.
        """
        now = self.ledger.stamp()
        self.cut.take_in()
        if (cut := _over(self.cut.cut_offs, Scope.PRESENCE, Presence.FRESH, now)) is not None:
            raise CutOffStands(after=cut)
        shown = self._read(wanted.code, now)  # (1)
        asked, times = self._counted(shown, now)  # (2)
        amc = int(shown.card.amc)
        row = self._lock(shown, now) if times < A_DAY else None  # (3)
        outcome = self._outcome(row, amc, times, now)
        self._enter(asked, amc, row if outcome is Outcome.OPENED else None, outcome, now)  # (4)
        if row is None or outcome is not Outcome.OPENED:
            raise AskYourInsurer
        persons = self.pseudonyms.of_every_month(PERSON, row.handle)
        kept = [each for each in self.ledger.of_persons(persons) if each.entry.amc == amc]
        return self._said(kept, before=self.ledger.size - 1)  # (5)

    def _read(self, code: str, now: int) -> FreshShown:
        try:
            return self.reader.phone(code, HISTORY, now)
        except CardRefused:
            raise AskYourInsurer from None

    def _counted(self, shown: FreshShown, now: int) -> tuple[HistoryTags, int]:
        """What stands for this code and its card, and how often the card was asked for today."""
        _, key = self.pseudonyms.key(now)
        code = pseudonym(self.pseudonyms.lasting, FRESH_CODE, shown.once)
        card = pseudonym(key, HISTORY_CARD, shown.card.amc.encode() + shown.card.secret)
        times = self.asked.times(card, at=now)
        if self.fresh.doubt(FreshUse(code, NO_REQUEST, shown.made), at=now) or times > A_DAY:
            raise AskYourInsurer
        if self._last <= now < self._last + EVERY:
            raise TemporarilyUnavailable("too many histories at once")
        self._last = now
        return HistoryTags(code, card), times

    def _lock(self, shown: FreshShown, now: int) -> LockRow | None:
        amc, find = shown.card.amc.encode(), find_of(shown.card.secret)
        indexes = [index_of(key, amc, CARD, find) for key in self.keys.index.values()]
        # As what is typed is found: it ends with its card.
        row = the_one(self.rights.find(indexes), typed=True, today=day_of(now))
        return row if row is not None and self._is_theirs(row, find) else None

    def _is_theirs(self, row: LockRow, find: bytes) -> bool:
        """Whether the outer seal binds this handle to what the phone brought: the database has no
        say in whose history is shown.
        """
        try:
            sealed, _ = open_outer(
                self.keys.outer(row.amc, row.key_version),
                row.stored,
                handle=row.handle,
                kind=row.kind,
                serial=row.serial.to_bytes(4, "big"),
                ends=days_of(row.ends),
                key_version=row.key_version,
            )
        except (SealBroken, KeyMissing):
            return False
        return sealed == find

    def _outcome(self, row: LockRow | None, amc: int, times: int, now: int) -> Outcome:
        if times >= A_DAY:
            return Outcome.OVER_BUDGET
        if _over(self.cut.cut_offs, Scope.INSURER, amc, now) is not None:
            return Outcome.CUT_OFF
        return Outcome.MISSED if row is None or row.amc != amc else Outcome.OPENED

    def _enter(
        self, asked: HistoryTags, amc: int, row: LockRow | None, outcome: Outcome, now: int
    ) -> None:
        _, key = self.pseudonyms.key(now)
        self.ledger.act(
            EntryType.HISTORY,
            asked.codes(),
            amc=amc,
            person=NOBODY if row is None else pseudonym(key, PERSON, row.handle),
            presence=Presence.FRESH,
            outcome=outcome,
        )

    def _said(self, kept: Sequence[Kept], *, before: int) -> HistoryShown:
        incidents = [
            told_of(each)
            for each in self.incidents.all()
            if is_told(each, sandbox=self.incidents.sandbox)
        ]
        asked = [
            each.entry.at // SECOND
            for each in kept
            if each.entry.type is EntryType.HISTORY and each.ref < before
        ]
        answers = [each for each in kept if each.entry.type is not EntryType.HISTORY]
        return HistoryShown(
            answers=tuple(_disclosed(each, incidents) for each in reversed(answers[-SHOWN:])),
            total=len(answers),
            asked=tuple(reversed(asked[-ASKED_SHOWN:])),
        )


def _over(cut_offs: CutOffs, scope: Scope, number: int, now: int) -> int | None:
    """Seconds left of a cut-off that stands over this, 0 where nobody knows; nothing where none."""
    cut = cut_offs.over(iter(((scope, number),)), now)
    return None if cut is None else seconds_left(cut, now)


def _disclosed(kept: Kept, incidents: Sequence[Told]) -> Disclosed:
    entry, detail = kept.entry, question_detail(kept.detail)
    return Disclosed(
        at=entry.at // SECOND,
        kind=detail.kind,
        domain=entry.domain,
        presence=entry.presence,
        fields=entry.fields,
        concern=concern_of(entry, detail.software, incidents) or 0,
    )
