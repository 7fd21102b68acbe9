"""Row digest: tells the platform that a row changed, and nothing of what it says."""

import hmac
from collections.abc import Sequence

from rempart.sealing.framing import prefixed
from rempart.sealing.locks import FORMAT, KINDS

DIGEST_SIZE = 32


def row_digest(key_g: bytes, canonical: bytes, locks: Sequence[tuple[int, bytes, bytes]]) -> bytes:
    """HMAC-SHA256 of a canonical clear row and of each live lock: kind, serial (4), end (2).

    Whatever changes a lock changes the digest; so does the order in which locks are given.
    """
    live = [KINDS[kind] + serial + ends for kind, serial, ends in locks]
    assert all(len(lock) == 7 for lock in live)
    return hmac.digest(key_g, prefixed(FORMAT, canonical, *live), "sha256")
