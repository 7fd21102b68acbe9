"""Letters on disk: what a mailing house gets, and what stays at the insurer.

    print/pack-00001.pdf …     letters, under numbers that say nothing of anybody
    print/manifest.json        every pack: letters, bytes, SHA-256; written last
    index/pack-00001.json …    a pack that is whole; written once its file is on disk
    merge.csv                  a line a person: address and letter, for a mailing system
    unaddressed.csv            who is to be told in another way, and why
    decision.json              what was decided, beside its facts
    job.json                   what is being made, of what, on which day

Of an exercise every name but the last begins with ``EXERCICE-``. A run that dies leaves whole
packs, which the next run keeps.
"""

import hashlib
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from rempart.adapters.documents.packs import INDEX, PRINT, PackFolder, sha256_of
from rempart.adapters.durable import write_whole
from rempart.domain.hidden import Hidden

FORMAT = 1
MERGE, UNADDRESSED, DECIDED, MANIFEST = (
    "merge.csv",
    "unaddressed.csv",
    "decision.json",
    "manifest.json",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LetterPack(Hidden):
    """A pack that is whole; ``kept`` if an earlier run made it."""

    file: str
    letters: int
    bytes: int
    sha256: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class LetterFolder:
    """Where one mailing goes; ``mark`` begins the names of an exercise."""

    folder: Path
    mark: str

    def working(self) -> AbstractContextManager[None]:
        """One run in this folder, and no other at the same time.

        Raises:
            TemporarilyUnavailable: another run is at work here.
        """
        return PackFolder(self.folder).working()

    def begin(self, made_of: str, today: date) -> date:
        """Begin a job, or go on with it; the day that its letters bear.

        Raises:
            SetUpRefused: the folder holds letters of another job.
        """
        return PackFolder(self.folder).begin(made_of, today)

    def at(self, name: str) -> Path:
        """Where a file lies."""
        return self.folder / f"{self.mark}{name}"

    def whole(self, number: int) -> LetterPack | None:
        """A pack that an earlier run finished."""
        path = self._index(number)
        if not path.exists():
            return None
        try:
            record = LetterPack(**json.loads(path.read_text("utf-8")))
        except (ValueError, TypeError):
            return None
        made = self._pdf(number)
        kept = made.exists() and sha256_of(made) == record.sha256
        return replace(record, kept=True) if kept else None

    def write(self, number: int, pdf: bytes, letters: int) -> LetterPack:
        """Put a pack on disk, durably."""
        record = LetterPack(
            file=self._pdf(number).name,
            letters=letters,
            bytes=len(pdf),
            sha256=hashlib.sha256(pdf).hexdigest(),
        )
        write_whole(self._pdf(number), pdf, mode=0o600)
        write_whole(self._index(number), as_json(asdict(record)), mode=0o600)
        return record

    def finish(self, packs: Sequence[LetterPack], *, amc: str, made_on: date) -> None:
        """Write what a mailing house checks its packs by, last of all."""
        manifest = {
            "format": FORMAT,
            "amc": amc,
            "exercise": bool(self.mark),
            "made_on": made_on.isoformat(),
            "paper": "A4, duplex",
            "standards": ["PDF/A-2a", "PDF/UA-1"],
            "letters": sum(pack.letters for pack in packs),
            "packs": [
                {name: value for name, value in asdict(pack).items() if name != "kept"}
                for pack in packs
            ],
        }
        write_whole(self.folder / PRINT / f"{self.mark}{MANIFEST}", as_json(manifest), mode=0o600)

    def _pdf(self, number: int) -> Path:
        return self.folder / PRINT / f"{self.mark}pack-{number:05d}.pdf"

    def _index(self, number: int) -> Path:
        return self.folder / INDEX / f"{self.mark}pack-{number:05d}.json"


def as_json(said: Any) -> bytes:
    """A JSON file."""
    return json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"
