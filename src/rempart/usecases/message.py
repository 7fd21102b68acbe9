"""The base of every message that crosses the vault's door."""

import msgspec


class Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A message whose ``repr`` tells its kind and nothing else."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"
