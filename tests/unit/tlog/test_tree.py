from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.tlog.hashing import EMPTY_ROOT, leaf_hash
from rempart.tlog.proofs import compact_range
from rempart.tlog.tree import CompactRange, Completed, peaks_of
from tests.unit.tlog.naive import NaiveReader, leaves_of, mth

# The eight entries that RFC 6962's reference implementation is tested with, and their roots.
REFERENCE = [
    bytes.fromhex(entry)
    for entry in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_reference_entries_have_the_reference_roots():
    tree = CompactRange()
    roots = [tree.root().hex()]
    for entry in REFERENCE:
        tree.append(leaf_hash(entry))
        roots.append(tree.root().hex())

    assert roots == REFERENCE_ROOTS


def test_the_empty_tree_has_the_root_of_nothing():
    assert CompactRange().root() == EMPTY_ROOT
    assert CompactRange().size == 0


@given(st.integers(0, 1200))
def test_a_grown_root_is_the_recursive_one(size):
    leaves = leaves_of(size)
    tree = CompactRange()
    tree.extend(leaves)

    assert tree.size == size
    assert tree.root() == mth(leaves)


def test_complete_subtrees_are_handed_out_once_in_order_of_completion():
    leaves = leaves_of(2 * 256 + 255)
    tree = CompactRange()
    tree.extend(leaves[:511])
    assert tree.completed() == [Completed(8, 0, mth(leaves[:256]))]

    tree.extend(leaves[511:])
    assert tree.completed() == [Completed(8, 1, mth(leaves[256:512]))]
    assert tree.completed() == []


def test_every_eighth_level_is_handed_out():
    size = 65536 + 256
    leaves = leaves_of(size)
    tree = CompactRange()
    tree.extend(leaves)
    completed = tree.completed()

    assert [(c.level, c.index) for c in completed] == [
        *((8, index) for index in range(256)),
        (16, 0),
        (8, 256),
    ]
    assert completed[256].hash == mth(leaves[:65536])
    assert completed[257].hash == mth(leaves[65536:])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 65535, 65536, 66000])
def test_a_resumed_tree_goes_on_as_if_it_had_never_stopped(size):
    leaves = leaves_of(size + 300)
    straight = CompactRange()
    straight.extend(leaves[:size])
    straight.completed()

    resumed = compact_range(NaiveReader(leaves), size)
    assert resumed.root() == straight.root()

    resumed.extend(leaves[size:])
    straight.extend(leaves[size:])
    assert resumed.root() == straight.root() == mth(leaves)
    assert resumed.completed() == straight.completed()


def test_memory_is_the_right_edge():
    tree = CompactRange()
    hashes = Random(1)
    for _ in range(5000):
        tree.append(hashes.randbytes(32))
        tree.completed()
    assert len(peaks_of(tree.size)) == tree.size.bit_count() == len(tree._peaks)


def test_peaks_are_named_from_the_left():
    assert peaks_of(0) == []
    assert peaks_of(0b1011) == [(3, 0), (1, 4), (0, 10)]
