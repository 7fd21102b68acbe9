"""Files that their owner alone may read: written whole or not at all, read only if they are so."""

import os
from pathlib import Path

from rempart.adapters.durable import give_name
from rempart.domain.errors import KeyMissing, KeyReadableByOthers, SetUpRefused


def read_private(path: Path) -> str:
    """The text of a file that its owner alone may read.

    Raises:
        KeyMissing: no such file, or not for us.
        KeyReadableByOthers: others can read it.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        raise KeyMissing(f"no {path.name} that this process can read") from None
    with os.fdopen(file, encoding="utf-8") as stream:
        if os.fstat(file).st_mode & 0o077:
            raise KeyReadableByOthers(f"{path.name} can be read by others: chmod 600")
        return stream.read().strip()


def write_private(path: Path, text: str) -> None:
    """Put ``text`` there for the owner alone: whole or not at all, and durably.

    Raises:
        SetUpRefused: we may not write there.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise SetUpRefused(f"no permission to write in {path.parent}") from None
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        _keep_owner(path, file)
        stream.write(text + "\n")
        stream.flush()
        os.fsync(file)
    give_name(draft, path)


def _keep_owner(path: Path, file: int) -> None:
    """A file that root writes again still belongs to the process that reads it."""
    if os.geteuid() == 0 and path.exists():
        owner = path.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
