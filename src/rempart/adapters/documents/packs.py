"""Packs of sheets on disk: what the print shop gets, and what stays at the insurer.

    print/pack-00001.pdf …     sheets, under numbers that say nothing of anybody
    print/manifest.json        every pack: pages, codes, bytes, SHA-256; written last
    index/pack-00001.csv …     stays: which page is whose
    index/pack-00001.json …    a pack that is whole; written once its files are on disk
    job.json                   what is being made, of what, on which day

A run that dies leaves whole packs, which the next run keeps, and partial files, made anew.
"""

import csv
import fcntl
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rempart.adapters.documents.sheets import sheet_number
from rempart.adapters.durable import write_whole
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import CardSerial
from rempart.domain.sheet import Sheet

FORMAT = 1
PRINT, INDEX, JOB, LOCK, MANIFEST = "print", "index", "job.json", ".lock", "manifest.json"
INDEX_COLUMNS = ("sheet", "place", "reference", "serial", "until")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackRecord(Hidden):
    """A pack that is whole: its file, and what a print shop checks it by."""

    file: str
    pages: int
    codes: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PackFolder:
    """Where one job's packs go."""

    folder: Path

    @contextmanager
    def working(self) -> Iterator[None]:
        """One run in this folder, and no other at the same time.

        Raises:
            TemporarilyUnavailable: another run is at work here.
        """
        for folder in (self.folder, self.folder / PRINT, self.folder / INDEX):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TemporarilyUnavailable("another run is at work in this folder") from None
            yield

    def begin(self, made_of: str, today: date) -> date:
        """Begin a job, or go on with it; the day that its sheets bear. ``made_of`` is a digest.

        Raises:
            SetUpRefused: the folder holds packs of another file, or of other choices.
        """
        path = self.folder / JOB
        if path.exists():
            said = _read(path)
            if said.get("made_of") != made_of:
                raise SetUpRefused(
                    "this folder holds packs of another file, key or letterhead: take a new one"
                )
            return date.fromisoformat(str(said.get("made_on")))
        write_whole(
            path,
            _json({"format": FORMAT, "made_of": made_of, "made_on": today.isoformat()}),
            mode=0o600,
        )
        return today

    def whole(self, number: int) -> PackRecord | None:
        """A pack that an earlier run finished, as it finished it."""
        path = self._index(number, "json")
        if not path.exists():
            return None
        record = PackRecord(**_read(path))
        made = self._pdf(number)
        kept = made.exists() and sha256_of(made) == record.sha256
        return record if kept and self._index(number, "csv").exists() else None

    def write(self, number: int, pdf: bytes, sheets: Sequence[Sheet]) -> PackRecord:
        """Put a pack on disk, durably."""
        record = PackRecord(
            file=self._pdf(number).name,
            pages=len(sheets),
            codes=sum(len(sheet.holders) for sheet in sheets),
            bytes=len(pdf),
            sha256=hashlib.sha256(pdf).hexdigest(),
        )
        write_whole(self._pdf(number), pdf, mode=0o600)
        write_whole(self._index(number, "csv"), index_of(number, sheets).encode(), mode=0o600)
        write_whole(self._index(number, "json"), _json(asdict(record)), mode=0o600)
        return record

    def finish(self, records: Sequence[PackRecord], *, amc: str, made_on: date) -> None:
        """Write what the print shop checks its packs by."""
        manifest = {
            "format": FORMAT,
            "amc": amc,
            "made_on": made_on.isoformat(),
            "paper": "A4",
            "standards": ["PDF/A-2a", "PDF/UA-1"],
            "pages": sum(record.pages for record in records),
            "codes": sum(record.codes for record in records),
            "packs": [asdict(record) for record in records],
        }
        write_whole(self.folder / PRINT / MANIFEST, _json(manifest), mode=0o600)

    def _pdf(self, number: int) -> Path:
        return self.folder / PRINT / f"pack-{number:05d}.pdf"

    def _index(self, number: int, kind: str) -> Path:
        return self.folder / INDEX / f"pack-{number:05d}.{kind}"


def index_of(number: int, sheets: Sequence[Sheet]) -> str:
    """Which page of a pack is whose: by page, then by place on it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(INDEX_COLUMNS)
    for page, sheet in enumerate(sheets, start=1):
        for place, one in enumerate(sheet.holders, start=1):
            serial = CardSerial.from_int(one.serial)
            printed = f"{serial.key_version}.{serial.number}"
            until = sheet.routing.last_day.isoformat()
            writer.writerow((sheet_number(number, page), place, one.reference, printed, until))
    return out.getvalue()


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text("utf-8"))
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise SetUpRefused(f"{path.name} is damaged: take a new folder")
    return said


def _json(said: object) -> bytes:
    return json.dumps(said, indent=1).encode() + b"\n"
