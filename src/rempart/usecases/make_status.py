"""Make the status list of an insurer from its member file: which printed cards are over.

(1) every live card of the file is said to be on file, until its last day;
(2) a person whose row does not read, or brings back a card that was replaced, stays as before, but
    for cards that were replaced; a row that does not say of whom it is ends the making: who would
    be ended by mistake?
(3) a card that was issued and is not on file any more, or for fewer days than it was printed with,
    is over until its own last day;
(4) many that end at once are more often half a file than half a membership.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TextIO

from rempart.domain.errors import ListRefused, MalformedRow
from rempart.domain.insurer import InsurerProfile
from rempart.domain.memberfile import Member, Rejected, check_replaced, read_members
from rempart.domain.status_list import StatusList, bits_of
from rempart.sealing.handles import handle_of
from rempart.usecases.card_lists import sign_status
from rempart.usecases.insurer_keys import HANDLE, card_signing_key
from rempart.usecases.insurer_ports import CardPlace, CardRegister
from rempart.usecases.ports import KeyStore

BATCH = 1_000
ENDING_SHARE_MAX = 0.02
"""More cards that end at once than this: half a file, more often than half a membership."""
KEPT_DAYS = 40
"""Days for which the place of a card that has run out stays empty: older lists still name it."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
DAY = 86_400


@dataclass(slots=True, kw_only=True)
class StatusReport:
    """What a list says, and of how many cards it was made."""

    read: int = 0
    rejected: int = 0
    nameless: int = 0
    stand: int = 0
    ended: int = 0
    over: int = 0
    places: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeStatus:
    """The making, at one insurer, inside ``register.taking()``. ``good_for`` is in seconds;
    ``replaced`` the lowest serial that somebody's cards may have, by handle.
    """

    profile: InsurerProfile
    keys: KeyStore = field(repr=False)
    register: CardRegister
    good_for: int
    replaced: Mapping[bytes, int] = field(default_factory=dict, repr=False)

    def __call__(
        self,
        stream: TextIO,
        *,
        now: int,
        rejected: Callable[[MalformedRow], object],
        watch: Callable[[int], object] = lambda _: None,
        confirm_ending: bool = False,
    ) -> tuple[bytes, StatusReport]:
        """The signed list; ``now`` is in seconds since 1970.

        Raises:
            MalformedRow: the header line lacks a column.
            ListRefused: (2) or (4): nothing is kept, the list before still stands.
        """
        report, today = StatusReport(), (now - int(EPOCH.timestamp())) // DAY
        self.register.forget(today - KEPT_DAYS)
        self.register.recount()
        self._read(stream, report, rejected, watch)
        if report.nameless:  # (2)
            raise ListRefused(f"rows that do not say of whom they are: {report.nameless}")
        report.stand, report.ended = self.register.ending(today)
        if report.ended > ENDING_SHARE_MAX * (report.stand + report.ended) and not confirm_ending:
            raise ListRefused(
                f"{report.ended} cards would end at once: confirm, if it is so"
            )  # (4)
        places = self.register.places()
        over = list(self.register.over(today))  # (3)
        report.over, report.places = len(over), places
        status = StatusList(
            amc=self.profile.amc.value,
            made=now,
            until=now + self.good_for,
            bits=bits_of(places, over),
        )
        return sign_status(status, card_signing_key(self.keys)), report

    def _read(
        self,
        stream: TextIO,
        report: StatusReport,
        rejected: Callable[[MalformedRow], object],
        watch: Callable[[int], object],
    ) -> None:
        rows = read_members(stream, self.profile.member_number_rule)
        while batch := list(islice(rows, BATCH)):
            standing, older = self._cards(batch)
            self.register.on_file(standing)  # (1)
            for row in batch:
                if isinstance(row, Rejected):
                    self._reject(row, report, rejected)
            for fault, handle in older:
                report.rejected += 1
                rejected(fault)
                self._as_before(handle)
            report.read += len(batch)
            watch(len(batch))

    def _cards(
        self, batch: list[Member | Rejected]
    ) -> tuple[list[CardPlace], list[tuple[MalformedRow, bytes]]]:
        """Cards that are on file; and the handles of rows that bring a replaced card back."""
        standing: list[CardPlace] = []
        older: list[tuple[MalformedRow, bytes]] = []
        for row in batch:
            if isinstance(row, Member):
                handle = self._handle(row.reference.value)
                try:
                    check_replaced(row, self.replaced.get(handle, 0))
                except MalformedRow as fault:
                    older.append((fault, handle))
                    continue
                standing += [CardPlace(handle, card.packed, card.ends) for card in row.cards]
        return standing, older

    def _reject(
        self, row: Rejected, report: StatusReport, rejected: Callable[[MalformedRow], object]
    ) -> None:
        report.rejected += 1
        for fault in row.faults:
            rejected(fault)
        if row.reference is None:
            report.nameless += 1
        else:
            self._as_before(self._handle(row.reference.value))

    def _as_before(self, handle: bytes) -> None:
        """(2) Their cards stay as they were, but for those that were replaced."""
        self.register.unread(handle)
        self.register.end(handle, self.replaced.get(handle, 0))

    def _handle(self, reference: str) -> bytes:
        return handle_of(self.keys.get(HANDLE), self.profile.amc.value.encode(), reference.encode())
