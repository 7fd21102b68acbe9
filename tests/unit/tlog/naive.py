"""RFC 9162 written down as it reads: recursive, slow, and therefore an oracle."""

from collections.abc import Sequence

from rempart.tlog.hashing import EMPTY_ROOT, leaf_hash, node_hash
from rempart.tlog.tree import STORED_EVERY


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


def largest_power_below(size: int) -> int:
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def mth(leaves: Sequence[bytes]) -> bytes:
    """Section 2.1.1."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """Section 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


class NaiveReader:
    """Hashes of a list of leaves; counts what is read."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self.reads = 0
        self.hashes_read = 0

    def leaf_hashes(self, first: int, end: int) -> list[bytes]:
        assert 0 <= first < end <= len(self.leaves)
        return self._counted(list(self.leaves[first:end]))

    def subtree_hashes(self, level: int, first: int, end: int) -> list[bytes]:
        assert level > 0
        assert level % STORED_EVERY == 0
        assert 0 <= first < end <= len(self.leaves) >> level
        width = 1 << level
        return self._counted(
            [mth(self.leaves[i * width : (i + 1) * width]) for i in range(first, end)]
        )

    def _counted(self, hashes: list[bytes]) -> list[bytes]:
        self.reads += 1
        self.hashes_read += len(hashes)
        return hashes
