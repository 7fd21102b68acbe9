"""Invite the phones of a member file, and follow its people's cards afterwards.

A person's cards follow one another while two of them are live together, as in a renewal. Where
none of those that are kept is on file any more, and another is, the card was lost: its phones and
invitations end with it, as they hold its secret.

Whoever is invited has a code by post or in the member space. The insurer keeps a keyed digest.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TextIO

from rempart.domain.errors import ListRefused, MalformedRow
from rempart.domain.invitation import CODE_SIZE, InvitationCode
from rempart.domain.memberfile import Member, Rejected, read_members
from rempart.usecases.enrol_phones import invitation_digest, kept
from rempart.usecases.issue_cards import IssueCards
from rempart.usecases.phone_ports import KeptCard, PhoneBook
from rempart.usecases.ports import Chance

BATCH = 500
"""Rows in one change of the book: a phone that asks meanwhile waits for no longer."""
ENDING_SHARE_MAX = 0.02
"""Beyond, people who are on file no more are taken for a file that was cut short."""
DAY = 86_400

Reject = Callable[[MalformedRow], object]


@dataclass(frozen=True, slots=True)
class Invited:
    """For one letter: of whom, the code, and until when (seconds since 1970)."""

    reference: str = field(repr=False)
    code: InvitationCode
    lapses: int


@dataclass(slots=True)
class Followed:
    """People with invitations or phones: how many are on file, lost their card, or left."""

    stay: int = 0
    lost: int = 0
    left: int = 0
    rejected: int = 0


@dataclass(slots=True, kw_only=True)
class InvitePhones:
    """One insurer's invitations; inside ``issue.register.taking()``."""

    issue: IssueCards
    book: PhoneBook
    chance: Chance

    def __call__(
        self,
        stream: TextIO,
        *,
        wanted: Callable[[str], bool],
        now: int,
        days: int,
        rejected: Reject,
    ) -> Iterator[Invited]:
        """An invitation for each person whose reference is ``wanted``, once it is durable.

        Raises:
            MalformedRow: the header line lacks a column.
        """
        lapses = now + days * DAY
        with self.book.taking():
            self.book.lapse(now)
        rows = self._rows(stream, rejected, wanted)
        while batch := list(islice(rows, BATCH)):
            with self.book.taking():
                invited = [self._invite(*row, lapses) for row in batch]
            yield from invited

    def _rows(
        self, stream: TextIO, rejected: Reject, wanted: Callable[[str], bool]
    ) -> Iterator[tuple[Member, list[KeptCard]]]:
        for row in read_members(stream, self.issue.profile.member_number_rule):
            if isinstance(row, Rejected):
                for fault in row.faults:
                    rejected(fault)
            elif wanted(row.reference.value):
                try:
                    cards = self._cards(row)
                    if not cards:
                        raise MalformedRow(row.line, "cards", "no card that a phone can show")
                    yield row, cards
                except MalformedRow as fault:
                    rejected(fault)

    def _cards(self, member: Member) -> list[KeptCard]:
        return [
            kept(card.packed, self.issue.claims_of(member, card))
            for card in self.issue.printable(member)
        ]

    def _invite(self, member: Member, cards: list[KeptCard], lapses: int) -> Invited:
        handle = self.issue.handle(member.reference.value)
        follow(self.book, handle, cards)
        code = InvitationCode.of(self.chance.draw(CODE_SIZE))
        self.book.invite(invitation_digest(self.issue.keys, code), handle, lapses)
        return Invited(member.reference.value, code, lapses)

    def follow(self, stream: TextIO, *, rejected: Reject, confirm_ending: bool = False) -> Followed:
        """Follow the cards of whoever is in the book; all of it or nothing.

        Raises:
            MalformedRow: the header line lacks a column.
            ListRefused: a row says not of whom it is, or too many would end at once.
        """
        report = Followed()
        with self.book.taking():
            self.book.recount()
            for row in read_members(stream, self.issue.profile.member_number_rule):
                if isinstance(row, Rejected):
                    self._unread(row, report, rejected)
                else:
                    self._follow(row, report, rejected)
            known, report.left = self.book.missing()
            ending = report.left + report.lost
            if ending > ENDING_SHARE_MAX * (known + report.lost) and not confirm_ending:
                raise ListRefused(f"phones of {ending} people would end: confirm, if it is so")
            self.book.forget_missing()
        report.stay = known - report.left
        return report

    def _follow(self, row: Member, report: Followed, rejected: Reject) -> None:
        handle = self.issue.handle(row.reference.value)
        if not self.book.cards(handle):
            return
        try:
            cards = self._cards(row)
        except MalformedRow as fault:
            rejected(fault)
            report.rejected += 1
            self.book.unread(handle)
            return
        if follow(self.book, handle, cards):
            report.lost += 1
            self.book.forget(handle)

    def _unread(self, row: Rejected, report: Followed, rejected: Reject) -> None:
        for fault in row.faults:
            rejected(fault)
        report.rejected += 1
        if row.reference is None:
            raise ListRefused("a row that does not say of whom it is: correct the file")
        self.book.unread(self.issue.handle(row.reference.value))


def follow(book: PhoneBook, handle: bytes, cards: Sequence[KeptCard]) -> bool:
    """Keep somebody's live cards; whether the one that their phones show was lost."""
    before = {card.serial for card in book.cards(handle)}
    lost = bool(before) and before.isdisjoint(card.serial for card in cards)
    if lost:
        book.forget(handle)
    book.keep(handle, cards)
    return lost
