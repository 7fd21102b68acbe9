"""Checkpoints: the signed head of a tree (c2sp.org/tlog-checkpoint).

    example.org/ledger              origin: which ledger, and the name of its key
    20852163                        number of leaves
    CsUYapGGPo4dkMgIAUqom/Xajj7h…   root, base64
    …                               extension lines, none of ours

Only the form that we write is read: one head has one text.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Self

from rempart.tlog.errors import NoteInvalid
from rempart.tlog.hashing import HASH_SIZE
from rempart.tlog.note import NoteVerifier, open_note

DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)
SIZE_MAX = 2**63 - 1
"""Largest size that third-party readers hold in a signed integer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a tree: whose, how many leaves, under which root (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or "\n" in line for line in lines):
            raise NoteInvalid("a line of the checkpoint is empty, or is several")
        if not 0 <= self.size <= SIZE_MAX:
            raise NoteInvalid("the size of the checkpoint is out of range")
        if len(self.root) != HASH_SIZE:
            raise NoteInvalid(f"the root of the checkpoint is not {HASH_SIZE} bytes long")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note.

        Raises:
            NoteInvalid: not a checkpoint.
        """
        *lines, last = text.split("\n")
        if last or len(lines) < 3:
            raise NoteInvalid("a checkpoint has three lines or more, each with its newline")
        origin, size, root, *extensions = lines
        if not DECIMAL.fullmatch(size):
            raise NoteInvalid("the size of the checkpoint is not a decimal number")
        try:
            decoded = base64.b64decode(root, validate=True)
        except (binascii.Error, ValueError):
            raise NoteInvalid("the root of the checkpoint is not base64") from None
        read = cls(origin=origin, size=int(size), root=decoded, extensions=tuple(extensions))
        if read.to_text() != text:
            raise NoteInvalid("the root of the checkpoint is not canonical base64")
        return read

    def to_text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))


def open_checkpoint(note: str, verifier: NoteVerifier) -> Checkpoint:
    """The checkpoint in ``note``, once ``verifier`` signed it under its own name.

    Raises:
        NoteInvalid: not signed by ``verifier``, not a checkpoint, or that of another ledger.
    """
    read = Checkpoint.parse(open_note(note, verifier))
    if read.origin != verifier.name:
        raise NoteInvalid("the checkpoint is that of another ledger")
    return read
