"""Open a dossier at the insurer: from handles back to its references, joined with its own file.

Handles come one a line or in a CSV column ``handle``, in hexadecimal or base64. The insurer's own
file is read as it is: every column of it, names included, goes into the answer, which stays here.
"""

import base64
import binascii
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from rempart.domain.errors import MalformedRow
from rempart.domain.memberfile import numbered, split
from rempart.sealing.errors import SealBroken
from rempart.sealing.handles import HANDLE_SIZE_MAX, reference_of
from rempart.usecases.insurer_keys import HANDLE
from rempart.usecases.join_members import MemberRows
from rempart.usecases.ports import KeyStore

COLUMN = "handle"


@dataclass(slots=True)
class Opened:
    """What came of a list of handles; ``strangers`` are lines whose handle is not ours."""

    references: dict[str, bytes] = field(default_factory=dict, repr=False)
    strangers: list[int] = field(default_factory=list)
    missing: int = 0


def handles_in(stream: TextIO) -> Iterator[tuple[int, bytes | None]]:
    """Line and handle of each line of a list; ``None`` where the line holds none.

    Raises:
        MalformedRow: a CSV without a column ``handle``.
    """
    place, delimiter = 0, ""
    for line, text in numbered(stream):
        cells = split(text, delimiter) if text and delimiter else [text or ""]
        if line == 1 and text and (";" in text or "," in text or text.strip().lower() == COLUMN):
            delimiter = ";" if ";" in text else ","
            names = [name.strip().lower() for name in split(text, delimiter) or ()]
            if COLUMN not in names:
                raise MalformedRow(1, COLUMN, "column is missing")
            place = names.index(COLUMN)
        elif text:
            yield line, None if cells is None else _bytes(cells[place : place + 1])


def _bytes(cells: Sequence[str]) -> bytes | None:
    text = cells[0].strip() if cells else ""
    for read in (bytes.fromhex, lambda t: base64.b64decode(t, validate=True)):
        try:
            return read(text)
        except (ValueError, binascii.Error):
            continue
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDossier:
    """The opening, at one insurer. Memory: the references of one dossier."""

    keys: KeyStore
    amc: bytes

    def references(self, handles: Iterable[tuple[int, bytes | None]]) -> Opened:
        """The references behind handles."""
        key, opened = self.keys.get(HANDLE), Opened()
        for line, handle in handles:
            try:
                if handle is None or not 0 < len(handle) <= HANDLE_SIZE_MAX:
                    raise SealBroken("not a handle")
                opened.references[reference_of(key, self.amc, handle).decode("ascii")] = handle
            except (SealBroken, UnicodeDecodeError):
                opened.strangers.append(line)
        return opened

    def joined(self, opened: Opened, members: TextIO) -> Iterator[Sequence[str]]:
        """The insurer's own rows of these references, the handle in front; first its header.

        Who is no longer in the file comes last, with a handle and a reference alone.

        Raises:
            MalformedRow: the file has no column ``reference``.
        """
        rows = MemberRows(opened.references, members)
        yield [COLUMN, *rows.names]
        for handle, cells in rows:
            yield [handle.hex(), *cells]
        opened.missing = len(rows.left)
        for handle, cells in rows.missing():
            yield [handle.hex(), *cells]


def write_rows(rows: Iterable[Sequence[str]], stream: TextIO) -> int:
    """Write rows as CSV with ``;``; how many there were beside the header."""
    writer, count = csv.writer(stream, delimiter=";", lineterminator="\n"), -1
    for row in rows:
        writer.writerow(row)
        count += 1
    return count
