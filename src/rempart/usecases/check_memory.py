"""Does the ledger extend what the vault remembers? Quick: a few stored hashes, not every entry.

(1) the kept checkpoint, and the last that was published, are signed by this vault;
(2) the ledger is as long as each says;
(3) over its first entries stands the root that each says.

The kept checkpoint is read before the view is opened, so that a vault at work is never taken for
a broken one. ``audit_ledger`` is the full examination.
"""

from rempart.tlog.checkpoint import open_checkpoint
from rempart.tlog.errors import NoteInvalid, ProofInvalid
from rempart.tlog.note import NoteVerifier
from rempart.tlog.proofs import compact_range
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.setup_facts import Memory


def check_memory(view: LedgerView, key: NoteVerifier, kept: str | None) -> Memory:
    """What ``kept``, the note of the vault's own file, and the ledger say of each other."""
    published = view.last_checkpoint()
    if kept is None:
        begun = published is not None or next(view.entries(0, 1), None) is not None
        return Memory.MISSING if begun else Memory.NEW
    try:
        notes = [kept] if published is None else [kept, published.note]
        checkpoints = [open_checkpoint(note, key) for note in notes]  # (1)
    except NoteInvalid:
        return Memory.FOREIGN
    for checkpoint in checkpoints:
        try:
            root = compact_range(view, checkpoint.size).root()  # (2)
        except ProofInvalid:
            return Memory.BROKEN
        if root != checkpoint.root:  # (3)
            return Memory.BROKEN
    return Memory.SOUND
