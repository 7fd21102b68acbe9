"""Closed days in memory: the reference of ``SegmentShelf``, ``TableShelf``, ``HandleSource``."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO

from rempart.domain.disclosure import NOBODY, decode
from rempart.domain.errors import KeyMissing, Refusal
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.segment_ports import Draft


@dataclass(slots=True)
class MemorySegments:
    """Lists by day. Nobody is numbered: numbers are for joining files."""

    days: dict[str, list[StoredEntry]] = field(default_factory=dict, repr=False)
    drafts: dict[str, list[StoredEntry]] = field(default_factory=dict, repr=False)
    signed: dict[str, str] = field(default_factory=dict, repr=False)

    def notes(self) -> Sequence[str]:
        """The signed manifests."""
        return list(self.signed.values())

    def draft(self, day: str, entries: Iterable[StoredEntry], *, earlier: Sequence[str]) -> Draft:
        """Write a day."""
        del earlier
        self.drafts = {day: list(entries)}
        digest = _digest(self.drafts[day])
        return Draft(digest, len(self.drafts[day]), 0, "memory")

    def drafted(self, day: str) -> Iterator[StoredEntry]:
        """The entries of a draft."""
        yield from self.drafts[day]

    def people(self, day: str) -> Mapping[bytes, int]:
        """Pseudonyms of everybody who is in a draft, with their insurer."""
        entries = [decode(each.body) for each in self.drafts[day] if each.body is not None]
        return {entry.person: entry.amc for entry in entries if entry.person != NOBODY}

    def close(self, day: str, note: str) -> None:
        """The draft becomes the day."""
        if day in self.signed:
            raise Refusal(f"{day} is closed already")
        self.days[day], self.signed[day] = self.drafts.pop(day), note

    def entries(self, day: str) -> Iterator[StoredEntry]:
        """The entries of a closed day."""
        yield from self.days[day]

    def has(self, day: str) -> bool:
        """Whether a closed day is here."""
        return day in self.days

    def digest(self, day: str) -> bytes | None:
        """SHA-256 of what a closed day holds; nothing where it is not here."""
        return _digest(self.days[day]) if day in self.days else None

    def drop(self, day: str) -> None:
        """Take a closed day away; its manifest stays."""
        self.days.pop(day, None)


def _digest(entries: Sequence[StoredEntry]) -> bytes:
    parts = [(each.index, each.body, each.detail, each.leaf) for each in entries]
    return sha256(repr(parts).encode()).digest()


@dataclass(slots=True)
class MemoryTables:
    """Sealed tables by day."""

    kept: dict[str, bytes] = field(default_factory=dict, repr=False)

    def put(self, day: str, pieces: Iterable[bytes]) -> bytes:
        """Keep a table; its SHA-256."""
        self.kept[day] = b"".join(pieces)
        return sha256(self.kept[day]).digest()

    def get(self, day: str) -> bytes:
        """A table as it was sealed."""
        try:
            return self.kept[day]
        except KeyError:
            raise KeyMissing(f"no table of {day} here") from None

    def has(self, day: str) -> bool:
        """Whether there is one of a day."""
        return day in self.kept

    @contextmanager
    def reading(self, day: str) -> Iterator[Callable[[int], bytes]]:
        """A table as it was sealed."""
        yield BytesIO(self.get(day)).read

    def drop(self, day: str) -> None:
        """Take a table away."""
        self.kept.pop(day, None)


@dataclass(slots=True)
class MemoryHandles:
    """Handles by insurer."""

    of: dict[int, list[bytes]] = field(default_factory=dict, repr=False)
    named: int = 0

    def handles(self, amc: int) -> Iterator[bytes]:
        """Every handle of an insurer."""
        yield from self.of.get(amc, ())

    def name_until(self, at: int) -> None:
        """Days before this moment are closed."""
        self.named = max(self.named, at)
