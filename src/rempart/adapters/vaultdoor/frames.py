"""Frames on the vault's socket: length (u32), number of the request (u32), MessagePack body.

A reply bears the number of its request; replies may come in any order.
"""

import struct
from collections.abc import Iterator

import msgspec

from rempart.domain.errors import Refusal
from rempart.usecases.messages import Reply, Request

HEAD = struct.Struct(">II")
FRAME_MAX = 16_384
"""Bytes of a body. The longest card code is 4 KiB, the longest assertion 8 KiB."""
OWN_FRAME_MAX = 8_388_608
"""The same, of the vault's own user: a finding names its accounts, a hundred thousand at most."""

_encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode


class FrameRefused(Refusal):
    """A frame that is too long, or does not decode: the connection is closed."""

    code = "frame-refused"


def frame(number: int, message: Request | Reply) -> bytes:
    """One frame."""
    body = _encode(message)
    return HEAD.pack(len(body), number) + body


def bodies(buffer: bytearray, most: int = FRAME_MAX) -> Iterator[tuple[int, bytes]]:
    """Take the whole frames off the front of ``buffer``: number and body, of ``most`` bytes each.

    Raises:
        FrameRefused: longer than allowed.
    """
    start = 0
    try:
        while len(buffer) - start >= HEAD.size:
            length, number = HEAD.unpack_from(buffer, start)
            if length > most:
                raise FrameRefused(f"a frame holds at most {most} bytes")
            end = start + HEAD.size + length
            if len(buffer) < end:
                return
            yield number, bytes(buffer[start + HEAD.size : end])
            start = end
    finally:
        del buffer[:start]
