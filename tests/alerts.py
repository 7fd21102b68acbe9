"""An operator who warns another: its keys, and the row of alerts that it sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.domain.alert import Alert, Subjects
from rempart.domain.containment import Why
from rempart.usecases.alert_messages import SubscribeAlerts, TakeAlert
from rempart.usecases.p256_keys import point_of
from rempart.usecases.seal_alerts import sign_alert
from tests.worlds import NOON

NOW = NOON // 1_000_000
HOUR = 3600
OURS_PRIVATE = bytes(range(32))
OURS = X25519PrivateKey.from_private_bytes(OURS_PRIVATE).public_key().public_bytes_raw()


def key(number: int) -> EllipticCurvePrivateKey:
    return derive_private_key(number, SECP256R1())


@dataclass
class Operator:
    """Who publishes for one subscriber, honestly unless told otherwise."""

    name: str = "Operateur A"
    key: EllipticCurvePrivateKey = field(default_factory=lambda: key(901))
    number: int = 0
    previous: bytes = b""
    ref: int = 10

    @property
    def point(self) -> bytes:
        return point_of(self.key.public_key())

    def alert(self, *, named: Subjects | None = None, **change: Any) -> Alert:
        """The next one, as it would be."""
        said = {
            "number": self.number + 1,
            "recipient": OURS,
            "previous": self.previous,
            "ref": self.ref,
            "made": NOW,
            "until": NOW + 72 * HOUR,
            "why": Why.CANARY,
            "subjects": named or Subjects(),
        }
        return Alert(**{**said, **change})

    def signed(self, alert: Alert) -> bytes:
        """Sign it, and go on from it."""
        message = sign_alert(alert, self.key)
        self.number, self.previous = alert.number, sha256(message).digest()
        self.ref = max(self.ref, alert.ref) + 5
        return message

    def names(self, **said: Any) -> TakeAlert:
        """The next one, about these; times and the like may be told too."""
        lists = {k: said.pop(k) for k in ("accounts", "sites", "software", "networks") if k in said}
        return TakeAlert(self.signed(self.alert(named=Subjects(**lists), **said)))

    def withdraws(self, *refs: int) -> TakeAlert:
        return TakeAlert(self.signed(self.alert(withdrawn=refs)))

    def subscription(self, by: str = "nadia") -> SubscribeAlerts:
        return SubscribeAlerts(self.name, self.point, OURS, by)
