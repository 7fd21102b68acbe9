"""The manifest of a closed day: one signed note beside its file (``specs/closed-segment.md``).

    rempart/closed-day/1
    ORIGIN
    {…}                        one line of JSON, bytes in base64

    — ORIGIN base64(key id ‖ signature)

Signed by the vault's checkpoint key (C2SP signed note), once the file was read back and its leaves
were found to be those of the tree that ``checkpoint`` signs. ``before`` and ``after`` are the peaks
of that tree at ``first`` and at ``end``: with them each file is verified by itself, and the next.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from rempart.domain.errors import IntegrityBroken
from rempart.tlog.checkpoint import open_checkpoint
from rempart.tlog.errors import NoteInvalid, ProofInvalid, TlogError
from rempart.tlog.hashing import HASH_SIZE
from rempart.tlog.note import NoteVerifier, open_note
from rempart.tlog.proofs import verify_consistency
from rempart.tlog.tree import fold

TITLE = "rempart/closed-day/1"
Hash = Annotated[bytes, Meta(min_length=HASH_SIZE, max_length=HASH_SIZE)]
Count = Annotated[int, Meta(ge=0, le=2**62)]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day's table of pseudonyms and handles, which lies elsewhere.

    ``people`` stand in it; of ``unknown`` more no handle was left when the day was closed. ``key``
    tells which incident key it is sealed to.
    """

    digest: Hash
    key: bytes
    people: Count
    unknown: Count


class ClosedDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of one day: entries ``first`` to ``end`` (excluded), and the file they are in.

    ``since`` and ``until`` are the times (microseconds) of the first and the last entry that stand;
    ``people`` is the highest number given to anybody in this key ``period`` until this day.
    """

    day: date
    period: Count
    first: Count
    end: Count
    since: Count
    until: Count
    people: Count
    digest: Hash
    size: Count
    before: tuple[Hash, ...]
    after: tuple[Hash, ...]
    table: Table
    writer: str
    checkpoint: str
    proof: tuple[Hash, ...]

    def __repr__(self) -> str:
        return f"ClosedDay({self.day}, {self.first} to {self.end})"

    @property
    def name(self) -> str:
        """How its files are called, without ending."""
        return self.day.isoformat()


def day_text(origin: str, closed: ClosedDay) -> str:
    """What the vault signs."""
    return f"{TITLE}\n{origin}\n{msgspec.json.encode(closed, order='sorted').decode()}\n"


def read_day(note: str, vault: NoteVerifier) -> ClosedDay:
    """The closed day in ``note``, whose tree is the one that its checkpoint signs.

    Raises:
        IntegrityBroken: not signed by this vault, not a closed day, or it contradicts itself.
    """
    try:
        title, origin, line, end = open_note(note, vault).split("\n")
        if (title, origin, end) != (TITLE, vault.name, ""):
            raise IntegrityBroken("what the vault signed is no closed day")
        closed = msgspec.json.decode(line, type=ClosedDay)
    except (NoteInvalid, ValueError):
        raise IntegrityBroken("a closed day is not signed by the vault we know") from None
    if not closed.first < closed.end or closed.since > closed.until:
        raise IntegrityBroken(f"{closed.name}: the closed day contradicts itself")
    _check_tree(closed, vault)
    return closed


def _check_tree(closed: ClosedDay, vault: NoteVerifier) -> None:
    peaks = (closed.first.bit_count(), closed.end.bit_count())
    if (len(closed.before), len(closed.after)) != peaks:
        raise IntegrityBroken(f"{closed.name}: not the peaks of its tree")
    try:
        checkpoint = open_checkpoint(closed.checkpoint, vault)
        verify_consistency(
            old_size=closed.end,
            old_root=fold(closed.after),
            size=checkpoint.size,
            root=checkpoint.root,
            proof=closed.proof,
        )
    except (TlogError, ProofInvalid):
        raise IntegrityBroken(f"{closed.name}: its tree is not the one that was signed") from None


def in_order(days: Sequence[ClosedDay]) -> Sequence[ClosedDay]:
    """Closed days by their first entry.

    Raises:
        IntegrityBroken: two of them hold the same entries, or stand against the order of days.
    """
    ordered = sorted(days, key=lambda each: each.first)
    for before, after in pairwise(ordered):
        if after.first < before.end or after.day <= before.day:
            raise IntegrityBroken(f"{before.name} and {after.name} hold the same entries")
        if after.first == before.end and after.before != before.after:
            raise IntegrityBroken(f"{before.name} and {after.name} are of two trees")
    return ordered
