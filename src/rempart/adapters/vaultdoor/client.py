"""A blocking client of the vault's socket, for the command line and for load.

That of the doors is ``async_client.py``: a command that cuts starts without an event loop.
"""

import socket
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rempart.adapters.vaultdoor.frames import FrameRefused, bodies, decode_reply, frame
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.messages import Reply, Request

ANSWER_WITHIN = 5.0
"""Seconds. A question unanswered for so long is not waited for; its entry may exist."""

READ_AT_ONCE = 262_144


class Door:
    """One blocking connection, for the command line and for load."""

    def __init__(self, path: Path, *, timeout: float | None = ANSWER_WITHIN) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise TemporarilyUnavailable("no vault behind the door") from error
        self._buffer = bytearray()

    def ask(self, request: Request) -> Reply:
        """One request, one reply.

        Raises:
            TemporarilyUnavailable: the vault went away or was silent.
        """
        return self.ask_all([request])[0]

    def ask_all(self, requests: Sequence[Request]) -> list[Reply]:
        """Send all together; replies in the order of the requests.

        Raises:
            TemporarilyUnavailable: the vault went away or was silent.
        """
        replies: dict[int, Reply] = {}
        try:
            self._socket.sendall(b"".join([frame(n, r) for n, r in enumerate(requests)]))
            while len(replies) < len(requests):
                chunk = self._socket.recv(READ_AT_ONCE)
                if not chunk:
                    raise TemporarilyUnavailable("the vault closed the door")
                self._buffer += chunk
                for number, body in bodies(self._buffer):
                    replies[number] = decode_reply(body)
        except (OSError, FrameRefused, msgspec.DecodeError):
            raise TemporarilyUnavailable("the vault went silent") from None
        return [replies[number] for number in range(len(requests))]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def __enter__(self) -> "Door":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
