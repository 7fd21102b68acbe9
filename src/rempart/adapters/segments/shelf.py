"""Closed days in a folder: ``SegmentShelf``.

2026-11-03.parquet   the entries of the day, sorted by account
2026-11-03.note      its signed manifest; without one, no day is closed
.draft/              what is being written: nobody else's to read
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import file_digest
from pathlib import Path

import duckdb

from rempart.adapters.durable import sync_folder, write_whole
from rempart.adapters.segments.engine import opened
from rempart.adapters.segments.parquet import SQL, read_entries, write_entries
from rempart.domain.errors import Refusal
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.segment_ports import Draft


class FolderSegments:
    """The days in ``folder``. Whoever reads it needs no right to write there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def notes(self) -> Sequence[str]:
        """The signed manifests."""
        return [path.read_text("utf-8") for path in sorted(self.folder.glob("*.note"))]

    def draft(self, day: str, entries: Iterable[StoredEntry], *, earlier: Sequence[str]) -> Draft:
        """Write a day; whoever has a number in the ``earlier`` days of its period keeps it."""
        drafts = self.folder / ".draft"
        # What a killed run left behind was never signed.
        shutil.rmtree(drafts, ignore_errors=True)
        drafts.mkdir(mode=0o700, parents=True)
        file = self._draft(day)
        people = write_entries(entries, file, earlier=[(0, self.file(name)) for name in earlier])
        with file.open("rb") as stream:
            os.fsync(stream.fileno())
            digest = file_digest(stream, "sha256").digest()
        return Draft(digest, file.stat().st_size, people, f"duckdb {duckdb.__version__}")

    def drafted(self, day: str) -> Iterator[StoredEntry]:
        """The entries of a draft, by index."""
        return read_entries(self._draft(day))

    def people(self, day: str) -> Mapping[bytes, int]:
        """Pseudonyms of everybody who is in a draft, with their insurer."""
        file = self._draft(day)
        with opened([file.parent], file.parent) as engine:
            found = engine.execute(SQL["people"], {"file": str(file)})
            return dict(found.fetchall())

    def close(self, day: str, note: str) -> None:
        """The draft becomes the day, under its signed manifest."""
        if self._note(day).exists():
            raise Refusal(f"{day} is closed already")
        # A file without a manifest is what a killed run left: it was never a closed day.
        self.file(day).unlink(missing_ok=True)
        # A link, and no rename: a name that is taken is never given again.
        os.link(self._draft(day), self.file(day))
        sync_folder(self.folder)
        write_whole(self._note(day), note.encode(), mode=0o644)
        shutil.rmtree(self.folder / ".draft", ignore_errors=True)

    def entries(self, day: str) -> Iterator[StoredEntry]:
        """The entries of a closed day, by index."""
        return read_entries(self.file(day))

    def has(self, day: str) -> bool:
        """Whether the file of a closed day is here."""
        return self.file(day).exists()

    def digest(self, day: str) -> bytes | None:
        """SHA-256 of the file of a closed day; nothing where it is not here."""
        try:
            with self.file(day).open("rb") as stream:
                return file_digest(stream, "sha256").digest()
        except FileNotFoundError:
            return None

    def drop(self, day: str) -> None:
        """Take the file of a closed day away; its manifest stays."""
        self.file(day).unlink(missing_ok=True)
        sync_folder(self.folder)

    def file(self, day: str) -> Path:
        """Where the file of a day lies."""
        return self.folder / f"{day}.parquet"

    def _note(self, day: str) -> Path:
        return self.folder / f"{day}.note"

    def _draft(self, day: str) -> Path:
        return self.folder / ".draft" / f"{day}.parquet"
