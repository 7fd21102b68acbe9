"""Unambiguous concatenation: the ‖ of every specification."""

from rempart.sealing.errors import SealBroken

LENGTHS = [length.to_bytes(2, "big") for length in range(512)]
"""Of the parts that are framed at every answer; a table is quicker than counting again."""


def prefixed(*parts: bytes) -> bytes:
    """Each part behind its length (u16, big-endian), so that no two lists of parts collide."""
    framed = b""
    for part in parts:
        length = len(part)
        framed += (LENGTHS[length] if length < 512 else length.to_bytes(2, "big")) + part
    return framed


def parts_of(framed: bytes) -> list[bytes]:
    """Read ``prefixed`` back.

    Raises:
        SealBroken: a length that does not agree with what follows.
    """
    parts, at = [], 0
    while at < len(framed):
        end = at + 2 + int.from_bytes(framed[at : at + 2], "big")
        if at + 2 > len(framed) or end > len(framed):
            raise SealBroken("framed parts end early")
        parts.append(framed[at + 2 : end])
        at = end
    return parts
