"""Cut one thing, and open it again.

(1) one person cuts anything, at once; the widest is opened again by two (``TAKES_TWO``);
(2) the entry comes first: nothing is cut, or opened again, that the ledger does not say;
(3) sessions of an account, a site or a software that is cut end. Those of a way in, of an insurer,
    of everything stay, and get nothing: each of their questions leaves an entry, which tells
    afterwards who could not be served, and nobody stampedes to sign in when it is over;
(4) the row that other processes read is signed anew.

An order that was left in a file while no vault answered is taken in before anything else is opened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rempart.domain.containment import Authority
from rempart.domain.cutoff import CutOff, CutOffs, cleared_codes, keys_of, widest
from rempart.domain.cutoff_words import NARROW, TAKES_TWO, CutWhy, Scope
from rempart.domain.disclosure import EntryType, Presence
from rempart.domain.errors import (
    MalformedIdentifier,
    Refusal,
    TemporarilyUnavailable,
)
from rempart.domain.person import told
from rempart.usecases.clearing import two
from rempart.usecases.contain_account import ContainAccounts, named, officer_named
from rempart.usecases.cut_off_messages import (
    ClearCutOff,
    CutOffSet,
    CutOffShown,
    CutOffsShown,
    SetCutOff,
)
from rempart.usecases.cut_off_names import CutOffNames
from rempart.usecases.cut_off_ports import CutOrders
from rempart.usecases.cut_together import fallen
from rempart.usecases.open_session import Session
from rempart.usecases.read_question import Read
from rempart.usecases.tell_cut_offs import TellCutOffs

SHOWN = 50
"""Cut-offs on one page: with the longest names, it still fits a frame."""
TYPED = frozenset({Presence.DECLARED, Presence.LEGACY})

Operators = Callable[[], Mapping[bytes, str]]
"""Keys of the operators that this installation trusts, with their names."""


def order_of(text: str) -> bytes:
    """The name of an order.

    Raises:
        MalformedIdentifier: not hexadecimal.
    """
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise MalformedIdentifier("order", "expected hexadecimal") from None


@dataclass(slots=True)
class CutAndRestore:
    """``cut_offs`` is a fold over the ledger."""

    cut_offs: CutOffs
    contain: ContainAccounts
    tell: TellCutOffs
    orders: CutOrders
    operators: Operators
    names: CutOffNames = field(init=False)

    def __post_init__(self) -> None:
        self.names = CutOffNames(self.contain)

    def set(self, wanted: SetCutOff, *, asked: int = 0) -> CutOffSet:
        """Cut: from now, from later, or from when it was ordered (``asked``).

        Raises:
            MalformedIdentifier: nothing that can be cut, or nobody who decides.
            TemporarilyUnavailable: it could not be written: nothing has changed.
        """
        order = order_of(wanted.order)
        if (same := self.cut_offs.ordered(order)) is not None:
            return CutOffSet(same.ref, same.since)
        at = asked or self.contain.ledger.stamp()
        scope, why = named(Scope, wanted.scope, "scope"), named(CutWhy, wanted.why, "why")
        if why is CutWhy.FROZEN_TOGETHER:
            raise MalformedIdentifier("why", "a reason of the guard's")
        cut = CutOff(
            scope=scope,
            number=self.names.number(scope, wanted.what),
            since=max(wanted.since, at),
            until=wanted.until,
            why=why,
            authority=Authority.OFFICER,
            by=officer_named(wanted.by),
            order=order,
        )
        cut.check(at)
        return CutOffSet(self._write(cut), cut.since)

    def clear(self, wanted: ClearCutOff) -> None:
        """Open again, on the word of one or of two.

        Raises:
            MalformedIdentifier: nothing is cut under this number any more, or nobody decides.
            NotAllowed: it takes two, and two do not say so.
            TemporarilyUnavailable: it could not be written: nothing has changed.
        """
        now = self.contain.ledger.stamp()
        cut = self.cut_offs.find(wanted.ref, now)
        by = (
            two(wanted, self.operators(), now)
            if cut.scope in TAKES_TWO
            else officer_named(wanted.by)
        )
        self.open_again(cut.ref, by)

    def open_again(self, ref: int, by: str) -> None:
        """Open again what one or two have agreed to.

        Raises:
            MalformedIdentifier: nothing is cut under this number any more.
        """
        cut = self.cut_offs.find(ref, self.contain.ledger.stamp())
        codes, columns = cleared_codes(by), self._columns(cut)
        self.contain.ledger.act(EntryType.CUT_OFF, codes, cites=ref, **columns)
        self.tell.now()

    def of_guard(self, number: int) -> None:
        """The guard has frozen this account: what falls with it is cut."""
        now = self.contain.ledger.stamp()
        for cut in fallen(self.contain, number, now):
            if self.cut_offs.over(iter((cut.key,)), now) is None:
                self._write(cut)

    def _write(self, cut: CutOff) -> int:
        ref = self.contain.ledger.act(EntryType.CUT_OFF, cut.codes(), **self._columns(cut))
        self._end_sessions()
        self.tell.now()
        return ref

    def _columns(self, cut: CutOff) -> dict[str, int | bytes]:
        _, key = self.contain.pseudonyms.key(self.contain.ledger.stamp())
        return self.names.columns(cut, key)

    def over_question(self, session: Session, read: Read, now: int) -> CutOff | None:
        """The one that stands over a question, before it is looked up.

        What is typed may yet prove to be known: that is told once it was looked up.
        """
        if not self.cut_offs.standing:
            return None
        presence = Presence.NONE if read.presence in TYPED else read.presence
        asked = session.subject._replace(amc=read.amc, presence=presence)
        return self.cut_offs.over(keys_of(asked), now)

    def over_committed(self, session: Session, read: Read, now: int) -> CutOff | None:
        """The one that stands over what is committed and about to be opened."""
        if not self.cut_offs.standing:
            return None
        asked = session.subject._replace(amc=read.amc, presence=read.presence)
        return self.cut_offs.over(keys_of(asked), now)

    def take_in(self) -> None:
        """Take in what was ordered while no vault answered.

        Raises:
            TemporarilyUnavailable: an order cannot be read, understood or written: nothing may be
                opened until it is, or is taken away.
        """
        if not self.orders.waiting():
            return
        for order in self.orders.read():
            try:
                self.set(order.wanted, asked=order.asked)
            except Refusal as refusal:
                raise TemporarilyUnavailable(f"an order to cut, {refusal}") from None
            self.orders.done(order)

    def settle(self) -> None:
        """Keep house: orders, sessions of what is cut by now, the row.

        Raises:
            TemporarilyUnavailable: an order waits, or the row could not be written.
        """
        self.take_in()
        self._end_sessions()
        self.tell.settle()

    def _end_sessions(self) -> None:
        now = self.contain.ledger.clock.now()
        standing = self.cut_offs.standing.values()
        keys = frozenset(c.key for c in standing if c.scope in NARROW and c.stands(now))
        if keys:
            self.contain.sessions.end_under(keys)

    def shown(self) -> CutOffsShown:
        """What is cut or will be, by the names of what it is."""
        now = self.contain.ledger.clock.now()
        standing = [cut for cut in self.cut_offs.standing.values() if not cut.is_over(now)]
        rows = [self._shown(cut, now) for cut in widest(standing)[:SHOWN]]
        return CutOffsShown(tuple(rows), len(standing))

    def _shown(self, cut: CutOff, now: int) -> CutOffShown:
        return CutOffShown(
            ref=cut.ref,
            scope=told(cut.scope.name),
            what=self.names.what(cut),
            since=cut.since,
            until=cut.until,
            why=told(cut.why.name),
            authority=told(cut.authority.name),
            by=cut.by,
            stands=cut.stands(now),
            two=cut.scope in TAKES_TWO,
        )
