"""A device's chain in memory: the reference of ``Chain``."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rempart.domain.errors import TemporarilyUnavailable


@dataclass(slots=True)
class MemoryChain:
    """Messages and codes, in order."""

    kept: list[tuple[bytes, str]] = field(default_factory=list, repr=False)
    _alone: bool = False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else adds meanwhile."""
        if self._alone:
            raise TemporarilyUnavailable("another undertaking is being signed here")
        self._alone = True
        try:
            yield
        finally:
            self._alone = False

    def last(self) -> tuple[int, bytes] | None:
        """Number of the last one, and the message."""
        return (len(self.kept), self.kept[-1][0]) if self.kept else None

    def add(self, number: int, message: bytes, code: str) -> None:
        """Keep the next one."""
        assert number == len(self.kept) + 1
        self.kept.append((message, code))

    def links(self) -> Iterator[tuple[bytes, str]]:
        """Every message and its card's code, in order."""
        yield from self.kept
