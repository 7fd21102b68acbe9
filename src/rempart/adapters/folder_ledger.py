"""A ledger in a folder: what an inspector takes home (``specs/checkpoint.md``, "Exported folder").

    entries.bin       136 bytes an entry: its body, or zeros once erased; where its detail ends
    details.bin       the details, one after the other
    leaves.bin        32 bytes an entry: its leaf hash once erased, zeros while the body stands
    subtrees.bin      41 bytes a stored subtree, in order of completion
    checkpoints.txt   signed notes, each after a line with its size and its length
    key.vkey          the key that the exporter names; an auditor brings their own
    MANIFEST          SHA-256 of the files above, as ``sha256sum`` writes it

The manifest finds a copy that was cut or damaged, not a forger, who would write another one:
only ``audit_ledger`` does.
"""

import os
import shutil
import struct
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Self

from rempart.adapters.durable import sync_folder
from rempart.domain.disclosure import ENTRY_SIZE
from rempart.domain.errors import IntegrityBroken, Refusal
from rempart.tlog.hashing import HASH_SIZE, leaf_hash
from rempart.tlog.note import NOTE_SIZE_MAX
from rempart.tlog.tree import STORED_EVERY, Completed
from rempart.usecases.ledger_view import LedgerView, StoredCheckpoint, StoredEntry

ENTRIES, DETAILS, LEAVES = "entries.bin", "details.bin", "leaves.bin"
SUBTREES, CHECKPOINTS, KEY = "subtrees.bin", "checkpoints.txt", "key.vkey"
MANIFEST = "MANIFEST"
FILES = (CHECKPOINTS, DETAILS, ENTRIES, KEY, LEAVES, SUBTREES)

ENTRY = struct.Struct(f">{ENTRY_SIZE}sQ")
SUBTREE = struct.Struct(f">BQ{HASH_SIZE}s")
NO_BODY = bytes(ENTRY_SIZE)
NO_LEAF = bytes(HASH_SIZE)
HEADER_MAX = 64


def write_folder(ledger: LedgerView, folder: Path, *, vkey: str) -> None:
    """Export ``ledger`` to the new ``folder``, which appears whole or not at all.

    Raises:
        Refusal: the folder exists.
        IntegrityBroken: an entry is not one, so that fixed width cannot hold it.
    """
    if folder.exists():
        raise Refusal("the folder of the export exists already")
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        digests = {
            **_write_entries(ledger.entries(), unfinished),
            **_write(unfinished / SUBTREES, _subtree_records(ledger.subtrees())),
            **_write(unfinished / CHECKPOINTS, _checkpoint_records(ledger.checkpoints())),
            **_write(unfinished / KEY, [f"{vkey.strip()}\n".encode()]),
        }
        manifest = "".join(f"{digests[name]}  {name}\n" for name in sorted(FILES))
        _write(unfinished / MANIFEST, [manifest.encode()])
        unfinished.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


@dataclass(frozen=True, slots=True)
class FolderLedger:
    """The ledger in ``folder``, read as a ``LedgerView``; believed no more than any other."""

    folder: Path

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The ledger in ``folder``, once every file is the one in its manifest.

        Raises:
            IntegrityBroken: a file is missing, cut or damaged.
        """
        ledger = cls(folder)
        ledger.check_manifest()
        return ledger

    def check_manifest(self) -> None:
        """Return if every file is the one in the manifest.

        Raises:
            IntegrityBroken: a file is missing, cut or damaged.
        """
        digests = {}
        for name in sorted(FILES):
            with _opened(self.folder / name) as file:
                digests[name] = file_digest(file, "sha256").hexdigest()
        expected = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
        with _opened(self.folder / MANIFEST) as file:
            written = file.read(len(expected) + 1).decode(errors="replace")
        if written != expected:
            stale = [name for name, digest in digests.items() if f"{digest}  {name}" not in written]
            raise IntegrityBroken(f"not the files of the manifest: {', '.join(stale) or MANIFEST}")

    def claimed_vkey(self) -> str:
        """The key that the exporter names, which proves nothing about the exporter."""
        with _opened(self.folder / KEY) as file:
            return file.read(1024).decode(errors="replace").strip()

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        """Entries by ascending index, from ``first`` to ``end`` (excluded), or to the last."""
        with (
            _opened(self.folder / ENTRIES) as records,
            _opened(self.folder / DETAILS) as details,
            _opened(self.folder / LEAVES) as leaves,
        ):
            count = _count(records, ENTRY.size)
            if _count(leaves, HASH_SIZE) != count:
                raise IntegrityBroken(f"{LEAVES} and {ENTRIES} are not of one length")
            details_end = _length(details)
            start = _detail_start(records, first)
            records.seek(first * ENTRY.size)
            details.seek(start)
            leaves.seek(first * HASH_SIZE)
            for index in range(first, count if end is None else min(end, count)):
                body, stop = ENTRY.unpack(records.read(ENTRY.size))
                if not start <= stop <= details_end:
                    raise IntegrityBroken(f"the detail of entry {index} lies outside {DETAILS}")
                yield _stored(index, body, details.read(stop - start), leaves.read(HASH_SIZE))
                start = stop

    def subtrees(self) -> Iterator[Completed]:
        """Stored subtree hashes, in order of completion."""
        with _opened(self.folder / SUBTREES) as file:
            for _ in range(_count(file, SUBTREE.size)):
                yield Completed(*SUBTREE.unpack(file.read(SUBTREE.size)))

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Checkpoints as they follow one another."""
        with _opened(self.folder / CHECKPOINTS) as file:
            while header := file.readline(HEADER_MAX):
                yield _checkpoint(header, file)

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """The last checkpoint."""
        last = deque(self.checkpoints(), maxlen=1)
        return last[0] if last else None

    def leaf_hashes(self, first: int, end: int) -> list[bytes]:
        """Hashes of leaves ``first`` to ``end`` (excluded)."""
        return [
            (stored.leaf or NO_LEAF) if stored.body is None else leaf_hash(stored.body)
            for stored in self.entries(first, end)
        ]

    def subtree_hashes(self, level: int, first: int, end: int) -> list[bytes]:
        """Hashes of subtrees ``first`` to ``end`` (excluded) of ``level``, where they belong."""
        hashes = []
        with _opened(self.folder / SUBTREES) as file:
            for index in range(first, end):
                file.seek(_place(level, index) * SUBTREE.size)
                record = file.read(SUBTREE.size)
                if len(record) < SUBTREE.size:
                    break
                found = Completed(*SUBTREE.unpack(record))
                if (found.level, found.index) != (level, index):
                    raise IntegrityBroken(f"{SUBTREES} is out of order")
                hashes.append(found.hash)
        return hashes


