"""What a device has signed, in a file of its own at the shop: ``Chain``.

One record an undertaking, appended: length-prefixed message and code. A record that a power cut has
cut short was not returned from, and is dropped; what is longer than a record is damage: it stays.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rempart.adapters.durable import sync_folder
from rempart.domain.errors import IntegrityBroken, TemporarilyUnavailable
from rempart.domain.undertaking import ENCODED_MAX
from rempart.usecases.card_codes import CODE_SIZE_MAX
from rempart.usecases.undertake import read_undertaking

SIZE = 4
RECORD_MAX = 2 * SIZE + ENCODED_MAX + 256 + CODE_SIZE_MAX
"""Bytes: a payload with its frame, and a code."""


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
            # Or the first of all could go with its file's name, and its number be given again.
            sync_folder(self._path.parent)
            os.ftruncate(file, self._whole(os.fstat(file).st_size))
            yield
        except BlockingIOError:
            raise TemporarilyUnavailable("another undertaking is being signed here") from None
        finally:
            os.close(file)

    def _whole(self, size: int) -> int:
        """Bytes of the records that are whole; what follows was being written."""
        whole = sum(SIZE * 2 + len(message) + len(code.encode()) for message, code in self.links())
        if size - whole > RECORD_MAX:
            raise IntegrityBroken("the chain of undertakings is damaged: keep it aside")
        return whole

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
