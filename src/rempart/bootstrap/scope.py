"""The assembly of a scope: closed days, the open ledger where it can be reached, DuckDB."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from rempart.adapters.segments.scope import DuckScope
from rempart.adapters.segments.scope_folder import ScopeFolder
from rempart.adapters.segments.shelf import FolderSegments
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import Finding, finding_of, of_exercise
from rempart.tlog.note import NoteVerifier
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.scope_file import MovedSaid, ScopeFile
from rempart.usecases.scope_ledger import ScopeLedger
from rempart.usecases.scope_list import WORDS

LIST = "people.csv"


def read_finding(path: Path) -> tuple[Finding, bool]:
    """The finding in a TOML or JSON file, and whether it is one of an exercise.

    Raises:
        MalformedIdentifier: it is none; the field and the rule are named.
    """
    try:
        text = path.read_text("utf-8")
        said = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return finding_of(said), of_exercise(said)
    except (UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedIdentifier(path.name, f"it does not read: {error}") from None
    except RecursionError:
        raise MalformedIdentifier(path.name, "it does not read: nested too deep") from None


@contextmanager
def scoping(
    days: Path, ledger: LedgerView | None, key: NoteVerifier, scratch: Path
) -> Iterator[tuple[ScopeLedger, Path]]:
    """The scoping, and where the list of people will lie."""
    shelf, made = FolderSegments(days), scratch / LIST
    yield ScopeLedger(shelf, ledger, DuckScope(shelf, scratch, made), key), made


def make_scope(
    folder: ScopeFolder,
    finding: Finding,
    *,
    days: Path,
    ledger: LedgerView | None,
    key: NoteVerifier,
    now: int,
    exercise: bool = False,
) -> ScopeFile:
    """The next scope of a folder; the last one where neither finding nor checkpoint has changed.

    Raises:
        MalformedIdentifier: the finding contradicts itself, or the ledger it.
        IntegrityBroken: the entries are not what was signed.
    """
    with folder.scratch() as scratch, scoping(days, ledger, key, scratch) as (scope, made):
        last = folder.last()
        number = last.number + 1 if last else 1
        said = scope(finding, number=number, now=now, exercise=exercise)
        if last is None:
            folder.keep(said, made)
            return said
        if last.judged() == said.judged():
            return last
        # One list, whatever was entered since: nobody has moved.
        moves = [] if last.list == said.list else folder.moved(last.number, made, scratch)
        said = msgspec.structs.replace(
            said,
            before=folder.digest(last.number),
            moved=tuple(
                MovedSaid(WORDS[old] if old else None, WORDS[new] if new else None, count)
                for old, new, count in moves
            ),
        )
        folder.keep(said, made)
        return said


def verify_scope(
    said: ScopeFile, *, days: Path, ledger: LedgerView | None, key: NoteVerifier, now: int
) -> ScopeFile:
    """Return if the same scope comes out again.

    Raises:
        IntegrityBroken: another one does.
    """
    with (
        TemporaryDirectory(prefix="rempart-scope-") as scratch,
        scoping(days, ledger, key, Path(scratch)) as (scope, _),
    ):
        return scope.recompute(said, now=now)
