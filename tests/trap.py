"""The trap: what belongs to the test people, in every form in which it might be printed.

``Trap.found_in`` says which kinds of things stand in some bytes, and never which one.

* NIR: 13 or 15 characters, in one piece or in groups.
* Names: last and first together, either order, with or without accents, glued or not. A last name
  alone proves nothing: Martin is also a first name, and a street.
* Birth date: 8 digits in either order, in one piece or in groups.
* Member number: as printed and in its canonical form.
* Printed key, card code (any 32 characters after its head), secrets (raw, hexadecimal, base64).

Digits count only where no other digit touches them; a birth date of this year or the last cannot
be told from the dates of a log and is left out, as is a member number of fewer than 7 characters.
"""

from __future__ import annotations

import base64
import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import unquote_to_bytes

from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import BirthDate, MemberNumber, MemberNumberRule

NIR = re.compile(r"(?<![0-9])(?=([1-478](?:[ ._/-]?[0-9AB]){12}))")
KEY = re.compile(r"(?=([0-9A-HJKMNP-TV-Z](?:[ -]?[0-9A-HJKMNP-TV-Z]){7}))")
UNGROUPED = str.maketrans("", "", " -")
HEX = re.compile(r"(?=([0-9A-F]{32}))")
RUN = re.compile(r"[0-9]+|[A-Z]+")
GAPS = frozenset({"", " ", ".", "/", "-", "_", "\u00a0"})
RUNS_MAX = 6
"""Groups of digits or letters that a member number or a date is printed in, at most."""
SHORT = 7
PIECE = 16
COMMON = 48
"""Characters that all codes of an insurer begin with, and more."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Trap(Hidden):
    """What must be found nowhere."""

    nirs: frozenset[str]
    names: frozenset[tuple[str, ...]]
    dates: frozenset[str]
    numbers: frozenset[str]
    keys: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    secrets: frozenset[bytes] = frozenset()
    _glued: frozenset[str] = field(init=False)
    _pieces: frozenset[str] = field(init=False)
    _encoded: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        glued = {"".join(words) for words in self.names}
        pieces = {code[at : at + PIECE] for code in self.codes for at in places(code)}
        encoded = {core for secret in self.secrets for core in base64_cores(secret)}
        for name, value in (("_glued", glued), ("_pieces", pieces), ("_encoded", encoded)):
            object.__setattr__(self, name, frozenset(value))

    def found_in(self, data: bytes) -> set[str]:
        """The kinds of things that stand in ``data``."""
        found = {"secret"} if any(secret in data for secret in self.secrets) else set()
        for text in readings(data):
            found |= self._found(text)
        return found

    def _found(self, text: str) -> set[str]:
        upper, printed = text.upper(), self.dates | self.numbers
        searches = {
            "nir": (compact(hit)[:13] in self.nirs for hit in NIR.findall(upper)),
            "name": self._names_in(text),
            "date or number": (joined in printed for joined in joined_runs(upper)),
            "key": (hit.translate(UNGROUPED) in self.keys for hit in KEY.findall(upper)),
            "code": (piece in text for piece in self._pieces),
            "secret": (core in text for core in self._encoded),
            "secret in hexadecimal": (
                bytes.fromhex(hit) in self.secrets for hit in HEX.findall(upper)
            ),
        }
        return {kind for kind, hits in searches.items() if any(hits)}

    def _names_in(self, text: str) -> Iterator[bool]:
        words = folded(text)
        first_words = {name[0] for name in self.names}
        for place, word in enumerate(words):
            yield word in self._glued
            if word in first_words:
                for length in range(2, 7):
                    yield tuple(words[place : place + length]) in self.names


def readings(data: bytes) -> Iterator[str]:
    """The text of some bytes, and what its escapes stand for."""
    text = data.decode("utf-8", "replace")
    yield text
    if "%" in text:
        yield unquote_to_bytes(data).decode("utf-8", "replace")
    if "\\u" in text:
        yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    if "\\x" in text:
        yield re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: m[1], text)


def compact(text: str) -> str:
    """Without what separates groups."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def folded(text: str) -> list[str]:
    """The words of a text, in capitals without accents."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return re.findall(r"[A-Z]+", plain)


def joined_runs(text: str) -> Iterator[str]:
    """Runs of digits and of letters, alone and joined with the next ones."""
    runs = [(m.start(), m.end(), m[0]) for m in RUN.finditer(text)]
    for place, (_, end, joined) in enumerate(runs):
        last, whole = end, joined
        yield whole
        for start, next_end, run in runs[place + 1 : place + RUNS_MAX]:
            if text[last:start] not in GAPS:
                break
            last, whole = next_end, whole + run
            yield whole


def places(code: str) -> Iterable[int]:
    """Where the pieces of a code begin: beyond what is the same for everybody."""
    return range(COMMON, len(code) - PIECE + 1, PIECE)


def base64_cores(secret: bytes) -> Iterator[str]:
    """What base64 makes of a secret wherever it stands in what is encoded."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + secret).decode().rstrip("=")
            yield text[4 if before else 0 : -1]


def dates_of(printed: str, today: date) -> Iterator[str]:
    """A birth date in either order, unless it could be the date of a log."""
    born = BirthDate.parse(printed)
    if born.year < today.year - 1:
        yield born.value
        yield born.value[6:] + born.value[4:6] + born.value[:4]


def names_of(last: str, first: str) -> Iterator[tuple[str, ...]]:
    """Both orders."""
    yield (*folded(last), *folded(first))
    yield (*folded(first), *folded(last))


def numbers_of(printed: str, rule: MemberNumberRule) -> Iterator[str]:
    """As printed and as it stands in locks."""
    for form in (compact(printed), MemberNumber.parse(printed, rule).value):
        if len(form) >= SHORT:
            yield form


def trap_for(
    files: Iterable[tuple[Path, MemberNumberRule]],
    waiting: Iterable[dict[str, str]],
    secrets: Iterable[bytes],
    *,
    today: date,
) -> Trap:
    """Everybody of these member files; cards and keys of those who wait with theirs."""
    rows = [(row, rule) for path, rule in files for row in rows_of(path)]
    people = list(waiting)
    return Trap(
        nirs=frozenset(row["nir"][:13] for row, _ in rows),
        names=frozenset(
            n for row, _ in rows for n in names_of(row["last_name"], row["first_name"])
        ),
        dates=frozenset(d for row, _ in rows for d in dates_of(row["birth_date"], today)),
        numbers=frozenset(n for row, rule in rows for n in numbers_of(row["member_number"], rule)),
        keys=frozenset(person["printed_key"] for person in people if person["printed_key"]),
        codes=frozenset(person["code"] for person in people if person["code"]),
        secrets=frozenset(secrets),
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a member file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def as_json(value: object) -> bytes:
    """As a program that knows no accents writes it."""
    return json.dumps(value).encode()
