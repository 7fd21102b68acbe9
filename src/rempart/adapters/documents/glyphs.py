"""What the documents' fonts can show; what they cannot is told by its number.

PDF/A has no glyph that says nothing: one strange sign in somebody's words, and nothing is set.
"""

import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

FONT = Path(__file__).parent / "fonts" / "AtkinsonHyperlegibleNext_400Regular.ttf"
RUN_MAX = 40
"""Characters in one piece that still fit on a line, wide ones too; a digest does, being narrow."""
DIGEST = re.compile(r"[0-9a-f]{64}")
BREAK = "\u200b"
"""Where a line may break, and nothing is seen."""
APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
HELD = re.compile(
    r" (?=[:;?!»])|(?<=«) |(?<=\bart\.) |(?<=n°) |(?<=\d) (?=(?:h|€|%)(?!\w))|(?<=\d h) (?=\d\d)"
)
"""Blanks at which a line of French never breaks."""
ALIKE = str.maketrans({"→": "->", "\u202f": "\u00a0", "\u2011": "-"})
"""What people write and the font lacks, and what says the same."""


@cache
def glyphs() -> frozenset[int]:
    """Code points that the font has: the ranges of its ``cmap`` of format 4."""
    data = FONT.read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * at) for at in range(tables))
    (cmap,) = (offset for tag, _, offset, _ in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    offsets = {struct.unpack_from(">HHI", data, cmap + 4 + 8 * at)[2] for at in range(count)}
    return frozenset(
        code
        for offset in offsets
        if struct.unpack_from(">H", data, cmap + offset) == (4,)
        for first, last in _segments(data, cmap + offset)
        for code in range(first, min(last, 0xFFFE) + 1)
    )


def _segments(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """First and last code point of each segment: ends come first, then a pad, then the starts."""
    (double,) = struct.unpack_from(">H", data, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    starts = struct.unpack_from(f">{count}H", data, at + 16 + double)
    yield from zip(starts, ends, strict=True)


def breakable(text: str, most: int = RUN_MAX) -> str:
    """A text whose runs beyond so many characters may be broken: nothing runs off the page."""
    return " ".join(_broken(word, most) for word in text.split(" "))


def typeset(text: str) -> str:
    """A text with the apostrophes of print, and blanks that no line parts before a colon."""
    return HELD.sub("\u00a0", APOSTROPHE.sub("’", text))


def shown(text: str) -> str:
    """A text that can be set whatever is in it: signs that the font lacks, by their number."""
    known = glyphs()
    signs = unicodedata.normalize("NFC", text).translate(ALIKE)
    return "".join(
        c if ord(c) in known or c in {"\n", BREAK} else f"[U+{ord(c):04X}]" for c in signs
    )


def in_all(value: Any, change: Callable[[str], str]) -> Any:
    """Something that is JSON, with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [in_all(each, change) for each in value]
    if isinstance(value, dict):
        return {name: in_all(each, change) for name, each in value.items()}
    return value


def _broken(word: str, most: int) -> str:
    if len(word) <= most or DIGEST.fullmatch(word):
        return word
    piece = most // 2
    return BREAK.join(word[at : at + piece] for at in range(0, len(word), piece))
