"""The blind feed: what an insurer's member file becomes before it leaves the insurer.

* A feed says who it is from, its number, the digest of the one before, and what it holds; its
  header is signed and stands last, because it tells the digest and the count of all the rest.
* Feeds follow one another without gap: the first is full, each next one cites its predecessor.
* A row breaks no other: each stands behind its length (what rows say is in ``feed_rows``).

The page is ``specs/member-feed.md``, the vectors ``specs/vectors/feed.json``.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import Enum

import cbor2

from rempart.domain.errors import FeedRefused, MalformedIdentifier
from rempart.domain.identifiers import AMCNumber

FORMAT = 1
DIGEST_SIZE = 32
SIGNATURE_SIZE = 64
TRAILER_MAX = 4_096
"""Bytes; a header has some 300."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHeader:
    """What the insurer signs of a feed.

    ``body`` is the digest of the framed rows, ``previous`` the digest of the previous feed;
    ``declared`` and ``legacy_until`` are the insurer's choice on locks that a card's code does not
    open.
    """

    amc: AMCNumber
    sequence: int
    previous: bytes | None
    full: bool
    rows: int
    body: bytes
    declared: bool
    legacy_until: date | None
    created: date
    recipient: bytes

    def encode(self) -> bytes:
        """Deterministic CBOR; what is signed, and what the next feed cites by its SHA-256."""
        return cbor2.dumps(
            {
                "format": FORMAT,
                "amc": self.amc.value,
                "sequence": self.sequence,
                "previous": self.previous,
                "full": self.full,
                "rows": self.rows,
                "body": self.body,
                "declared": self.declared,
                "legacy_until": self.legacy_until and self.legacy_until.isoformat(),
                "created": self.created.isoformat(),
                "recipient": self.recipient,
            },
            canonical=True,
        )

    @property
    def digest(self) -> bytes:
        """The digest by which the next feed cites this one; 32 bytes."""
        return hashlib.sha256(self.encode()).digest()


def decode_header(data: bytes) -> FeedHeader:
    """Read a header.

    Raises:
        FeedRefused: another format, a missing or unknown entry, or one of the wrong kind.
    """
    try:
        said = cbor2.loads(data)
        header = _header(said)
    except (cbor2.CBORDecodeError, ValueError, MalformedIdentifier, RecursionError):
        raise FeedRefused("the header of the feed is malformed") from None
    if header.encode() != data:
        raise FeedRefused("the header of the feed is not in its one form")
    return header


def _header(said: object) -> FeedHeader:
    match said:
        case {
            "format": 1,
            "amc": str(amc),
            "sequence": int(sequence),
            "previous": (bytes() | None) as previous,
            "full": bool(full),
            "rows": int(rows),
            "body": bytes(body),
            "declared": bool(declared),
            "legacy_until": (str() | None) as legacy_until,
            "created": str(created),
            "recipient": bytes(recipient),
        } if 1 <= sequence < 2**31 and 0 <= rows < 2**31 and (previous is None) == (sequence == 1):
            return FeedHeader(
                amc=AMCNumber.parse(amc),
                sequence=sequence,
                previous=previous,
                full=full,
                rows=rows,
                body=body,
                declared=declared,
                legacy_until=None if legacy_until is None else date.fromisoformat(legacy_until),
                created=date.fromisoformat(created),
                recipient=recipient,
            )
    raise FeedRefused("the header of the feed is malformed, or of another format")


def frame_row(row: bytes) -> bytes:
    """A row behind its length, u16 big-endian."""
    return len(row).to_bytes(2, "big") + row


def frame_trailer(header: bytes, signature: bytes) -> bytes:
    """What ends a feed: a length of zero where a row would stand, the header, its signature."""
    assert len(signature) == SIGNATURE_SIZE
    return b"\0\0" + len(header).to_bytes(2, "big") + header + signature


class FeedCutter:
    """Cuts the clear stream of a feed into rows, counts and digests them, keeps the trailer."""

    def __init__(self) -> None:
        self.rows = 0
        self._body = hashlib.sha256()
        self._waiting = b""
        self._trailer: bytearray | None = None

    def push(self, chunk: bytes) -> list[bytes]:
        """The rows that ``chunk`` completes, still encoded.

        Raises:
            FeedRefused: a trailer too long to be one.
        """
        if self._trailer is not None:
            self._extend_trailer(chunk)
            return []
        data = self._waiting + chunk
        rows, place, size = [], 0, len(data)
        while place + 2 <= size:
            end = place + 2 + int.from_bytes(data[place : place + 2], "big")
            if end == place + 2:
                self._trailer = bytearray()
                self._extend_trailer(data[end:])
                break
            if end > size:
                break
            rows.append(data[place + 2 : end])
            place = end
        self._body.update(data[:place])
        self._waiting = data[place:]
        self.rows += len(rows)
        return rows

    def _extend_trailer(self, more: bytes) -> None:
        assert self._trailer is not None
        self._trailer += more
        if len(self._trailer) > TRAILER_MAX:
            raise FeedRefused("the trailer of the feed is too long")

    @property
    def body(self) -> bytes:
        """SHA-256 of the framed rows cut so far; 32 bytes."""
        return self._body.digest()

    def trailer(self) -> tuple[bytes, bytes]:
        """Header and signature.

        Raises:
            FeedRefused: the stream has ended without them.
        """
        trailer = bytes(self._trailer or b"")
        size = int.from_bytes(trailer[:2], "big")
        if len(trailer) != 2 + size + SIGNATURE_SIZE:
            raise FeedRefused("the feed ends without a signed header")
        return trailer[2 : 2 + size], trailer[2 + size :]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMark:
    """How far a feed has come on the platform."""

    sequence: int
    digest: bytes
    rows_done: int
    imported: bool
    closes_absent: bool


class Step(Enum):
    """What a feed is, to a platform that has seen those before it."""

    START = "start"
    RESUME = "resume"
    ALREADY = "already"


def step_of(header: FeedHeader, *, same: FeedMark | None, last: FeedMark | None) -> Step:
    """Whether this feed comes next. ``same`` is the one recorded under its number, if any.

    Raises:
        FeedRefused: replayed under a number already used, out of sequence, or cut from its past.
    """
    if same is not None:
        if same.digest != header.digest:
            raise FeedRefused(f"another feed was imported under the number {header.sequence}")
        return Step.ALREADY if same.imported else Step.RESUME
    if last is not None and not last.imported:
        raise FeedRefused(f"the import of feed {last.sequence} must be finished first")
    expected = 1 if last is None else last.sequence + 1
    if header.sequence != expected:
        raise FeedRefused(f"feed {header.sequence} is out of sequence: expected {expected}")
    if last is None and not header.full:
        raise FeedRefused("the first feed must be full")
    if last is not None and header.previous != last.digest:
        raise FeedRefused("the feed does not cite the one before it")
    return Step.START
