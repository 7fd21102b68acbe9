"""What the vault's file and the ledger say of each other."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rempart.tlog.note import sign_note
from rempart.usecases.check_memory import check_memory
from rempart.usecases.setup_facts import Memory
from tests.worlds import World


@pytest.fixture
def world():
    """Three hundred entries: whole subtrees, and some more."""
    made = World()
    token, code = made.sign_in(), made.member("REF-1").code
    for _ in range(3):
        made.service([made.question(token, code) for _ in range(100)])
    made.service.ledger.publish()
    return made


def check(world, kept):
    return check_memory(world.store, world.service.ledger.signer.verifier, kept)


def test_a_ledger_that_extends_what_is_remembered(world):
    kept = world.memo.last()
    assert check(world, kept) is Memory.SOUND
    # The vault is at work: the ledger is ahead of the file, the file of what is published.
    world.ask(world.sign_in(), "RP1:X")
    assert check(world, kept) is Memory.SOUND
    assert check(world, world.memo.last()) is Memory.SOUND


def test_nothing_yet_is_not_nothing_left(world):
    assert check(world, None) is Memory.MISSING
    world.store.notes.clear()
    assert check(world, None) is Memory.MISSING
    world.store.rows.clear()
    assert check(world, None) is Memory.NEW


def test_a_shorter_ledger_is_broken(world):
    kept = world.memo.last()
    world.store.notes.clear()
    del world.store.rows[-1]
    assert check(world, kept) is Memory.BROKEN


def test_a_published_checkpoint_that_the_ledger_does_not_hold_is_broken(world):
    kept = world.memo.last()
    world.ask(world.sign_in(), "RP1:X")
    world.service.ledger.publish()
    del world.store.rows[-1]
    assert check(world, kept) is Memory.BROKEN


def test_a_changed_past_is_broken(world):
    kept = world.memo.last()
    world.store.rows[-2] = replace(world.store.rows[-2], body=bytes(128))
    assert check(world, kept) is Memory.BROKEN


@pytest.mark.parametrize("kept", ["", "not a note", "a\n\n— b AAAA\n"])
def test_a_file_that_says_something_else_is_foreign(world, kept):
    assert check(world, kept) is Memory.FOREIGN


def test_another_vaults_checkpoint_is_foreign(world):
    text = (world.memo.last() or "").split("\n\n")[0] + "\n"
    name, other = world.service.ledger.signer.origin, Ed25519PrivateKey.generate()
    foreign = sign_note(text, name=name, key=other)
    assert check(world, foreign) is Memory.FOREIGN
    published = world.store.notes[-1]
    world.store.notes[-1] = replace(published, note=foreign)
    assert check(world, world.memo.last()) is Memory.FOREIGN
