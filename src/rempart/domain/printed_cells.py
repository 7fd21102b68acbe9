"""What a sheet prints beside rights: names, and the member number as the insurer writes it.

Read at the insurer, for its printer alone: feed and row digest are made of ``Member``, which has
no room for any of it. Names stand in two columns of the member file that may be missing:

    last_name or nom         first_name or prenom, prénom       Latin letters, as on civil papers

A name that a font may lack would spoil a whole pack: other letters are a fault of their row.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rempart.domain.errors import MalformedIdentifier, MalformedRow
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import MemberNumberRule
from rempart.domain.memberfile import Layout, Member, Rejected, read_header, read_row, split

LAST_NAME, FIRST_NAME = ("last_name", "nom"), ("first_name", "prenom", "prénom")
NAME_SIZE_MAX = 40
NAME_GRAMMAR = re.compile(r"[A-Za-zÀ-ÖØ-öø-ĿŁ-ňŊ-žȘ-ț][A-Za-zÀ-ÖØ-öø-ĿŁ-ňŊ-žȘ-ț '’.,()-]*")
NUMBER_AS_WRITTEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./-]{0,31}")
"""Spellings of a member number that are printed as they stand; others in their one form."""


@dataclass(frozen=True, slots=True)
class PrintLayout:
    """Where columns stand, with those that are only printed; none where the file has none."""

    layout: Layout
    member_number: int
    last_name: int | None
    first_name: int | None


@dataclass(frozen=True, slots=True, repr=False)
class Printed(Hidden):
    """A beneficiary, and what a sheet calls them; ``name`` is empty where the file has none."""

    member: Member
    member_number: str
    name: str


def read_print_header(text: str) -> PrintLayout:
    """Where the columns stand.

    Raises:
        MalformedRow: a column is missing, or stands twice.
    """
    layout = read_header(text)
    names = [name.strip().lower() for name in split(text, layout.delimiter) or ()]
    return PrintLayout(
        layout, names.index("member_number"), _at(names, LAST_NAME), _at(names, FIRST_NAME)
    )


def _at(names: Sequence[str], spellings: Sequence[str]) -> int | None:
    found = [at for at, name in enumerate(names) if name in spellings]
    if len(found) > 1:
        raise MalformedRow(1, spellings[0], "column stands twice")
    return found[0] if found else None


def read_printed(
    line: int, text: str, shape: PrintLayout, rule: MemberNumberRule
) -> Printed | Rejected:
    """One row, with what is only printed: ``text`` is its line, without line end."""
    member = read_row(line, text, shape.layout, rule)
    cells = split(text, shape.layout.delimiter) or ()
    if len(cells) != shape.layout.width:
        assert isinstance(member, Rejected), "a row of another width is none"
        return member
    names, faults = [], []
    for at, column in ((shape.last_name, LAST_NAME[0]), (shape.first_name, FIRST_NAME[0])):
        try:
            names.append(read_name("" if at is None else cells[at], column))
        except MalformedIdentifier as refusal:
            faults.append(MalformedRow(line, column, refusal.rule))
    if isinstance(member, Rejected):
        return Rejected(line, (*member.faults, *faults), member.reference)
    if faults:
        return Rejected(line, tuple(faults), member.reference)
    as_written = cells[shape.member_number].strip()
    number = as_written if NUMBER_AS_WRITTEN.fullmatch(as_written) else member.member_number.value
    return Printed(member, number, " ".join(filter(None, names)))


def read_name(text: str, kind: str) -> str:
    """A name in composed letters (NFC), single spaces; may be empty.

    Raises:
        MalformedIdentifier: too long, or letters that are not Latin.
    """
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(name) > NAME_SIZE_MAX:
        raise MalformedIdentifier(kind, f"expected at most {NAME_SIZE_MAX} characters")
    if name and not NAME_GRAMMAR.fullmatch(name):
        raise MalformedIdentifier(kind, "expected Latin letters, spaces, hyphens, apostrophes")
    return name
