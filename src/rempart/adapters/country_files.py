"""Files of the regional registries, read again when they change: ``CountrySource``.

A fresh file is read some thousand rows at a time, between two batches; the one before answers until
it is whole. A file that is away, or that is none, says no country, and ``rempart doctor`` says so.
"""

import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from rempart.domain.countries import LINE_MAX, Countries, Reading
from rempart.domain.errors import MalformedRow

SLICE = 4000
"""Rows: some 12 ms."""
LOOK_EVERY = 1.0
"""Seconds between two looks at whether a file has changed."""
REMEMBERED = 50_000
"""Networks: as many as there are sites."""

State = tuple[int, int, int]


def read_countries(path: Path) -> Countries:
    """A whole file at once.

    Raises:
        OSError: it is away, or not ours to read.
        MalformedRow: it is no such file.
    """
    if _state(path) is None:
        raise FileNotFoundError
    found = list(_slices(path))[-1]
    assert found is not None
    return found


@dataclass(slots=True)
class _File:
    """One file; ``countries`` is nothing where it says nothing."""

    path: Path
    countries: Countries | None = None
    reading: Iterator[Countries | None] | None = field(default=None, repr=False)
    _seen: State | None = field(default=None, repr=False)

    def look(self) -> bool:
        """Begin to read it where it has changed; whether it is gone, just now."""
        seen = _state(self.path)
        if seen == self._seen:
            return False
        self._seen = seen
        self.reading = _slices(self.path) if seen else None
        if seen is None:
            self.countries = None
        return seen is None

    def read_on(self) -> bool:
        """A slice more; whether it was the last one."""
        assert self.reading is not None
        try:
            found = next(self.reading)
        except (OSError, MalformedRow):
            found = None
        else:
            if found is None:
                return False
        self.countries, self.reading = found, None
        return True


@dataclass(slots=True)
class CountryFiles:
    """What some files say together; where two disagree, nothing. ``ticks`` counts seconds."""

    paths: Iterable[Path] = field(repr=False)
    ticks: Callable[[], float] = time.monotonic
    _files: list[_File] = field(init=False, repr=False)
    _looked_at: float = -LOOK_EVERY
    _found: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._files = [_File(path) for path in self.paths]

    def of(self, network: str) -> str:
        """Two letters, where the whole network is of one country; or nothing."""
        found = self._found.get(network)
        if found is None:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            said = {file.countries.of(network) for file in self._files if file.countries} - {""}
            found = self._found[network] = said.pop() if len(said) == 1 else ""
        return found

    def look(self) -> None:
        """Read on where something is being read; now and then, see what has changed."""
        now = self.ticks()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            gone = sum(file.look() for file in self._files)
            if gone:
                self._found.clear()
        for file in self._files:
            if file.reading is not None:
                if file.read_on():
                    self._found.clear()
                return


def _state(path: Path) -> State | None:
    """What tells a file from the one before it; nothing where there is none that can be read."""
    try:
        about = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(about.st_mode):
        return None
    return about.st_ctime_ns, about.st_size, about.st_ino


def _slices(path: Path) -> Iterator[Countries | None]:
    """Nothing after each slice, then what the file says."""
    reading = Reading()
    with path.open(encoding="ascii", errors="replace") as file:
        lines = iter(partial(file.readline, LINE_MAX), "")
        while rows := list(islice(lines, SLICE)):
            for text in rows:
                reading.take(text)
            yield None
    yield reading.end()
