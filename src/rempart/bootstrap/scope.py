"""The assembly of a scope: closed days, the open ledger where it can be reached, DuckDB."""

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from rempart.adapters.segments.scope import DuckScope, digest_of
from rempart.adapters.segments.scope_folder import NAME, ScopeFolder
from rempart.adapters.segments.shelf import FolderSegments
from rempart.domain.errors import IntegrityBroken, MalformedIdentifier
from rempart.domain.finding import Finding, finding_of, of_exercise
from rempart.tlog.note import NoteVerifier
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.scope_check import Verified
from rempart.usecases.scope_file import MovedSaid, ScopeFile, read_scope
from rempart.usecases.scope_ledger import ScopeLedger
from rempart.usecases.scope_list import WORDS
from rempart.usecases.scope_ports import Heard, Step

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
    days: Path, ledger: LedgerView | None, key: NoteVerifier, scratch: Path, heard: Heard | None
) -> Iterator[tuple[ScopeLedger, Path]]:
    """The scoping, and where the list of people will lie."""
    shelf, made = FolderSegments(days), scratch / LIST
    if heard is None:
        yield ScopeLedger(shelf, ledger, DuckScope(shelf, scratch, made), key), made
        return
    engine = DuckScope(shelf, scratch, made, told=lambda done: heard(Step.JUDGED, done, 100))
    yield ScopeLedger(shelf, ledger, engine, key, heard), made


def make_scope(
    folder: ScopeFolder,
    finding: Finding,
    *,
    days: Path,
    ledger: LedgerView | None,
    key: NoteVerifier,
    now: int,
    exercise: bool = False,
    heard: Heard | None = None,
) -> ScopeFile:
    """The next scope of a folder; the last one where neither finding nor checkpoint has changed.

    Raises:
        MalformedIdentifier: the finding contradicts itself, or the ledger it.
        IntegrityBroken: the entries are not what was signed.
    """
    with folder.scratch() as scratch, scoping(days, ledger, key, scratch, heard) as (scope, made):
        last = folder.last()
        number = last.number + 1 if last else 1
        said = scope(finding, number=number, now=now, exercise=exercise)
        if last is None:
            folder.keep(said, made)
            return said
        if last.judged() == said.judged():
            return last
        said = msgspec.structs.replace(
            said,
            before=folder.digest(last.number),
            moved=_moved(folder, last, said, made),
        )
        folder.keep(said, made)
        return said


def _moved(
    folder: ScopeFolder, last: ScopeFile, said: ScopeFile, made: Path
) -> tuple[MovedSaid, ...]:
    """Who has moved since the last scope of a folder; ``made`` is the list of ``said``."""
    if last.list == said.list:
        # One list, whatever was entered since: nobody has moved.
        return ()
    return tuple(
        MovedSaid(WORDS[old] if old else None, WORDS[new] if new else None, count)
        for old, new, count in folder.moved(last.number, made, made.parent)
    )


def verify_scope(
    path: Path,
    *,
    days: Path,
    ledger: LedgerView | None,
    key: NoteVerifier,
    now: int,
    heard: Heard | None = None,
) -> Verified:
    """Return if the scope in a file comes out again, and what of it nobody could verify here.

    Raises:
        IntegrityBroken: another one does, or another was before it.
        Refusal: the file is no scope.
    """
    said, folder = read_scope(path.read_bytes()), ScopeFolder(path.parent)
    if (name := NAME.fullmatch(path.name)) and int(name[1]) != said.number:
        raise IntegrityBroken("another scope comes out: number, its file has another one")
    with (
        TemporaryDirectory(prefix="rempart-scope-") as scratch,
        scoping(days, ledger, key, Path(scratch), heard) as (scope, made),
    ):
        verified = scope.recompute(said, now=now)
        followed = _follows(folder, said, made)
    again = verified.scope
    if followed:
        again = msgspec.structs.replace(again, before=said.before, moved=said.moved)
    return replace(verified, scope=again, followed=followed)


def _follows(folder: ScopeFolder, said: ScopeFile, made: Path) -> bool:
    """Whether it goes on from the scope before it; false where that, or its list, is not here.

    Raises:
        IntegrityBroken: it does not.
    """
    if said.before is None:
        return True
    number = said.number - 1
    if not folder.file(number).exists():
        return False
    last = read_scope(folder.file(number).read_bytes())
    if folder.digest(number) != said.before or last.number != number:
        raise IntegrityBroken("another scope comes out: before, as it lies beside")
    if not folder.list_of(number).exists():
        return False
    if digest_of(folder.list_of(number)).hex() != last.list:
        raise IntegrityBroken(f"{folder.list_of(number).name} is not the list of its scope")
    if _moved(folder, last, said, made) != said.moved:
        raise IntegrityBroken("another scope comes out: moved")
    return True
