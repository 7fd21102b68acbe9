"""Contain an account, or loosen it; decide a dated exception; say where accounts stand.

Every move is an entry before it has an effect that anybody could see. Who may ask for one is the
vault's door to know; what each authority may do is the domain's.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from rempart.domain.allowance import Allowance, Over, Reason
from rempart.domain.containment import Authority, Decision, Stage, Why, check_move
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.guard import Guard, Move
from rempart.domain.site import KIND_CODES, SiteKind
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.messages import Account, Accounts, Allow, Contain
from rempart.usecases.open_session import OpenSession
from rempart.usecases.ports import Software
from rempart.usecases.pseudonyms import ACCOUNT, SITE, Pseudonyms, pseudonym

SHOWN = 200
"""Accounts in one list: more is no list that anybody reads."""


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
        software = self._software(wanted.client_id)
        target = _named(Stage, wanted.stage, "stage")
        why = _named(Why, wanted.why, "why")
        if not wanted.by.strip():
            raise MalformedIdentifier("by", "a decision has somebody who takes it")
        self.decide(software, target, Decision(authority=Authority.OFFICER, why=why, by=wanted.by))

    def decide(self, software: Software, target: Stage, decision: Decision) -> None:
        """Move an account, on whatever authority the decision has."""
        now, number = self.ledger.stamp(), software.number
        standing = self.guard.stages.states.get(number)
        current = self.guard.stage(number)
        lifted = 0 if standing is None else standing.lifted_at
        check_move(current, target, decision, lifted_at=lifted, now=now)
        site = self.sessions.registered.sites[software.site]
        move = Move(number, current, target, decision.why, decision.authority, decision.by)
        _, key = self.pseudonyms.key(now)
        self.ledger.act(
            EntryType.CONTAINMENT,
            move.codes(site=site.number, at=now),
            account=pseudonym(key, ACCOUNT, software.client_id.encode()),
            site=pseudonym(key, SITE, software.site.encode()),
        )
        if target >= Stage.FROZEN:
            self.sessions.end(number)

    def allow(self, wanted: Allow) -> None:
        """Decide a dated exception.

        Raises:
            MalformedIdentifier: nobody it is for, nobody who decides, or no exception.
            TemporarilyUnavailable: it could not be written.
        """
        over = _named(Over, wanted.over, "over")
        allowance = Allowance(
            over=over,
            number=self._number(over, wanted.who),
            factor=wanted.factor,
            typed=wanted.typed,
            since=wanted.since,
            until=wanted.until,
            reason=_named(Reason, wanted.reason, "reason"),
            by=wanted.by.strip(),
        )
        allowance.check()
        if not allowance.by:
            raise MalformedIdentifier("by", "a decision has somebody who takes it")
        self.ledger.act(EntryType.DECISION, allowance.codes())

    def standings(self) -> Accounts:
        """Accounts that are contained, then those whose charts are highest."""
        rows = [self._row(software) for software in self.sessions.registered.software.values()]
        rows.sort(key=lambda row: (-Stage[row.stage], -max(row.strangers, row.misses)))
        return Accounts(tuple(rows[:SHOWN]), self.guard.failed)

    def tell_failure(self) -> None:
        """Say once in the ledger that the guard has failed, and that plain budgets stand."""
        if self.guard.failed and not self._told:
            self.ledger.act(EntryType.DECISION, {"guard": "failed"})
            self._told = True

    def _row(self, software: Software) -> Account:
        guard, number = self.guard, software.number
        standing = guard.stages.states.get(number)
        trail = guard.watch.trails.states.get(number)
        windows = guard.accounts.states.get(number)
        return Account(
            client_id=software.client_id,
            site=software.site,
            stage=guard.stage(number).name,
            since=0 if standing is None else standing.since,
            strangers=0.0 if trail is None else round(trail.strangeness, 1),
            misses=0.0 if trail is None else round(trail.misses, 1),
            order=0.0 if trail is None else round(trail.order, 1),
            replays=0.0 if trail is None else round(trail.replays, 1),
            used=(0, 0, 0) if windows is None else windows.used,
        )

    def _software(self, client_id: str) -> Software:
        software = self.sessions.registered.software.get(client_id)
        if software is None:
            raise MalformedIdentifier("client_id", "no account has this name")
        return software

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
                return self._software(who).number


E = TypeVar("E", bound=IntEnum)


def _named(kind: type[E], name: str, what: str) -> E:
    try:
        return kind[name.upper().replace("-", "_")]
    except KeyError:
        raise MalformedIdentifier(what, "not one of its list") from None
