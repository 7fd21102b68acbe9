"""Files that are there whole or not at all, and stay there when the power goes."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from rempart.domain.errors import TemporarilyUnavailable


def write_whole(path: Path, data: bytes, *, mode: int) -> None:
    """Put ``data`` there instead of what is there, durably; others see the one or the other."""
    write_pieces(path, [data], mode=mode)


def write_pieces(path: Path, pieces: Iterable[bytes], *, mode: int) -> bytes:
    """The same, piece by piece; the SHA-256 of all of it."""
    digest = sha256()
    draft = path.with_name(f".{path.name}.new")
    # What a killed writer left behind may be another's to read.
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(file, "wb") as stream:
        for piece in pieces:
            stream.write(piece)
            digest.update(piece)
        stream.flush()
        os.fsync(file)
    give_name(draft, path)
    return digest.digest()


def give_name(draft: Path, path: Path) -> None:
    """Rename a file that is on disk already, durably."""
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def told_of_disk(what: str) -> Iterator[None]:
    """A disk that refuses is told as that; ``what`` is what was being written.

    Raises:
        TemporarilyUnavailable: it is full, or not ours to write.
    """
    try:
        yield
    except OSError as error:
        why = error.strerror or "the disk"
        raise TemporarilyUnavailable(
            f"{what} was not written ({why}): run the same again, it goes on"
        ) from None
