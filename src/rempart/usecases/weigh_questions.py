"""Weigh the questions of a batch, one after another, and draft their entries.

Each is weighed with the effects of those before it: a batch of five hundred is no way round a
budget. What is drafted is committed together, by the caller; until then it can be taken back.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rempart.domain.alert_book import AlertBook
from rempart.domain.budget import DAY
from rempart.domain.containment import Stage
from rempart.domain.cutoff import CutOffs
from rempart.domain.cutoff_words import Scope
from rempart.domain.daily_counts import DailyCounts
from rempart.domain.days import EPOCH as DAYS_EPOCH
from rempart.domain.disclosure import (
    CARE_DATE_UNKNOWN,
    CITES_NOTHING,
    NOBODY,
    Entry,
    EntryType,
    Fields,
    Outcome,
    Presence,
    QuestionDetail,
    encode,
    encode_codes,
)
from rempart.domain.fresh import FreshCodes, FreshUse
from rempart.domain.guard import Guard, Move
from rempart.domain.incident import Incidents
from rempart.domain.known import NOBODY_YET, SINCE_1970, Known
from rempart.domain.order import TypedLately
from rempart.domain.retries import UNREAD, First, Retries
from rempart.domain.tightened import JustTightened
from rempart.domain.trace import KNOWN_FOR, NEVER, STRANGER, Ages, Order, Trace
from rempart.sealing.locks import CARD
from rempart.usecases.country_ports import CountrySource, NoCountries
from rempart.usecases.messages import Ask, Reason
from rempart.usecases.open_session import Session
from rempart.usecases.ports import Chance, LockRow
from rempart.usecases.pseudonyms import COUNTRY, NETWORK, Pseudonyms, code_of
from rempart.usecases.read_question import Read

CARE_OFFSET_MAX = 2**15 - 1
NETWORKS_REMEMBERED = 50_000
Draft = tuple[bytes, bytes]
"""The 128 bytes of an entry, and its detail."""


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
    pair: bytes = NOBODY
    index: int = -1
    first: First | None = None
    fresh: FreshUse | None = field(default=None, repr=False)
    late: bool = False


REASONS: Mapping[Outcome, Reason] = {
    Outcome.OVER_BUDGET: "over-budget",
    Outcome.NARROWED: "narrowed",
    Outcome.FROZEN: "frozen",
    Outcome.CLOSED_HOUR: "closed-hour",
}
WEIGHED = frozenset({Outcome.NONE, Outcome.MISSED, Outcome.CARD_REFUSED})
"""What a reading says of questions that cost something; the others were refused before."""


@dataclass(slots=True)
class WeighQuestions:
    """``guard``, ``retries``, ``cut_offs`` and the rest by name are folds over the ledger.
    What each account typed last stays in this memory alone (``TypedLately``): only its order is
    written, and a restart compares afresh.
    """

    guard: Guard
    retries: Retries
    pseudonyms: Pseudonyms
    chance: Chance
    cut_offs: CutOffs = field(default_factory=CutOffs)
    fresh: FreshCodes = field(default_factory=FreshCodes)
    tightened: JustTightened = field(default_factory=JustTightened)
    incidents: Incidents = field(default_factory=Incidents)
    counts: DailyCounts = field(default_factory=DailyCounts)
    countries: CountrySource = field(default_factory=NoCountries)
    alerts: AlertBook = field(default_factory=AlertBook)
    _typed: TypedLately = field(default_factory=TypedLately)
    _networks: dict[str, int] = field(default_factory=dict, repr=False)
    _countries: dict[str, int] = field(default_factory=dict, repr=False)

    def __call__(
        self, cases: Sequence[Case], *, first: int, now: int, known: Mapping[bytes, bytes]
    ) -> tuple[list[Draft], dict[bytes, bytes]]:
        """Drafts to be appended from index ``first`` on, and what sites know from now on.

        ``known`` is what they know today, by pair.
        """
        period, _ = self.pseudonyms.key(now)
        self._typed.advance(now // DAY)
        drafts: list[Draft] = []
        learnt: dict[bytes, bytes] = {}
        for case in cases:
            case.index = first + len(drafts)
            stored = learnt.get(case.pair) or known.get(case.pair)
            knows = NOBODY_YET if stored is None else Known.decode(stored)
            detail, moves = self._weigh(case, period, now, knows)
            drafts.append(detail)
            for move in moves:
                self.incidents.freeze(first + len(drafts), now, move)
                drafts.append(self._containment(move, case.session, period, now))
            if case.first is None and case.read.outcome is Outcome.NONE:
                today = now // DAY - SINCE_1970
                learnt[case.pair] = knows.after(case.read.presence, today).encode()
        return drafts, {pair: day for pair, day in learnt.items() if known.get(pair) != day}

    def take_back(self, cases: Sequence[Case]) -> None:
        """These were not committed: what they typed is compared with nothing."""
        for case in cases:
            self._typed.forget(case.session.fixed.account)

    def _weigh(
        self, case: Case, period: int, now: int, knows: Known
    ) -> tuple[Draft, tuple[Move, ...]]:
        read, session = case.read, case.session
        ages = STRANGER if case.row is None else knows.ages(now // DAY - SINCE_1970)
        self._again(case, now)
        self._once(case, now)
        if ages.proved <= KNOWN_FOR and read.presence in {Presence.DECLARED, Presence.LEGACY}:
            read.presence = Presence.KNOWN
        if read.outcome is Outcome.NONE:
            self._cut(read, now)
        if read.outcome is Outcome.NONE and case.row is None:
            read.refuse(Outcome.MISSED, "card-not-known" if read.kind == CARD else "read-the-card")
        weighed = case.first is None and read.outcome in WEIGHED and not case.late
        # What is not weighed is not remembered either, or asking in vain would make it a retry.
        order = self._order(case) if weighed else Order.NONE
        trace = self._trace(case, now, ages, order)
        moves: tuple[Move, ...] = ()
        if weighed:
            moves = self._judge(trace, session, read)
        detail = self._detail(case, trace)
        entry = self._entry(case, period, now, hashlib.sha256(detail).digest())
        self.counts.absorb(entry)
        if case.first is None and entry.outcome is not Outcome.KEY_REUSED:
            self.retries.note(case.retry, First(case.index, case.question, entry.outcome), at=now)
        return (encode(entry), detail), moves

    def _cut(self, read: Read, now: int) -> None:
        """A cut presence: what is typed is told from what is known by now, hit and miss alike."""
        cut = self.cut_offs.over(iter(((Scope.PRESENCE, int(read.presence)),)), now)
        if cut is not None:
            read.cut(cut, now)

    def _judge(self, trace: Trace, session: Session, read: Read) -> tuple[Move, ...]:
        verdict = self.guard.weigh(trace, session.limits)
        reason = REASONS.get(verdict.outcome)
        if self.guard.stage(trace.account) >= Stage.FROZEN:
            reason = "frozen"
        if read.outcome is not Outcome.CARD_REFUSED or verdict.outcome is Outcome.FROZEN:
            if reason:
                read.refuse(verdict.outcome, reason)
        elif reason == "frozen":
            # What froze it was followed: it stays in the ledger as the refused card it is.
            read.refuse(read.outcome, reason)
        return verdict.moves

    def _again(self, case: Case, now: int) -> None:
        """The same key again: what became of it then becomes of it now."""
        read = case.read
        if case.question == UNREAD:
            return
        case.first = self.retries.first(case.retry, at=now)
        if case.first is None:
            return
        if case.first.question != case.question:
            case.first = None
            read.refuse(Outcome.KEY_REUSED, "key-reused")
        elif read.outcome is Outcome.NONE:
            if reason := REASONS.get(case.first.outcome):
                read.refuse(case.first.outcome, reason)
            elif case.first.outcome is Outcome.MISSED:
                case.row, case.person = None, NOBODY
            elif case.first.outcome is not Outcome.OPENED:
                # Refused before it was looked up, and it reads well by now: it was never weighed.
                case.first = None

    def _once(self, case: Case, now: int) -> None:
        """A fresh code serves one request, within its minute; a repeat is of the same request."""
        if case.fresh is None or case.first is not None:
            return
        doubt = self.fresh.doubt(case.fresh, at=now)
        if doubt and case.read.outcome is Outcome.NONE:
            case.late = True
            case.read.refuse(Outcome.CARD_REFUSED, "card-refused", doubt)
        self.fresh.note(case.fresh.code, case.fresh.request, at=now)

    def _order(self, case: Case) -> Order:
        read, account = case.read, case.session.fixed.account
        if not read.printed[0]:
            return Order.NONE
        order = self._typed.order(account, read.amc, read.printed)
        self._typed.note(account, read.amc, read.printed, found=case.row is not None)
        return order

    def _trace(self, case: Case, now: int, ages: Ages, order: Order) -> Trace:
        read, session, fixed = case.read, case.session, case.session.fixed
        return Trace(
            at=now,
            account=fixed.account,
            site=fixed.site,
            kind=fixed.kind,
            usage=fixed.usage,
            product=fixed.product,
            place=fixed.place,
            amc=read.amc,
            presence=read.presence,
            found=case.row is not None,
            person=case.person,
            order=order,
            network=self._network(case.ask.network),
            device=fixed.device,
            ages=ages,
            tenure=tenure_of(session.site.since, now),
            refused_card=read.outcome is Outcome.CARD_REFUSED,
            country=self._country(case.ask.network),
        )

    def _network(self, prefix: str) -> int:
        """The code of a network: as many as there are sites, so they are remembered."""
        code = self._networks.get(prefix)
        if code is None:
            if len(self._networks) >= NETWORKS_REMEMBERED:
                self._networks.clear()
            code = code_of(self.pseudonyms.lasting, NETWORK, prefix.encode())
            self._networks[prefix] = code
        return code

    def _country(self, network: str) -> int:
        """The code of the country that a network is of, or 0; there are a few hundred."""
        country = self.countries.of(network)
        code = self._countries.get(country)
        if code is None:
            code = code_of(self.pseudonyms.lasting, COUNTRY, country.encode())
            self._countries[country] = code
        return code

    def _detail(self, case: Case, trace: Trace) -> bytes:
        fixed = case.session.fixed
        return QuestionDetail(
            self.chance.draw(16),
            case.retry,
            case.question,
            care_offset(case.read.care_date, trace.at),
            fixed.account,
            fixed.site,
            fixed.kind,
            fixed.usage,
            fixed.product,
            fixed.place,
            trace.order,
            trace.network,
            fixed.device,
            trace.tenure,
            case.pair,
            *trace.ages,
            trace.country,
            *((case.fresh.code, case.fresh.request) if case.fresh else ()),
        ).encode()

    def _entry(self, case: Case, period: int, now: int, digest: bytes) -> Entry:
        session, read, first = case.session, case.read, case.first
        opened = read.outcome is Outcome.NONE
        return Entry(
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

    def _containment(self, move: Move, session: Session, period: int, now: int) -> Draft:
        codes = move.codes(site=session.fixed.site, at=now)
        self.tightened.note(move, now)
        self.alerts.note(codes, now)
        detail = encode_codes(codes, salt=self.chance.draw(16))
        entry = Entry(
            EntryType.CONTAINMENT,
            period,
            now,
            account=session.account_as,
            site=session.site_as,
            session=session.session_as,
            detail_digest=hashlib.sha256(detail).digest(),
        )
        return encode(entry), detail


def tenure_of(since: date | None, now: int) -> int:
    """Days for which a site has taken part; long ago where it is not known."""
    if since is None:
        return NEVER
    return min(NEVER, max(0, now // DAY - SINCE_1970 + DAYS_EPOCH - since.toordinal()))


def care_offset(care_date: date | None, at: int) -> int:
    """Days from today to the date of care, where it was readable and near."""
    if care_date is None:
        return CARE_DATE_UNKNOWN
    offset = care_date.toordinal() - DAYS_EPOCH - (at // DAY - SINCE_1970)
    return offset if abs(offset) <= CARE_OFFSET_MAX else CARE_DATE_UNKNOWN
