"""Bars of progress of a drill: one a task, which appears once it has begun."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Tell = Callable[[str, int, int], None]
"""A task, how far it has come, how far it goes."""


@contextmanager
def bars(console: Console) -> Iterator[Tell]:
    """For as long as the block lasts."""
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        shown = {}

        def tell(name: str, done: int, total: int) -> None:
            if name not in shown:
                shown[name] = progress.add_task(name, total=total)
            progress.update(shown[name], completed=done, total=total)

        yield tell
