"""The mark of an exercise, looked for in every file of a case, whatever its kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from itertools import product
from pathlib import Path

from rempart.sealing.errors import SealBroken
from rempart.sealing.stream import open_stream
from rempart.tlog.note import NOTE_SIZE_MAX
from rempart.usecases.exercise_mark import COLUMN, EXERCISE
from rempart.usecases.make_dossiers import CLAIMS, MEMBERS
from tests.pdf_text import texts


def unmarked(case: Path, keys: Iterable[bytes] = ()) -> list[str]:
    """Files below ``case`` that do not say that they are of an exercise; what is sealed is opened
    with ``keys``. A kind of file that nobody has thought of here is one of them.
    """
    marked = MARKED | {".sealed": lambda data: _table(_opened(data, keys))}
    found = [path for path in sorted(case.rglob("*")) if path.is_file()]
    assert found, "no file: nothing was looked at"
    return [
        str(path.relative_to(case))
        for path in found
        if path.suffix not in marked or not marked[path.suffix](path.read_bytes())
    ]


def _table(data: bytes) -> bool:
    header, *lines = data.decode().splitlines()
    return header.endswith(f";{COLUMN}") and all(line.endswith(f";{EXERCISE}") for line in lines)


def _json(data: bytes) -> bool:
    said = json.loads(data)
    return said.get("exercise") is True or EXERCISE in said.get("mark", "")


def _lines(data: bytes) -> bool:
    return all(_json(line) for line in data.splitlines())


def _note(data: bytes) -> bool:
    """What is signed stands before the empty line; the last line of it is JSON."""
    assert len(data) <= NOTE_SIZE_MAX
    return _json(data.split(b"\n\n")[0].splitlines()[-1])


def _text(data: bytes) -> bool:
    return EXERCISE in data.decode()


def _pages(data: bytes) -> bool:
    return all(EXERCISE in page for page in texts(data))


def _opened(data: bytes, keys: Iterable[bytes]) -> bytes:
    for key, purpose in product(keys, (MEMBERS, CLAIMS)):
        with suppress(SealBroken):
            return b"".join(open_stream(BytesIO(data).read, private=key, purpose=purpose))
    raise AssertionError("a sealed list opens with none of these keys")


MARKED: dict[str, Callable[[bytes], bool]] = {
    ".csv": _table,
    ".json": _json,
    ".jsonl": _lines,
    ".note": _note,
    ".pdf": _pages,
    ".html": _text,
    ".txt": _text,
}
