"""Who was told already, of what: earlier merge files, so that nobody is written to in vain.

A person whose letter would say the same is not written to again; one of whom more is known is.
"""

import csv
from collections.abc import Mapping
from hashlib import sha256
from typing import TextIO

from rempart.domain.errors import MalformedRow
from rempart.domain.letter import Element, Language, Letter

SIZE = 16
COLUMNS = tuple(f"{part}_{Language.FRENCH}" for part in ("subject", Element.NATURE, Element.DATA))


def read_told(stream: TextIO) -> dict[str, bytes]:
    """Digests of what an earlier merge file told, by reference.

    Raises:
        MalformedRow: it is no merge file.
    """
    rows = csv.DictReader(stream, delimiter=";", strict=True)
    try:
        for name in ("reference", *COLUMNS):
            if name not in (rows.fieldnames or ()):
                raise MalformedRow(1, name, "column is missing: this is no merge file")
        return {row["reference"]: _digest([row[name] or "" for name in COLUMNS]) for row in rows}
    except csv.Error:
        raise MalformedRow(rows.line_num, "row", "a quote is left open") from None


def told_of(letters: Mapping[Language, Letter]) -> bytes:
    """The digest of what a letter tells: what happened, and what was read."""
    letter = letters[Language.FRENCH]
    texts = {each.element: each.text for each in letter.sections}
    return _digest([letter.subject, texts[Element.NATURE], texts[Element.DATA]])


def _digest(texts: list[str]) -> bytes:
    return sha256("\0".join(texts).encode()).digest()[:SIZE]
