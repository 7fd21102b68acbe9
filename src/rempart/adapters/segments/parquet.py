"""Entries as Parquet: written by one SQL text, read back as the bytes that they were."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from rempart.adapters.postgres.queries import queries
from rempart.adapters.segments.engine import opened, quoted, rows_of
from rempart.domain.disclosure import ENTRY_VERSION, LAYOUT
from rempart.usecases.ledger_view import StoredEntry

SQL = queries("segments", "rempart.adapters.segments")
SHAPE = "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2"


Numbered = Sequence[tuple[int, Path]]
"""Files whose people have their numbers already, by key period; 0 is of any."""


def write_entries(entries: Iterable[StoredEntry], file: Path, *, earlier: Numbered) -> int:
    """Write ``entries`` to the new ``file``; the highest number that anybody has."""
    lines = file.with_suffix(".lines")
    _write_lines(entries, lines)
    folders = {file.parent, *(path.parent for _, path in earlier)}
    with opened(sorted(folders), file.parent) as engine:
        engine.execute(SQL["raw"], {"lines": str(lines)})
        engine.execute(SQL["decoded"])
        lines.unlink()
        _number(engine, earlier)
        engine.execute(f"COPY ({SQL['shape']}) TO {quoted(str(file))} ({SHAPE})")
        last = engine.execute(SQL["last_number"]).fetchone()
    assert last is not None
    return int(last[0])


def _number(engine: duckdb.DuckDBPyConnection, earlier: Numbered) -> None:
    periods = {0, *(row[0] for row in engine.execute(SQL["periods"]).fetchall())}
    files = [str(path) for period, path in earlier if period in periods]
    if files:
        engine.execute(SQL["known_numbers"], {"earlier": files})
        engine.execute(SQL["last_numbers"], {"earlier": files})
    else:
        engine.execute(SQL["no_numbers"])
    engine.execute(SQL["numbers"])


def _write_lines(entries: Iterable[StoredEntry], path: Path) -> None:
    with path.open("x", encoding="ascii") as stream:
        for stored in entries:
            body, detail, leaf = (part or b"" for part in (stored.body, stored.detail, stored.leaf))
            stream.write(f"{stored.index},{body.hex()},{detail.hex()},{leaf.hex()}\n")


def read_entries(file: Path) -> Iterator[StoredEntry]:
    """The entries of a file, by index.

    Raises:
        IntegrityBroken: it does not read.
    """
    with opened([file.parent], file.parent) as engine:
        for row in rows_of(engine.execute(SQL["entries"], {"file": str(file)})):
            yield stored_of(row)


def stored_of(row: Sequence[Any]) -> StoredEntry:
    """An entry, of the columns of ``entries`` in ``segments.sql``."""
    index, kind, period, at, *columns, detail, leaf = row
    if leaf is not None:
        return StoredEntry(index=index, leaf=leaf)
    body = LAYOUT.pack(kind, ENTRY_VERSION, period, at, *columns, sha256(detail).digest())
    return StoredEntry(index=index, body=body, detail=detail)
