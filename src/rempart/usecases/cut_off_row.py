"""The row of cut-offs: one signed note that every process but the vault believes.

    rempart/cut-offs/1
    ORIGIN
    AT BEAT GENERATION
    SCOPE NUMBER SINCE UNTIL WHY        one line a cut-off, times in microseconds, until 0 for none

    — ORIGIN base64(key id ‖ signature)

Signed by the vault's checkpoint key (C2SP signed note). Of what is cut it says what is everybody's
business: ways in, insurers, kinds of presence, the rights service, everything. What is cut of
accounts, sites and software stays in the vault: it is theirs.

A reader takes a row that comes after the one it has, by ``AT`` then ``BEAT``, and no other: whoever
writes the database can take the row away, which closes, and cannot put an older one back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rempart.domain.containment import Authority
from rempart.domain.cutoff import CutOff
from rempart.domain.cutoff_words import NARROW, CutWhy, Scope
from rempart.domain.errors import IntegrityBroken
from rempart.tlog.errors import NoteInvalid
from rempart.tlog.note import NoteVerifier, open_note

TITLE = "rempart/cut-offs/1"
ROW_MAX = 65_536
"""Characters: a thousand cut-offs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a row says; ``place`` tells which of two came after the other."""

    place: tuple[int, int]
    generation: int
    cuts: tuple[CutOff, ...] = field(default=(), repr=False)


def row_text(origin: str, *, at: int, beat: int, generation: int, cuts: Sequence[CutOff]) -> str:
    """What the vault signs."""
    lines = [TITLE, origin, f"{at} {beat} {generation}"]
    for cut in cuts:
        assert cut.scope not in NARROW, "whom it is about stays in the vault"
        fields = (cut.scope, cut.number, cut.since, cut.until, cut.why)
        lines.append(" ".join(str(int(value)) for value in fields))
    return "\n".join(lines) + "\n"


def read_row(note: str, vault: NoteVerifier) -> Row:
    """The row in ``note``.

    Raises:
        IntegrityBroken: not signed by this vault, or not a row.
    """
    if len(note) > ROW_MAX:
        raise IntegrityBroken("the row of cut-offs is too long")
    try:
        title, origin, place, *lines, end = open_note(note, vault).split("\n")
        if (title, origin, end) != (TITLE, vault.name, ""):
            raise IntegrityBroken("what the vault signed is no row of cut-offs")
        at, beat, generation = map(int, place.split(" "))
        cuts = tuple([_cut(line) for line in lines])
    except (NoteInvalid, ValueError):
        raise IntegrityBroken("the row of cut-offs is not signed by the vault we know") from None
    return Row(place=(at, beat), generation=generation, cuts=cuts)


def _cut(line: str) -> CutOff:
    scope, number, since, until, why = map(int, line.split(" "))
    return CutOff(
        scope=Scope(scope),
        number=number,
        since=since,
        until=until,
        why=CutWhy(why),
        authority=Authority.OFFICER,
    )
