"""Verify a whole feed before its first effect; then read it again, and be sure it is the same.

The steps are those of ``specs/member-feed.md``; the numbers return below as comments:

(1) the file opens under our key: every chunk authentic, in its place, the last one marked;
(2) it ends with a header that the insurer's registered key has signed;
(3) the header is of this insurer and for this platform;
(4) its count and digest of rows are those of the file.

What follows the feeds before it is ``domain.feed.step_of``. Memory: one chunk, and 16 bytes a
chunk to pin what was verified.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.domain.errors import FeedRefused, IntegrityBroken
from rempart.domain.feed import FeedCutter, FeedHeader, decode_header
from rempart.domain.identifiers import AMCNumber
from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed
from rempart.sealing.stream import open_stream

SIGNED_AS = b"rempart/feed-header/1"
PIN_SIZE = 16


def to_be_signed(header: bytes) -> bytes:
    """What an insurer signs: the header, and that it is one."""
    return prefixed(SIGNED_AS, header)


@dataclass(slots=True)
class VerifiedFeed:
    """A feed that holds as a whole; ``rows`` reads it again from its beginning."""

    header: FeedHeader
    _stream: BinaryIO = field(repr=False)
    _private: bytes = field(repr=False)
    _pins: bytes = field(repr=False)

    def rows(self) -> Iterator[list[bytes]]:
        """Encoded rows, some at a time; each part is what was verified, or it is not given.

        Raises:
            IntegrityBroken: the file was changed since it was verified.
        """
        self._stream.seek(0)
        cutter, place = FeedCutter(), 0
        try:
            for chunk in open_stream(self._stream.read, private=self._private):
                rows = cutter.push(chunk)
                if cutter.body[:PIN_SIZE] != self._pins[place : place + PIN_SIZE]:
                    raise IntegrityBroken("the feed was changed while it was read")
                place += PIN_SIZE
                yield rows
        except SealBroken:
            raise IntegrityBroken("the feed was changed while it was read") from None


def verify_feed(
    stream: BinaryIO,
    *,
    private: bytes,
    amc: AMCNumber,
    feed_key: bytes,
    progress: Callable[[int], object],
) -> VerifiedFeed:
    """The feed, once all of it has been verified.

    ``private`` is our X25519 key, ``feed_key`` the insurer's Ed25519 public key; ``progress`` is
    told the clear bytes of each chunk.

    Raises:
        FeedRefused: the message names the step that failed.
    """
    # (1) Not one byte is believed, not even the header, before the last chunk has opened.
    cutter, pins = FeedCutter(), bytearray()
    stream.seek(0)
    try:
        for chunk in open_stream(stream.read, private=private):
            cutter.push(chunk)
            pins += cutter.body[:PIN_SIZE]
            progress(len(chunk))
    except SealBroken as broken:
        if not pins:
            raise FeedRefused("sealed: not to this platform's key, or not a feed") from None
        raise FeedRefused(f"sealed: {broken}") from None
    encoded, signature = cutter.trailer()

    # (2) Before this line the header is anybody's.
    try:
        Ed25519PublicKey.from_public_bytes(feed_key).verify(signature, to_be_signed(encoded))
    except InvalidSignature:
        raise FeedRefused("signed: not by this insurer's registered key") from None
    header = decode_header(encoded)

    # (3) A recipient cannot pass a feed on to another platform as if it were meant for it.
    if header.amc != amc:
        raise FeedRefused("insurer: the feed is another insurer's")
    if (
        header.recipient
        != X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    ):
        raise FeedRefused("recipient: the feed was made for another platform")

    # (4) The signature covers the header alone; this is what ties the rows to it.
    if header.rows != cutter.rows or header.body != cutter.body:
        raise FeedRefused("body: the rows are not those that were signed")
    return VerifiedFeed(header, stream, private, bytes(pins))
