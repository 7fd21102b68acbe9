"""What one process needs to make packs of sheets by itself, and how it makes one.

A pack is made from its families alone: it is the same whoever makes it, and whenever.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rempart.adapters.documents.packs import PackFolder, PackRecord
from rempart.adapters.documents.sheets import SheetPress
from rempart.adapters.keys.file import Unlock
from rempart.bootstrap.benches import begin_alone
from rempart.bootstrap.insurer import InsurerFolder
from rempart.domain.letterhead import Letterhead
from rempart.domain.printed_cells import PrintLayout
from rempart.usecases.fill_sheets import FillSheets
from rempart.usecases.insurer_ports import Family

Numbered = tuple[int, list[Family]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an insurer asks for: ``pages`` in a pack at most, dated ``made_on``."""

    folder: Path
    unlock: Unlock = field(repr=False)
    members: Path
    out: Path
    pages: int
    made_on: date


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that a process needs to make packs by itself."""

    order: Order
    letterhead: Letterhead
    layout: PrintLayout


@dataclass(frozen=True, slots=True)
class Bench:
    """What one process makes packs with."""

    fill: FillSheets
    press: SheetPress
    made: PackFolder


_BENCHES: list[Bench] = []
"""At most one: a process is told once what it works for."""


def open_bench(work: Work) -> None:
    """Get a process ready."""
    begin_alone()
    _BENCHES[:] = [bench_of(work)]


def bench_of(work: Work) -> Bench:
    """A bench for some work."""
    order = work.order
    insurer = InsurerFolder.open(order.folder, order.unlock)
    stream = order.members.open("rb")

    def read_at(start: int, size: int) -> str:
        stream.seek(start)
        return stream.read(size).decode("utf-8", "surrogateescape")

    return Bench(
        FillSheets(issue=insurer.reissue(order.made_on), layout=work.layout, read_at=read_at),
        SheetPress(
            letterhead=work.letterhead,
            made_on=order.made_on,
            specimen=insurer.profile.sandbox,
        ),
        PackFolder(order.out),
    )


def make_pack(pack: Numbered) -> PackRecord:
    """Make one pack, and put it on disk."""
    (bench,) = _BENCHES
    number, families = pack
    sheets = bench.fill(families)
    record = bench.made.write(number, bench.press.pdf(sheets, pack=number), sheets)
    bench.press.forget()
    return record
