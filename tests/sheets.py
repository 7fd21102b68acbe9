"""Family sheets of an insurer's rows: the ground of the chapters about print."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

from rempart.adapters.documents.sheets import SheetPress
from rempart.adapters.memory.insurer import MemorySheetPlan
from rempart.adapters.memory.world import MemoryChance
from rempart.domain.errors import MalformedRow
from rempart.domain.letterhead import Letterhead
from rempart.domain.sheet import Sheet
from rempart.usecases.fill_sheets import FillSheets
from rempart.usecases.insurer_ports import Family, SheetPlan
from rempart.usecases.plan_sheets import Located, PlanSheets
from tests.insurers import HEADER, AtInsurer, row

NAMED = HEADER.replace("nom;", "nom;prenom;")
LETTERHEAD = Letterhead.from_toml({"name": "Mutuelle d’Exemple", "contact": "01 00 00 00 00"})


def named(reference: str, last: str = "FICTIVE", first: str = "Noé", **cells: str) -> str:
    """A row of a file that holds names."""
    return row(reference, name=f"{last};{first}", **cells)


def planned(
    insurer: AtInsurer,
    *rows: str,
    header: str = NAMED,
    plan: SheetPlan | None = None,
    mark: str = "",
) -> tuple[list[Family], FillSheets]:
    """The families of a file, and what fills their sheets; faults in ``insurer.faults``."""
    raw = (mark + "\n".join((header, *rows, ""))).encode("utf-8", "surrogateescape")
    insurer.faults = []
    issue = insurer.issue
    plan = MemorySheetPlan() if plan is None else plan
    stream = io.TextIOWrapper(
        io.BytesIO(raw), encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    with insurer.register.taking():
        report = PlanSheets(issue=issue, plan=plan, chance=MemoryChance(b"plan"))(
            Located(stream, marked=bool(mark)), rejected=fault_of(insurer)
        )
    fill = FillSheets(
        issue=issue,
        layout=report.layout,
        read_at=lambda start, size: raw[start : start + size].decode("utf-8", "surrogateescape"),
    )
    return list(plan.families()), fill


def fault_of(insurer: AtInsurer) -> Callable[[MalformedRow], object]:
    return insurer.faults.append


def sheets(insurer: AtInsurer, *rows: str, **how: object) -> list[Sheet]:
    """The sheets of a file."""
    families, fill = planned(insurer, *rows, **how)
    return fill(families)


def press(*, specimen: bool = False, letterhead: Letterhead = LETTERHEAD) -> SheetPress:
    return SheetPress(letterhead=letterhead, made_on=date(2026, 11, 24), specimen=specimen)
