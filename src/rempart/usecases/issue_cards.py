"""Issue the cards of a member file: code and printed key of each live card, at the insurer.

A card printed before Rempart (serial 0) has neither; a canary has no card at all: it is nobody,
and whoever shows its things has no patient. A card attests the rights that its row says:
its first day is that of the last period that begins before it ends. Its guarantees stand on it
alone: the platform learns them from no feed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TextIO

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rempart.domain.card import CardClaims
from rempart.domain.coverage import ContractKind, RightsRecord
from rempart.domain.errors import MalformedIdentifier, MalformedRow
from rempart.domain.hidden import Hidden
from rempart.domain.insurer import InsurerProfile
from rempart.domain.member_cells import LiveCard
from rempart.domain.memberfile import Member, Rejected, read_members
from rempart.sealing.cose import kid_of
from rempart.sealing.locks import printed_key
from rempart.usecases.card_codes import card_text
from rempart.usecases.insurer_keys import card_signing_key
from rempart.usecases.insurer_ports import CardPlace, CardRegister
from rempart.usecases.make_locks import LockMaker
from rempart.usecases.ports import Chance, KeyStore


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IssuedCard(Hidden):
    """What is printed on one card: ``code`` as a QR, ``printed_key`` (8 characters) beside it."""

    line: int
    reference: str
    serial: int
    until: date
    code: str
    printed_key: str


def first_day(record: RightsRecord, until: date) -> date | None:
    """First day of the last period that was not cancelled and begins before ``until``."""
    ends: dict[date, date | None] = {}
    for period in sorted(record.periods, key=lambda period: period.known_since):
        ends[period.valid_from] = period.valid_to
    starts = [
        start for start, end in ends.items() if start <= until and (end is None or start <= end)
    ]
    return max(starts, default=None)


@dataclass(slots=True, kw_only=True)
class IssueCards:
    """The issue, at one insurer, inside ``register.taking()``: a card has its place on the status
    list from then on. ``today`` serves nothing that a card says.
    """

    profile: InsurerProfile
    keys: KeyStore = field(repr=False)
    chance: Chance
    register: CardRegister
    today: date
    _maker: LockMaker = field(init=False, repr=False)
    _signing: EllipticCurvePrivateKey = field(init=False, repr=False)
    _kid: bytes = field(init=False)

    def __post_init__(self) -> None:
        self._maker = LockMaker(self.profile, self.keys, self.chance, self.today)
        self._signing = card_signing_key(self.keys)
        self._kid = kid_of(self._signing.public_key())

    def __call__(
        self, stream: TextIO, *, rejected: Callable[[MalformedRow], object]
    ) -> Iterator[IssuedCard]:
        """Each card of each row; a row with a fault is named and has none.

        Raises:
            MalformedRow: the header line lacks a column.
        """
        for row in read_members(stream, self.profile.member_number_rule):
            if isinstance(row, Rejected):
                for fault in row.faults:
                    rejected(fault)
                continue
            try:
                yield from self.cards_of(row)
            except MalformedRow as fault:
                rejected(fault)

    def printable(self, member: Member) -> list[LiveCard]:
        """The cards of this row that have a code; none for a canary.

        Raises:
            MalformedRow: a serial whose card key was never made, or a card without rights.
        """
        self._maker.live(member)  # Refuses a serial whose card key was never made.
        if member.rights.record.contract is ContractKind.CANARY:
            return []
        cards = [card for card in member.cards if not card.serial.before_rempart]
        if any(first_day(member.rights.record, card.until) is None for card in cards):
            raise MalformedRow(member.line, "cards", "no period begins before the card ends")
        return cards

    def cards_of(self, member: Member) -> list[IssuedCard]:
        """The cards of one row.

        Raises:
            MalformedRow: as ``printable``.
        """
        return [self.card_of(member, card) for card in self.printable(member)]

    def settle(self, member: Member, card: LiveCard) -> None:
        """Give a card its place on the status list, for whoever issues it afterwards."""
        self._place(self._maker.handle(member.reference.value), card)

    def card_of(self, member: Member, card: LiveCard) -> IssuedCard:
        """One of the cards that ``printable`` gave."""
        claims = self.claims_of(member, card)
        return IssuedCard(
            line=member.line,
            reference=member.reference.value,
            serial=card.packed,
            until=card.until,
            code=card_text(claims, self._signing),
            printed_key=printed_key(claims.secret),
        )

    def handle(self, reference: str) -> bytes:
        """The handle of a reference."""
        return self._maker.handle(reference)

    def claims_of(self, member: Member, card: LiveCard) -> CardClaims:
        """What one of the cards that ``printable`` gave says.

        Raises:
            MalformedRow: it cannot be said on a card.
        """
        handle = self._maker.handle(member.reference.value)
        record = member.rights.record
        begins = first_day(record, card.until)
        if begins is None:
            raise MalformedRow(member.line, "cards", "no period begins before the card ends")
        try:
            return CardClaims(
                amc=self.profile.amc.value,
                convention=member.convention,
                csr=member.csr,
                secret=self._maker.card_secret(handle, card.packed),
                birth_year=member.birth_date.year,
                domains=record.domains,
                responsable=record.responsable,
                valid_from=begins,
                valid_to=card.until,
                key_id=self._kid,
                status_index=self._place(handle, card),
                guarantees=member.guarantees.claim(begins),
            )
        except MalformedIdentifier as refusal:
            raise MalformedRow(member.line, "cards", refusal.rule) from None

    def _place(self, handle: bytes, card: LiveCard) -> int:
        return self.register.place(CardPlace(handle, card.packed, card.ends), self._draw)

    def _draw(self, places: int) -> int:
        """A place by chance; ``places`` is a power of two."""
        return int.from_bytes(self.chance.draw(4), "big") & (places - 1)
