"""The vault's last checkpoint, in a file of its own outside the database.

Two slots, written in turn and in place: a write that dies half-way leaves the other slot whole.
Each slot is a digest, a length and the note. The file survives the process without ``fsync``;
``settle`` makes it survive the machine.
"""

import hashlib
import os
import struct
from pathlib import Path

SLOT = 2048
HEAD = struct.Struct(">32sQH")


def read_checkpoint(path: Path) -> str | None:
    """The newest whole note of a checkpoint file; nothing where there is none, or none for us."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _newest(file)
    finally:
        os.close(file)


class CheckpointFile:
    """``CheckpointMemo`` on a file that only the vault's user reads."""

    def __init__(self, path: Path) -> None:
        # Auditors pass through the folder: the vault's public key lies beside.
        path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._turn = max((turn for turn, _ in _slots(self._file)), default=0)

    def last(self) -> str | None:
        """The newest whole note, if any."""
        return _newest(self._file)

    def keep(self, note: str) -> None:
        """Write the note over the older slot."""
        self._turn += 1
        data = note.encode()
        assert HEAD.size + len(data) <= SLOT, "a checkpoint is a few hundred bytes"
        slot = HEAD.pack(_digest(self._turn, data), self._turn, len(data)) + data
        os.pwrite(self._file, slot, self._turn % 2 * SLOT)

    def settle(self) -> None:
        """Make it survive a power cut."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Settle and let go."""
        self.settle()
        os.close(self._file)


def _slots(file: int) -> list[tuple[int, str]]:
    """The whole slots of an open file: turn and note."""
    whole = []
    for place in (0, SLOT):
        slot = os.pread(file, SLOT, place)
        if len(slot) < HEAD.size:
            continue
        digest, turn, length = HEAD.unpack_from(slot)
        note = slot[HEAD.size : HEAD.size + length]
        if _digest(turn, note) == digest:
            whole.append((turn, note.decode()))
    return whole


def _newest(file: int) -> str | None:
    slots = _slots(file)
    return max(slots)[1] if slots else None


def _digest(turn: int, note: bytes) -> bytes:
    return hashlib.sha256(turn.to_bytes(8, "big") + note).digest()
