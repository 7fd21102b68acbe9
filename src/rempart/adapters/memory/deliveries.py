"""Deliveries in memory: the reference of ``Dossier``, ``Drop``, ``Mail``, ``DeliveryJournal``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rempart.domain.delivery import Hand, Line, Post
from rempart.domain.errors import DropRefused, IntegrityBroken
from rempart.usecases.delivery_ports import Handed, Notice
from rempart.usecases.dossier_manifest import MANIFEST


@dataclass(slots=True)
class MemoryDossier:
    """A dossier of files by name."""

    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    def manifest(self) -> str | None:
        """Its signed manifest."""
        held = self.files.get(MANIFEST)
        return None if held is None else held.decode()

    def read(self, name: str) -> Iterator[bytes]:
        """A file of it."""
        if name not in self.files:
            raise IntegrityBroken(f"{name} is not there, or cannot be read")
        yield self.files[name]


@dataclass(slots=True)
class MemoryDrop:
    """Drops by name: those of ``drops``, and no other; ``receipts`` lie beside what they are of."""

    drops: dict[str, dict[str, dict[str, bytes]]] = field(default_factory=dict, repr=False)
    receipts: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def put(self, drop: str, name: str, files: Handed) -> None:
        """Leave files in a folder of this name."""
        place = self._at(drop)
        held = {file: b"".join(pieces) for file, pieces in files}
        if name in place:
            raise DropRefused(Hand.TAKEN)
        place[name] = held

    def manifest(self, drop: str, name: str) -> str | None:
        """The manifest of what lies there under this name."""
        held = self._at(drop).get(name, {}).get(MANIFEST)
        return None if held is None else held.decode()

    def receipt(self, drop: str, name: str) -> str | None:
        """The receipt that the insurer has put beside it."""
        self._at(drop)
        return self.receipts.get((drop, name))

    def acknowledge(self, drop: str, name: str, receipt: str) -> None:
        """Put a receipt there."""
        self._at(drop)
        if self.receipts.setdefault((drop, name), receipt) is not receipt:
            raise DropRefused(Hand.TAKEN)

    def _at(self, drop: str) -> dict[str, dict[str, bytes]]:
        if drop not in self.drops:
            raise DropRefused(Hand.NOT_THERE)
        return self.drops[drop]


@dataclass(slots=True)
class MemoryMail:
    """Mail that went; ``answer`` is what becomes of the next."""

    sent: list[Notice] = field(default_factory=list, repr=False)
    answer: Post = Post.SENT

    def send(self, notice: Notice) -> Post:
        """Send it."""
        if self.answer is Post.SENT:
            self.sent.append(notice)
        return self.answer


@dataclass(slots=True)
class MemoryJournal:
    """A journal in a list."""

    kept: list[Line] = field(default_factory=list, repr=False)

    def lines(self) -> Sequence[Line]:
        """Everything."""
        return tuple(self.kept)

    def add(self, line: Line) -> None:
        """Note one thing more."""
        self.kept.append(line)
