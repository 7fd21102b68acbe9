"""The file of a feed: under its name only once it is whole and durable.

It is written as ``NAME.SEQUENCE.partial``. A preparation that is killed after its state moved
forward leaves a whole partial file behind; ``finish`` gives it its name.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from rempart.adapters.durable import give_name
from rempart.domain.errors import SetUpRefused


class DurableFile:
    """``FeedFile`` on a folder; what is not published when it closes is removed, unless settled."""

    def __init__(self, path: Path, sequence: int) -> None:
        self._path = path.absolute()
        if self._path.exists():
            raise SetUpRefused(f"{self._path.name} exists already: feeds are never overwritten")
        self._partial = partial_of(self._path, sequence)
        file = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._stream = os.fdopen(file, "wb", buffering=1024 * 1024)
        self._settled = False

    @property
    def name(self) -> str:
        """Where it will be."""
        return str(self._path)

    def write(self, data: bytes) -> object:
        """Append."""
        return self._stream.write(data)

    def settle(self) -> None:
        """Make what was written durable."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._settled = True

    def publish(self) -> None:
        """Give it its name, durably."""
        give_name(self._partial, self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        if not self._settled:
            self._partial.unlink(missing_ok=True)


def partial_of(path: Path, sequence: int) -> Path:
    """Where a feed is written before it has its name."""
    return path.with_name(f"{path.name}.{sequence}.partial")


def finish(path: Path, sequence: int) -> bool:
    """Publish a feed whose state moved forward before the process died; whether there was one."""
    partial = partial_of(path, sequence)
    if path.exists() or not partial.exists():
        return False
    give_name(partial, path)
    return True
