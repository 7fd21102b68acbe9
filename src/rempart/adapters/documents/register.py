"""The register of incidents as PDF: PDF/A-2a and PDF/UA-1 in one file, A4, set by ``register.typ``.

The same register: the same bytes. Values come in as one JSON text; none is pasted into the source.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from rempart.adapters.documents.glyphs import breakable, in_all, shown, typeset
from rempart.usecases.register_incidents import WrittenRegister

HERE = Path(__file__).parent


def register_pdf(register: WrittenRegister) -> bytes:
    """The whole register; an exercise says so across every page."""
    made = datetime.fromisoformat(register.made)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])
    compiler = typst.Compiler(
        HERE / "register.typ", root=HERE, font_paths=fonts, ignore_system_fonts=True
    )
    day = {"year": made.year, "month": made.month, "day": made.day}
    job = in_all(in_all({**register.to_json(), "day": day}, typeset), breakable)
    try:
        return _set(compiler, job, made)
    except typst.TypstError:
        return _set(compiler, in_all(job, shown), made)


def _set(compiler: typst.Compiler, job: Any, made: datetime) -> bytes:
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"job": json.dumps(job, ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(made.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf
