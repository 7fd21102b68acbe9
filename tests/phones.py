"""A member's phone, played in Python: its key, its phone card, its codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rempart.adapters.memory.world import MemoryChance
from rempart.domain.identifiers import CardSerial
from rempart.domain.phone_card import PhoneCard
from rempart.sealing.cose import kid_of
from rempart.sealing.fresh import open_fresh, seal_fresh
from rempart.sealing.locks import card_secret
from rempart.usecases.fresh_codes import (
    bytes_of_fresh,
    fresh_text,
    phone_card_bytes,
    text_of_fresh,
)
from tests.worlds import TODAY, AnInsurer, Card, World


def phone_key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(1000 + number, ec.SECP256R1())


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


@dataclass
class Phone:
    """A phone that shows one card."""

    card: PhoneCard
    insurer: AnInsurer
    key: ec.EllipticCurvePrivateKey
    chance: MemoryChance

    @property
    def signed(self) -> bytes:
        return phone_card_bytes(self.card, self.insurer.key)

    def code(self, vault: bytes, made: int, **more) -> str:
        """A code for a vault's presence key, made at a second."""
        given = {"phone_card": self.signed, "phone": self.key} | more
        return fresh_text(
            **given,
            vault=vault,
            made=made,
            nonce=self.chance.draw(16),
            ephemeral=self.chance.draw(32),
        )

    def sealed_again(self, code: str, private: bytes, vault: bytes) -> str:
        """What a vault could do with what it opened: seal it to another."""
        sealed = bytes_of_fresh(code)
        assert sealed is not None
        inside = open_fresh(sealed, private)
        return text_of_fresh(seal_fresh(inside, ephemeral=self.chance.draw(32), vault=vault))

    def now(self, world: World, *, late: int = 0, **more) -> str:
        """A code for this world's vault, made ``late`` seconds ago."""
        return self.code(world.presence_key(), world.clock.now() // 1_000_000 - late, **more)

    def with_claims(self, **changes) -> Phone:
        return replace(self, card=replace(self.card, **changes))


def phone_of(
    card: Card, insurer: AnInsurer, *, number: int = 1, until: date = date(2026, 12, 31)
) -> Phone:
    """The phone that the insurer enrolled for this card's first serial."""
    serial = CardSerial(key_version=1, number=1)
    key = phone_key(number)
    claims = PhoneCard(
        amc=insurer.amc,
        secret=card_secret(insurer.key_c, card.handle, serial.to_bytes()),
        point=point(key),
        valid_from=TODAY,
        valid_to=until,
        key_id=kid_of(insurer.key.public_key()),
    )
    return Phone(claims, insurer, key, MemoryChance(b"phone %d" % number))
