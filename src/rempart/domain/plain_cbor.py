"""CBOR of numbers, text, bytes, arrays and maps alone, as statements and undertakings are."""

from typing import Any

import cbor2

from rempart.domain.errors import MalformedIdentifier

PLAIN = (int, str, bytes, type(None))


def decode_plain(payload: bytes, kind: str) -> Any:
    """The value of a payload.

    Raises:
        MalformedIdentifier: not CBOR, or something else in it: a boolean is an integer in Python,
            and not in CBOR.
    """
    try:
        value = cbor2.loads(payload)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise MalformedIdentifier(kind, "not what one holds") from None
    if not _is_plain(value):
        raise MalformedIdentifier(kind, "not what one holds")
    return value


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(said) for key, said in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return type(value) in PLAIN
