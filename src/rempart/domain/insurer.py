"""An insurer as it stands towards the platform: its profile at home, its public bundle outside.

* The bundle holds public keys and rules only; whoever registers it compares its fingerprint with
  the one that the insurer reads out by another way.
* The bundle has one form: what is signed is its canonical JSON (sorted keys, no spaces, ASCII).
* Declared and legacy locks exist by the insurer's choice alone, legacy ones until a date.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import AMCNumber, MemberNumberRule

FORMAT = 1
FINGERPRINT_SIZE = 16
"""Bytes that are read out: 128 bits, that no other bundle can be made to share."""
ED25519_SIZE, X25519_SIZE, P256_POINT_SIZE, KEY_ID_SIZE = 32, 32, 65, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicBundle:
    """What an insurer publishes.

    ``feed_key`` verifies its feeds (Ed25519, 32 bytes); ``card_keys`` verify its cards: P-256
    points (uncompressed, 65 bytes) by key id (8 bytes).
    """

    amc: AMCNumber
    sandbox: bool
    member_number_rule: MemberNumberRule
    feed_key: bytes
    card_keys: Mapping[bytes, bytes]

    def to_json(self) -> dict[str, Any]:
        """The bundle as JSON values."""
        return {
            "format": FORMAT,
            "amc": self.amc.value,
            "sandbox": self.sandbox,
            "member_number_rule": self.member_number_rule.to_json(),
            "feed_key": b64(self.feed_key),
            "card_keys": {kid.hex(): b64(point) for kid, point in self.card_keys.items()},
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            MalformedIdentifier: another format, an entry missing, unknown, or of the wrong kind.
        """
        match said:
            case {
                "format": 1,
                "amc": str(amc),
                "sandbox": bool(sandbox),
                "member_number_rule": dict(rule),
                "feed_key": str(feed_key),
                "card_keys": dict(card_keys),
            } if len(said) == 6:
                pass
            case _:
                raise MalformedIdentifier("bundle", "not of a known format")
        return cls(
            amc=AMCNumber.parse(amc),
            sandbox=sandbox,
            member_number_rule=MemberNumberRule.from_json(rule),
            feed_key=unb64(feed_key, "feed_key", ED25519_SIZE),
            card_keys={
                unhex(kid, "card_keys", KEY_ID_SIZE): unb64(point, "card_keys", P256_POINT_SIZE)
                for kid, point in card_keys.items()
            },
        )

    def canonical(self) -> bytes:
        """The one form that is signed."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":")).encode()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the one form."""
        return hashlib.sha256(self.canonical()).digest()

    @property
    def fingerprint(self) -> str:
        """What is read out to compare, in groups of four."""
        return grouped(self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsurerProfile:
    """What the insurer has chosen; kept in its own folder beside its keys.

    ``platform`` is the importer's public key for feeds (X25519, 32 bytes), once it is known.
    """

    amc: AMCNumber
    sandbox: bool
    member_number_rule: MemberNumberRule
    declared: bool
    legacy_until: date | None
    platform: bytes | None

    def to_json(self) -> dict[str, Any]:
        """The profile as JSON values."""
        return {
            "format": FORMAT,
            "amc": self.amc.value,
            "sandbox": self.sandbox,
            "member_number_rule": self.member_number_rule.to_json(),
            "declared": self.declared,
            "legacy_until": self.legacy_until and self.legacy_until.isoformat(),
            "platform": self.platform and b64(self.platform),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            MalformedIdentifier: another format, an entry missing, unknown, or of the wrong kind.
        """
        match said:
            case {
                "format": 1,
                "amc": str(amc),
                "sandbox": bool(sandbox),
                "member_number_rule": dict(rule),
                "declared": bool(declared),
                "legacy_until": (str() | None) as until,
                "platform": (str() | None) as platform,
            } if len(said) == 7:
                pass
            case _:
                raise MalformedIdentifier("profile", "not of a known format")
        try:
            legacy_until = None if until is None else date.fromisoformat(until)
        except ValueError:
            raise MalformedIdentifier("legacy_until", "expected YYYY-MM-DD") from None
        return cls(
            amc=AMCNumber.parse(amc),
            sandbox=sandbox,
            member_number_rule=MemberNumberRule.from_json(rule),
            declared=declared,
            legacy_until=legacy_until,
            platform=None if platform is None else unb64(platform, "platform", X25519_SIZE),
        )


def grouped(digest: bytes) -> str:
    """A fingerprint as it is read out: ``1f2e 3d4c …``."""
    text = digest[:FINGERPRINT_SIZE].hex()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def b64(value: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(value).decode()


def unb64(text: object, entry: str, size: int) -> bytes:
    """Read standard base64 of a known size.

    Raises:
        MalformedIdentifier: anything else, named by its entry.
    """
    try:
        value = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != size:
        raise MalformedIdentifier(entry, f"expected {size} bytes in base64")
    return value


def unhex(text: object, entry: str, size: int) -> bytes:
    """Read hexadecimal of a known size.

    Raises:
        MalformedIdentifier: anything else, named by its entry.
    """
    try:
        value = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        value = b""
    if len(value) != size:
        raise MalformedIdentifier(entry, f"expected {size} bytes in hexadecimal")
    return value
