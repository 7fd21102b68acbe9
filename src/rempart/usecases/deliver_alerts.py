"""Lay out what the vault has issued: signed, numbered, sealed to each reader, in their own row.

The vault decided (``issue_alerts``); this process holds the keys and no more. Killed anywhere, it
writes the same message under the same number again: signatures are deterministic, and a row goes on
only once its alert is there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from rempart.domain.alert_card import AlertCard
from rempart.usecases.alert_messages import IssuedAlert
from rempart.usecases.alert_ports import Outbox, Sent
from rempart.usecases.issue_alerts import alert_of
from rempart.usecases.p256_keys import add_signing_key, point_of, signing_key
from rempart.usecases.ports import Chance, KeyStore
from rempart.usecases.seal_alerts import seal_alert, sign_alert

SIGN, OPEN = "alert-sign/", "alert-open"
AT_ONCE = 100
"""Alerts for one reader in a go: more are for the next."""


def make_alert_keys(keys: KeyStore, chance: Chance) -> None:
    """The key that signs our alerts, and the one that opens those of others."""
    if not keys.names(SIGN):
        add_signing_key(keys, SIGN, chance)
    if OPEN not in keys.names(OPEN):
        keys.put(OPEN, chance.draw(32))


def signing_point(keys: KeyStore) -> bytes:
    """The public half of the key that signs."""
    return point_of(signing_key(keys, SIGN).public_key())


@dataclass(slots=True)
class DeliverAlerts:
    """``next_issued`` gives the first alert of ours after an entry, of those that stand."""

    keys: KeyStore = field(repr=False)
    chance: Chance
    outbox: Outbox
    next_issued: Callable[[int], IssuedAlert | None]

    def __call__(self) -> int:
        """Bring every reader's row up to date; how many alerts were laid out."""
        return sum(self._bring(card) for card in self.outbox.readers())

    def _bring(self, card: AlertCard) -> int:
        for count in range(AT_ONCE):
            sent = self.outbox.sent(card.reader)
            issued = self.next_issued(sent.ref)
            if issued is None:
                return count
            number, recipient = sent.number + 1, card.opens
            alert = alert_of(issued, number=number, recipient=recipient, previous=sent.digest)
            signed = sign_alert(alert, signing_key(self.keys, SIGN))
            sealed = seal_alert(signed, ephemeral=self.chance.draw(32), recipient=recipient)
            self.outbox.put(card.reader, number, sealed)
            self.outbox.note(card.reader, Sent(number, sha256(signed).digest(), issued.ref))
        return AT_ONCE
