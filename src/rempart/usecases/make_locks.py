"""Make a beneficiary's blind locks: from the card key and the printed things to find and box.

Nothing made here but finds and boxes leaves the insurer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from rempart.domain.errors import MalformedRow
from rempart.domain.feed_rows import CARD, DECLARED, BlindLock
from rempart.domain.insurer import InsurerProfile
from rempart.domain.live_locks import LiveLock, legacy_end, live_locks
from rempart.domain.memberfile import Member
from rempart.sealing.digests import row_digest
from rempart.sealing.framing import prefixed
from rempart.sealing.handles import handle_of
from rempart.sealing.locks import (
    NONCE_SIZE,
    card_secret,
    declared_secret,
    find_of,
    legacy_secret,
    printed_key,
    seal_box,
)
from rempart.usecases.insurer_keys import DIGEST, HANDLE, card_keys
from rempart.usecases.ports import Chance, KeyStore

Printed = tuple[bytes, bytes, bytes]
"""Member number, birth date and rank, as they stand in secrets."""


@dataclass(slots=True)
class LockMaker:
    """An insurer's keys and choices, ready for a whole file."""

    profile: InsurerProfile
    keys: KeyStore = field(repr=False)
    chance: Chance
    today: date
    amc: bytes = field(init=False)
    _handle_key: bytes = field(init=False, repr=False)
    _digest_key: bytes = field(init=False, repr=False)
    _card_keys: dict[int, bytes] = field(init=False, repr=False)
    _legacy_ends: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.amc = self.profile.amc.value.encode()
        self._handle_key = self.keys.get(HANDLE)
        self._digest_key = self.keys.get(DIGEST)
        self._card_keys = card_keys(self.keys)
        self._legacy_ends = legacy_end(self.profile.legacy_until, today=self.today)

    def handle(self, reference: str) -> bytes:
        """The handle of a reference."""
        return handle_of(self._handle_key, self.amc, reference.encode())

    def live(self, member: Member) -> list[LiveLock]:
        """The locks that this beneficiary has.

        Raises:
            MalformedRow: a serial names a card key that was never made.
        """
        for card in member.cards:
            version = card.packed >> 16
            # Version 0 is that of cards printed before Rempart alone.
            if version and version not in self._card_keys:
                raise MalformedRow(member.line, "cards", f"there is no card key {version}")
        return live_locks(
            member.cards, declared=self.profile.declared, legacy_ends=self._legacy_ends
        )

    def digest(self, member: Member, live: Sequence[LiveLock], printed: Printed) -> bytes:
        """What tells that a row has changed: 32 bytes that say nothing else."""
        reference = member.reference.value.encode()
        canonical = prefixed(reference, *printed, member.rights.encoded)
        locks = [
            (kind, serial.to_bytes(4, "big"), ends.to_bytes(2, "big"))
            for kind, serial, ends in live
        ]
        return row_digest(self._digest_key, canonical, locks)

    def card_secret(self, handle: bytes, serial: int) -> bytes:
        """Secret of a card of Rempart."""
        return card_secret(self._card_keys[serial >> 16], handle, serial.to_bytes(4, "big"))

    def locks(
        self, member: Member, handle: bytes, live: Sequence[LiveLock], printed: Printed
    ) -> list[BlindLock]:
        """Each lock with its find and its box."""
        amc, record, draw = self.amc, member.rights.encoded, self.chance.draw
        locks, of_card = [], b""
        for kind, serial, ends in live:
            if kind == CARD:
                secret = of_card = self.card_secret(handle, serial)
            elif kind == DECLARED:
                # A declared lock follows the card lock that its printed key is of.
                key = printed_key(of_card).encode()
                secret = declared_secret(amc, *printed, key)
            else:
                secret = legacy_secret(amc, *printed)
            box = seal_box(
                secret,
                record,
                amc=amc,
                handle=handle,
                kind=kind,
                serial=serial.to_bytes(4, "big"),
                nonce=draw(NONCE_SIZE),
            )
            locks.append(BlindLock(kind, serial, ends, find_of(secret), box))
        return locks


def printed_things(member: Member) -> Printed:
    """What is printed on every card of this beneficiary."""
    return (
        member.member_number.value.encode(),
        member.birth_date.value.encode(),
        b"%d" % member.birth_rank.value,
    )
