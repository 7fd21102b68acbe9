"""Letters as PDF: PDF/A-2a and PDF/UA-1 in one file, A4, set by ``letter.typ``.

The template asks nothing of the machine: no system font, no network, no clock. Same letters, same
day: same bytes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from math import ceil
from pathlib import Path
from typing import Any

import typst

from rempart.adapters.documents.glyphs import in_all, shown, typeset
from rempart.domain.breach_words import date_words
from rempart.domain.letter import Language

HERE = Path(__file__).parent
REMEMBERS = 12
"""Settings of an empty pack after which memory no longer grows from pack to pack, as of sheets."""
SIZES = (11.5, 11.0, 10.5, 10.0, 9.7)
ENVELOPE, BACK, EXERCISE = 71.0, 14.0, 7.0
ROOM = 267.0
"""Millimetres: what stands above the first section in front and on the back, the line that says
that it is an exercise, and a page, counted as ``height`` counts, which is never too little.
"""


def size_of(version: Mapping[str, Any], above: float) -> float:
    """The largest type, in points, by which one side holds it: readers are of every age.

    What needs two sides at its smallest is set for two.
    """
    fitting = (size for size in SIZES if above + height(version, size) <= ROOM)
    return next(fitting, 10.5)


def height(version: Mapping[str, Any], size: float) -> float:
    """Millimetres that sections take: by letters to a line, not by setting them, which is slow."""
    heads, total = 16.5 * len(version["sections"]), 0.0
    for section in version["sections"]:
        for each in section["paragraphs"]:
            for text in [each] if isinstance(each, str) else each:
                total += max(1, ceil(len(text.encode()) * size / 1040)) * 1.22 + 0.2
    return (heads + total * size) * 25.4 / 72


@dataclass(slots=True, kw_only=True)
class LetterPress:
    """A press for one sender and one day; an exercise says so across every page."""

    name: str = field(repr=False)
    address: Sequence[str] = field(repr=False)
    made_on: date
    exercise: bool
    _compiler: typst.Compiler = field(init=False, repr=False)
    _shown: Callable[[str], str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._shown = lru_cache(maxsize=1024)(lambda text: typeset(shown(text)))
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])
        self._compiler = typst.Compiler(
            HERE / "letter.typ", root=HERE, font_paths=fonts, ignore_system_fonts=True
        )

    def pdf(self, pages: Sequence[Mapping[str, Any]], *, pack: int) -> bytes:
        """A pack as one PDF file; ``pages`` are letters as they are printed."""
        made = self._compiler.compile(
            format="pdf",
            sys_inputs={"job": self._job(pages, pack)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(datetime(*self.made_on.timetuple()[:3], tzinfo=UTC).timestamp()),
        )
        assert isinstance(made, bytes)
        return made

    def pictures(self, pages: Sequence[Mapping[str, Any]], *, pack: int) -> list[bytes]:
        """The pages of a pack as PNG, to be looked at."""
        made = self._compiler.compile(
            format="png", sys_inputs={"job": self._job(pages, pack)}, ppi=110
        )
        return made if isinstance(made, list) else [made or b""]

    def forget(self) -> None:
        """Let go of what was set: the typesetter remembers it until enough else was set."""
        for _ in range(REMEMBERS):
            self.pdf([], pack=0)

    def _sized(self, page: Mapping[str, Any]) -> dict[str, Any]:
        """A letter, each of its versions in the size of its type."""
        above = [ENVELOPE, BACK]
        taken = EXERCISE if self.exercise else 0.0
        versions = [
            {**version, "size": size_of(version, at + taken)}
            for version, at in zip(page["versions"], above, strict=True)
        ]
        return {**page, "versions": versions}

    def _job(self, pages: Sequence[Mapping[str, Any]], pack: int) -> str:
        day = self.made_on
        job = {
            "title": f"{'EXERCICE – ' if self.exercise else ''}Lettres – {pack:05d}",
            "sender": {"name": self.name, "address": self.address},
            "exercise": self.exercise,
            "made_on": {"year": day.year, "month": day.month, "day": day.day},
            "dated": {language: date_words(day, language) for language in Language},
            "pages": [self._sized(page) for page in pages],
        }
        # Most paragraphs stand in every letter.
        return json.dumps(in_all(job, self._shown), ensure_ascii=False, separators=(",", ":"))
