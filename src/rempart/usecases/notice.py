"""A text for everybody: French, then English, as a fragment of HTML and as plain text.

An exercise says so before and after: a page that is torn in two is still one.
"""

from collections.abc import Iterator
from html import escape

import msgspec

from rempart.usecases.paper import Said

EXERCISE: Said = (
    "EXERCICE : ce qui suit n'a pas eu lieu",
    "EXERCISE: what follows has not happened",
)
OVER: Said = (
    "EXERCICE : ce qui précède n'a pas eu lieu",
    "EXERCISE: what stands above has not happened",
)
LANGUAGES = ("fr", "en")


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A heading, and what stands under it: sentences, or points of a list."""

    heading: Said
    lines: tuple[Said, ...]
    points: bool = False

    def __repr__(self) -> str:
        return "Block(…)"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it."""

    title: Said
    exercise: bool
    blocks: tuple[Block, ...]

    def __repr__(self) -> str:
        return "Notice(…)"

    def to_html(self) -> str:
        """A fragment: a section a language, for any page."""
        return "\n".join(self._section(place) for place in range(2)) + "\n"

    def to_text(self) -> str:
        """Plain, a part a language."""
        return f"\n{'-' * 60}\n\n".join(
            "\n".join(self._plain(place)).rstrip() + "\n" for place in range(2)
        )

    def _section(self, place: int) -> str:
        parts = [f"<h1>{escape(self.title[place])}</h1>"]
        parts += [_html(block, place) for block in self.blocks]
        if self.exercise:
            first, last = (f"<p><strong>{escape(s[place])}</strong></p>" for s in (EXERCISE, OVER))
            parts = [first, *parts, last]
        body = "\n".join(parts)
        return f'<section lang="{LANGUAGES[place]}">\n{body}\n</section>'

    def _plain(self, place: int) -> Iterator[str]:
        if self.exercise:
            yield from (EXERCISE[place], "")
        yield from (self.title[place].upper(), "")
        for block in self.blocks:
            yield block.heading[place]
            dash = "- " if block.points else ""
            yield from (f"{dash}{line[place]}" for line in block.lines)
            yield ""
        if self.exercise:
            yield OVER[place]


def _html(block: Block, place: int) -> str:
    tag = "li" if block.points else "p"
    lines = "\n".join(f"<{tag}>{escape(line[place])}</{tag}>" for line in block.lines)
    body = f"<ul>\n{lines}\n</ul>" if block.points else lines
    return f"<h2>{escape(block.heading[place])}</h2>\n{body}"
