"""What was done about deliveries, beside the dossiers: ``DeliveryJournal`` in a file of JSON lines.

One process at a time: a second one would mail twice.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from rempart.domain.delivery import Line
from rempart.domain.errors import MalformedRow, SetUpRefused, TemporarilyUnavailable

NAME = "deliveries.jsonl"
APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


class FileJournal:
    """The journal in an open file, locked by whoever opened it."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._lines = self._read()

    def lines(self) -> Sequence[Line]:
        """Everything."""
        return self._lines

    def add(self, line: Line) -> None:
        """Note one thing more."""
        os.write(self._file, msgspec.json.encode(line) + b"\n")
        os.fsync(self._file)
        self._lines.append(line)

    def _read(self) -> list[Line]:
        with os.fdopen(os.dup(self._file), "rb") as stream:
            stream.seek(0)
            data = stream.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            # What a killed run left of a line says nothing, and the next one begins afresh.
            os.ftruncate(self._file, whole)
        return [_line(place, text) for place, text in enumerate(data[:whole].splitlines(), 1)]


def _line(place: int, text: bytes) -> Line:
    try:
        return msgspec.json.decode(text, type=Line)
    except (msgspec.DecodeError, UnicodeError):
        raise MalformedRow(place, NAME, "not what this wrote") from None


@contextmanager
def journal_in(folder: Path) -> Iterator[FileJournal]:
    """The journal of a folder of dossiers.

    Raises:
        SetUpRefused: we may not write there.
        TemporarilyUnavailable: another process has it.
        MalformedRow: a line is not what this wrote.
    """
    try:
        file = os.open(folder / NAME, APPEND, 0o600)
    except OSError:
        raise SetUpRefused(f"{NAME}: cannot be written beside the dossiers") from None
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TemporarilyUnavailable("another delivery of this folder is running") from None
        yield FileJournal(file)
    finally:
        os.close(file)
