"""The vault's signature on its checkpoints."""

from rempart.domain.errors import KeyMissing
from rempart.tlog.note import NoteKey
from rempart.usecases.ports import Chance, KeyStore

NAME = "checkpoint"


def checkpoint_key(keys: KeyStore, chance: Chance, *, origin: str) -> NoteKey:
    """The key that signs checkpoints as ``origin``, made at the first start."""
    try:
        return NoteKey(origin, keys.get(NAME))
    except KeyMissing:
        keys.put(NAME, chance.draw(32))
        return NoteKey(origin, keys.get(NAME))
