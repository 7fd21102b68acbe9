"""Sealed stream: a file that only its recipient reads, in chunks that cannot be moved.

    magic (8 bytes, of its purpose) ‖ ephemeral X25519 public key (32) ‖ frames
    frame = u32: last flag in the top bit, length of what follows ‖ AES-256-GCM(chunk)

Here ‖ is plain: every part but the chunk has one size, and the chunk carries its length. The key
follows from the two public keys, their shared secret and the purpose, so that a file of one purpose
opens as none of another; the nonce of a chunk is its last flag (u8) and its number (u88), so a
chunk that is moved, dropped, doubled or cut off opens nowhere.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rempart.sealing.errors import SealBroken
from rempart.sealing.framing import prefixed

MAGIC_SIZE = 8
KEY_SIZE = 32
HEAD_SIZE = MAGIC_SIZE + KEY_SIZE
TAG_SIZE = 16
CHUNK_SIZE = 65_536
"""Clear bytes of every chunk but the last: memory of both ends, and 20 bytes lost to each."""
LAST = 1 << 31


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a sealed file is for; ``share`` is a second secret that it takes to open, or nothing."""

    magic: bytes
    label: bytes
    share: bytes = field(default=b"", repr=False)

    def bound(self, sent: bytes, recipient: bytes) -> bytes:
        """What the stream's key is made over, beside the shared secret."""
        parts = (self.label, sent, recipient)
        return prefixed(*parts, self.share) if self.share else prefixed(*parts)


FEED = Purpose(b"RPFEED1\n", b"rempart/feed/1")


def sender_key(ephemeral: bytes, recipient: bytes, purpose: Purpose = FEED) -> tuple[bytes, bytes]:
    """Public key to send along, and the stream's key.

    ``ephemeral`` is 32 fresh random bytes, ``recipient`` an X25519 public key.

    Raises:
        SealBroken: ``recipient`` is no such key.
    """
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    sent = private.public_key().public_bytes_raw()
    return sent, _key(private, recipient, purpose.bound(sent, recipient))


def recipient_key(private: bytes, sent: bytes, purpose: Purpose = FEED) -> bytes:
    """The stream's key again, from our private key and the public key that came along.

    Raises:
        SealBroken: what came along is no key.
    """
    ours = X25519PrivateKey.from_private_bytes(private)
    return _key(ours, sent, purpose.bound(sent, ours.public_key().public_bytes_raw()))


def _key(private: X25519PrivateKey, other: bytes, bound: bytes) -> bytes:
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(other))
    except ValueError:
        raise SealBroken("stream: not an X25519 public key") from None
    return hmac.digest(shared, bound, "sha256")


def seal_chunk(key: bytes, number: int, last: bool, chunk: bytes) -> bytes:
    """Chunk ``number`` (from 0), sealed; 16 bytes longer."""
    return AESGCM(key).encrypt(_nonce(number, last), chunk, None)


def open_chunk(key: bytes, number: int, last: bool, sealed: bytes) -> bytes:
    """Chunk ``number``, opened.

    Raises:
        SealBroken: another key, another place, or changed bytes.
    """
    try:
        return AESGCM(key).decrypt(_nonce(number, last), sealed, None)
    except InvalidTag:
        raise SealBroken("stream: a chunk is not what was sealed in this place") from None


def _nonce(number: int, last: bool) -> bytes:
    return bytes([last]) + number.to_bytes(11, "big")


def seal_stream(
    parts: Iterable[bytes], *, ephemeral: bytes, recipient: bytes, purpose: Purpose = FEED
) -> Iterator[bytes]:
    """The sealed file of ``parts`` joined, piece by piece; memory of one chunk and one part.

    Raises:
        SealBroken: ``recipient`` is no X25519 public key.
    """
    sent, key = sender_key(ephemeral, recipient, purpose)
    yield purpose.magic + sent
    number, waiting = 0, bytearray()
    for part in parts:
        waiting += part
        # One byte is kept back, so that the last chunk is known when it is written.
        while len(waiting) > CHUNK_SIZE:
            yield _frame(key, number, False, bytes(waiting[:CHUNK_SIZE]))
            del waiting[:CHUNK_SIZE]
            number += 1
    yield _frame(key, number, True, bytes(waiting))


def _frame(key: bytes, number: int, last: bool, chunk: bytes) -> bytes:
    sealed = seal_chunk(key, number, last, chunk)
    return (len(sealed) | (LAST if last else 0)).to_bytes(4, "big") + sealed


def open_stream(
    read: Callable[[int], bytes], *, private: bytes, purpose: Purpose = FEED
) -> Iterator[bytes]:
    """The chunks of a sealed file; ``read(n)`` gives its next n bytes, fewer only at its end.

    A chunk that was given is authentic; that it was the last is known only when this ends.

    Raises:
        SealBroken: not sealed for us, changed, or cut off.
    """
    head = read(HEAD_SIZE)
    if len(head) != HEAD_SIZE or not head.startswith(purpose.magic):
        raise SealBroken("stream: not a sealed file of this purpose")
    key = recipient_key(private, head[MAGIC_SIZE:], purpose)
    number, last = 0, False
    while not last:
        length = int.from_bytes(_exactly(read, 4), "big")
        length, last = length & ~LAST, bool(length & LAST)
        if not TAG_SIZE <= length <= CHUNK_SIZE + TAG_SIZE:
            raise SealBroken("stream: a chunk has an impossible length")
        yield open_chunk(key, number, last, _exactly(read, length))
        number += 1
    if read(1):
        raise SealBroken("stream: something follows the last chunk")


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    piece = read(size)
    if len(piece) != size:
        raise SealBroken("stream: cut off")
    return piece
