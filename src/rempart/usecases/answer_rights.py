"""Answer all the questions that arrived together.

(1) who is calling, whether their account stands, and whether this kind of site may ask this;
    what is sealed is unsealed, and what should have been is refused;
(2) find the sealed records by keyed index, and what each site knows of each beneficiary;
(3) weigh every question, append an entry for each and commit: before this line nothing has been
    opened;
(4) open with what the patient brought, unless it was frozen or cut while this was committed;
(5) compute: rights on the date of care, as known now.

Refused, missed and over-budget questions leave entries too. An entry says what is known when it is
appended; if opening then fails, an ``UNOPENED`` entry cites it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from rempart.domain.containment import Stage, Why
from rempart.domain.coverage import ContractKind, InForce, decode_record, rights_on
from rempart.domain.cutoff import seconds_left
from rempart.domain.days import days_of
from rempart.domain.disclosure import Codes, EntryType, Outcome
from rempart.domain.errors import (
    KeyMissing,
    MalformedRecord,
    NotSignedIn,
    TemporarilyUnavailable,
)
from rempart.domain.fresh import FreshUse
from rempart.domain.guard import Guard, Move
from rempart.domain.person import Person
from rempart.domain.retries import UNREAD
from rempart.domain.sealed_presence import must_seal
from rempart.sealing.errors import SealBroken
from rempart.sealing.locks import CARD, find_of, open_box
from rempart.sealing.outer import index_of, open_outer
from rempart.usecases.cut_off import CutAndRestore
from rempart.usecases.keep_ledger import Act, KeepLedger
from rempart.usecases.messages import Answered, Ask, CardShown, Refused, Reply, Sealed, Typed
from rempart.usecases.open_session import OpenSession, Session
from rempart.usecases.ports import LockRow, RightsSource
from rempart.usecases.pseudonyms import (
    FRESH_CODE,
    FRESH_REQUEST,
    PERSON,
    QUESTION,
    RETRY,
    Pseudonyms,
    pair_of,
    pseudonym,
)
from rempart.usecases.read_question import QuestionReader, day_of
from rempart.usecases.rights_keys import RightsKeys
from rempart.usecases.unseal_presence import unsealed
from rempart.usecases.weigh_questions import Case, WeighQuestions

ITEM = re.compile(r"/[1-9][0-9]?\Z")
"""The number of an item, behind the idempotency key of a request about several domains."""

Unopened = tuple[Case, Codes]
"""What was committed and not opened, and why where that is not the record's own fault."""


