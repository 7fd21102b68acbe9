"""What long work shows: a progress bar on a terminal, faults by line, column and rule."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from rempart.domain.errors import MalformedRow
from rempart.usecases.scope_ports import Heard, Step

SHOWN_MAX = 10
"""Faults that are printed where no file was asked for; the others are counted."""


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress bar on standard error; silent where that is no terminal."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bars:
        yield bars


@contextmanager
def scope_progress() -> Iterator[Heard | None]:
    """A bar for each step of a scope; nothing where standard error is no terminal."""
    with progress() as bars:
        tasks: dict[Step, TaskID] = {}

        def heard(step: Step, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(" · ".join(step.value), total=of)
            bars.update(tasks[step], completed=done)

        yield None if bars.disable else heard


def ago(then: int, now: int) -> str:
    """How long ago, roughly; both in seconds."""
    past = max(0, now - then)
    for size, french, english in ((86_400, "j", "d"), (3_600, "h", "h"), (60, "min", "min")):
        if past >= size:
            return f"il y a {past // size} {french} · {past // size} {english} ago"
    return "à l'instant · just now"


@dataclass(slots=True)
class Rejects:
    """Faults as they come: into a CSV, or the first few on standard error."""

    writer: Any
    count: int = 0
    shown: int = field(default=0)

    def add(self, fault: MalformedRow) -> None:
        """One more."""
        self.count += 1
        if self.writer is not None:
            self.writer.writerow((fault.line, fault.column, fault.rule))
        elif self.shown < SHOWN_MAX:
            self.shown += 1
            click.echo(f"ligne · line {fault.line}, {fault.column}: {fault.rule}", err=True)


@contextmanager
def rejects(path: Path | None) -> Iterator[Rejects]:
    """Collect faults in ``path`` (line, column, rule), or show the first few."""
    if path is None:
        found = Rejects(None)
        yield found
        if found.count > found.shown:
            more = found.count - found.shown
            click.echo(f"… et {more} autres : --rejects FICHIER · and {more} more", err=True)
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\n")
        writer.writerow(("line", "column", "rule"))
        yield Rejects(writer)


def lines_in(path: Path) -> int:
    """How many line ends a file has."""
    count = 0
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            count += block.count(b"\n")
    return count
