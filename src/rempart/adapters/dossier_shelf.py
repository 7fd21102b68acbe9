"""Dossiers of one incident in a folder: ``DossierShelf``.

dossiers/12345678/0001/report.json   rapport.pdf   members.sealed   manifest.note
dossiers/sum.json                    which reports stand for the last scope
"""

import shutil
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from rempart.adapters.dossier_folder import AMC, NUMBER, FolderDossier
from rempart.adapters.durable import sync_folder, told_of_disk, write_pieces, write_whole
from rempart.domain.errors import IntegrityBroken
from rempart.usecases.dossier_file import InsurerReport, read_report
from rempart.usecases.dossier_manifest import MANIFEST, REPORT

SUM = "sum.json"


class DossierFolder:
    """``folder`` is that of all dossiers, closed to others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def insurers(self) -> Iterator[int]:
        """Insurers that have a whole report."""
        for path in sorted(self.folder.glob("*")):
            if AMC.fullmatch(path.name) and self.numbers(int(path.name)):
                yield int(path.name)

    def last(self, amc: int) -> tuple[InsurerReport, str] | None:
        """The last whole report of an insurer, and the SHA-256 of its file."""
        numbers = self.numbers(amc)
        if not numbers:
            return None
        try:
            text = (self.of(amc, numbers[-1]) / REPORT).read_bytes()
        except OSError:
            raise IntegrityBroken(f"the last dossier of {amc:08d} has lost its report") from None
        return read_report(text), sha256(text).hexdigest()

    def begin(self, amc: int, number: int) -> None:
        """Make room for a dossier; what a run that was cut short left there goes."""
        folder = self.of(amc, number)
        if (folder / MANIFEST).exists():
            raise IntegrityBroken(f"dossier {number} of {amc:08d} is whole: it stays")
        shutil.rmtree(folder, ignore_errors=True)
        with told_of_disk("a dossier"):
            folder.mkdir(mode=0o700, parents=True)

    def put(self, amc: int, number: int, name: str, pieces: Iterable[bytes]) -> str:
        """Keep a file, durably; its SHA-256."""
        with told_of_disk("a dossier"):
            return write_pieces(self.of(amc, number) / name, pieces, mode=0o600).hex()

    def close(self, amc: int, number: int, note: str) -> None:
        """Put the manifest, last of all, or one in its place."""
        folder = self.of(amc, number)
        with told_of_disk("a dossier"):
            write_whole(folder / MANIFEST, note.encode(), mode=0o600)
            sync_folder(folder.parent)

    def keep_sum(self, text: bytes) -> None:
        """Keep which reports stand for the last scope, durably."""
        with told_of_disk(SUM):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self.folder / SUM, text, mode=0o600)

    def sum(self) -> bytes | None:
        """What was kept last."""
        path = self.folder / SUM
        return path.read_bytes() if path.exists() else None

    def of(self, amc: int, number: int) -> Path:
        """Where a dossier lies."""
        return self.folder / f"{amc:08d}" / f"{number:04d}"

    def dossier(self, amc: int, number: int) -> FolderDossier:
        """One of them, as it lies there."""
        return FolderDossier(self.of(amc, number))

    def has(self, amc: int, number: int, name: str) -> bool:
        """Whether a file lies there."""
        return (self.of(amc, number) / name).exists()

    def forget(self, amc: int, number: int, name: str) -> None:
        """Take away a file, durably."""
        with told_of_disk("a dossier"):
            (self.of(amc, number) / name).unlink(missing_ok=True)
            sync_folder(self.of(amc, number))

    def numbers(self, amc: int) -> list[int]:
        """Numbers of an insurer's whole reports, in order."""
        notes = (self.folder / f"{amc:08d}").glob(f"*/{MANIFEST}")
        names = [path.parent.name for path in notes]
        return sorted(int(name) for name in names if NUMBER.fullmatch(name))
