"""Take other operators' alerts: narrow whom they name, within bounds, and let go by ourselves.

Whatever an alert says, it is a stranger's word, and the steps of ``specs/alert.md`` are these:

(1) *sealed*: it opens under our key (whoever fetched it has done so, ``seal_alerts``);
(2) *signed* by an operator whose alerts an officer takes, and (3) *well-formed*;
(4) *recipient*: made for us, and not passed on;
(5) *future*: made by now;
(6) *newer* than the last of its publisher: each is taken once, in order;
(7) *chained*: the one that follows the last cites it;
(8) *pace*: of so many a day.

Then: an account is narrowed, never more; one that is as tight or tighter is left alone; what is
past the day's bound of its publisher, or of all, waits for a person. It is one commit, all or none.
What alerts alone hold is let go of when the last of them is over, withdrawn, or its publisher left.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from msgspec import structs

from rempart.domain.alert import Alert, is_name
from rempart.domain.alert_book import ALERTS_A_DAY, AlertBook, Hold, Publisher, Rules, packed
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.disclosure import Codes, EntryType
from rempart.domain.errors import AlertRefused, MalformedIdentifier
from rempart.domain.guard import Move
from rempart.usecases.alert_messages import (
    AlertNotTaken,
    AlertTaken,
    LeaveAlerts,
    SubscribeAlerts,
    TakeAlert,
)
from rempart.usecases.contain_account import ContainAccounts, officer_named
from rempart.usecases.find_named import named_accounts, seen_on
from rempart.usecases.keep_ledger import Act
from rempart.usecases.p256_keys import kid_at
from rempart.usecases.ports import Account
from rempart.usecases.seal_alerts import SIGNED, read_alert, signer_of

RECIPIENT, FUTURE, NEWER, CHAINED, PACE = "recipient", "future", "newer", "chained", "pace"
SECOND = 1_000_000
AHEAD = 300 * SECOND
"""Microseconds by which the clock of who made an alert may be fast."""
WAITING_MAX = 256
"""Accounts past the bound, and accounts seen, that an entry tells one by one."""
ON_ITS_WORD = Decision(authority=Authority.ALERT, why=Why.ALERT)
X25519_SIZE, KEY_ID_SIZE = 32, 8


@dataclass(slots=True)
class TakeAlerts:
    """``book`` is a fold over the ledger; incidents that alerts open are another one."""

    book: AlertBook
    contain: ContainAccounts
    rules: Rules = field(default_factory=Rules)

    def subscribe(self, wanted: SubscribeAlerts) -> None:
        """Take an operator's alerts from now on; said again, it is the same.

        Raises:
            MalformedIdentifier: no such key or name, or nobody decides; or they are taken already,
                under another name.
            TemporarilyUnavailable: it could not be written: nothing has changed.
        """
        by, key_id = officer_named(wanted.by), kid_at(wanted.point, "publisher")
        if not is_name(wanted.name) or len(wanted.ours) != X25519_SIZE:
            raise MalformedIdentifier("publisher", "expected a name, and the key that it seals to")
        self.contain.ledger.stamp()  # what is in doubt is read again before it is looked at
        before = self.book.state.publishers.get(key_id)
        if before is not None and not before.ended:
            if (before.name, before.ours) == (wanted.name, wanted.ours):
                return
            raise MalformedIdentifier("publisher", "its alerts are taken already, leave it first")
        codes: Codes = {"publisher": key_id, "point": wanted.point, "name": wanted.name}
        codes |= {"ours": wanted.ours, "by": by}
        self.contain.ledger.act(EntryType.DECISION, codes)

    def leave(self, wanted: LeaveAlerts) -> int:
        """Take its alerts no more; how many accounts are let go of, in the same commit.

        Raises:
            MalformedIdentifier: its alerts are not taken, or nobody decides.
            TemporarilyUnavailable: it could not be written: nothing has changed.
        """
        by = officer_named(wanted.by)
        self.contain.ledger.stamp()
        key_id = self._listened(wanted.publisher).key_id
        codes: Codes = {"publisher": key_id, "ended": 1, "by": by}
        let_go = self._let_go(lambda hold: hold.publisher == key_id)
        self.contain.ledger.act_all([Act(EntryType.DECISION, codes, {}), *let_go])
        return len(let_go)

    def __call__(self, wanted: TakeAlert) -> AlertTaken | AlertNotTaken:
        """Take one; or say at which step it was refused.

        Raises:
            TemporarilyUnavailable: it could not be written; brought again, it is taken once.
        """
        now = self.contain.ledger.stamp()
        try:
            publisher = self._signer(wanted.message)  # (2)
            alert = read_alert(wanted.message, publisher.point)  # (3)
            digest = sha256(wanted.message).digest()
            if _is_last(alert, digest, publisher):
                return AlertTaken(publisher.name, alert.ref, alert.number, known=True)
            check(alert, publisher, now)  # (4) to (8)
        except AlertRefused as refusal:
            return AlertNotTaken(refusal.step, refusal.words)
        return self._taken(alert, digest, publisher, now)

    def settle(self) -> None:
        """Let go of whatever is held on an alert that is over.

        Raises:
            TemporarilyUnavailable: it could not be written; it is tried again.
        """
        holds = self.book.state.holds
        if not holds:
            return
        now = self.contain.ledger.clock.now()
        if any(all(hold.until <= now for hold in those) for those in holds.values()):
            self.contain.ledger.stamp()
            self.contain.ledger.act_all(self._let_go(lambda hold: False))

    def _signer(self, message: bytes) -> Publisher:
        publisher = self.book.state.publishers.get(signer_of(message))
        if publisher is None or publisher.ended:
            raise AlertRefused(SIGNED, "by nobody whose alerts are taken here")
        return publisher

    def _listened(self, key_id: str) -> Publisher:
        for each in self.book.state.publishers.values():
            if each.key_id.hex() == key_id and not each.ended:
                return each
        raise MalformedIdentifier("publisher", "nobody of this key is listened to")

    def _taken(self, alert: Alert, digest: bytes, publisher: Publisher, now: int) -> AlertTaken:
        codes: Codes = {
            "alert": alert.ref,
            "publisher": publisher.key_id,
            "number": alert.number,
            "digest": digest,
            "until": alert.until * SECOND,
            "missed": alert.number - publisher.number - 1,
        }
        told = {"missed": alert.number - publisher.number - 1}
        if alert.withdrawn:
            refs = frozenset(alert.withdrawn)
            moves = self._let_go(lambda h: h.publisher == publisher.key_id and h.ref in refs)
            codes |= {"withdrawn": packed(alert.withdrawn)}
            told |= {"loosened": len(moves)}
        else:
            more, moves, counts = self._named(alert, publisher, now)
            codes |= more
            told |= counts
        self.contain.ledger.act_all([Act(EntryType.DECISION, codes, {}), *moves])
        over = alert.until * SECOND <= now
        taken = AlertTaken(publisher.name, alert.ref, alert.number, over=over)
        return structs.replace(taken, **told)

    def _named(
        self, alert: Alert, publisher: Publisher, now: int
    ) -> tuple[Codes, list[Act], dict[str, int]]:
        """What the entry says of those it names; their moves; what became of how many."""
        named, seen = [], []
        if alert.until * SECOND > now:
            named = named_accounts(alert.subjects, self.contain.sessions)
            seen = self._seen(alert, named)
        loose = [each for each in named if self.contain.guard.stage(each.number) < Stage.NARROWED]
        held = self.book.state.holds
        room = self.book.room(publisher.key_id, self.rules, now)
        waiting = [each.number for each in loose[room:]]
        codes: Codes = {
            "why": alert.why.value,
            "named": alert.subjects.count,
            "found": len(named),
            "past": len(waiting),
            "joins": packed(each.number for each in named if each.number in held),
            "waiting": packed(waiting[:WAITING_MAX]),
            "seen": packed(seen[:WAITING_MAX]),
        }
        counts = {"narrowed": len(loose[:room]), "tighter": len(named) - len(loose)}
        return (
            codes,
            self._narrow(loose[:room], alert, publisher),
            counts | {"waiting": len(waiting) + len(seen)},
        )

    def _seen(self, alert: Alert, named: list[Account]) -> list[int]:
        contain, numbers = self.contain, {each.number for each in named}
        found = seen_on(alert.subjects.networks, contain.sessions, contain.pseudonyms)
        return [number for number in found if number not in numbers]

    def _narrow(self, accounts: Iterable[Account], alert: Alert, publisher: Publisher) -> list[Act]:
        word: Codes = {
            "alert": alert.ref,
            "publisher": publisher.key_id,
            "until": alert.until * SECOND,
        }
        drafted = (self.contain.drafted(a, Stage.NARROWED, ON_ITS_WORD) for a in accounts)
        return [act._replace(codes={**act.codes, **word}) for act in drafted]

    def _let_go(self, over: Callable[[Hold], bool]) -> list[Act]:
        """The moves of accounts that nothing holds but alerts that are over, by time or so."""
        now = self.contain.ledger.clock.now()
        return [
            self._loosened(account)
            for account, holds in self.book.state.holds.items()
            if all(hold.until <= now or over(hold) for hold in holds)
        ]

    def _loosened(self, number: int) -> Act:
        account = self.contain.sessions.accounts.by_number.get(number)
        if account is not None:
            return self.contain.drafted(account, Stage.WATCHED, ON_ITS_WORD)
        # Gone from the registry meanwhile: it is let go of all the same, under no name.
        move = Move(number, Stage.NARROWED, Stage.WATCHED, Why.ALERT, Authority.ALERT)
        return Act(EntryType.CONTAINMENT, move.codes(site=0, at=self.contain.ledger.stamp()), {})


def check(alert: Alert, publisher: Publisher, now: int) -> None:
    """Return if an alert that its publisher has signed is to be taken now.

    Raises:
        AlertRefused: at the first of (4) to (8) that does not hold.
    """
    follows = alert.number == publisher.number + 1
    lately = sum(at > now - DAY for at in publisher.times)
    for step, holds, words in (
        (RECIPIENT, alert.recipient == publisher.ours, "made for another operator"),
        (
            FUTURE,
            alert.made * SECOND <= now + AHEAD,
            "not made yet: a clock is wrong",
        ),
        (NEWER, alert.number > publisher.number, "this one was taken, or one after it"),
        (
            CHAINED,
            not follows or alert.previous == publisher.digest,
            "cites another past",
        ),
        (PACE, lately < ALERTS_A_DAY, f"{ALERTS_A_DAY} of one publisher a day at most"),
    ):
        if not holds:
            raise AlertRefused(step, words)


def _is_last(alert: Alert, digest: bytes, publisher: Publisher) -> bool:
    return alert.number == publisher.number and digest == publisher.digest
