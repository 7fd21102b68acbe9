"""A scope judged by one SQL text over closed days and what follows them: ``ScopeEngine``."""

from collections.abc import Iterable, Sequence
from hashlib import file_digest
from pathlib import Path

import duckdb

from rempart.adapters.postgres.queries import queries
from rempart.adapters.segments.engine import MEMORY, opened, quoted
from rempart.adapters.segments.parquet import write_entries
from rempart.adapters.segments.shelf import FolderSegments
from rempart.domain.disclosure import EntryType, Outcome
from rempart.domain.finding import Finding, Whose
from rempart.domain.scope import Attempt, contradicted
from rempart.usecases.exercise_mark import ending, heading
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.scope_list import (
    HEADER,
    WORDS,
    domain_words,
    field_words,
    presence_words,
)
from rempart.usecases.scope_ports import Judged, Moved, OfInsurer

SQL = queries("scope", "rempart.adapters.segments")
VERDICTS = {word: verdict for verdict, word in WORDS.items()}
LIST = "FORMAT csv, HEADER true, QUOTE '', ESCAPE '', DELIMITER '\\x01'"


class DuckScope:
    """``shelf`` holds the closed days; ``scratch`` is a folder of one's own, ``made`` the list."""

    def __init__(
        self, shelf: FolderSegments, scratch: Path, made: Path, *, memory: str = MEMORY
    ) -> None:
        self.shelf, self.scratch, self.made, self.memory = shelf, scratch, made, memory
        self.added: list[Path] = []

    def add(self, entries: Iterable[StoredEntry], *, days: Sequence[tuple[int, str]]) -> None:
        """Take entries that are in no closed day, in the same shape."""
        file = self.scratch / f"added-{len(self.added)}.parquet"
        earlier = [(period, self.shelf.file(day)) for period, day in days]
        earlier += [(0, each) for each in self.added]
        write_entries(entries, file, earlier=earlier)
        self.added.append(file)

    def erased(self, day: str) -> Sequence[tuple[int, int]]:
        """Ranges of a closed day of which only leaf hashes are left."""
        with opened([self.shelf.folder], self.scratch) as engine:
            file = str(self.shelf.file(day))
            return engine.execute(SQL["erased"], {"file": file}).fetchall()

    def judge(
        self,
        days: Sequence[str],
        finding: Finding,
        *,
        size: int,
        clears: bool,
        exercise: bool = False,
    ) -> Judged:
        """Judge what the accounts of the finding asked in the first ``size`` entries."""
        files = [*(self.shelf.file(day) for day in days), *self.added]
        with opened([self.shelf.folder], self.scratch, memory=self.memory) as engine:
            _ready(engine, files, finding, size)
            _refuse_contradiction(engine)
            engine.execute(SQL["answered"])
            engine.execute(SQL["facts"])
            engine.execute(SQL["people"], {"clears": clears})
            self._write_list(engine, exercise=exercise)
            return self._judged(engine)

    def _write_list(self, engine: duckdb.DuckDBPyConnection, *, exercise: bool) -> None:
        masks = engine.execute(SQL["masks"]).fetchall()
        said = [
            f"{field_words(fields)};{domain_words(domains)};{presence_words(presences)}"
            for fields, domains, presences in masks
        ]
        columns = [list(column) for column in zip(*masks, strict=True)] or [[], [], []]
        names = dict(zip(("fields", "domains", "presences"), columns, strict=True))
        engine.execute(SQL["words"], {**names, "said": said})
        engine.execute(SQL["shared"])
        select = SQL["list"].format(
            heading=heading(HEADER, exercise=exercise), ending=ending(exercise=exercise)
        )
        engine.execute(f"COPY ({select}) TO {quoted(str(self.made))} ({LIST})")

    def _judged(self, engine: duckdb.DuckDBPyConnection) -> Judged:
        insurers = [OfInsurer(*row) for row in engine.execute(SQL["insurers"]).fetchall()]
        spoilt = engine.execute(SQL["spoilt_counts"]).fetchall()
        persons = engine.execute(SQL["persons"]).fetchone()
        assert persons is not None
        return Judged(
            insurers=insurers,
            attempts=[
                (Attempt(Whose(whose), Outcome(outcome)), count)
                for whose, outcome, count in engine.execute(SQL["in_vain"]).fetchall()
            ],
            unopened=[(Whose(w), n) for kind, w, n in spoilt if kind == EntryType.UNOPENED],
            canaries=[(Whose(w), n) for kind, w, n in spoilt if kind == EntryType.CANARY],
            met=frozenset(bytes(row[0]) for row in engine.execute(SQL["met"]).fetchall()),
            digest=digest_of(self.made),
            people=sum(sum(each[1:]) for each in insurers),
            persons=persons[0],
        )


def _ready(
    engine: duckdb.DuckDBPyConnection, files: Sequence[Path], finding: Finding, size: int
) -> None:
    suspects = finding.suspects
    sessions = [(each.hex(), Whose.THIEF.value) for each in sorted(finding.thief)]
    sessions += [(each.hex(), Whose.OWNER.value) for each in sorted(finding.owner)]
    engine.execute(
        SQL["suspects"],
        {
            "numbers": [each.number for each in suspects],
            "stolen": [each.stolen for each in suspects],
            "contained": [each.contained for each in suspects],
            "rest": [each.rest.value for each in suspects],
        },
    )
    engine.execute(
        SQL["named"],
        {"sessions": [s for s, _ in sessions], "whose": [whose for _, whose in sessions]},
    )
    listed = ", ".join(quoted(str(file)) for file in files)
    everything = f"SELECT * FROM read_parquet([{listed}]) WHERE idx < {size:d}"  # noqa: S608
    engine.execute(f"CREATE TEMP VIEW entries AS {everything}")
    windows = finding.gateway
    given = {"since": [w.since for w in windows], "until": [w.until for w in windows]}
    engine.execute(SQL["windows"], given)
    # The usual one reads but the pages of the accounts in question.
    engine.execute(SQL["passed" if windows else "asked"])
    engine.execute(SQL["spoilt"])


def _refuse_contradiction(engine: duckdb.DuckDBPyConnection) -> None:
    found = engine.execute(SQL["contradiction"]).fetchone()
    if found is not None:
        raise contradicted(found[0], early=found[1])


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").digest()


def moved(before: Path, after: Path, scratch: Path) -> list[Moved]:
    """How many people went from which part to which between two lists."""
    with opened([before.parent, after.parent], scratch) as engine:
        files = {"before": str(before), "after": str(after)}
        rows = engine.execute(SQL["moved"], files).fetchall()
    return [Moved(VERDICTS.get(old), VERDICTS.get(new), count) for old, new, count in rows]
