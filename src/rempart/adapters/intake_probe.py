"""Whether the intake takes claims in, for public pages: its ``GET /health``, over TLS.

Nothing is sent but that line, and nothing believed but one word that anybody may read: so the
certificate is not checked, which each operator's doors would need an authority for. Who can lie
here stands on the way, and could stop claims as well; their senders do check it.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit

REACHED_WITHIN = 1.5
"""Seconds: somebody waits for the page; longer than the intake takes to know (``READY_WITHIN``)."""


def _unchecked() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class IntakeProbe:
    """``url`` is where the intake is."""

    url: str = field(repr=False)
    _tls: ssl.SSLContext = field(default_factory=_unchecked, repr=False)

    async def __call__(self) -> bool:
        """Whether it says that it is up, in time."""
        try:
            async with asyncio.timeout(REACHED_WITHIN):
                return await self._is_up()
        except (OSError, TimeoutError, ValueError):
            # Also no TLS, another certificate's name, a line without an end.
            return False

    async def _is_up(self) -> bool:
        place = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(
            place.hostname, place.port or 443, ssl=self._tls
        )
        try:
            writer.write(b"GET /health HTTP/1.1\r\nHost: intake\r\nConnection: close\r\n\r\n")
            return (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        finally:
            writer.transport.abort()
