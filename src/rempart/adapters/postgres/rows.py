"""Rows as PostgreSQL's binary COPY has them, packed by hand: what 25,000 members a second need.

Layout: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format". A day is an int32
since 2000-01-01, which is our own count; a length of -1 is NULL.
"""

import struct
from collections.abc import Iterable, Iterator

from rempart.domain.days import OPEN_ENDED
from rempart.usecases.member_ports import PersonState, SealedLock

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"

LOCK_BEFORE = struct.Struct(">hi16siii")  # 9 fields: index, amc, then the handle's length
LOCK_MIDDLE = struct.Struct(">ihiq")  # kind, serial
LOCK_AFTER = struct.Struct(">ihihi")  # key version, index version, length of stored
PERSON_BEFORE = struct.Struct(">hiii")  # 6 fields: amc, then the handle's length
DIGEST = struct.Struct(">i32s")
DAY = struct.Struct(">ii")


def lock_rows(locks: Iterable[SealedLock]) -> Iterator[bytes]:
    """One row a lock, in the order of ``copy_locks``."""
    before, middle, after, day = LOCK_BEFORE.pack, LOCK_MIDDLE.pack, LOCK_AFTER.pack, DAY.pack
    for index, amc, handle, kind, serial, ends, key_version, index_version, stored in locks:
        yield b"".join(
            (
                before(9, 16, index, 4, amc, len(handle)),
                handle,
                middle(2, kind, 8, serial),
                NULL if ends == OPEN_ENDED else day(4, ends),
                after(2, key_version, 2, index_version, len(stored)),
                stored,
            )
        )


def person_rows(amc: int, sequence: int, persons: Iterable[PersonState]) -> Iterator[bytes]:
    """One row a person, in the order of ``copy_persons``."""
    last = DAY.pack(4, sequence)
    for handle, digest, closed, last_end in persons:
        yield b"".join(
            (
                PERSON_BEFORE.pack(6, 4, amc, len(handle)),
                handle,
                DIGEST.pack(32, digest),
                NULL if closed is None else DAY.pack(4, closed),
                NULL if last_end is None else DAY.pack(4, last_end),
                last,
            )
        )


def handle_rows(handles: Iterable[bytes]) -> Iterator[bytes]:
    """One row a handle."""
    for handle in handles:
        yield b"\0\x01" + len(handle).to_bytes(4, "big") + handle
