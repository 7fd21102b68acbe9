"""The table of one day: which handle each pseudonym stands for (``specs/closed-segment.md``).

It is what an incident needs to tell insurers who was read, and nothing else may need it. So it is
sealed twice over: to the incident key, whose private half lies apart, and under a share that the
vault gives out for one day at a time, once the opening stands in the ledger.

    day (10 characters) ‖ newline ‖ rows
    row = pseudonym (16) ‖ AMC number (u32) ‖ length (u8) ‖ handle
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from typing import NamedTuple

from rempart.domain.errors import IntegrityBroken, KeyMissing
from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed
from rempart.sealing.stream import Purpose, open_stream, seal_stream
from rempart.usecases.ports import Chance, KeyStore

SHARES = "tables"
"""Name of the key, in the vault's keyring, that shares are made under."""
MAGIC, LABEL = b"RPTABL1\n", b"rempart/daily-table/1"
ROW = struct.Struct(">16sIB")
KEY_SIZE = 32


class Sealed(NamedTuple):
    """What it takes to seal a day's table: the incident key's public half, chance, the share."""

    recipient: bytes
    ephemeral: bytes
    share: bytes

    def __repr__(self) -> str:
        return "Sealed(…)"


class Whose(NamedTuple):
    """One row: a pseudonym, its insurer, and the handle that it stands for."""

    pseudonym: bytes
    amc: int
    handle: bytes

    def __repr__(self) -> str:
        return "Whose(…)"


def share_of(keys: KeyStore, day: str) -> bytes:
    """The vault's share of a day's table.

    Raises:
        KeyMissing: no table was ever sealed here.
    """
    return hmac.digest(keys.get(SHARES), prefixed(LABEL, day.encode()), "sha256")


def make_shares(keys: KeyStore, chance: Chance) -> None:
    """Make the key of shares, where there is none."""
    try:
        keys.get(SHARES)
    except KeyMissing:
        keys.put(SHARES, chance.draw(KEY_SIZE))


def incident_id(public: bytes) -> bytes:
    """Eight bytes that tell incident keys apart."""
    return hashlib.sha256(public).digest()[:8]


def seal_table(day: str, rows: Iterable[Whose], under: Sealed) -> Iterator[bytes]:
    """The sealed table, piece by piece."""
    return seal_stream(
        _parts(day, rows),
        ephemeral=under.ephemeral,
        recipient=under.recipient,
        purpose=Purpose(MAGIC, LABEL, under.share),
    )


def _parts(day: str, rows: Iterable[Whose]) -> Iterator[bytes]:
    yield f"{day}\n".encode()
    for row in rows:
        yield ROW.pack(row.pseudonym, row.amc, len(row.handle)) + row.handle


def open_table(
    day: str, sealed: bytes, *, private: bytes, share: bytes
) -> Mapping[bytes, tuple[int, bytes]]:
    """Insurer and handle by pseudonym.

    Raises:
        IntegrityBroken: not sealed to this key, under this share, or for this day.
    """
    rows = table_rows(day, BytesIO(sealed).read, private=private, share=share)
    return {each.pseudonym: (each.amc, each.handle) for each in rows}


def table_rows(
    day: str, read: Callable[[int], bytes], *, private: bytes, share: bytes
) -> Iterator[Whose]:
    """The rows of a table, in the memory of one chunk; ``read(n)`` gives its next n bytes.

    Each is authentic; that none is left out is known only when this ends.

    Raises:
        IntegrityBroken: not sealed to this key, under this share, or for this day.
    """
    purpose, head, left = Purpose(MAGIC, LABEL, share), f"{day}\n".encode(), b""
    try:
        for number, chunk in enumerate(open_stream(read, private=private, purpose=purpose)):
            if number == 0 and not chunk.startswith(head):
                raise IntegrityBroken(f"the table of {day} is that of another day")
            clear, at = left + chunk, 0 if number else len(head)
            while (end := _end(clear, at)) <= len(clear):
                pseudonym, amc, _ = ROW.unpack_from(clear, at)
                yield Whose(pseudonym, amc, clear[at + ROW.size : end])
                at = end
            left = clear[at:]
    except SealBroken as error:
        raise IntegrityBroken(f"the table of {day} does not open: {error}") from None
    if left:
        raise IntegrityBroken(f"the table of {day} ends within a row")


def _end(clear: bytes, at: int) -> int:
    """Where the row at ``at`` ends, or past what is there."""
    head = at + ROW.size
    return head + clear[head - 1] if head <= len(clear) else len(clear) + 1
