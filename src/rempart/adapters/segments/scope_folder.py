"""Scopes of one incident in a folder: numbered, each with its list of people, none written twice.

scope-0001.json   scope-0001.csv   scope-0002.json …   The list comes first: a scope without its
JSON is none, and its number is given again.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from rempart.adapters.durable import sync_folder, told_of_disk, write_whole
from rempart.adapters.segments.scope import digest_of, moved
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.scope_file import ScopeFile, read_scope
from rempart.usecases.scope_ports import Moved

NAME, SCRATCH = re.compile(r"scope-([0-9]{4,})\.json"), ".scope-"


class ScopeFolder:
    """The scopes in ``folder``, for whoever may read pseudonyms: closed to others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def numbers(self) -> list[int]:
        """Numbers of the scopes that are there."""
        names = [NAME.fullmatch(path.name) for path in self.folder.glob("scope-*.json")]
        return sorted(int(name[1]) for name in names if name is not None)

    def last(self) -> ScopeFile | None:
        """The last one."""
        numbers = self.numbers()
        return read_scope(self.file(numbers[-1]).read_bytes()) if numbers else None

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder to work in, on the same disk, gone at the end; for one process at a time.

        What a killed run left in its own goes first: whose pseudonyms are whose may lie there.

        Raises:
            TemporarilyUnavailable: another process works here, or the disk refuses.
        """
        with told_of_disk("what this makes"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._alone(), TemporaryDirectory(prefix=SCRATCH, dir=self.folder) as folder:
                yield Path(folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        file = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in self.folder.glob(f"{SCRATCH}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
        except BlockingIOError:
            raise TemporarilyUnavailable("another run makes these files: let it end") from None
        finally:
            os.close(file)

    def digest(self, number: int) -> str:
        """SHA-256 of a scope's file."""
        return sha256(self.file(number).read_bytes()).hexdigest()

    def moved(self, number: int, made: Path, scratch: Path) -> list[Moved]:
        """How many people went from which part to which between a scope and a new list."""
        return moved(self.list_of(number), made, scratch)

    def keep(self, scope: ScopeFile, made: Path) -> Path:
        """Put a scope and its list there, durably; where it lies.

        A list that is that of the last scope is kept once, under both names.
        """
        last, listed = self.last(), self.list_of(scope.number)
        if last is None or last.list != scope.list or not self._linked(last, made):
            with made.open("rb") as stream:
                os.fsync(stream.fileno())
            made.chmod(0o600)
        made.replace(listed)
        sync_folder(self.folder)
        write_whole(self.file(scope.number), scope.to_json().encode(), mode=0o600)
        return self.file(scope.number)

    def _linked(self, last: ScopeFile, made: Path) -> bool:
        """Whether ``made`` is now the list of the last scope, and no copy of it."""
        same, link = self.list_of(last.number), made.with_name("same.csv")
        if not same.exists() or digest_of(same).hex() != last.list:
            return False
        try:
            os.link(same, link)
        except OSError:
            return False
        link.replace(made)
        return True

    def file(self, number: int) -> Path:
        """Where a scope lies."""
        return self.folder / f"scope-{number:04d}.json"

    def list_of(self, number: int) -> Path:
        """Where its list of people lies."""
        return self.folder / f"scope-{number:04d}.csv"
