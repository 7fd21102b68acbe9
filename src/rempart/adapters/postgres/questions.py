"""What accounts asked, on PostgreSQL: ``Questions``, by time, without an index by account."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from rempart.domain.disclosure import decode
from rempart.domain.lines import Code
from rempart.domain.signs import Entered, Seen, seen_of
from rempart.usecases.question_ports import ALWAYS, Range

Rows = Callable[[str, Mapping[str, object]], list[tuple[Any, ...]]]


class PostgresQuestions:
    """Of some ranges of entries; ``rows`` runs a text of ``incidents.sql``."""

    def __init__(self, rows: Rows, ranges: Sequence[Range]) -> None:
        self._rows, self._ranges = rows, ranges

    def asked(self, accounts: Collection[int], since: int, until: int = ALWAYS) -> Iterator[Seen]:
        """What these accounts asked."""
        packed = [_packed(number) for number in accounts]
        for index, body, detail in self._read("asked", since, until, accounts=packed):
            if (seen := seen_of(Entered(index, decode(body), detail))) is not None:
                yield seen

    def canaries(self, since: int) -> frozenset[int]:
        """What was about nobody."""
        rows = self._read("canaries", since, ALWAYS)
        return frozenset(decode(body).cites for (body,) in rows)

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Who asked by one of these."""
        networks = [_packed(code) for kind, code in codes if kind == "network"]
        devices = [_packed(code) for kind, code in codes if kind == "device"]
        rows = self._read("met", since, until, networks=networks, devices=devices)
        return frozenset(_unpacked(row[0]) for row in rows)

    def codes(self, accounts: Collection[int], since: int) -> Mapping[tuple[int, Code], bool]:
        """What these accounts asked by."""
        packed, found = [_packed(number) for number in accounts], dict[tuple[int, Code], bool]()
        rows = self._read("codes", since, ALWAYS, accounts=packed)
        for number, kind, code, keyed in rows:
            by = _unpacked(number), (kind, _unpacked(code))
            found[by] = found.get(by, False) or keyed
        return found

    def strangers(self, since: int, until: int) -> Mapping[int, int]:
        """Who asked about strangers on old cards."""
        found: Counter[int] = Counter()
        for number, count in self._read("strangers", since, until):
            found[_unpacked(number)] += count
        return found

    def _read(
        self, name: str, since: int, until: int, **values: object
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of each range, of the entries from a moment to another one (included)."""
        if not self._ranges:
            return
        last = self._ranges[-1][1]
        begun, over = self._first(since), last if until == ALWAYS else self._first(until + 1)
        for first, end in self._ranges:
            span = {"first": max(first, begun), "end": min(end, over)}
            if span["first"] < span["end"]:
                yield from self._rows(name, {**values, **span})

    def _first(self, since: int) -> int:
        """The first entry from a moment on: times never decrease; what is erased is older."""
        ((size,),) = self._rows("size", {})
        low, high = 0, int(size)
        while low < high:
            middle = (low + high) // 2
            rows = self._rows("moment", {"index": middle})
            early = not rows or rows[0][0] is None or decode(rows[0][0]).at < since
            low, high = (middle + 1, high) if early else (low, middle)
        return low


def _packed(number: int) -> bytes:
    """As it stands in the detail of a question."""
    return number.to_bytes(4, "big")


def _unpacked(number: bytes) -> int:
    return int.from_bytes(number, "big")
