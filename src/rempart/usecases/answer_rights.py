"""Answer all the questions that arrived together.

(1) who is calling, and whether this kind of site may ask this;
(2) find the sealed records by keyed index, in one reading;
(3) append an entry for every question and commit: before this line nothing has been opened;
(4) open with what the patient brought;
(5) compute: rights on the date of care, as known now.

Refused, missed and over-budget questions leave entries too. An entry says what is known when it is
appended; if opening then fails, an ``UNOPENED`` entry cites it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from rempart.domain.budget import DAY
from rempart.domain.coverage import InForce, decode_record, rights_on
from rempart.domain.days import days_of
from rempart.domain.disclosure import (
    CARE_DATE_UNKNOWN,
    CITES_NOTHING,
    EPOCH,
    NOBODY,
    Entry,
    EntryType,
    Fields,
    Outcome,
    QuestionDetail,
    encode,
)
from rempart.domain.errors import KeyMissing, MalformedRecord, TemporarilyUnavailable
from rempart.domain.retries import First, Retries
from rempart.sealing.errors import SealBroken
from rempart.sealing.locks import CARD, find_of, open_box
from rempart.sealing.outer import index_of, open_outer
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.messages import Answered, Ask, Refused, Reply
from rempart.usecases.open_session import OpenSession, Session
from rempart.usecases.ports import Chance, Guard, LockRow, RightsSource
from rempart.usecases.pseudonyms import PERSON, QUESTION, RETRY, Pseudonyms, pseudonym
from rempart.usecases.read_question import QuestionReader, Read
from rempart.usecases.rights_keys import RightsKeys

CARE_OFFSET_MAX = 2**15 - 1


@dataclass(slots=True)
class Case:
    """One question on its way."""

    place: int
    ask: Ask = field(repr=False)
    session: Session = field(repr=False)
    read: Read = field(repr=False)
    retry: bytes = field(repr=False)
    question: bytes = field(repr=False)
    find: bytes = field(default=b"", repr=False)
    indexes: tuple[bytes, ...] = ()
    row: LockRow | None = field(default=None, repr=False)
    person: bytes = NOBODY
    first: First | None = None


@dataclass(slots=True)
class AnswerRights:
    """The batch. ``guard`` and ``retries`` are folds over the ledger, rebuilt at start."""

    sessions: OpenSession
    reader: QuestionReader
    rights: RightsSource
    keys: RightsKeys
    ledger: KeepLedger
    pseudonyms: Pseudonyms
    guard: Guard
    retries: Retries
    chance: Chance

    def __call__(self, asks: Sequence[Ask]) -> list[Reply]:
        """One reply a question, in order.

        Raises:
            Fenced: another vault has taken over; this one must stop.
            LedgerBroken: the ledger no longer agrees with what was signed.
        """
        try:
            now = self.ledger.stamp()
            return self._answer(asks, now)
        except TemporarilyUnavailable:
            return [Refused("unavailable")] * len(asks)

    def _answer(self, asks: Sequence[Ask], now: int) -> list[Reply]:
        today = date.fromordinal(EPOCH.toordinal() + now // DAY)
        replies: list[Reply] = [Refused("not-signed-in")] * len(asks)
        cases = self._receive(asks, now, today)
        if cases:
            self._find(cases, today)
            first = self._append(cases, now, today)
            replies_of = self._open_all(cases, first, today)
            for case, reply in zip(cases, replies_of, strict=True):
                replies[case.place] = reply
        return replies

    def _receive(self, asks: Sequence[Ask], now: int, today: date) -> list[Case]:
        """(1) Who is calling, what do they ask, and may they."""
        period, key = self.pseudonyms.key(now)
        cases = []
        for place, ask in enumerate(asks):
            session = self.sessions.caller(ask.token, ask.certificate, now)
            if session is None:
                continue
            session.under(period, key)
            cases.append(
                Case(
                    place=place,
                    ask=ask,
                    session=session,
                    read=self.reader(ask, kind=session.site.kind, today=today),
                    retry=pseudonym(key, RETRY, session.account_as + ask.key.encode()),
                    question=pseudonym(key, QUESTION, question_bytes(ask)),
                )
            )
        return cases

    def _find(self, cases: Sequence[Case], today: date) -> None:
        """(2) The sealed record of each question, where there is exactly one."""
        index_keys = self.keys.index.values()
        for case in cases:
            read = case.read
            if read.outcome is Outcome.NONE:
                case.find = find_of(read.secret)
                amc = b"%08d" % read.amc
                case.indexes = tuple([index_of(x, amc, read.kind, case.find) for x in index_keys])
        wanted = [index for case in cases for index in case.indexes]
        if not wanted:
            return
        found: dict[bytes, list[LockRow]] = {}
        for row in self.rights.find(wanted):
            found.setdefault(row.keyed, []).append(row)
        for case in cases:
            rows = [row for index in case.indexes for row in found.get(index, ())]
            case.row = the_one(rows, typed=case.read.kind != CARD, today=today)

    def _append(self, cases: Sequence[Case], now: int, today: date) -> int:
        """(3) One entry a question, weighed in order, made durable together."""
        period, key = self.pseudonyms.key(now)
        drafts = []
        for index, case in enumerate(cases, start=self.ledger.size):
            if case.row is not None:
                case.person = pseudonym(key, PERSON, case.row.handle)
            self._judge(case, now)
            drafts.append(self._draft(case, index, period, now, today))
        return self.ledger.append(drafts, at=now)

    def _judge(self, case: Case, now: int) -> None:
        """What the entry will say: decided from the question, the row and the folds alone."""
        read = case.read
        case.first = self.retries.first(case.retry, at=now)
        if case.first is not None and case.first.question != case.question:
            case.first = None
            read.refuse(Outcome.KEY_REUSED, "key-reused")
        elif case.first is not None and read.outcome is Outcome.NONE:
            if case.first.outcome is Outcome.OVER_BUDGET:
                read.refuse(Outcome.OVER_BUDGET, "over-budget")
            elif case.first.outcome is Outcome.MISSED:
                case.row = None
        if read.outcome is Outcome.NONE and case.row is None:
            read.refuse(Outcome.MISSED, "card-not-known" if read.kind == CARD else "read-the-card")

    def _draft(
        self, case: Case, index: int, period: int, now: int, today: date
    ) -> tuple[bytes, bytes]:
        detail = QuestionDetail(
            salt=self.chance.draw(16),
            retry=case.retry,
            question=case.question,
            care_offset=care_offset(case.read.care_date, today),
            software=case.session.software.number,
        ).encode()
        entry = self._entry(case, period, now, hashlib.sha256(detail).digest())
        self.guard.absorb(entry)
        if case.first is None and entry.outcome is not Outcome.KEY_REUSED:
            self.retries.note(case.retry, First(index, case.question, entry.outcome), at=now)
        return encode(entry), detail

    def _entry(self, case: Case, period: int, now: int, digest: bytes) -> Entry:
        """The entry of a question, once the budget has been asked where it matters."""
        session, read, first = case.session, case.read, case.first
        opened = read.outcome is Outcome.NONE
        entry = Entry(
            EntryType.QUESTION if first is None else EntryType.REPEAT,
            period,
            now,
            case.person,
            session.account_as,
            session.site_as,
            session.session_as,
            read.amc,
            read.domain or 0,
            read.presence,
            Outcome.OPENED if opened else read.outcome,
            Fields.RIGHTS if opened else Fields.NONE,
            CITES_NOTHING if first is None else first.index,
            digest,
        )
        weighed = first is None and (opened or read.outcome is Outcome.MISSED)
        if not weighed or self.guard.bears(entry, cap=session.cap):
            return entry
        # A miss past the budget reads like a hit past the budget: guessing learns nothing.
        read.refuse(Outcome.OVER_BUDGET, "over-budget")
        return entry._replace(outcome=Outcome.OVER_BUDGET, fields=Fields.NONE)

    def _open_all(self, cases: Sequence[Case], first: int, today: date) -> list[Reply]:
        """(4), (5) Open what was committed; say so in the ledger where it fails."""
        replies: list[Reply] = []
        for index, case in enumerate(cases, start=first):
            if case.read.outcome is not Outcome.NONE:
                replies.append(Refused(case.read.reason, case.read.detail))
                continue
            try:
                replies.append(self._open(case, index, today))
            except (SealBroken, MalformedRecord, KeyMissing):
                self.ledger.act(
                    EntryType.UNOPENED, {}, cites=index, account=case.session.account_as
                )
                replies.append(Refused("unopened"))
        return replies

    def _open(self, case: Case, index: int, today: date) -> Answered:
        row, read = case.row, case.read
        assert row is not None
        assert read.domain is not None
        assert read.care_date is not None
        serial = row.serial.to_bytes(4, "big")
        find, box = open_outer(
            self.keys.outer(row.amc, row.key_version),
            row.stored,
            handle=row.handle,
            kind=row.kind,
            serial=serial,
            ends=days_of(row.ends),
            key_version=row.key_version,
        )
        if find != case.find:
            raise SealBroken("the row is not the one that was asked")
        record = decode_record(
            open_box(
                read.secret,
                box,
                amc=b"%08d" % row.amc,
                handle=row.handle,
                kind=row.kind,
                serial=serial,
            )
        )
        rights = rights_on(
            record,
            domain=read.domain,
            care_date=read.care_date,
            known_at=today,
            card_ends=row.ends,
        )
        reference = index if case.first is None else case.first.index
        repeated = case.first is not None
        if not isinstance(rights, InForce):
            return Answered(reference, False, "", "", repeated)
        until = rights.until.isoformat() if rights.until else ""
        return Answered(reference, True, until, rights.mode.printed, repeated)


def question_bytes(ask: Ask) -> bytes:
    """The question and its presence, as bytes that two different questions never share."""
    return msgspec.msgpack.encode((ask.domain, ask.care_date, ask.shown))


def the_one(rows: Sequence[LockRow], *, typed: bool, today: date) -> LockRow | None:
    """The only row, or nothing: two people under one index are as good as none.

    Knowledge ends with its lock; a signed code still proves the rights of days gone by.
    """
    if typed:
        rows = [row for row in rows if row.ends is None or today <= row.ends]
    if len(rows) == 1:
        return rows[0]
    return None


def care_offset(care_date: date | None, today: date) -> int:
    """Days from today to the date of care, where it was readable and near."""
    if care_date is None or abs(offset := (care_date - today).days) > CARE_OFFSET_MAX:
        return CARE_DATE_UNKNOWN
    return offset