class _Written:
    """A new file, durable once closed, and the digest of what went in."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._digest = sha256()
        self.name = path.name

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._digest.update(chunk)

    @property
    def digest(self) -> dict[str, str]:
        return {self.name: self._digest.hexdigest()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()


def _write(path: Path, chunks: Iterable[bytes]) -> dict[str, str]:
    with _Written(path) as file:
        for chunk in chunks:
            file.write(chunk)
    return file.digest


def _write_entries(entries: Iterable[StoredEntry], folder: Path) -> dict[str, str]:
    stop = 0
    with (
        _Written(folder / ENTRIES) as records,
        _Written(folder / DETAILS) as details,
        _Written(folder / LEAVES) as leaves,
    ):
        for index, stored in enumerate(entries):
            body, detail, leaf = _fixed(index, stored)
            stop += len(detail)
            records.write(ENTRY.pack(body, stop))
            details.write(detail)
            leaves.write(leaf)
    return records.digest | details.digest | leaves.digest


def _fixed(index: int, stored: StoredEntry) -> tuple[bytes, bytes, bytes]:
    """Body, detail and leaf hash of an entry, as wide as the files are."""
    if stored.index != index:
        raise IntegrityBroken(f"entry {index} is missing, or not in its place")
    match stored:
        case StoredEntry(body=bytes(body), detail=bytes(detail), leaf=None) if (
            len(body) == ENTRY_SIZE and body != NO_BODY
        ):
            return body, detail, NO_LEAF
        case StoredEntry(body=None, detail=None, leaf=bytes(leaf)) if (
            len(leaf) == HASH_SIZE and leaf != NO_LEAF
        ):
            return NO_BODY, b"", leaf
        case _:
            raise IntegrityBroken(f"entry {index} is neither an entry nor an erased one")


def _stored(index: int, body: bytes, detail: bytes, leaf: bytes) -> StoredEntry:
    """An entry as its files show it: what contradicts itself is left to the auditor."""
    erased = body == NO_BODY
    return StoredEntry(
        index=index,
        body=None if erased else body,
        detail=None if erased and not detail else detail,
        leaf=None if leaf == NO_LEAF else leaf,
    )


def _subtree_records(subtrees: Iterable[Completed]) -> Iterator[bytes]:
    for each in subtrees:
        yield SUBTREE.pack(each.level, each.index, each.hash)


def _checkpoint_records(checkpoints: Iterable[StoredCheckpoint]) -> Iterator[bytes]:
    for each in checkpoints:
        note = each.note.encode()
        yield b"%d %d\n%s\n" % (each.size, len(note), note)


def _checkpoint(header: bytes, file: BufferedReader) -> StoredCheckpoint:
    try:
        size, length = (int(number) for number in header.split())
        if not 0 <= length <= NOTE_SIZE_MAX:
            raise ValueError
        note = file.read(length).decode()
    except ValueError:
        raise IntegrityBroken(f"{CHECKPOINTS} does not read") from None
    if file.read(1) != b"\n":
        raise IntegrityBroken(f"{CHECKPOINTS} is cut")
    return StoredCheckpoint(size=size, note=note)


def _place(level: int, index: int) -> int:
    """How many subtrees were completed before this one."""
    leaves = (index + 1) << level
    below = sum(leaves >> each for each in range(STORED_EVERY, level + 1, STORED_EVERY))
    above = range(level + STORED_EVERY, leaves.bit_length(), STORED_EVERY)
    return below - 1 + sum((leaves - 1) >> each for each in above)


def _detail_start(records: BufferedReader, first: int) -> int:
    if first == 0:
        return 0
    records.seek((first - 1) * ENTRY.size)
    record = records.read(ENTRY.size)
    return int(ENTRY.unpack(record)[1]) if len(record) == ENTRY.size else 0


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise IntegrityBroken(f"{path.name} cannot be read") from error
    with file:
        yield file


def _length(file: BufferedReader) -> int:
    return os.fstat(file.fileno()).st_size


def _count(file: BufferedReader, width: int) -> int:
    count, rest = divmod(_length(file), width)
    if rest:
        raise IntegrityBroken(f"{Path(file.name).name} is cut")
    return count
