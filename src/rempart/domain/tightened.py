"""Accounts that the guard, or an alert, has just tightened: whoever is on call is told, once it is
durable.

A fold over the ledger that keeps nothing of the past: what a vault reads again at its start was
told by the vault that wrote it, but for who is frozen and still owed an answer: better twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import Entry, EntryType, decode_codes
from rempart.domain.guard import Move

ANSWER_WITHIN = 1_800_000_000
"""Microseconds within which the owner of a frozen account is promised an answer, day and night."""

UNATTENDED = frozenset({Authority.GUARD, Authority.ALERT})
"""Who tightens with no person of ours looking on."""


class Tightened(NamedTuple):
    """An account by its number, what it is now, why, and since when (microseconds)."""

    account: int
    stage: Stage
    why: Why
    at: int

    @property
    def answer_by(self) -> int | None:
        """Until when somebody is to answer its owner, where it is frozen; microseconds."""
        return self.at + ANSWER_WITHIN if self.stage >= Stage.FROZEN else None


@dataclass(slots=True)
class JustTightened:
    """What waits to be told."""

    _absorbed: list[Tightened] = field(default_factory=list, repr=False)
    _durable: list[Tightened] = field(default_factory=list, repr=False)

    def absorb(self, entry: Entry, detail: bytes) -> None:
        """Look at an entry."""
        if entry.type is EntryType.CONTAINMENT:
            codes = decode_codes(detail)
            self.note(Move.from_codes(codes), int(codes["at"]))

    def note(self, move: Move, at: int) -> None:
        """Look at a move that is being written."""
        if move.authority in UNATTENDED and move.target > move.current:
            self._absorbed.append(Tightened(move.account, move.target, move.why, at))

    def mark(self) -> None:
        """What was absorbed is durable."""
        self._durable += self._absorbed
        self._absorbed.clear()

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        self._absorbed.clear()

    def forget(self) -> None:
        """Start again from nothing."""
        self._absorbed.clear()
        self._durable.clear()

    def begin(self, now: int, frozen: Callable[[int], bool]) -> None:
        """Of what was read again, keep who is still ``frozen`` and owed an answer: the vault that
        froze them may have been killed before it told anybody.
        """
        self._durable = [
            each
            for each in self._durable
            if each.answer_by is not None and now < each.answer_by and frozen(each.account)
        ]

    def take(self) -> list[Tightened]:
        """What has not been told yet: it has now."""
        found, self._durable = self._durable, []
        return found
