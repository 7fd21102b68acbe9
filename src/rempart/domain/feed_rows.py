"""Rows of the blind feed: a person, a close, or a person kept as they are.

* A row is whole: the row of a person lists every live lock, and the platform deletes the others.
* A lock that goes beyond what the insurer signed in the header is a fault of its row.
* A row is read from the outside: nothing of it is trusted but that its insurer has signed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cbor2

from rempart.domain.days import OPEN_ENDED, number_of
from rempart.domain.errors import MalformedRow
from rempart.domain.feed import DIGEST_SIZE, FeedHeader

PERSON, CLOSE, KEPT = 1, 2, 3
CARD, DECLARED, LEGACY = 1, 2, 3
HANDLE_MIN, HANDLE_MAX = 29, 60
"""Of a reference of 1 to 32 characters."""
FIND_SIZE, BOX_SIZE = 16, 285
BOX_FORMAT = 1
PERSON_SHAPE, CLOSE_SHAPE = [int, bytes, bytes, list], [int, bytes, int]
KEPT_SHAPE, LOCK_SHAPE = [int, bytes], [int, int, int, bytes, bytes]
SERIAL_LIMIT, NUMBER_MASK = 2**32, 0xFFFF
LOCKS_MAX = 4
"""Two cards with two locks each."""


class BlindLock(NamedTuple):
    """A lock as the feed carries it; ``ends`` in days since 2000-01-01, 65535 for no end."""

    kind: int
    serial: int
    ends: int
    find: bytes
    box: bytes


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A beneficiary who is new, has changed, or is back: every live lock of theirs."""

    handle: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    locks: Sequence[BlindLock] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CloseRow:
    """A beneficiary who has left; ``ends`` is their last day, in days since 2000-01-01."""

    handle: bytes = field(repr=False)
    ends: int


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A beneficiary who is still there, unchanged: a full feed must not close them."""

    handle: bytes = field(repr=False)


Row = PersonRow | CloseRow | KeptRow


def encode_row(row: Row) -> bytes:
    """One row in CBOR."""
    match row:
        case PersonRow():
            return cbor2.dumps([PERSON, row.handle, row.digest, row.locks])
        case CloseRow():
            return cbor2.dumps([CLOSE, row.handle, row.ends])
        case KeptRow():
            return cbor2.dumps([KEPT, row.handle])


def decode_row(data: bytes, *, line: int, header: FeedHeader) -> Row:
    """Read a row and hold it against what the insurer has signed.

    Raises:
        MalformedRow: the first rule that it breaks.
    """
    try:
        said = cbor2.loads(data)
    except Exception:  # cbor2 runs the decoders of many tags: whatever they raise, it is no row
        raise MalformedRow(line, "row", "not CBOR") from None
    # By exact type: a boolean is an integer in Python, and not in CBOR.
    shape = [*map(type, said)] if isinstance(said, list) else None
    if shape == PERSON_SHAPE and said[0] == PERSON:
        _, handle, digest, locks = said
        if len(digest) != DIGEST_SIZE:
            raise MalformedRow(line, "digest", "expected 32 bytes")
        row: Row = PersonRow(handle, digest, _locks(locks, line, header))
    elif shape == CLOSE_SHAPE and said[0] == CLOSE:
        _, handle, ends = said
        if not 0 <= ends < OPEN_ENDED:
            raise MalformedRow(line, "ends", "expected a day")
        row = CloseRow(handle, ends)
    elif shape == KEPT_SHAPE and said[0] == KEPT:
        _, handle = said
        row = KeptRow(handle)
    else:
        raise MalformedRow(line, "row", "expected a person, a close or a kept row")
    if not HANDLE_MIN <= len(handle) <= HANDLE_MAX:
        raise MalformedRow(line, "handle", "expected 29 to 60 bytes")
    return row


def _locks(said: Sequence[object], line: int, header: FeedHeader) -> list[BlindLock]:
    if len(said) > LOCKS_MAX:
        raise MalformedRow(line, "locks", "expected at most 4")
    locks = [_lock(each, line) for each in said]
    listed = set()
    for lock in locks:
        which = lock.kind << 32 | lock.serial
        if which in listed:
            raise MalformedRow(line, "locks", "one lock is listed twice")
        listed.add(which)
        if lock.kind == DECLARED and not header.declared:
            raise MalformedRow(line, "locks", "the insurer has not chosen declared locks")
        if lock.kind == LEGACY and (
            header.legacy_until is None or lock.ends > number_of(header.legacy_until)
        ):
            raise MalformedRow(line, "locks", "a legacy lock goes beyond the insurer's date")
    return locks


def _lock(said: object, line: int) -> BlindLock:
    if not isinstance(said, list) or [*map(type, said)] != LOCK_SHAPE:
        raise MalformedRow(line, "locks", "expected kind, serial, end, find and box")
    kind, serial, ends, find, box = said
    if not CARD <= kind <= LEGACY:
        raise MalformedRow(line, "kind", "expected card, declared or legacy")
    if not 0 <= serial < SERIAL_LIMIT:
        raise MalformedRow(line, "serial", "expected 32 bits")
    if serial != 0 if kind == LEGACY else serial & NUMBER_MASK == 0:
        raise MalformedRow(line, "serial", "serial 0 has a legacy lock, every other one has none")
    if not 0 <= ends <= OPEN_ENDED:
        raise MalformedRow(line, "ends", "expected a day or no end")
    if len(find) != FIND_SIZE:
        raise MalformedRow(line, "find", "expected 16 bytes")
    if len(box) != BOX_SIZE or box[0] != BOX_FORMAT:
        raise MalformedRow(line, "box", "not of a known size and format")
    return BlindLock(kind, serial, ends, find, box)


def handle_of_row(data: bytes) -> bytes | None:
    """Of whom a row is, also when the rest of it breaks a rule; ``None`` when that is the fault."""
    try:
        said = cbor2.loads(data)
    except Exception:  # as in decode_row
        return None
    if isinstance(said, list) and len(said) > 1 and isinstance(said[1], bytes):
        return said[1]
    return None
