"""Deterministic CBOR of numbers, text, bytes, arrays and maps: what was signed has one spelling."""

from collections.abc import Callable
from typing import Any, TypeVar

import cbor2

from rempart.domain.errors import MalformedIdentifier

T = TypeVar("T")
PLAIN = (int, str, bytes, type(None))


def read_one_form(
    payload: bytes, *, kind: str, read: Callable[[Any], T], spell: Callable[[T], bytes]
) -> T:
    """What ``read`` makes of a payload, if ``spell`` writes these very bytes again.

    ``read`` may raise ``MalformedIdentifier``, or whatever a value of the wrong kind makes it.

    Raises:
        MalformedIdentifier: not what this kind holds, or in another spelling.
    """
    try:
        value = read(_plain(cbor2.loads(payload)))
        if spell(value) == payload:
            return value
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise MalformedIdentifier(kind, "not what one holds") from None
    raise MalformedIdentifier(kind, "not in its one form")


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {_plain(key): _plain(said) for key, said in value.items()}
    if isinstance(value, list):
        return list(map(_plain, value))
    if type(value) not in PLAIN:
        # A boolean is an integer in Python, and not in CBOR.
        raise TypeError
    return value
