"""Warn other operators of accounts of ours that were stolen, and take it back.

(1) an officer decides, under a name, for a reason of the list; the guard alone, where a setting
    lets it, of what it has frozen within the day;
(2) each account is frozen here, on our own word, and has a public number to be known by: a
    professional's own, or the site of a software or of a delegate;
(3) the ledger has it before anybody hears of it. Its entry is the alert's ``ref``.

Signing, sealing and sending are of another process (``deliver_alerts``), which reads it here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rempart.domain.alert import (
    ENCODED_MAX,
    LASTS_MAX,
    SUBJECTS_MAX,
    TELLS,
    Alert,
    Subjects,
    sorted_once,
    to_payload,
)
from rempart.domain.alert_book import AlertBook, Issued, Rules
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import ForbiddenTransition, MalformedIdentifier
from rempart.domain.person import Person, Role
from rempart.usecases.alert_messages import IssueAlert, IssuedAlert, WithdrawAlert
from rempart.usecases.contain_account import ContainAccounts, named, officer_named
from rempart.usecases.find_named import RPPS
from rempart.usecases.ports import Account, Software

SECOND = 1_000_000
ROOM = 64
"""Bytes for a longer number, the digest of the one before, a longer reference."""
LASTS = 72 * 3600
"""Seconds, where nobody says: a long weekend."""


@dataclass(slots=True)
class IssueAlerts:
    """``book`` is a fold over the ledger."""

    book: AlertBook
    contain: ContainAccounts
    rules: Rules

    def __call__(self, wanted: IssueAlert) -> IssuedAlert:
        """Decide one.

        Raises:
            MalformedIdentifier: (1) does not hold, or nobody can be named so.
            ForbiddenTransition: (2) does not hold.
            TemporarilyUnavailable: it could not be written: nobody hears of it.
        """
        by, why = officer_named(wanted.by), named(Why, wanted.why, "why")  # (1)
        if why not in TELLS:
            raise MalformedIdentifier("why", "nothing that one operator warns another of")
        if not 0 < wanted.seconds <= LASTS_MAX:
            raise MalformedIdentifier("hours", f"expected 1 to {LASTS_MAX // 3600}")
        now = self.contain.ledger.stamp()
        accounts = {each.number: each for each in map(self.contain.account, wanted.accounts)}
        for account in accounts.values():  # (2)
            self._check_frozen(account)
        issued = Issued(
            ref=self.contain.ledger.size,
            at=now,
            until=now + wanted.seconds * SECOND,
            why=why,
            accounts=tuple(accounts),
            software=wanted.software,
            networks=" ".join(sorted_once(wanted.networks)),
            by=by,
        )
        return self._written(issued, Authority.OFFICER)

    def withdraw(self, wanted: WithdrawAlert) -> IssuedAlert:
        """Take one back.

        Raises:
            MalformedIdentifier: nothing that we issued and that stands, or nobody decides.
            TemporarilyUnavailable: it could not be written: it stands.
        """
        by, now = officer_named(wanted.by), self.contain.ledger.stamp()
        issued = self.book.state.issued.get(wanted.ref)
        if issued is None or issued.withdraws >= 0 or issued.withdrawn or issued.until <= now:
            raise MalformedIdentifier("ref", "no alert of ours stands under this number")
        # It is told for as long as there may be something to take back.
        until = max(issued.until, now + SECOND)
        ref = self.contain.ledger.size
        withdrawal = Issued(ref, now, until, issued.why, by=by, withdraws=wanted.ref)
        return self._written(withdrawal, Authority.OFFICER)

    def next_after(self, ref: int) -> IssuedAlert | None:
        """The first one after an entry that is not over: what a subscriber has not been sent."""
        now = self.contain.ledger.clock.now()
        later = [each for each in self.book.state.issued.values() if each.ref > ref]
        standing = (each for each in later if each.until > now and not each.withdrawn)
        first = min(standing, key=lambda each: each.ref, default=None)
        return None if first is None else self._told(first)

    def settle(self) -> None:
        """Warn by ourselves of what the guard has frozen within the day, where the setting says so.

        Raises:
            TemporarilyUnavailable: it could not be written; it is tried again.
        """
        if not self.rules.alone or not self.book.state.frozen:
            return
        now = self.contain.ledger.stamp()
        if untold := list(self._untold(now)):
            first = untold[0][1]
            accounts = [number for number, why in untold if why is first][:SUBJECTS_MAX]
            ref, until = self.contain.ledger.size, now + LASTS * SECOND
            issued = Issued(ref, now, until, first, tuple(accounts))
            self._written(issued, Authority.GUARD)

    def _untold(self, now: int) -> Iterator[tuple[int, Why]]:
        """Accounts that the guard has frozen, and that no alert of ours has named since."""
        by_number = self.contain.sessions.accounts.by_number
        issued = self.book.state.issued.values()
        for number, (since, why) in self.book.state.frozen.items():
            told = any(number in each.accounts and each.at >= since for each in issued)
            account = by_number.get(number)
            if since > now - DAY and not told and account is not None and number_of(account):
                yield number, why

    def _check_frozen(self, account: Account) -> None:
        guard = self.contain.guard
        if guard.stage(account.number) < Stage.FROZEN:
            raise ForbiddenTransition("others are warned of frozen accounts alone: freeze it first")
        if not number_of(account):
            raise MalformedIdentifier("account", "has no public number, nor a site that has one")

    def _written(self, issued: Issued, authority: Authority) -> IssuedAlert:
        # What cannot be said to anybody is not decided either.
        alert_of(self._told(issued), number=1, recipient=bytes(32), previous=b"")
        ref = self.contain.ledger.act(EntryType.DECISION, issued.codes(authority))  # (3)
        return self._told(self.book.state.issued[ref])

    def _told(self, issued: Issued) -> IssuedAlert:
        by_number = self.contain.sessions.accounts.by_number
        accounts = [by_number[n] for n in issued.accounts if n in by_number]
        numbers = [number_of(each) for each in accounts]
        products = [each.product for each in accounts if isinstance(each, Software)]
        subjects = Subjects(
            accounts=sorted_once([n for n in numbers if n.startswith(RPPS)]),
            sites=sorted_once([n for n in numbers if not n.startswith(RPPS)]),
            software=sorted_once([p for p in products if p and issued.software]),
            networks=sorted_once(issued.networks.split()),
        )
        return IssuedAlert(
            ref=issued.ref,
            made=issued.at // SECOND,
            until=issued.until // SECOND,
            why=issued.why.value,
            accounts=subjects.accounts,
            sites=subjects.sites,
            software=subjects.software,
            networks=subjects.networks,
            withdraws=issued.withdraws,
        )


def alert_of(issued: IssuedAlert, *, number: int, recipient: bytes, previous: bytes) -> Alert:
    """What was issued, as the next alert of a reader's row.

    Raises:
        MalformedIdentifier: it can be said to nobody, or is too long.
    """
    alert = Alert(
        number=number,
        recipient=recipient,
        previous=previous,
        ref=issued.ref,
        made=issued.made,
        until=issued.until,
        why=Why(issued.why),
        subjects=Subjects(
            accounts=issued.accounts,
            sites=issued.sites,
            software=issued.software,
            networks=issued.networks,
        ),
        withdrawn=() if issued.withdraws < 0 else (issued.withdraws,),
    )
    if len(to_payload(alert)) + ROOM > ENCODED_MAX:
        raise MalformedIdentifier("alert", "too long: name fewer in one")
    return alert


def number_of(account: Account) -> str:
    """The public number that other operators know an account by; nothing for staff."""
    if isinstance(account, Person) and account.role is Role.PROFESSIONAL:
        return f"{RPPS}{account.rpps}"
    return account.site
