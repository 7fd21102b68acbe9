"""Who writes the letters, and how its file says where they go: ``letter.toml`` in its folder.

name = "Mutuelle d’Exemple"                         printed at the top
address = ["1 rue de l’Exemple", "00000 Exemple"]   under it
dpo = "Camille Exemple"                             data protection officer
reach = ["01 00 00 00 00", "dpo@exemple.example"]   how to reach them
to = ["{prenom} {nom}", "{adresse}", "{cp} {ville}"]  lines of the recipient, of columns of its file
[fr]                                                parts of the wording of one's own; and [en]

Columns that ``to`` names go into the merge file, and no others: a mailing house needs no more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden
from rempart.domain.letter import Language
from rempart.domain.letter_to_insured import OURS, RULES, Door
from rempart.domain.letter_wording import Parts, Wording, parts_of
from rempart.domain.letterhead import MARKS

FILE = "letter.toml"
COLUMN = re.compile(r"\{([^{}]+)\}")
NEVER = re.compile(r"nir|n_?secu.*|num(ero)?_?secu.*|nss|insee")
"""Columns of the social security number: a letter needs none."""
LINE_MAX, LINES_MAX = 80, 7
ENTRIES = {"name", "address", "dpo", "reach", "to", *Language}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sender(Hidden):
    """An insurer as the writer of letters."""

    name: str
    address: tuple[str, ...]
    dpo: str
    reach: tuple[str, ...]
    to: tuple[str, ...]
    wordings: Mapping[Door, Wording]

    @classmethod
    def from_toml(cls, said: Mapping[str, object]) -> Self:
        """Read what a TOML file says.

        Raises:
            MalformedIdentifier: an entry is missing, unknown, or no line; or the wording lacks what
                a letter must say.
        """
        if set(said) - ENTRIES:
            raise MalformedIdentifier(FILE, "an entry is not known")
        return cls(
            name=line(said.get("name"), "name"),
            address=lines(said.get("address"), "address"),
            dpo=line(said.get("dpo"), "dpo"),
            reach=lines(said.get("reach"), "reach"),
            to=_to(said.get("to")),
            wordings={door: Wording(RULES, _parts(said, door)) for door in Door},
        )

    @property
    def columns(self) -> list[str]:
        """Columns of the member file that ``to`` names, in order."""
        return list(
            dict.fromkeys(name.lower() for each in self.to for name in COLUMN.findall(each))
        )

    def recipient(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """The lines of one recipient; empty ones are left out."""
        found = (
            " ".join(COLUMN.sub(lambda it: cells[it[1].lower()], each).split()) for each in self.to
        )
        return tuple(each for each in found if each)


def _parts(said: Mapping[str, object], door: Door) -> dict[Language, Parts]:
    parts = {}
    for language in Language:
        own = said.get(language, {})
        if not isinstance(own, Mapping):
            raise MalformedIdentifier(FILE, f"{language.value}: expected a table")
        parts[language] = parts_of(own, language, OURS[door][language])
    return parts


def _to(said: object) -> tuple[str, ...]:
    rows = lines(said, "to")
    names = [name.lower() for each in rows for name in COLUMN.findall(each)]
    if not names:
        raise MalformedIdentifier(FILE, "to: expected columns in braces")
    if any(NEVER.fullmatch(name) for name in names):
        raise MalformedIdentifier(FILE, "to: a social security number stands on no letter")
    return rows


def lines(said: object, entry: str) -> tuple[str, ...]:
    """A list of lines.

    Raises:
        MalformedIdentifier: it is none.
    """
    if not isinstance(said, Sequence) or isinstance(said, str) or not 0 < len(said) <= LINES_MAX:
        raise MalformedIdentifier(FILE, f"{entry}: expected 1 to {LINES_MAX} lines")
    return tuple(line(each, entry) for each in said)


def line(text: object, entry: str) -> str:
    """One line that our font can print.

    Raises:
        MalformedIdentifier: it is none.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > LINE_MAX:
        raise MalformedIdentifier(FILE, f"{entry}: expected 1 to {LINE_MAX} characters")
    if not printable(text):
        raise MalformedIdentifier(FILE, f"{entry}: expected a line of Latin letters")
    return text


def printable(text: str) -> bool:
    """Whether our font has every letter of a line."""
    return all(each in MARKS or (" " <= each <= "ž" and each.isprintable()) for each in text)
