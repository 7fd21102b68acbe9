"""Rebuild what sites know of beneficiaries from the entries of the last twelve months.

The table is written with the entries, in the same commit, and is never believed beyond them: after
a restore that lost it, or where somebody is thought to have changed it, it is made again.

(1) nobody appends meanwhile: the table's port holds the place of the ledger's one writer;
(2) each entry that opened says what was known before it (``trace.Ages``) and under which presence
    it opened: what was known after it follows;
(3) the last entry of a pair stands; all of it is kept, or nothing.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rempart.domain.budget import DAY
from rempart.domain.disclosure import EntryType, Outcome, decode, question_detail
from rempart.domain.errors import IntegrityBroken
from rempart.domain.known import SINCE_1970, before_today
from rempart.domain.trace import KNOWN_FOR, Ages
from rempart.usecases.ledger_view import LedgerView, StoredEntry

BATCH = 10_000
"""Entries read before what they say is put away."""


class KnownTable(Protocol):
    """What sites know of beneficiaries, open to be made again.

    Nobody appends to the ledger while it is open. What was put is durable once it closes, and none
    of it if that fails.
    """

    def empty(self) -> None:
        """Take everything out."""
        ...

    def put(self, known: Mapping[bytes, bytes]) -> None:
        """Put in, or replace, by pair."""
        ...


@dataclass(frozen=True, slots=True)
class RebuildKnown:
    """The rebuild; memory does not grow with the ledger."""

    ledger: LedgerView
    table: KnownTable

    def __call__(self, *, now: int, told: Callable[[int], object] = lambda _: None) -> int:
        """How many answers were counted; ``told`` hears of entries read.

        Raises:
            IntegrityBroken: an entry and its detail disagree: nothing is changed.
        """
        since, counted, read = now - KNOWN_FOR * DAY, 0, 0
        learnt: dict[bytes, bytes] = {}
        self.table.empty()  # (1)
        for stored in self.ledger.entries():
            read += 1
            if found := _learnt(stored, since):  # (2)
                pair, days = found
                learnt[pair] = days  # (3)
                counted += 1
            if read % BATCH == 0:
                self._put(learnt)
                told(BATCH)
        self._put(learnt)
        told(read % BATCH)
        return counted

    def _put(self, learnt: dict[bytes, bytes]) -> None:
        if learnt:
            self.table.put(learnt)
            learnt.clear()


def _learnt(stored: StoredEntry, since: int) -> tuple[bytes, bytes] | None:
    """A pair and its days as one entry left them; none where it left them as they were."""
    if stored.body is None:
        return None
    entry = decode(stored.body)
    if (
        entry.type is not EntryType.QUESTION
        or entry.outcome is not Outcome.OPENED
        or entry.at < since
    ):
        return None
    detail = stored.detail or b""
    if hashlib.sha256(detail).digest() != entry.detail_digest:
        raise IntegrityBroken(f"entry {stored.index} and its detail disagree")
    codes = question_detail(detail)
    if not codes.site:
        # Of the first version: nobody knew pairs yet.
        return None
    today = entry.at // DAY - SINCE_1970
    ages = Ages(codes.first, codes.seen, codes.typed, codes.legacy, codes.proved)
    return codes.pair, before_today(ages, today).after(entry.presence, today).encode()
