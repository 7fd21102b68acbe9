"""One exchange over ASGI: read a bounded body, send one whole response.

A body is at most 12 KiB, so that what it becomes always fits a frame to the vault (16 KiB): a
frame that is too long would cost every caller the connection.
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network

from starlette.types import Receive, Scope, Send

from rempart.serving.declined import Declined

BODY_MAX = 12_288
"""Bytes. A question with the longest card code takes under 6,000."""

BODY_WITHIN = 10.0
"""Seconds for the rest of a body that did not come at once."""

Headers = Mapping[bytes, bytes]
Pairs = Iterable[tuple[bytes, bytes]]

NO_STORE = (b"cache-control", b"no-store")


def headers_of(scope: Scope) -> Headers:
    """The headers of a request, names in lower case; of a repeated one, the last."""
    return dict(scope["headers"])


def network_of(scope: Scope) -> str:
    """The network that a connection comes from: /24 of IPv4, /48 of IPv6, or nothing.

    The prefix goes to the vault, which keeps four keyed bytes of it; the address goes nowhere.
    """
    try:
        address = ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((mapped, 24 if mapped.version == 4 else 48), strict=False))


async def body_of(headers: Headers, receive: Receive) -> bytes:
    """The whole body.

    Raises:
        Declined: ``too-long``, ``too-slow``, or cut short.
    """
    length = headers.get(b"content-length", b"0")
    if len(length) > 5 or int(length) > BODY_MAX:
        raise Declined("too-long")
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return _bounded(body)
    try:
        async with asyncio.timeout(BODY_WITHIN):
            return await _rest(body, receive)
    except TimeoutError:
        raise Declined("too-slow") from None


async def _rest(body: bytes, receive: Receive) -> bytes:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Declined("unreadable")
        body = _bounded(body + message.get("body", b""))
        if not message.get("more_body", False):
            return body


def _bounded(body: bytes) -> bytes:
    if len(body) > BODY_MAX:
        raise Declined("too-long")
    return body


async def send_whole(
    send: Send, body: bytes, *, status: int = 200, media: str, headers: Pairs = ()
) -> None:
    """Send one response."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media.encode()),
                (b"content-length", b"%d" % len(body)),
                NO_STORE,
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


def handle_of(headers: Headers, scheme: re.Pattern[bytes]) -> bytes:
    """The opaque session handle under an authorization scheme; never an empty one.

    Raises:
        Declined: ``no-token``, or one that cannot be ours.
    """
    authorization = headers.get(b"authorization")
    if authorization is None:
        raise Declined("no-token")
    match = scheme.fullmatch(authorization)
    if match is None:
        raise Declined("not-signed-in")
    try:
        handle = base64.urlsafe_b64decode(match[1] + b"=" * (-len(match[1]) % 4))
    except binascii.Error:
        raise Declined("not-signed-in") from None
    if not handle:
        raise Declined("not-signed-in")
    return handle
