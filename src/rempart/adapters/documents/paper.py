"""Papers of a breach as PDF: PDF/A-2a and PDF/UA-1 in one file, A4, set by ``paper.typ``.

The same paper: the same bytes. One press sets many: a hundred insurers take a second.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import typst

from rempart.adapters.documents.glyphs import breakable, in_all, shown, typeset
from rempart.domain.paris import civil
from rempart.usecases.paper import Paper, moment

HERE = Path(__file__).parent
LABEL_MAX = 22
"""Characters in one piece that still fit into the column of labels."""


@dataclass(slots=True)
class PaperPress:
    """A press; an exercise says so across every page."""

    _compiler: typst.Compiler = field(init=False, repr=False)

    def __post_init__(self) -> None:
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[HERE / "fonts"])
        self._compiler = typst.Compiler(
            HERE / "paper.typ", root=HERE, font_paths=fonts, ignore_system_fonts=True
        )

    def pdf(self, paper: Paper) -> bytes:
        """One paper. Where a sign cannot be set, it is told by its number."""
        job = job_of(paper)
        try:
            return self._set(job, paper.made)
        except typst.TypstError:
            return self._set(in_all(job, shown), paper.made)

    def _set(self, job: Any, made: int) -> bytes:
        pdf = self._compiler.compile(
            format="pdf",
            sys_inputs={"job": json.dumps(job, ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=made // 1_000_000,
        )
        assert isinstance(pdf, bytes)
        return pdf


def job_of(paper: Paper) -> Any:
    """What the template prints."""
    day = civil(paper.made)
    job = in_all(in_all(msgspec.to_builtins(paper), typeset), breakable)
    for item in (item for part in job["parts"] for item in part["items"]):
        item["label"] = [breakable(each, LABEL_MAX) for each in item["label"]]
    job["made_said"] = moment(paper.made)
    job["day"] = {"year": day.year, "month": day.month, "day": day.day}
    return job
