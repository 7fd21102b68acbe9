"""How far DuckDB is, asked from beside the thread that waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import duckdb

EVERY_SECONDS = 0.2
WHOLE = 100
Passed = Callable[[], None]


class Watch:
    """``steps`` steps of like length, by share; it never goes back."""

    def __init__(
        self, engine: duckdb.DuckDBPyConnection, told: Callable[[int], object], steps: int
    ) -> None:
        self._engine, self._told, self._steps = engine, told, steps
        self._done = self._said = 0
        self._over = Event()

    def passed(self) -> None:
        """A step is over."""
        self._done += 1
        self.say(0.0)

    def run(self) -> None:
        """Ask until it is over."""
        while not self._over.wait(EVERY_SECONDS):
            self.say(self._engine.query_progress())

    def end(self) -> None:
        """Ask no more."""
        self._over.set()

    def say(self, percent: float) -> None:
        """The statement under way is so far; below 0 where it does not know."""
        within = max(0.0, min(percent, WHOLE)) / WHOLE
        share = int(WHOLE * min(1.0, (self._done + within) / self._steps))
        if share > self._said:
            self._said = share
            self._told(share)


@contextmanager
def watched(
    engine: duckdb.DuckDBPyConnection, told: Callable[[int], object] | None, *, steps: int
) -> Iterator[Passed]:
    """What to call after each of so many steps; ``told`` hears how many of a hundred are over,
    always more; nobody is asked anything where nobody hears.
    """
    if told is None:
        yield lambda: None
        return
    watch = Watch(engine, told, steps)
    beside = Thread(target=watch.run, daemon=True)
    beside.start()
    try:
        yield watch.passed
    finally:
        watch.end()
        beside.join()
