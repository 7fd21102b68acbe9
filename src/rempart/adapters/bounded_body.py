"""The body of an answer over HTTP, as long as it may be and no longer."""

import httpx2

from rempart.domain.errors import TemporarilyUnavailable


async def bounded_body(response: httpx2.Response, most: int, otherwise: str) -> bytes:
    """The body as it came. What is compressed although nobody asked is not what was asked for, and
    grows no further.

    Raises:
        TemporarilyUnavailable: it is longer than ``most`` bytes; in the words of ``otherwise``.
    """
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > most:
            raise TemporarilyUnavailable(otherwise)
    return bytes(body)
