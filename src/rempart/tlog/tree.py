"""A Merkle tree that grows, in the memory of its right edge.

A tree of n leaves is a row of complete subtrees, one for each bit set in n, largest first: its
*peaks*. Appending a leaf merges the peaks that it completes; the root folds them from the right
(RFC 9162 section 2.1.1). Nothing else is kept.

Every eighth level is worth storing: a subtree of 256 leaves, of 65,536, and so on. They leave by
``completed()`` as they are finished; with the leaf hashes they are all that a proof reads, at the
price of 1/255 of the leaves' own hashes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from rempart.tlog.hashing import EMPTY_ROOT, HASH_SIZE, node_hash

STORED_EVERY = 8
"""Levels between two rows of stored hashes."""
WIDTH = 1 << STORED_EVERY
"""Stored hashes under one stored hash of the next row."""


@dataclass(frozen=True, slots=True)
class Completed:
    """Hash of the complete subtree over leaves ``index << level`` to ``(index + 1) << level``."""

    level: int
    index: int
    hash: bytes


def peaks_of(size: int) -> list[tuple[int, int]]:
    """Level and index of each peak of a tree of ``size`` leaves, from the left."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return [(level, (size >> level) - 1) for level in levels]


def fold(peaks: Sequence[bytes]) -> bytes:
    """Root over ``peaks``, given from the left; that of the empty tree over none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class CompactRange:
    """A growing tree: O(log n) memory, one node hash per leaf on average."""

    __slots__ = ("_completed", "_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []
        self._completed: list[Completed] = []

    @classmethod
    def resume(cls, size: int, peaks: Iterable[bytes]) -> Self:
        """The tree of ``size`` leaves again, from the hashes of ``peaks_of(size)``."""
        tree = cls()
        tree._size = size
        tree._peaks = list(peaks)
        assert len(tree._peaks) == size.bit_count()
        return tree

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def peaks(self) -> list[bytes]:
        """Hashes of ``peaks_of(size)``: what ``resume`` takes."""
        return list(self._peaks)

    def append(self, leaf_hash: bytes) -> None:
        """Add a leaf by its hash (32 bytes)."""
        assert len(leaf_hash) == HASH_SIZE
        bits = self._size
        if bits & (WIDTH - 1) == WIDTH - 1:
            self._append_completing(leaf_hash)
            return
        peaks = self._peaks
        node = leaf_hash
        while bits & 1:
            # node_hash, without the price of a call: this is the loop of every commit.
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            bits >>= 1
        peaks.append(node)
        self._size += 1

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaves by their hashes, in order."""
        append = self.append
        for leaf_hash in leaf_hashes:
            append(leaf_hash)

    def root(self) -> bytes:
        """Root of the tree as it stands, 32 bytes."""
        return fold(self._peaks)

    def completed(self) -> list[Completed]:
        """Stored subtrees finished since the last call, in the order they were finished."""
        drained, self._completed = self._completed, []
        return drained

    def _append_completing(self, leaf_hash: bytes) -> None:
        """Append the last leaf of a stored subtree, keeping each stored hash on the way up."""
        node, bits, level = leaf_hash, self._size, 0
        while bits & 1:
            node = node_hash(self._peaks.pop(), node)
            bits >>= 1
            level += 1
            if level % STORED_EVERY == 0:
                self._completed.append(Completed(level, bits, node))
        self._peaks.append(node)
        self._size += 1
