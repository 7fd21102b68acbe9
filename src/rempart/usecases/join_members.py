"""The insurer's own rows of those whom it looks for, as its file has them; nobody twice."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TextIO, TypeVar

from rempart.domain.errors import MalformedRow
from rempart.domain.memberfile import numbered, split

REFERENCE = "reference"
T = TypeVar("T")


class MemberRows(Generic[T]):
    """The rows of ``members`` whose reference is one of ``wanted``, each with what was wanted.

    ``names`` are the columns; ``left`` is who was not found so far; ``read`` is how many rows went
    by. Of a reference that stands twice the first row counts.

    Raises:
        MalformedRow: the file has no column ``reference``, or two.
    """

    def __init__(self, wanted: Mapping[str, T], members: TextIO) -> None:
        self._lines = numbered(members)
        header = next(self._lines, (1, ""))[1] or ""
        self._delimiter = ";" if ";" in header else ","
        self.names = list(split(header, self._delimiter) or ())
        self.plain = [name.strip().lower() for name in self.names]
        if self.plain.count(REFERENCE) != 1:
            raise MalformedRow(1, REFERENCE, "column is missing, or stands twice")
        self.place = self.plain.index(REFERENCE)
        self.left = dict(wanted)
        self.read = 0

    def __iter__(self) -> Iterator[tuple[T, Sequence[str]]]:
        for _, text in self._lines:
            self.read += 1
            cells = split(text, self._delimiter) if text else None
            if cells and len(cells) == len(self.names):
                reference = cells[self.place].strip()
                if reference in self.left:
                    yield self.left.pop(reference), cells

    def missing(self) -> Iterator[tuple[T, Sequence[str]]]:
        """Who is no longer in the file: a row of their reference alone."""
        for reference, wanted in self.left.items():
            cells = [""] * len(self.names)
            cells[self.place] = reference
            yield wanted, cells
