"""What accounts asked, in closed days and what follows them: ``QuestionEngine``.

Files are sorted by account: of a question's account a few pages a day are read. Who came by a line
is found by reading the detail of every question of the hours in question.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rempart.adapters.postgres.queries import queries
from rempart.adapters.segments.engine import MEMORY, opened, rows_of
from rempart.adapters.segments.entries import DuckEntries, see
from rempart.adapters.segments.parquet import stored_of
from rempart.domain.disclosure import NOBODY, Entry, Outcome, Presence, decode
from rempart.domain.lines import Code
from rempart.domain.signs import Seen, seen
from rempart.usecases.question_ports import ALWAYS

SQL = queries("questions", "rempart.adapters.segments")
PRESENCES = {each.value: each for each in Presence}
OUTCOMES = {each.value: each for each in Outcome}


class DuckQuestions(DuckEntries):
    """Closed days, and what was added."""

    def over(self, days: Sequence[str], *, size: int) -> "DuckTrail":
        """What is in these days and in what was added."""
        folders = (self.shelf.folder,)
        return DuckTrail(self.files(days), folders, self.scratch, size, self.memory)


@dataclass(frozen=True, slots=True)
class DuckTrail:
    """The first ``size`` entries of these files, which lie in ``folders`` or ``scratch``."""

    files: Sequence[Path]
    folders: Sequence[Path]
    scratch: Path
    size: int
    memory: str = field(default=MEMORY, repr=False)

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Decisions, moves of accounts and cut-offs."""
        for row in self._rows("decided", {}):
            stored = stored_of(row)
            assert stored.body is not None, "what was erased is not asked for"
            yield stored.index, decode(stored.body), stored.detail or b""

    def asked(self, accounts: Collection[int], since: int, until: int = ALWAYS) -> Iterator[Seen]:
        """What these accounts asked."""
        wanted = {"accounts": [*accounts], "since": since, "until": until, "nobody": NOBODY}
        for index, at, session, presence, outcome, detail, found, repeat in self._rows(
            "asked", wanted
        ):
            of = PRESENCES[presence], OUTCOMES[outcome]
            yield seen(index, at, session, *of, detail, found=found, repeat=repeat)

    def canaries(self, since: int) -> frozenset[int]:
        """What was about nobody."""
        return frozenset(index for (index,) in self._rows("canaries", {"since": since}))

    def met(self, codes: Collection[Code], since: int, until: int) -> frozenset[int]:
        """Who asked by one of these."""
        of = {kind: [code for of, code in codes if of == kind] for kind in ("network", "device")}
        values = {"networks": _packed(of["network"]), "devices": _packed(of["device"])}
        rows = self._rows("met", {**values, "since": since, "until": until})
        return frozenset(number for (number,) in rows)

    def codes(self, accounts: Collection[int], since: int) -> Mapping[tuple[int, Code], bool]:
        """What these accounts asked by."""
        wanted = {"accounts": [*accounts], "since": since, "nobody": NOBODY}
        return {
            (number, (kind, int.from_bytes(code, "big"))): keyed
            for number, kind, code, keyed in self._rows("codes", wanted)
        }

    def strangers(self, since: int, until: int) -> Mapping[int, int]:
        """Who asked about strangers on old cards."""
        rows = self._rows("strangers", {"since": since, "until": until})
        return {number: count for number, count in rows}  # noqa: C416 -- rows are of any length

    def _rows(self, name: str, values: Mapping[str, object]) -> Iterator[Sequence[Any]]:
        if not self.files:
            return
        with opened(self.folders, self.scratch, memory=self.memory) as engine:
            see(engine, self.files, self.size)
            yield from rows_of(engine.execute(SQL[name], dict(values)))


def _packed(codes: Sequence[int]) -> list[bytes]:
    """As they stand in the detail of a question."""
    return [code.to_bytes(4, "big") for code in codes]
