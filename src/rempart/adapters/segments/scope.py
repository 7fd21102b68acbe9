"""A scope judged by one SQL text over closed days and what follows them: ``ScopeEngine``."""

from collections.abc import Callable, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Any

import duckdb

from rempart.adapters.postgres.queries import queries
from rempart.adapters.segments.engine import MEMORY, opened, quoted
from rempart.adapters.segments.entries import DuckEntries, see
from rempart.adapters.segments.progress import watched
from rempart.adapters.segments.shelf import FolderSegments
from rempart.domain.disclosure import EntryType, Outcome
from rempart.domain.finding import Finding, Whose
from rempart.domain.scope import Attempt, contradicted
from rempart.usecases.exercise_mark import ending, heading
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
STEPS = 6
"""Of the judging, of like length roughly."""
LIST = "FORMAT csv, HEADER true, QUOTE '', ESCAPE '', DELIMITER '\\x01'"


class DuckScope(DuckEntries):
    """``made`` is the list; ``told`` hears how many of a hundred parts of the judging are over."""

    def __init__(
        self,
        shelf: FolderSegments,
        scratch: Path,
        made: Path,
        *,
        memory: str = MEMORY,
        told: Callable[[int], object] | None = None,
    ) -> None:
        super().__init__(shelf, scratch, memory=memory)
        self.made, self.told = made, told

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
        files = self.files(days)
        with (
            opened([self.shelf.folder], self.scratch, memory=self.memory) as engine,
            watched(engine, self.told, steps=STEPS) as passed,
        ):
            _ready(engine, files, finding, size)
            passed()
            _refuse_contradiction(engine)
            passed()
            engine.execute(SQL["answered"])
            engine.execute(SQL["facts"])
            passed()
            engine.execute(SQL["people"], {"clears": clears})
            passed()
            self._write_list(engine, exercise=exercise)
            passed()
            judged = self._judged(engine)
            passed()
            return judged

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
            asked=frozenset(row[0] for row in engine.execute(SQL["who_asked"]).fetchall()),
            digest=digest_of(self.made),
            people=sum(sum(each[1:]) for each in insurers),
            persons=persons[0],
        )


def _ready(
    engine: duckdb.DuckDBPyConnection, files: Sequence[Path], finding: Finding, size: int
) -> None:
    suspects = finding.suspects
    engine.execute(
        SQL["suspects"],
        {
            "numbers": [each.number for each in suspects],
            "stolen": [each.stolen for each in suspects],
            "contained": [each.contained for each in suspects],
            "rest": [each.rest.value for each in suspects],
        },
    )
    engine.execute(SQL["named"], _named(finding))
    see(engine, files, size)
    windows = finding.gateway
    given = {"since": [w.since for w in windows], "until": [w.until for w in windows]}
    engine.execute(SQL["windows"], given)
    # The usual one reads but the pages of the accounts in question.
    engine.execute(SQL["passed" if windows else "asked"])
    engine.execute(SQL["spoilt"])


def _named(finding: Finding) -> dict[str, list[Any]]:
    """Its sessions, by column."""
    rows = [(each, Whose.THIEF, False) for each in sorted(finding.thief)]
    rows += [(each, Whose.OWNER, False) for each in sorted(finding.owner)]
    rows += [(each, Whose.OWNER, True) for each in sorted(finding.keyed)]
    return {
        "sessions": [session.hex() for session, _, _ in rows],
        "whose": [whose.value for _, whose, _ in rows],
        "keyed": [keyed for _, _, keyed in rows],
    }


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
