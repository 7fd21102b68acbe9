"""Days to close: a ledger of some days, people behind its pseudonyms, and every shelf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.adapters.memory.segments import MemoryHandles, MemorySegments, MemoryTables
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.adapters.segments.shelf import FolderSegments
from rempart.adapters.segments.tables import FolderTables
from rempart.domain.budget import DAY
from rempart.domain.disclosure import NOBODY, EntryType, period_of, question_detail
from rempart.usecases.close_days import CloseDays
from rempart.usecases.closed_day import ClosedDay
from rempart.usecases.pseudonyms import PERSON, pseudonym
from rempart.usecases.segment_ports import SegmentShelf, TableShelf
from rempart.usecases.verify_days import VerifyDays
from tests.ledgers import KEY, START, MemoryLedger, codes_detail, made, question
from tests.ledgers import pseudonym as named

AMCS = (12345678, 87654321)
INCIDENT = bytes(range(50, 82))
PUBLIC = X25519PrivateKey.from_private_bytes(INCIDENT).public_key().public_bytes_raw()
HOUR = 3_600_000_000


def month_key(at: int) -> bytes:
    return period_of(at).to_bytes(32, "big")


def handle(person: int) -> bytes:
    return b"handle-%03d" % person


def person_at(person: int, at: int) -> bytes:
    """The pseudonym of a person in the month of a moment."""
    return pseudonym(month_key(at), PERSON, handle(person))


def amc_of(person: int) -> int:
    return AMCS[person % 2]


class DayLedger(MemoryLedger):
    """A ledger whose people have handles; each entry says when it was."""

    def asked(
        self,
        at: int,
        person: int | None,
        number: int = 7,
        *,
        codes: Mapping[str, int] = MappingProxyType({}),
        **fields: Any,
    ) -> int:
        index, known = len(self.rows), {"at": at, "person": NOBODY}
        if person is not None:
            known |= {"person": person_at(person, at), "amc": amc_of(person)}
        entry, detail = question(index, **(known | fields))
        told = question_detail(detail)._replace(software=number, **codes).encode()
        return self.append(entry._replace(detail_digest=sha256(told).digest()), told)

    def acted(self, at: int, kind: EntryType = EntryType.DECISION, **fields: Any) -> int:
        index = len(self.rows)
        detail = codes_detail(index, act="x")
        return self.append(made(index, detail, type=kind, at=at, **fields), detail)


def some_days(days: int = 3, *, a_day: int = 40, since: int = START, turn: int = 0) -> DayLedger:
    """Questions about a dozen people over some days, signed in batches of ten."""
    ledger = DayLedger()
    for day in range(days):
        for place in range(a_day):
            at = since + day * DAY + HOUR + place * 1_000_000
            match place % 5:
                case 0:
                    ledger.acted(at, EntryType.SIGN_IN, session=named("session", place % 3))
                case 3:
                    ledger.acted(at, EntryType.UNOPENED, cites=len(ledger.rows) - 1)
                case _:
                    ledger.asked(at, (place + day + turn) % 12)
            if len(ledger.rows) % 10 == 0:
                ledger.sign()
    return ledger


@dataclass
class Place:
    """Shelves, and what closes days onto them."""

    shelf: SegmentShelf
    tables: TableShelf
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    handles: MemoryHandles = field(default_factory=MemoryHandles)

    def __post_init__(self) -> None:
        for person in range(12):
            self.handles.of.setdefault(amc_of(person), []).append(handle(person))
        for month in range(24):
            at = START + month * 31 * DAY
            self.keys.secrets[f"pseudonym/{period_of(at):04d}"] = month_key(at)

    def closing(self, ledger: MemoryLedger, **change: Any) -> CloseDays:
        parts = {
            "ledger": ledger,
            "shelf": self.shelf,
            "tables": self.tables,
            "handles": self.handles,
            "keys": self.keys,
            "chance": MemoryChance(),
            "signer": ledger.key,
            "incident": PUBLIC,
        }
        return CloseDays(**(parts | change))

    def close(self, ledger: MemoryLedger, days: int = 30) -> list[ClosedDay]:
        """Close what is over, that many days after the beginning."""
        return self.closing(ledger)(now=START + days * DAY)

    def verify(self, *, leaves: bool = True):
        return VerifyDays(self.shelf, KEY.verifier)(leaves=leaves)


@contextmanager
def in_memory() -> Iterator[Place]:
    yield Place(MemorySegments(), MemoryTables())


@contextmanager
def in_folders() -> Iterator[Place]:
    with TemporaryDirectory() as folder:
        path = Path(folder)
        yield Place(FolderSegments(path / "segments"), FolderTables(path / "tables"))


PLACES = (in_memory, in_folders)
