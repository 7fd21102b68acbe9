"""What alerts need of the world: a folder that others fetch from, and the folders of others."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from rempart.domain.alert_card import AlertCard


class Sent(NamedTuple):
    """The last alert that was written for a reader: its number there, the SHA-256 of its signed
    message, and the entry of our ledger that decided it (-1 before the first).
    """

    number: int = 0
    digest: bytes = b""
    ref: int = -1


class Outbox(Protocol):
    """Where our alerts lie for whoever fetches them, and how far each reader's row has come.

    Every implementation promises, and ``tests/spec/test_alert_couriers.py`` checks: what ``put``
    and ``note`` have returned from is durable and whole; a number is there before it is the latest.

    Trust: none for secrecy or truth of alerts (sealed, signed). Whoever writes the notes can make
    a row begin anew, which its reader refuses.
    """

    def readers(self) -> Sequence[AlertCard]:
        """Who may read our alerts."""
        ...

    def sent(self, reader: str) -> Sent:
        """How far a reader's row has come."""
        ...

    def put(self, reader: str, number: int, sealed: bytes) -> None:
        """Lay an alert out, and make it the latest."""
        ...

    def note(self, reader: str, sent: Sent) -> None:
        """Keep how far a row has come."""
        ...


class AlertSource(Protocol):
    """One publisher's alerts for us, wherever they lie.

    Trust: none. It can hold alerts back, bring old ones, or bring anything at all.
    """

    def latest(self) -> bytes | None:
        """The latest, sealed; nothing where there is none.

        Raises:
            TemporarilyUnavailable: no answer, or not a short one.
        """
        ...

    def numbered(self, number: int) -> bytes | None:
        """One by its number; nothing where it is gone.

        Raises:
            TemporarilyUnavailable: no answer, or not a short one.
        """
        ...
