"""What a device has signed, in a file of its own at the shop: ``Chain``.

One record an undertaking, appended: length-prefixed message and code. A record that a power cut has
cut short was not returned from, and is dropped.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.undertake import read_undertaking

SIZE = 4


class FileChain:
    """One device's chain."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else adds meanwhile."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(file, sum(SIZE * 2 + len(m) + len(c.encode()) for m, c in self.links()))
            yield
        except BlockingIOError:
            raise TemporarilyUnavailable("another undertaking is being signed here") from None
        finally:
            os.close(file)

    def last(self) -> tuple[int, bytes] | None:
        """Number of the last one, and the message."""
        message = next((message for message, _ in reversed(list(self.links()))), None)
        return None if message is None else (read_undertaking(message).number, message)

    def add(self, number: int, message: bytes, code: str) -> None:
        """Keep the next one, durably."""
        del number
        with self._path.open("ab") as file:
            for part in (message, code.encode()):
                file.write(len(part).to_bytes(SIZE, "big") + part)
            file.flush()
            os.fsync(file.fileno())

    def links(self) -> Iterator[tuple[bytes, str]]:
        """Every message and its card's code, in order."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        at = 0
        while (message := _part(data, at)) is not None:
            code = _part(data, at + SIZE + len(message))
            if code is None:
                return
            at += 2 * SIZE + len(message) + len(code)
            yield message, code.decode()


def _part(data: bytes, at: int) -> bytes | None:
    size = int.from_bytes(data[at : at + SIZE], "big")
    whole = data[at + SIZE : at + SIZE + size]
    return whole if len(data) >= at + SIZE and len(whole) == size and size else None
