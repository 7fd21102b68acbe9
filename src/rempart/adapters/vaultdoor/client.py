"""Clients of the vault's socket: one for the gateway's event loop, one for the command line."""

import asyncio
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


class AsyncDoor:
    """One connection for a whole process; requests of one turn of the loop leave in one write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._outgoing: list[bytes] = []
        self._number = 0
        self._opening = asyncio.Lock()
        self._reader_task: asyncio.Task[None] | None = None

    async def ask(self, request: Request) -> Reply:
        """Send a request and wait for its reply.

        Raises:
            TemporarilyUnavailable: no vault, or no reply in time.
        """
        if self._writer is None:
            await self._open()
        loop = asyncio.get_running_loop()
        self._number = number = (self._number + 1) & 0xFFFFFFFF
        # First: what no frame can hold leaves nobody waiting.
        framed = frame(number, request)
        waiting = self._waiting[number] = loop.create_future()
        if not self._outgoing:
            loop.call_soon(self._flush)
        self._outgoing.append(framed)
        timer = loop.call_later(ANSWER_WITHIN, self._give_up, number)
        try:
            reply: Reply = await waiting
            return reply
        finally:
            timer.cancel()
            self._waiting.pop(number, None)

    def _give_up(self, number: int) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_exception(TemporarilyUnavailable("the vault did not answer in time"))

    def _flush(self) -> None:
        if self._writer is not None:
            self._writer.write(b"".join(self._outgoing))
        self._outgoing.clear()

    async def _open(self) -> None:
        async with self._opening:
            if self._writer is not None:
                return
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._path)
            except OSError as error:
                raise TemporarilyUnavailable("no vault behind the door") from error
            self._reader_task = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        buffer = bytearray()
        try:
            while chunk := await reader.read(READ_AT_ONCE):
                buffer += chunk
                for number, body in bodies(buffer):
                    waiting = self._waiting.get(number)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(decode_reply(body))
        except (OSError, FrameRefused, msgspec.DecodeError):
            # Whatever spoke so is no vault of ours: who waits is told, the next one knocks again.
            pass
        finally:
            self._lost()

    def _lost(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(TemporarilyUnavailable("the vault closed the door"))

    async def close(self) -> None:
        """Hang up."""
        if self._reader_task is not None:
            self._reader_task.cancel()
            await asyncio.gather(self._reader_task, return_exceptions=True)
        self._lost()


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