@dataclass(slots=True)
class AnswerRights:
    """The batch. ``weigh`` and ``guard`` share one fold over the ledger, rebuilt at start."""

    sessions: OpenSession
    reader: QuestionReader
    rights: RightsSource
    keys: RightsKeys
    ledger: KeepLedger
    pseudonyms: Pseudonyms
    guard: Guard
    weigh: WeighQuestions
    cut: CutAndRestore

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
        today = day_of(now)
        replies: list[Reply] = [Refused("not-signed-in")] * len(asks)
        cases = self._receive(asks, now, today)
        if cases:
            self._find(cases, now, today)
            self._append(cases, now)
            self.cut.take_in()
            unopened: list[Unopened] = []
            for case in cases:
                replies[case.place] = self._reply(case, today, unopened)
            self._say_unopened(unopened)
        return replies

    def _receive(self, asks: Sequence[Ask], now: int, today: date) -> list[Case]:
        """(1) Who is calling, what do they ask, and may they."""
        period, key = self.pseudonyms.key(now)
        cases = []
        for place, ask in enumerate(asks):
            try:
                session = self.sessions.asker(ask, now)
            except NotSignedIn:
                continue
            session.under(period, key)
            shown = unsealed(ask, session)
            case = Case(
                place=place,
                ask=ask,
                session=session,
                read=self.reader(ask, shown, kind=session.site.kind, now=now),
                retry=pseudonym(key, RETRY, session.account_as + ask.key.encode()),
                question=UNREAD,
            )
            case.fresh = self._use(case)
            if not isinstance(ask.shown, Sealed) and keeps_closed(session, today):
                case.read.refuse(Outcome.FORBIDDEN, "seal-presence")
            elif not isinstance(shown, Sealed):
                case.question = pseudonym(key, QUESTION, question_bytes(ask, shown))
            if (cut := self.cut.over_question(session, case.read, now)) is not None:
                case.read.cut(cut, now)
            if self.guard.stage(session.fixed.account) >= Stage.FROZEN:
                case.read.refuse(Outcome.FROZEN, "frozen")
            cases.append(case)
        return cases

    def _use(self, case: Case) -> FreshUse | None:
        """Of a fresh code that was read: which one, and by which request."""
        fresh = case.read.fresh
        if fresh is None:
            return None
        lasting = self.pseudonyms.lasting
        return FreshUse(
            pseudonym(lasting, FRESH_CODE, fresh.once),
            pseudonym(lasting, FRESH_REQUEST, request_bytes(case.ask, case.session)),
            fresh.made,
        )

    def _find(self, cases: Sequence[Case], now: int, today: date) -> None:
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
        _, key = self.pseudonyms.key(now)
        for case in cases:
            rows = [row for index in case.indexes for row in found.get(index, ())]
            case.row = the_one(rows, typed=case.read.kind != CARD, today=today)
            if case.row is not None:
                case.person = pseudonym(key, PERSON, case.row.handle)
                case.pair = pair_of(
                    self.pseudonyms.lasting, case.session.fixed.site, case.row.handle
                )

    def _append(self, cases: Sequence[Case], now: int) -> None:
        """(3) One entry a question, weighed in order, made durable together."""
        pairs = [case.pair for case in cases if case.row is not None]
        known = self.ledger.known(pairs) if pairs else {}
        drafts, learnt = self.weigh(cases, first=self.ledger.size, now=now, known=known)
        try:
            self.ledger.append(drafts, at=now, known=learnt)
        except TemporarilyUnavailable:
            self.weigh.take_back(cases)
            raise
        self._end_frozen(cases)

    def _end_frozen(self, cases: Sequence[Case]) -> None:
        for account in {case.session.fixed.account for case in cases}:
            if self.guard.stage(account) >= Stage.FROZEN:
                self.sessions.end(account)
                self.cut.of_guard(account)

    def _reply(self, case: Case, today: date, unopened: list[Unopened]) -> Reply:
        """(4), (5) Open what was committed; note it where that fails."""
        read = case.read
        if read.outcome is not Outcome.NONE:
            return Refused(read.reason, read.detail, read.after)
        if self.guard.stage(case.session.fixed.account) >= Stage.FROZEN:
            # Frozen by a later question of this batch: what waits in flight is not opened.
            unopened.append((case, {}))
            return Refused("frozen")
        at = self.ledger.clock.now()
        if (cut := self.cut.over_committed(case.session, read, at)) is not None:
            # Cut while this was committed.
            unopened.append((case, {"cut_off": cut.ref}))
            return Refused("cut-off", after=seconds_left(cut, at))
        try:
            return self._open(case, today)
        except (SealBroken, MalformedRecord, KeyMissing):
            unopened.append((case, {}))
            return Refused("unopened")

    def _say_unopened(self, unopened: Sequence[Unopened]) -> None:
        """One commit for all of them: a batch that is frozen under way is no burst of commits."""
        if unopened:
            self.ledger.act_all(
                [
                    Act(
                        EntryType.UNOPENED,
                        codes,
                        {"cites": case.index, "account": case.session.account_as},
                    )
                    for case, codes in unopened
                ]
            )

    def _open(self, case: Case, today: date) -> Reply:
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
        if record.contract is ContractKind.CANARY:
            return self._canary(case)
        rights = rights_on(
            record,
            domain=read.domain,
            care_date=read.care_date,
            known_at=today,
            card_ends=row.ends,
        )
        reference = case.index if case.first is None else case.first.index
        repeated = case.first is not None
        if not isinstance(rights, InForce):
            return Answered(reference, False, "", "", repeated)
        until = rights.until.isoformat() if rights.until else ""
        return Answered(reference, True, until, rights.mode.printed, repeated)

    def _canary(self, case: Case) -> Reply:
        """Nobody presents this beneficiary: whoever asks has no patient."""
        session, now = case.session, self.ledger.stamp()
        account = session.fixed.account
        columns: dict[str, int | bytes] = {
            "account": session.account_as,
            "site": session.site_as,
        }
        cites: dict[str, int | bytes] = {"cites": case.index}
        acts = [Act(EntryType.CANARY, {"number": account}, {**columns, **cites})]
        current = self.guard.stage(account)
        if current < Stage.FROZEN:
            move = Move(account, current, Stage.FROZEN, Why.CANARY)
            codes = move.codes(site=session.fixed.site, at=now)
            acts.append(Act(EntryType.CONTAINMENT, codes, columns))
        self.ledger.act_all(acts)
        self.sessions.end(account)
        self.cut.of_guard(account)
        return Refused("frozen")


def question_bytes(ask: Ask, shown: CardShown | Typed) -> bytes:
    """The question and its presence, as bytes that two different questions never share.

    Of what was unsealed, so that the same question sealed again is the same question.
    """
    return msgspec.msgpack.encode((ask.domain, ask.care_date, shown))


def request_bytes(ask: Ask, session: Session) -> bytes:
    """One request: its account, its date of care, its key without the number of the item.

    A request about several domains comes as one question each, under ``key/1``, ``key/2``, …
    """
    key = ITEM.sub("", ask.key)
    return msgspec.msgpack.encode((session.fixed.account, ask.care_date, key))


def keeps_closed(session: Session, today: date) -> bool:
    """Whether what patients bring must be sealed: the software must, or has said that it does.

    A person's page comes from the web process itself, which reads what is typed into it anyway.
    """
    account = session.account
    if isinstance(account, Person):
        return False
    return session.seals or must_seal(seals=account.seals, sandbox=account.sandbox, today=today)


def the_one(rows: Sequence[LockRow], *, typed: bool, today: date) -> LockRow | None:
    """The only row, or nothing: two people under one index are as good as none.

    Knowledge ends with its lock; a signed code still proves the rights of days gone by.
    """
    if typed:
        rows = [row for row in rows if row.ends is None or today <= row.ends]
    if len(rows) == 1:
        return rows[0]
    return None
