"""The client of the vault's socket for a door's event loop."""

import asyncio
from pathlib import Path

import msgspec

from rempart.adapters.vaultdoor.client import ANSWER_WITHIN, READ_AT_ONCE
from rempart.adapters.vaultdoor.frames import FrameRefused, bodies, decode_reply, frame
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.messages import Reply, Request


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
