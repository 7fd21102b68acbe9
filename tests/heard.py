"""A PDF as a screen reader says it: what its tags hold, in their order, each in its language."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from tests.pdf_text import letters_of


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One piece: the tags that it stands in, the outermost first, its language, its words."""

    tags: tuple[str, ...]
    lang: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A whole document; ``alone`` is text that stands outside of every tag and is no ornament."""

    lang: str
    title: str
    bookmarks: list[str]
    pieces: list[Heard]
    elements: list[pikepdf.Object]
    alone: list[str] = field(default_factory=list)

    def under(self, tag: str) -> list[str]:
        """What is said within a tag, a text each piece."""
        return [each.text for each in self.pieces if tag in each.tags]

    @property
    def text(self) -> str:
        """Everything."""
        return " ".join(" ".join(each.text for each in self.pieces).split())


Marked = dict[int, list[tuple[str, str]]]
"""Words of a page by the number of their mark, each with the language that the mark says."""


def hear(pdf: bytes) -> Spoken:
    """Read it; the document must stay in memory no longer than that."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        read = {page.objgen: _marked(page) for page in document.pages}
        with document.open_outline() as outline:
            bookmarks = [*_titles(outline.root)]
        lang = str(document.Root.Lang)
        tree = document.Root.StructTreeRoot
        pieces = [*_pieces(tree, (), lang, None, {at: page for at, (page, _) in read.items()})]
        return Spoken(
            lang=lang,
            title=str(document.docinfo.Title),
            bookmarks=bookmarks,
            pieces=pieces,
            elements=[_copied(each) for each in _elements(tree)],
            alone=[text for _, alone in read.values() for text in alone],
        )


def _copied(element: pikepdf.Object) -> Any:
    """What is asked of an element, apart from its document."""
    names = ("/S", "/Alt", "/A")
    return {name: _plain(element[name]) for name in names if name in element}


def _plain(value: Any) -> Any:
    if isinstance(value, pikepdf.Array):
        return [_plain(each) for each in value]
    if isinstance(value, pikepdf.Dictionary):
        return {name: _plain(each) for name, each in value.items()}
    return str(value)


def _titles(items: Any) -> Iterator[str]:
    for each in items:
        yield str(each.title)
        yield from _titles(each.children)


def _elements(node: Any) -> Iterator[Any]:
    for kid in _kids(node):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _elements(kid)


def _kids(node: Any) -> list[Any]:
    kids = node.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _pieces(
    node: Any, tags: tuple[str, ...], lang: str, page: Any, read: dict[Any, Marked]
) -> Iterator[Heard]:
    page = node.get("/Pg", page)
    for kid in _kids(node):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            own = str(kid.get("/Lang", lang))
            yield from _pieces(kid, (*tags, str(kid.S)), own, page, read)
            continue
        is_mark = isinstance(kid, pikepdf.Dictionary)
        where, number = (kid.get("/Pg", page), kid.get("/MCID")) if is_mark else (page, kid)
        for said, text in read[where.objgen].get(int(number or 0), []) if where is not None else []:
            yield Heard(tags=tags, lang=said or lang, text=text)


def _marked(page: pikepdf.Page) -> tuple[Marked, list[str]]:
    fonts = {name: letters_of(font) for name, font in page.Resources.get("/Font", {}).items()}
    found: Marked = {}
    alone: list[str] = []
    within: list[tuple[str, int | None, str]] = []
    table: dict[bytes, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in {"BDC", "BMC"}:
            within.append(_mark(operands))
        elif name == "EMC":
            within.pop()
        elif name == "Tf":
            table = fonts[str(operands[0])]
        elif name in {"Tj", "TJ"}:
            text = _text(operands[0], table)
            mark = next((each for each in reversed(within) if each[1] is not None), None)
            if mark is not None and mark[1] is not None:
                found.setdefault(mark[1], []).append((mark[2], text))
            elif not any(each[0] == "/Artifact" for each in within):
                alone.append(text)
    return found, alone


def _mark(operands: Any) -> tuple[str, int | None, str]:
    says = operands[1] if len(operands) > 1 else {}
    number = says.get("/MCID") if isinstance(says, pikepdf.Dictionary) else None
    lang = says.get("/Lang", "") if isinstance(says, pikepdf.Dictionary) else ""
    return str(operands[0]), None if number is None else int(number), str(lang)


def _text(operand: Any, table: dict[bytes, str]) -> str:
    pieces = operand if isinstance(operand, pikepdf.Array) else [operand]
    raw = b"".join(bytes(each) for each in pieces if isinstance(each, pikepdf.String))
    return "".join(table.get(raw[at : at + 2], "?") for at in range(0, len(raw), 2))
