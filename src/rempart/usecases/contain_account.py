"""Contain an account, or loosen it; decide a dated exception; say where accounts stand.

Every move is an entry before it has an effect that anybody could see. Who may ask for one is the
vault's door to know; what each authority may do is the domain's.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from rempart.domain.allowance import Allowance, Over, Reason
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Decision, Stage, Why, check_move
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.guard import Guard, Move
from rempart.domain.site import KIND_CODES, SiteKind
from rempart.domain.tightened import ANSWER_WITHIN
from rempart.usecases import ports
from rempart.usecases.keep_ledger import Act, KeepLedger
from rempart.usecases.messages import Account, Accounts, Allow, Contain, Standings
from rempart.usecases.open_session import OpenSession, columns_of
from rempart.usecases.pseudonyms import Pseudonyms

SHOWN = 50
"""Accounts on one page: with the longest names, it still fits a frame."""
OFFICERS_REASONS = (Why.REPORTED, Why.ALERT, Why.REVIEWED, Why.LEFT, Why.COMPROMISED)
"""Reasons that a person has; the others are the guard's, or the owner's."""
OFFICER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
"""A name of an officer: a word, as free text does not enter the ledger."""


@dataclass(slots=True)
class ContainAccounts:
    """People's decisions about accounts; the guard's own are written with its questions."""

    guard: Guard
    sessions: OpenSession
    ledger: KeepLedger
    pseudonyms: Pseudonyms
    _told: bool = False

    def move(self, wanted: Contain) -> None:
        """Move an account by an officer's decision; a frozen one's sessions end here.

        Raises:
            MalformedIdentifier: no such account, stage or reason, or nobody decides.
            ForbiddenTransition: the stage cannot be moved so.
            TemporarilyUnavailable: it could not be written: nothing has moved.
        """
        account, target = self.account(wanted.client_id), stage_of(wanted.stage)
        why = named(Why, wanted.why, "why")
        if why not in OFFICERS_REASONS:
            raise MalformedIdentifier("why", "a reason of the guard's, or of the owner's")
        by = officer_named(wanted.by)
        self.decide(account, target, Decision(authority=Authority.OFFICER, why=why, by=by))

    def decide(self, account: ports.Account, target: Stage, decision: Decision) -> None:
        """Move an account, on whatever authority the decision has.

        Raises:
            ForbiddenTransition: the stage cannot be moved so.
            TemporarilyUnavailable: it could not be written: nothing has moved.
        """
        self.ledger.act_all([self.drafted(account, target, decision)])
        if target >= Stage.FROZEN:
            self.sessions.end(account.number)

    def drafted(self, account: ports.Account, target: Stage, decision: Decision) -> Act:
        """The entry that moves an account, to be written at once.

        Raises:
            ForbiddenTransition: the stage cannot be moved so.
            TemporarilyUnavailable: the ledger cannot be written.
        """
        now, number = self.ledger.stamp(), account.number
        standing = self.guard.stages.states.get(number)
        current = self.guard.stage(number)
        lifted = 0 if standing is None else standing.lifted_at
        check_move(current, target, decision, lifted_at=lifted, now=now)
        site = self.sessions.registered.sites.get(account.site)
        move = Move(number, current, target, decision.why, decision.authority, decision.by)
        account_as, site_as = columns_of(account, self.pseudonyms.key(now)[1])
        codes = move.codes(site=0 if site is None else site.number, at=now)
        return Act(EntryType.CONTAINMENT, codes, {"account": account_as, "site": site_as})

    def allow(self, wanted: Allow) -> None:
        """Decide a dated exception.

        Raises:
            MalformedIdentifier: nobody it is for, nobody who decides, or no exception.
            TemporarilyUnavailable: it could not be written.
        """
        self.ledger.act(EntryType.DECISION, self.allowance(wanted).codes())

    def allowance(self, wanted: Allow) -> Allowance:
        """The dated exception that is wanted. Changes nothing.

        Raises:
            MalformedIdentifier: nobody it is for, nobody who decides, or no exception.
        """
        over = named(Over, wanted.over, "over")
        allowance = Allowance(
            over=over,
            number=self._number(over, wanted.who),
            factor=wanted.factor,
            typed=wanted.typed,
            since=wanted.since,
            until=wanted.until,
            reason=named(Reason, wanted.reason, "reason"),
            by=officer_named(wanted.by),
        )
        allowance.check()
        return allowance

    def standings(self, wanted: Standings) -> Accounts:
        """Accounts whose answer is late, then contained ones, then those of the highest charts."""
        accounts, lowered = self.sessions.accounts, self.guard.watch.lowered_until
        if wanted.client_id:
            found = accounts.by_name.get(wanted.client_id)
            only = () if found is None else (self._row(found),)
            return Accounts(only, self.guard.failed, len(only), lowered)
        rows = [self._row(account) for account in accounts.by_number.values()]
        now = self.ledger.clock.now()
        rows.sort(
            key=lambda row: (_late(row, now), -Stage[row.stage], -_evidence(row), row.client_id)
        )
        page = rows[wanted.first : wanted.first + SHOWN]
        return Accounts(tuple(page), self.guard.failed, len(rows), lowered)

    def tell_failure(self) -> None:
        """Say once in the ledger that the guard has failed, and that plain budgets stand."""
        if self.guard.failed and not self._told:
            self.ledger.act(EntryType.DECISION, {"guard": "failed"})
            self._told = True

    def _row(self, account: ports.Account) -> Account:
        guard, number = self.guard, account.number
        standing = guard.stages.states.get(number)
        trail = guard.watch.trails.states.get(number)
        windows = guard.accounts.states.get(number)
        if windows is not None:
            windows = windows.copy()
            windows.advance(self.ledger.clock.now() // DAY)
        return Account(
            client_id=account.name,
            site=account.site,
            stage=guard.stage(number).name,
            since=0 if standing is None else standing.since,
            strangers=0.0 if trail is None else round(max(trail.strangeness, trail.one_insurer), 1),
            misses=0.0 if trail is None else round(trail.misses, 1),
            order=0.0 if trail is None else round(trail.order, 1),
            replays=0.0 if trail is None else round(trail.replays, 1),
            used=(0, 0, 0) if windows is None else windows.used,
            answer_by=standing.since + ANSWER_WITHIN if standing and standing.owed else 0,
        )

    def account(self, name: str) -> ports.Account:
        """The account of a name: a ``client_id``, or ``@login``.

        Raises:
            MalformedIdentifier: there is none.
        """
        account = self.sessions.accounts.by_name.get(name)
        if account is None:
            raise MalformedIdentifier("client_id", "no account has this name")
        return account

    def _number(self, over: Over, who: str) -> int:
        match over:
            case Over.EVERYBODY:
                return 0
            case Over.KIND:
                try:
                    return KIND_CODES[SiteKind(who)]
                except ValueError:
                    raise MalformedIdentifier("kind", "no such kind of site") from None
            case Over.SITE:
                site = self.sessions.registered.sites.get(who)
                if site is None:
                    raise MalformedIdentifier("site", "no such site")
                return site.number
            case Over.ACCOUNT:
                return self.account(who).number


def _late(row: Account, now: int) -> tuple[bool, int]:
    """First the accounts whose answer is late, the longest first."""
    late = 0 < row.answer_by <= now
    return not late, row.answer_by if late else 0


def _evidence(row: Account) -> float:
    return max(row.strangers, row.misses, row.order, row.replays)


def officer_named(name: str) -> str:
    """The name of whoever decides, as it may stand in the ledger.

    Raises:
        MalformedIdentifier: not one word.
    """
    if OFFICER.fullmatch(name) is None:
        raise MalformedIdentifier("by", "whoever decides gives one word: 1 to 32 of A-Z 0-9 . _ -")
    return name


E = TypeVar("E", bound=IntEnum)


def stage_of(name: str) -> Stage:
    """The stage of a name.

    Raises:
        MalformedIdentifier: none has it.
    """
    return named(Stage, name, "stage")


def named(kind: type[E], name: str, what: str) -> E:
    """One of a closed list, by its name.

    Raises:
        MalformedIdentifier: not one of them.
    """
    try:
        return kind[name.upper().replace("-", "_")]
    except KeyError:
        raise MalformedIdentifier(what, "not one of its list") from None
