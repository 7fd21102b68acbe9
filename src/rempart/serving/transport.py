"""A transport that joins writes, and does not wait for whoever will not hang up.

* Uvicorn writes the head of a response, then its body; each write would be encrypted and sent by
  itself, which is a quarter of what an answer costs. Here they leave as one TLS record.
* TLS says goodbye and waits for the other's. A software that is idle does not answer, and would
  hold a stop for half a minute: here it has two seconds.
"""

import asyncio
from typing import Any

LINGER = 2.0
"""Seconds; a peer that is reading has its goodbye sent back within a round trip."""


class LeanTransport(asyncio.Transport):
    """Over another transport. Only what Uvicorn's protocol calls is here."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def write(self, data: Any) -> None:
        """Send before the loop waits again."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def _flush(self) -> None:
        if self._waiting and not self._transport.is_closing():
            self._transport.write(b"".join(self._waiting))
        self._waiting.clear()

    def close(self) -> None:
        """Send what waits, say goodbye, and be gone within ``LINGER``."""
        if self._transport.is_closing():
            return
        self._flush()
        self._transport.close()
        self._loop.call_later(LINGER, self._transport.abort)

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the transport below knows."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Let what arrives wait."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take what arrives again."""
        self._transport.resume_reading()
