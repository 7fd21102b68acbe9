"""What operators hand one another once, so that alerts can pass: public keys and an address.

Two humans compare its fingerprint by another way. Whoever takes the alerts of a card verifies and
fetches by it; whoever lets a card read seals to it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

from rempart.domain.alert import is_name
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.insurer import (
    FINGERPRINT_SIZE,
    P256_POINT_SIZE,
    X25519_SIZE,
    b64,
    grouped,
    unb64,
)

FORMAT, URL_MAX = 1, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCard:
    """``signs`` is a P-256 point (65 bytes), ``opens`` an X25519 public key (32 bytes), ``url``
    where its alerts lie, over TLS.
    """

    name: str = field(repr=False)
    signs: bytes = field(repr=False)
    opens: bytes = field(repr=False)
    url: str = field(repr=False)

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise MalformedIdentifier("alert card", "operator: expected a short name")
        if not _is_address(self.url):
            raise MalformedIdentifier("alert card", "url: expected https, without a query")

    def to_json(self) -> dict[str, Any]:
        """The card as JSON values."""
        return {
            "format": FORMAT,
            "operator": self.name,
            "signs": b64(self.signs),
            "opens": b64(self.opens),
            "url": self.url,
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
                "operator": str(name),
                "signs": str(signs),
                "opens": str(opens),
                "url": str(url),
            } if len(said) == 5:
                return cls(
                    name=name,
                    signs=unb64(signs, "signs", P256_POINT_SIZE),
                    opens=unb64(opens, "opens", X25519_SIZE),
                    url=url,
                )
        raise MalformedIdentifier("alert card", "not of a known format")

    @property
    def fingerprint(self) -> str:
        """What is read out to compare, in groups of four."""
        form = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return grouped(hashlib.sha256(form.encode()).digest())

    @property
    def reader(self) -> str:
        """The folder in which a publisher leaves what this card reads; 32 hexadecimal digits."""
        return hashlib.sha256(self.opens).hexdigest()[: 2 * FINGERPRINT_SIZE]


def _is_address(url: str) -> bool:
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    del port
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    return parts.scheme == "https" and bool(parts.hostname) and plain and url[-1] != "/"
