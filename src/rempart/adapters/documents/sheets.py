"""Family sheets as PDF: PDF/A-2a and PDF/UA-1 in one file, A4, set by ``sheet.typ``.

The template asks nothing of the machine: no system font, no network, no clock. Same sheets, same
day: same bytes. What cannot be accessible (a picture without words) does not compile.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typst

from rempart.adapters.documents.jpeg import DOTS, jpeg_of
from rempart.adapters.documents.symbols import Symbol, datamatrix_symbol, qr_symbol
from rempart.domain.letterhead import Letterhead
from rempart.domain.sheet import Holder, Sheet, datamatrix_text, printed_day

HERE = Path(__file__).parent
NONE = "–"
DPI = 300
REMEMBERS = 12
"""Settings of an empty pack after which memory no longer grows from pack to pack: seen, 10."""


def sheet_number(pack: int, page: int) -> str:
    """What a page is called, on itself and in the table of its pack."""
    return f"{pack:05d}-{page:04d}"


@dataclass(slots=True, kw_only=True)
class SheetPress:
    """A press for one issuer and one day; ``specimen`` says so across every page."""

    letterhead: Letterhead
    made_on: date
    specimen: bool
    _compiler: typst.Compiler = field(init=False, repr=False)

    def __post_init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])
        self._compiler = typst.Compiler(
            HERE / "sheet.typ", root=HERE, font_paths=fonts, ignore_system_fonts=True
        )

    def pdf(self, sheets: Sequence[Sheet], *, pack: int) -> bytes:
        """A pack as one PDF file."""
        made = self._compiler.compile(
            format="pdf",
            sys_inputs={"job": self._job(sheets, pack)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(datetime(*self.made_on.timetuple()[:3], tzinfo=UTC).timestamp()),
        )
        assert isinstance(made, bytes)
        return made

    def forget(self) -> None:
        """Let go of what was set: the typesetter remembers it until enough else was set."""
        for _ in range(REMEMBERS):
            self.pdf([], pack=0)

    def pictures(self, sheets: Sequence[Sheet], *, pack: int) -> list[bytes]:
        """The pages of a pack as PNG, at 300 dots an inch."""
        made = self._compiler.compile(
            format="png", sys_inputs={"job": self._job(sheets, pack)}, ppi=DPI
        )
        return made if isinstance(made, list) else [made or b""]

    def _job(self, sheets: Sequence[Sheet], pack: int) -> str:
        """Everything that the template prints."""
        day = self.made_on
        job = {
            "title": f"Cartes de tiers payant – {pack:05d}",
            "issuer": {
                "name": self.letterhead.name,
                "contact": self.letterhead.contact,
                "notes": self.letterhead.notes,
            },
            "specimen": self.specimen,
            "made_on": {"year": day.year, "month": day.month, "day": day.day},
            "printed_on": printed_day(day),
            "pages": [
                self._page(sheet, sheet_number(pack, page))
                for page, sheet in enumerate(sheets, start=1)
            ],
        }
        return json.dumps(job, ensure_ascii=False, separators=(",", ":"))

    def _page(self, sheet: Sheet, number: str) -> dict[str, Any]:
        route = sheet.routing
        modes = sorted({mode for one in sheet.holders for _, mode in one.grid})
        return {
            "number": number,
            "part": sheet.part,
            "parts": sheet.parts,
            "first": printed_day(sheet.first_day),
            "last": printed_day(route.last_day),
            "amc": route.amc,
            "convention": route.convention,
            "csr": route.csr,
            "member": route.member_number,
            "responsable": route.responsable,
            "datamatrix": _picture(datamatrix_symbol(datamatrix_text(sheet))),
            "domains": [domain.name for domain in sheet.domains],
            "modes": [[mode.printed, self.letterhead.footnotes[mode]] for mode in modes],
            "holders": [_holder(one, sheet) for one in sheet.holders],
        }


def _holder(one: Holder, sheet: Sheet) -> dict[str, Any]:
    grid = dict(one.grid)
    return {
        "name": one.name,
        "born": one.born,
        "rank": one.rank,
        "since": printed_day(one.first_day) if one.first_day > sheet.first_day else None,
        "modes": [grid[each].printed if each in grid else NONE for each in sheet.domains],
        "key": f"{one.key[:4]}-{one.key[4:]}",
        "qr": _picture(qr_symbol(one.code)),
    }


def _picture(symbol: Symbol) -> dict[str, Any]:
    """A picture that is not to be smoothed, in an envelope of text.

    What the template is handed is text; and the typesetter unpacks a picture to look at it, unless
    it comes in an SVG.
    """
    size = f'width="{symbol.wide * DOTS}" height="{symbol.high * DOTS}"'
    data = b64encode(jpeg_of(symbol)).decode()
    return {
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} '
        f'image-rendering="optimizeSpeed" href="data:image/jpeg;base64,{data}"/></svg>',
        "wide": symbol.wide,
    }
