"""Who issues the sheets, in its own words: ``sheet.toml`` in the insurer's folder.

name = "Mutuelle d'Exemple"               printed at the top
contact = "01 00 00 00 00"                where a lost card is told
notes = ["…"]                             up to two lines at the foot; may be left out
[modes]                                   footnotes of the grid, where ours are not yours
SMUT = "soins de ville, selon votre contrat"
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rempart.domain.coverage import Mode
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden

MARKS = "‘’–—“”…€"
LINE_MAX, NOTE_MAX, NOTES_MAX = 60, 160, 2
FOOTNOTES: Mapping[Mode, str] = {
    Mode.TM: "ticket modérateur : la part que laisse l’assurance maladie",
    Mode.FULL: "100 % de la base de remboursement",
    Mode.PEC: "sur prise en charge, à demander avant les soins",
    Mode.SMUT: "selon les conditions du contrat",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Letterhead(Hidden):
    """The issuer's words on every sheet."""

    name: str
    contact: str
    notes: tuple[str, ...]
    footnotes: Mapping[Mode, str]

    @classmethod
    def from_toml(cls, said: Mapping[str, object]) -> Self:
        """Read what a TOML file says.

        Raises:
            MalformedIdentifier: an entry is missing, unknown, too long, or no line of text.
        """
        unknown = set(said) - {"name", "contact", "notes", "modes"}
        if unknown:
            raise MalformedIdentifier("sheet.toml", "expected name, contact, notes and modes alone")
        notes, modes = said.get("notes", []), said.get("modes", {})
        if not isinstance(notes, list) or len(notes) > NOTES_MAX:
            raise MalformedIdentifier("sheet.toml", f"notes: expected at most {NOTES_MAX} lines")
        if not isinstance(modes, Mapping):
            raise MalformedIdentifier("sheet.toml", "modes: expected a table")
        return cls(
            name=_line(said.get("name"), "name", LINE_MAX),
            contact=_line(said.get("contact"), "contact", LINE_MAX),
            notes=tuple(_line(note, "notes", NOTE_MAX) for note in notes),
            footnotes={
                **FOOTNOTES,
                **{
                    Mode.from_printed(mode): _line(word, mode, LINE_MAX)
                    for mode, word in modes.items()
                },
            },
        )


def _line(text: object, entry: str, most: int) -> str:
    """One line of text that every font of ours can print."""
    if not isinstance(text, str) or not 0 < len(text) <= most:
        raise MalformedIdentifier("sheet.toml", f"{entry}: expected 1 to {most} characters")
    if not all(each in MARKS or (" " <= each <= "ž" and each.isprintable()) for each in text):
        raise MalformedIdentifier("sheet.toml", f"{entry}: expected one line of Latin letters")
    return text
