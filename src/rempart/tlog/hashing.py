"""Hashes of the tree: RFC 9162 section 2.1.1 over SHA-256.

Leaves and nodes are hashed under different first bytes, so that no leaf can pass for a node.
"""

from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree that has no leaf."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry, 32 bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of the node above two subtrees, 32 bytes."""
    return sha256(b"\x01" + left + right).digest()
