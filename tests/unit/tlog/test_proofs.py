import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.tlog.errors import ProofInvalid
from rempart.tlog.hashing import EMPTY_ROOT, leaf_hash
from rempart.tlog.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.tlog.naive import NaiveReader, leaves_of, mth, path, subproof

LEAVES = leaves_of(1200)
ROOTS: dict[int, bytes] = {}
OTHER = leaf_hash(b"another entry")


def root(size):
    if size not in ROOTS:
        ROOTS[size] = mth(LEAVES[:size])
    return ROOTS[size]


@st.composite
def leaf_in_tree(draw):
    size = draw(st.integers(1, len(LEAVES)))
    return draw(st.integers(0, size - 1)), size


@st.composite
def two_sizes(draw):
    size = draw(st.integers(1, len(LEAVES)))
    return draw(st.integers(1, size)), size


@given(leaf_in_tree())
def test_an_inclusion_proof_is_the_recursive_one_and_verifies(case):
    index, size = case
    proof = inclusion_proof(NaiveReader(LEAVES), index=index, size=size)

    assert list(proof) == path(index, LEAVES[:size])
    verify_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof, root=root(size))


@given(leaf_in_tree(), st.data())
def test_an_inclusion_proof_proves_nothing_else(case, data):
    """Any other leaf, index, root or hash fails; another size fails under its own root."""
    index, size = case
    proof = inclusion_proof(NaiveReader(LEAVES), index=index, size=size)
    honest = {
        "leaf": LEAVES[index], "index": index, "size": size, "proof": proof, "root": root(size)
    }  # fmt: skip
    other_size = data.draw(st.integers(1, len(LEAVES)).filter(lambda each: each != size))
    lies = [
        {"leaf": OTHER},
        {"index": data.draw(st.integers(-2, size + 2).filter(lambda each: each != index))},
        {"size": other_size, "root": root(other_size)},
        {"root": OTHER},
        {"proof": (*proof, OTHER)},
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        lies.append({"proof": (*proof[:at], OTHER, *proof[at + 1 :])})
        lies.append({"proof": proof[:-1]})
        lies.append({"proof": proof[1:]})
        lies.append({"proof": (*proof[:-1], proof[-1] + b"\x00")})
    for lie in lies:
        with pytest.raises(ProofInvalid):
            verify_inclusion(**(honest | lie))


@given(two_sizes())
def test_a_consistency_proof_is_the_recursive_one_and_verifies(case):
    old_size, size = case
    proof = consistency_proof(NaiveReader(LEAVES), old_size=old_size, size=size)

    assert list(proof) == subproof(old_size, LEAVES[:size], True)
    verify_consistency(
        old_size=old_size, old_root=root(old_size), size=size, root=root(size), proof=proof
    )


@given(two_sizes(), st.data())
def test_a_consistency_proof_proves_nothing_else(case, data):
    old_size, size = case
    proof = consistency_proof(NaiveReader(LEAVES), old_size=old_size, size=size)
    honest = {
        "old_size": old_size, "old_root": root(old_size), "size": size, "root": root(size),
        "proof": proof,
    }  # fmt: skip
    sizes = st.integers(1, len(LEAVES))
    other_old = data.draw(sizes.filter(lambda each: each != old_size))
    other = data.draw(sizes.filter(lambda each: each != size))
    lies = [
        {"old_root": OTHER},
        {"root": OTHER},
        {"old_size": other_old, "old_root": root(other_old)},
        {"size": other, "root": root(other)},
        {"proof": (*proof, OTHER)},
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        lies.append({"proof": (*proof[:at], OTHER, *proof[at + 1 :])})
        lies.append({"proof": proof[:-1]})
        lies.append({"proof": proof[1:]})
        lies.append({"proof": (proof[0][:-1], *proof[1:])})
    for lie in lies:
        with pytest.raises(ProofInvalid):
            verify_consistency(**(honest | lie))


def test_bytes_cannot_move_between_a_leaf_and_its_sibling():
    leaf, sibling = LEAVES[0], LEAVES[1]
    for cut in (1, 31):
        with pytest.raises(ProofInvalid, match="not 32 bytes long"):
            verify_inclusion(
                leaf=leaf[:cut], index=0, size=2, proof=(leaf[cut:] + sibling,), root=root(2)
            )


def test_a_node_on_the_path_is_not_taken_for_the_root():
    """The roots given here are those of smaller trees."""
    with pytest.raises(ProofInvalid, match="shorter than the path"):
        verify_inclusion(leaf=LEAVES[0], index=0, size=2, proof=(), root=root(1))
    with pytest.raises(ProofInvalid, match="shorter than the path"):
        verify_consistency(old_size=1, old_root=root(1), size=4, root=root(2), proof=(LEAVES[1],))


def test_small_trees_to_the_last_proof():
    reader = NaiveReader(LEAVES)
    for size in range(1, 20):
        for number in range(size):
            proof = inclusion_proof(reader, index=number, size=size)
            verify_inclusion(
                leaf=LEAVES[number], index=number, size=size, proof=proof, root=root(size)
            )
            proof = consistency_proof(reader, old_size=number, size=size)
            verify_consistency(
                old_size=number, old_root=root(number), size=size, root=root(size), proof=proof
            )


def test_every_tree_extends_the_empty_one_and_no_proof_is_needed():
    assert consistency_proof(NaiveReader(LEAVES), old_size=0, size=9) == ()
    verify_consistency(old_size=0, old_root=EMPTY_ROOT, size=9, root=root(9), proof=())
    for lie in ({"old_root": OTHER}, {"proof": (OTHER,)}):
        honest = {"old_size": 0, "old_root": EMPTY_ROOT, "size": 9, "root": root(9), "proof": ()}
        with pytest.raises(ProofInvalid):
            verify_consistency(**(honest | lie))


def test_a_tree_does_not_extend_a_larger_one():
    with pytest.raises(ProofInvalid, match="cannot extend"):
        verify_consistency(old_size=5, old_root=root(5), size=4, root=root(4), proof=())
    with pytest.raises(ProofInvalid, match="cannot extend"):
        consistency_proof(NaiveReader(LEAVES), old_size=5, size=4)


@pytest.mark.parametrize("index", [-1, 4, 5])
def test_no_proof_is_made_for_a_leaf_outside_the_tree(index):
    with pytest.raises(ProofInvalid, match="no leaf"):
        inclusion_proof(NaiveReader(LEAVES), index=index, size=4)


def test_a_reader_that_lost_hashes_is_found_out():
    class Forgetful(NaiveReader):
        def subtree_hashes(self, level, first, end):
            return super().subtree_hashes(level, first, end)[:-1]

    with pytest.raises(ProofInvalid, match="hashes missing at level 8 from 0 to 4"):
        inclusion_proof(Forgetful(LEAVES), index=3, size=1100)


class Billion:
    """A ledger of identical entries, so that its hashes need not be stored to be right."""

    def __init__(self):
        self.level_hash = [OTHER]
        for _ in range(32):
            self.level_hash.append(mth([self.level_hash[-1]] * 2))
        self.reads, self.hashes_read = 0, 0

    def leaf_hashes(self, first, end):
        return self.subtree_hashes(0, first, end)

    def subtree_hashes(self, level, first, end):
        self.reads += 1
        self.hashes_read += end - first
        return [self.level_hash[level]] * (end - first)

    def root(self, size):
        peaks = [self.level_hash[level] for level in range(32) if size >> level & 1]
        computed = peaks[0]
        for peak in peaks[1:]:
            computed = mth([peak, computed])
        return computed


def test_a_proof_in_a_ledger_of_a_billion_entries_reads_a_few_tiles():
    size, old_size = 1_000_000_000, 987_654_321
    reader = Billion()
    proof = inclusion_proof(reader, index=123_456_789, size=size)
    verify_inclusion(leaf=OTHER, index=123_456_789, size=size, proof=proof, root=reader.root(size))
    assert reader.reads <= 8
    assert reader.hashes_read <= 5 * 256

    reader = Billion()
    proof = consistency_proof(reader, old_size=old_size, size=size)
    verify_consistency(
        old_size=old_size, old_root=reader.root(old_size), size=size, root=reader.root(size),
        proof=proof,
    )  # fmt: skip
    assert reader.reads <= 8
    assert reader.hashes_read <= 5 * 256
