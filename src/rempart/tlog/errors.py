"""What a transparency log refuses; this room knows no other errors.

    TlogError
    ├── ProofInvalid    a Merkle proof that proves nothing
    └── NoteInvalid     a note, key or checkpoint that is malformed or not signed by whom it should

Messages name rules and positions, never contents.
"""


class TlogError(Exception):
    """Root of this room's errors."""


class ProofInvalid(TlogError):
    """A Merkle proof that proves nothing."""


class NoteInvalid(TlogError):
    """A note, a key or a checkpoint that is malformed, or not signed by whom it should."""
