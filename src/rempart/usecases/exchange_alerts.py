"""Exchange alerts with other operators: what the vault does of it, behind one door."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rempart.domain.alert_book import AlertBook, Heard, Issued, Publisher
from rempart.domain.containment import Stage
from rempart.domain.person import told
from rempart.usecases.alert_messages import (
    AlertReply,
    AlertRequest,
    AlertsShown,
    HeardShown,
    IssueAlert,
    IssuedShown,
    LeaveAlerts,
    ListAlerts,
    NextIssued,
    PublisherShown,
    SubscribeAlerts,
    TakeAlert,
    WithdrawAlert,
)
from rempart.usecases.contain_account import ContainAccounts
from rempart.usecases.issue_alerts import IssueAlerts
from rempart.usecases.take_alerts import TakeAlerts

Row = TypeVar("Row", Publisher, Heard, Issued)
SHOWN, NAMES = 6, 8
"""Of each on a page, and accounts of each by name: with the longest names, it fits a frame."""


@dataclass(slots=True)
class ExchangeAlerts:
    """``book`` is the fold that both sides share."""

    book: AlertBook
    contain: ContainAccounts
    take: TakeAlerts
    issue: IssueAlerts

    def __call__(self, request: AlertRequest) -> AlertReply | None:
        """Answer one; nothing where there is nothing to say but yes.

        Raises:
            MalformedIdentifier, ForbiddenTransition: it is not to be done so.
            TemporarilyUnavailable: it could not be written: nothing has changed.
        """
        match request:
            case TakeAlert():
                return self.take(request)
            case IssueAlert():
                return self.issue(request)
            case WithdrawAlert():
                return self.issue.withdraw(request)
            case NextIssued():
                return self.issue.next_after(request.after)
            case ListAlerts():
                return self.shown(request.first)
            case SubscribeAlerts():
                self.take.subscribe(request)
            case LeaveAlerts():
                self.take.leave(request)
        return None

    def settle(self) -> None:
        """Let go of what is over; warn others, where a setting says so.

        Raises:
            TemporarilyUnavailable: it could not be written; it is tried again.
        """
        self.take.settle()
        self.issue.settle()

    def shown(self, first: int) -> AlertsShown:
        """A page of whom we listen to, of what stands, of what we issued."""
        state, now = self.book.state, self.contain.ledger.clock.now()
        listened = [each for each in state.publishers.values() if not each.ended]
        heard = [each for each in state.heard.values() if each.until > now]
        issued = [e for e in state.issued.values() if e.until > now and e.withdraws < 0]
        page = slice(first, first + SHOWN)
        return AlertsShown(
            publishers=tuple(map(self._publisher, _newest(listened, "since")[page])),
            heard=tuple(map(self._heard, _newest(heard, "at")[page])),
            issued=tuple(map(self._issued, _newest(issued, "at")[page])),
            total=max(len(listened), len(heard), len(issued)),
        )

    def _publisher(self, each: Publisher) -> PublisherShown:
        holds = self.book.state.holds.values()
        held = sum(any(hold.publisher == each.key_id for hold in those) for those in holds)
        name, key_id = each.name, each.key_id.hex()
        return PublisherShown(key_id, name, each.since, each.by, each.number, held)

    def _heard(self, each: Heard) -> HeardShown:
        held = [
            account
            for account, holds in self.book.state.holds.items()
            if any((h.publisher, h.ref) == (each.publisher, each.ref) for h in holds)
        ]
        waiting = [*each.waiting, *(n for n in each.seen if n not in each.waiting)]
        return HeardShown(
            publisher=self.book.state.publishers[each.publisher].name,
            ref=each.ref,
            entry=each.entry,
            at=each.at,
            until=each.until,
            why=told(each.why.name),
            held=self._names(held),
            waiting=self._names(waiting),
            more=max(0, len(held) - NAMES) + max(0, len(waiting) - NAMES),
        )

    def _issued(self, each: Issued) -> IssuedShown:
        guard = self.contain.guard
        return IssuedShown(
            ref=each.ref,
            at=each.at,
            until=each.until,
            why=told(each.why.name),
            by=each.by,
            accounts=self._names(each.accounts),
            more=max(0, len(each.accounts) - NAMES),
            loosened=sum(guard.stage(number) < Stage.FROZEN for number in each.accounts),
            withdrawn=each.withdrawn,
        )

    def _names(self, numbers: Sequence[int]) -> tuple[str, ...]:
        by_number = self.contain.sessions.accounts.by_number
        return tuple(by_number[n].name if n in by_number else f"({n})" for n in numbers[:NAMES])


def _newest(rows: Sequence[Row], by: str) -> list[Row]:
    return sorted(rows, key=lambda each: -int(getattr(each, by)))
