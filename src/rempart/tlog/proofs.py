"""Proofs that an entry is in a tree, and that a tree extends another.

Making one reads whole tiles of at most 256 stored hashes: four of them in a ledger of a billion
entries, whatever the entry. Checking one reads nothing but the proof, by the numbered steps of
RFC 9162, and raises where it fails: there is no boolean to forget.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from rempart.tlog.errors import ProofInvalid
from rempart.tlog.hashing import EMPTY_ROOT, HASH_SIZE, node_hash
from rempart.tlog.tree import STORED_EVERY, WIDTH, CompactRange, fold, peaks_of


class HashReader(Protocol):
    """Where the hashes of a ledger are read from.

    Trust: none. A wrong hash makes a proof that does not verify. Both calls may be asked for up
    to 256 hashes at once, and return exactly ``end - first`` of them, in order.
    """

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """Hashes of leaves ``first`` to ``end`` (excluded)."""
        ...

    def subtree_hashes(self, level: int, first: int, end: int) -> Sequence[bytes]:
        """Hashes of complete subtrees ``first`` to ``end`` of ``level``, one of 8, 16, 24…"""
        ...


class _Tiles:
    """Hashes of complete subtrees of any level, from tiles that are each read once."""

    def __init__(self, reader: HashReader, size: int) -> None:
        self._reader = reader
        self._size = size
        self._read: dict[tuple[int, int], Sequence[bytes]] = {}

    def hash(self, level: int, index: int) -> bytes:
        """Root of the complete subtree ``index`` of ``level``."""
        above = level % STORED_EVERY
        base = level - above
        first = index << above
        tile = self._tile(base, first // WIDTH)
        row = list(tile[first % WIDTH : first % WIDTH + (1 << above)])
        while len(row) > 1:
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        return row[0]

    def range(self, first: int, end: int) -> bytes:
        """Root over leaves ``first`` to ``end``: a span that RFC 9162 takes as one subtree."""
        peaks = [
            self.hash(level, (first >> level) + index) for level, index in peaks_of(end - first)
        ]
        return fold(peaks)

    def _tile(self, level: int, number: int) -> Sequence[bytes]:
        if (level, number) not in self._read:
            first = number * WIDTH
            end = min(first + WIDTH, self._size >> level)
            reader = self._reader
            read = (
                reader.subtree_hashes(level, first, end)
                if level
                else reader.leaf_hashes(first, end)
            )
            if len(read) != end - first:
                raise ProofInvalid(f"hashes missing at level {level} from {first} to {end}")
            self._read[level, number] = read
        return self._read[level, number]


def compact_range(reader: HashReader, size: int) -> CompactRange:
    """The growing tree of ``size`` leaves, resumed from stored hashes.

    Raises:
        ProofInvalid: hashes are missing.
    """
    tiles = _Tiles(reader, size)
    return CompactRange.resume(size, [tiles.hash(*peak) for peak in peaks_of(size)])


def inclusion_proof(reader: HashReader, *, index: int, size: int) -> tuple[bytes, ...]:
    """Path from leaf ``index`` to the root of the tree of ``size`` leaves (section 2.1.3.1).

    Raises:
        ProofInvalid: no such leaf in that tree, or hashes are missing.
    """
    if not 0 <= index < size:
        raise ProofInvalid(f"no leaf {index} in a tree of {size}")
    tiles = _Tiles(reader, size)
    return tuple(tiles.range(first, end) for first, end in _beside(index, size))


def consistency_proof(reader: HashReader, *, old_size: int, size: int) -> tuple[bytes, ...]:
    """Proof that the tree of ``size`` extends that of ``old_size`` (section 2.1.4.1).

    Empty from the empty tree, and between equal sizes.

    Raises:
        ProofInvalid: the old tree is the larger one, or hashes are missing.
    """
    if not 0 <= old_size <= size:
        raise ProofInvalid(f"a tree of {size} cannot extend one of {old_size}")
    if old_size in {0, size}:
        return ()
    tiles = _Tiles(reader, size)
    return tuple(tiles.range(first, end) for first, end in _across(old_size, size))


def _split(first: int, end: int) -> int:
    """Where RFC 9162 cuts a span in two: at the largest power of two below its length."""
    return first + (1 << (end - first - 1).bit_length() - 1)


def _beside(index: int, size: int) -> Iterator[tuple[int, int]]:
    """Spans of the siblings of leaf ``index``, from the leaf up."""
    first, end, spans = 0, size, []
    while end - first > 1:
        middle = _split(first, end)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    return reversed(spans)


def _across(old_size: int, size: int) -> Iterator[tuple[int, int]]:
    """Spans that make up both trees, from the old right edge up."""
    first, end, spans = 0, size, []
    while end != old_size:
        middle = _split(first, end)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    if first:
        # The old tree is no subtree of the new one: its last piece must be given.
        spans.append((first, end))
    return reversed(spans)


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Return if ``leaf`` hashes entry ``index`` of the tree of ``size`` under ``root``.

    Steps are those of RFC 9162 section 2.1.3.2.

    Raises:
        ProofInvalid: it does not prove that.
    """
    _check_lengths(leaf, root, *proof)

    # (1) The index lies inside the tree.
    if not 0 <= index < size:
        raise ProofInvalid(f"no leaf {index} in a tree of {size}")

    # (2) (3) Start from the leaf.
    fn, sn, computed = index, size - 1, leaf

    # (4) Climb, choosing sides from the bits of the index.
    for sibling in proof:
        if sn == 0:
            raise ProofInvalid("the proof is longer than the path")
        if fn & 1 or fn == sn:
            computed = node_hash(sibling, computed)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1

    # (5) The climb ends at the root, and at that root.
    if sn != 0:
        raise ProofInvalid("the proof is shorter than the path")
    if computed != root:
        raise ProofInvalid("the proof leads to another root")


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Return if the tree of ``size`` under ``root`` extends that of ``old_size``.

    Steps are those of RFC 9162 section 2.1.4.2, which leaves out the two cases of step 0.

    Raises:
        ProofInvalid: it does not prove that.
    """
    _check_lengths(old_root, root, *proof)

    # (0) Any tree extends the empty one, and itself; there is nothing to prove.
    if not 0 <= old_size <= size:
        raise ProofInvalid(f"a tree of {size} cannot extend one of {old_size}")
    if old_size in {0, size}:
        same = EMPTY_ROOT if old_size == 0 else root
        if proof or old_root != same:
            raise ProofInvalid("equal or empty trees, yet a proof or another root")
        return

    # (1) Between different trees the proof is not empty.
    if not proof:
        raise ProofInvalid("the proof is empty")

    # (2) An old tree that is one complete subtree is its own first node.
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]

    # (3) (4) Start where the old right edge leaves the path of its last leaf.
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1

    # (5) (6) Climb, computing both roots.
    old_computed, computed = _climb_both(path, fn, sn)

    # (7) Both roots are those given.
    if old_computed != old_root:
        raise ProofInvalid("the proof leads to another old root")
    if computed != root:
        raise ProofInvalid("the proof leads to another root")


def _climb_both(path: Sequence[bytes], fn: int, sn: int) -> tuple[bytes, bytes]:
    """Old and new root by steps (5) and (6), and of (7) that the path ends at the root."""
    old_computed = computed = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise ProofInvalid("the proof is longer than the path")
        if fn & 1 or fn == sn:
            old_computed = node_hash(sibling, old_computed)
            computed = node_hash(sibling, computed)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofInvalid("the proof is shorter than the path")
    return old_computed, computed


def _check_lengths(*hashes: bytes) -> None:
    # Other lengths could shift bytes between two hashes of one node.
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofInvalid(f"a hash is not {HASH_SIZE} bytes long")
