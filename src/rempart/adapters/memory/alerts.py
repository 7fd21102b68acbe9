"""Alerts in memory: the reference of ``Outbox`` and ``AlertSource``."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rempart.domain.alert_card import AlertCard
from rempart.usecases.alert_ports import Sent


@dataclass(slots=True)
class MemoryOutbox:
    """Alerts in dictionaries: ``out`` is what others fetch."""

    cards: list[AlertCard] = field(default_factory=list, repr=False)
    out: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    rows: dict[str, Sent] = field(default_factory=dict, repr=False)

    def readers(self) -> Sequence[AlertCard]:
        """Who may read our alerts."""
        return tuple(self.cards)

    def sent(self, reader: str) -> Sent:
        """How far a reader's row has come."""
        return self.rows.get(reader, Sent())

    def put(self, reader: str, number: int, sealed: bytes) -> None:
        """Lay an alert out, and make it the latest."""
        self.out[reader, str(number)] = self.out[reader, "latest"] = sealed

    def note(self, reader: str, sent: Sent) -> None:
        """Keep how far a row has come."""
        self.rows[reader] = sent


@dataclass(slots=True)
class MemorySource:
    """What lies in an outbox for one reader."""

    outbox: MemoryOutbox
    reader: str = field(repr=False)

    def latest(self) -> bytes | None:
        """The latest."""
        return self.outbox.out.get((self.reader, "latest"))

    def numbered(self, number: int) -> bytes | None:
        """One by its number."""
        return self.outbox.out.get((self.reader, str(number)))
