"""Files inside a folder that others may write too: no link is followed, no pipe is waited for.

Everything goes through the folder's own descriptor: whoever moves or links things there meanwhile
leads us nowhere else.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

PIECE = 1 << 20
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def folder_at(path: str, *, inside: int | None = None) -> Iterator[int]:
    """A folder's descriptor, itself no link.

    Raises:
        OSError: it is no folder, or not for us.
    """
    folder = os.open(path, FOLDER, dir_fd=inside)
    try:
        yield folder
    finally:
        os.close(folder)


def pieces_of(name: str, *, inside: int) -> Iterator[bytes]:
    """A file, piece by piece.

    Raises:
        OSError: it is none, or not for us.
    """
    with os.fdopen(os.open(name, READ, dir_fd=inside), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise FileNotFoundError(name)
        while piece := stream.read(PIECE):
            yield piece


def text_of(name: str, most: int, *, inside: int) -> str | None:
    """A short text; nothing where there is no such file, it is too long, or no text.

    Raises:
        OSError: it cannot be read.
    """
    held = b""
    with suppress(FileNotFoundError):
        for piece in pieces_of(name, inside=inside):
            held += piece
            if len(held) > most:
                return None
        try:
            return held.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return None


def write_new(name: str, pieces: Iterable[bytes], *, inside: int, mode: int) -> None:
    """A new file, durable but for its name.

    Raises:
        OSError: it is there, or cannot be written.
    """
    with os.fdopen(os.open(name, WRITE, 0o600, dir_fd=inside), "wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        os.fchmod(stream.fileno(), mode)
        os.fsync(stream.fileno())
