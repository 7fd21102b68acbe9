"""Deterministic CBOR of numbers, text, bytes, arrays and maps: what was signed has one spelling."""

from collections.abc import Callable
from typing import Any, TypeVar

import cbor2

from rempart.domain.errors import MalformedIdentifier

T = TypeVar("T")
PLAIN = (int, str, bytes, type(None))
STRINGS, COLLECTIONS, TAGGED, SIMPLE = (2, 3), (4, 5), 6, 7
"""Major types (RFC 8949, section 3.1); a map has two values an entry."""
NOT_PLAIN = "not CBOR of plain kinds"
NULLS = (20, 21, 22)
"""False, true, null."""


def read_one_form(
    payload: bytes, *, kind: str, read: Callable[[Any], T], spell: Callable[[T], bytes]
) -> T:
    """What ``read`` makes of a payload, if ``spell`` writes these very bytes again.

    ``read`` may raise ``MalformedIdentifier``, or whatever a value of the wrong kind makes it.

    Raises:
        MalformedIdentifier: not what this kind holds, or in another spelling.
    """
    try:
        check_plain(payload)
        value = read(_plain(cbor2.loads(payload)))
        if spell(value) == payload:
            return value
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise MalformedIdentifier(kind, "not what one holds") from None
    raise MalformedIdentifier(kind, "not in its one form")


def check_plain(payload: bytes) -> None:
    """Return if bytes are one value of plain kinds. Nothing is built of them meanwhile: a tag of
    shared references would make of a few hundred bytes what no memory holds.

    Raises:
        ValueError: a tag, a float, a length that is not told, something missing or left over.
    """
    at, left = 0, 1
    while left:
        if not left <= len(payload) - at:
            raise ValueError(NOT_PLAIN)
        major, short = payload[at] >> 5, payload[at] & 31
        size = 1 << short - 24 if 24 <= short <= 27 else 0
        number = int.from_bytes(payload[at + 1 : at + 1 + size], "big") if size else short
        at += 1 + size
        if short > 27 or major == TAGGED or (major == SIMPLE and short not in NULLS):
            raise ValueError(NOT_PLAIN)
        left -= 1
        if major in STRINGS:
            at += number
        elif major in COLLECTIONS:
            left += number * (major - 3)
    if at != len(payload):
        raise ValueError(NOT_PLAIN)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {_plain(key): _plain(said) for key, said in value.items()}
    if isinstance(value, list):
        return list(map(_plain, value))
    if type(value) not in PLAIN:
        # A boolean is an integer in Python, and not in CBOR.
        raise TypeError
    return value
