"""Open claims that were taken in, under the key that they are sealed to; and name them.

The key is the private half of the judge's (X25519, 32 bytes).
"""

import hmac

import cbor2

from rempart.domain import claim as claims
from rempart.domain.claim import Claim
from rempart.domain.claim_decisions import TAG_SIZE
from rempart.sealing.stream import open_stream

TAGS = b"rempart/claim tag/1"


def opened(sealed: bytes, key: bytes) -> Claim:
    """What is in a claim that was sealed to this key.

    Raises:
        SealBroken, MalformedIdentifier: it was not, or is none.
    """
    left = memoryview(sealed)

    def read(size: int) -> bytes:
        nonlocal left
        piece, left = left[:size], left[size:]
        return bytes(piece)

    return claims.from_bytes(b"".join(open_stream(read, private=key)))


def tag_of(software: int, claim: Claim, key: bytes) -> bytes:
    """How the ledger names the claim of a software: a keyed tag, the same whenever it is sent."""
    said = cbor2.dumps([software, claims.to_bytes(claim)], canonical=True)
    return hmac.digest(hmac.digest(key, TAGS, "sha256"), said, "sha256")[:TAG_SIZE]
