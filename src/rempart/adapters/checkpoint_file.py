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


class CheckpointFile:
    """``CheckpointMemo`` on a file that only the vault's user reads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._turn = max((turn for turn, _ in self._slots()), default=0)

    def _slots(self) -> list[tuple[int, str]]:
        whole = []
        for place in (0, SLOT):
            slot = os.pread(self._file, SLOT, place)
            if len(slot) < HEAD.size:
                continue
            digest, turn, length = HEAD.unpack_from(slot)
            note = slot[HEAD.size : HEAD.size + length]
            if _digest(turn, note) == digest:
                whole.append((turn, note.decode()))
        return whole

    def last(self) -> str | None:
        """The newest whole note, if any."""
        slots = self._slots()
        return max(slots)[1] if slots else None

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


def _digest(turn: int, note: bytes) -> bytes:
    return hashlib.sha256(turn.to_bytes(8, "big") + note).digest()
