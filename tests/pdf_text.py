"""The text of a PDF as a reader without eyes gets it: in the order of its content."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pikepdf

CHARACTER = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*\n")
RANGE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


def texts(pdf: bytes) -> list[str]:
    """The text of each page; runs are joined by a space."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [" ".join(" ".join(_runs(page)).split()) for page in opened.pages]


def everything(pdf: bytes) -> bytes:
    """What a PDF says, on its pages and of itself: its syntax, which is digits by the thousand, is
    left out, and what is compressed is not.
    """
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        of_itself = [str(value) for value in opened.docinfo.values()]
        meta = opened.Root.get("/Metadata")
        described = meta.read_bytes() if meta is not None else b""
    return "\n".join([*texts(pdf), *of_itself]).encode() + b"\n" + described


def _runs(page: pikepdf.Page) -> Iterator[str]:
    fonts = {name: letters_of(font) for name, font in page.Resources.Font.items()}
    letters: dict[bytes, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            letters = fonts[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            parts = operands[0] if str(operator) == "TJ" else [operands[0]]
            data = b"".join(bytes(each) for each in parts if isinstance(each, pikepdf.String))
            yield "".join(letters.get(data[at : at + 2], "?") for at in range(0, len(data), 2))


def letters_of(font: pikepdf.Object) -> dict[bytes, str]:
    """What each code of a font stands for."""
    said = font.ToUnicode.read_bytes()
    found: dict[bytes, str] = {}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", said, re.DOTALL):
        for first, last, letter in RANGE.findall(block):
            for place in range(int(last, 16) - int(first, 16) + 1):
                found[(int(first, 16) + place).to_bytes(2, "big")] = chr(int(letter, 16) + place)
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", said, re.DOTALL):
        for code, letter in CHARACTER.findall(block):
            found[bytes.fromhex(code.decode())] = bytes.fromhex(letter.decode()).decode("utf-16-be")
    return found
