"""One use of a fresh code, a fold over the ledger's last minutes.

A code is made for now: within ``WINDOW`` of the vault's clock, either way. The first request in
which the vault reads it uses it, whatever becomes of that; the other domains of the same request
are the same use. A code stands here by a keyed digest, and so does a request.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from rempart.domain.disclosure import Entry, EntryType, Presence, question_detail
from rempart.domain.history import of_codes

SECOND = 1_000_000
WINDOW = 60
"""Seconds between the phone's clock and the vault's: scanning takes some, clocks differ by some."""
KEPT = (2 * WINDOW + 5) * SECOND
"""Microseconds after which a used code is too old to be taken anyway, whatever its clock said."""


NO_REQUEST = b""
"""In place of the request where a code serves nothing a second time: one's own history."""


class FreshUse(NamedTuple):
    """A code as it was read: keyed digests of it and of who used it, and when it was made (s)."""

    code: bytes
    request: bytes
    made: int


@dataclass(slots=True)
class FreshCodes:
    """The fold: code to the request that used it, and when, in the order of use."""

    used: dict[bytes, tuple[bytes, int]] = field(default_factory=dict, repr=False)
    _new: list[tuple[bytes, tuple[bytes, int] | None]] = field(
        default_factory=list, repr=False, compare=False
    )

    def doubt(self, use: FreshUse, *, at: int) -> str:
        """Why a code does not serve at a moment in microseconds; nothing where it does."""
        if abs(use.made - at // SECOND) > WINDOW:
            return "time: not made within a minute of now"
        used = self.used.get(use.code)
        if used is not None and (used[0] != use.request or use.request == NO_REQUEST):
            return "once: this code has been used"
        return ""

    def note(self, code: bytes, request: bytes, *, at: int) -> None:
        """A code was read, in an entry of this moment."""
        before = self.used.get(code)
        if before is None or before[1] <= at - KEPT:
            self.used.pop(code, None)
            self.used[code] = request, at
            self._new.append((code, before))

    def mark(self) -> None:
        """What was noted is durable, and what is too old by then is dropped."""
        if not self._new:
            return
        newest = self.used[self._new[-1][0]][1]
        while self.used[oldest := next(iter(self.used))][1] <= newest - KEPT:
            del self.used[oldest]
        self._new.clear()

    def undo(self) -> None:
        """What was noted since the mark was not kept."""
        for code, before in reversed(self._new):
            del self.used[code]
            if before is not None:
                self.used[code] = before
        self.used = dict(sorted(self.used.items(), key=lambda each: each[1][1]))
        self._new.clear()

    def forget(self) -> None:
        """Start again, before absorbing the ledger again."""
        self.used = {}
        self._new.clear()

    def absorb(self, entry: Entry, detail: bytes) -> None:
        """Count an entry of the ledger. Questions are durable: weeks of them leave minutes here."""
        if entry.type is EntryType.QUESTION and entry.presence is Presence.FRESH:
            codes = question_detail(detail)
            if codes.code:
                self.note(codes.code, codes.request, at=entry.at)
                self.mark()
        elif entry.type is EntryType.HISTORY:
            # Absorbed before it is durable: marked, or taken back, with its commit.
            self.note(of_codes(detail).code, NO_REQUEST, at=entry.at)
