"""Insurers' drops, as folders of this machine: ``Drop``.

NAME/               a dossier; the insurer's group reads it, where the drop gives its group on
NAME.receipt.note   the insurer's receipt
.NAME.part/         what is being written
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from rempart.adapters.inside import folder_at, text_of, write_new
from rempart.domain.delivery import Hand
from rempart.domain.errors import DropRefused
from rempart.tlog.note import NOTE_SIZE_MAX
from rempart.usecases.delivery_ports import Handed
from rempart.usecases.dossier_manifest import MANIFEST

FOR_THE_GROUP, FOLDER_FOR_THE_GROUP = 0o640, 0o750
REASONS = {
    errno.ENOENT: Hand.NOT_THERE,
    errno.ENOTDIR: Hand.TAKEN,
    errno.EEXIST: Hand.TAKEN,
    errno.ENOTEMPTY: Hand.TAKEN,
    errno.ELOOP: Hand.TAKEN,
    errno.EACCES: Hand.NOT_OURS,
    errno.EPERM: Hand.NOT_OURS,
    errno.EROFS: Hand.NOT_OURS,
    errno.ENOSPC: Hand.FULL,
    errno.EDQUOT: Hand.FULL,
    errno.EFBIG: Hand.FULL,
}


class FolderDrop:
    """Drops by the path of their folder."""

    def put(self, drop: str, name: str, files: Handed) -> None:
        """Leave files in a folder of this name."""
        with drop_at(drop) as folder:
            part = f".{name}.part"
            _clear(part, folder)
            try:
                os.mkdir(part, 0o700, dir_fd=folder)
                with folder_at(part, inside=folder) as inside:
                    for file, pieces in files:
                        write_new(file, pieces, inside=inside, mode=FOR_THE_GROUP)
                    group = os.fstat(inside).st_mode & stat.S_ISGID
                    os.fchmod(inside, FOLDER_FOR_THE_GROUP | group)
                    os.fsync(inside)
                os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
            finally:
                _clear(part, folder)
            os.fsync(folder)

    def manifest(self, drop: str, name: str) -> str | None:
        """The manifest of what lies there under this name."""
        with (
            drop_at(drop) as folder,
            suppress(FileNotFoundError),
            folder_at(name, inside=folder) as inside,
        ):
            return text_of(MANIFEST, NOTE_SIZE_MAX, inside=inside)
        return None

    def receipt(self, drop: str, name: str) -> str | None:
        """The receipt that the insurer has put beside it."""
        with drop_at(drop) as folder:
            return text_of(receipt_name(name), NOTE_SIZE_MAX, inside=folder)

    def acknowledge(self, drop: str, name: str, receipt: str) -> None:
        """Put a receipt there."""
        with drop_at(drop) as folder:
            final = receipt_name(name)
            with suppress(FileNotFoundError):
                os.stat(final, dir_fd=folder, follow_symlinks=False)
                raise DropRefused(Hand.TAKEN)
            draft = f".{final}.part"
            with suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=folder)
            write_new(draft, [receipt.encode()], inside=folder, mode=FOR_THE_GROUP)
            os.rename(draft, final, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)


def receipt_name(name: str) -> str:
    """How the receipt of a dossier is called."""
    return f"{name}.receipt.note"


def probe(drop: str) -> Hand | None:
    """What is wrong with a drop; nothing where a file can be left there: one is, for a moment."""
    name = f".probe-{os.getpid()}"
    try:
        with drop_at(drop) as folder:
            write_new(name, [b""], inside=folder, mode=0o600)
            os.unlink(name, dir_fd=folder)
    except DropRefused as refusal:
        return Hand(refusal.why)
    return None


@contextmanager
def drop_at(drop: str) -> Iterator[int]:
    """A drop, open; what goes wrong in it is said by a word.

    Raises:
        DropRefused: it is no folder of its own, or it refuses.
    """
    check_path(drop)
    try:
        with folder_at(drop) as folder:
            yield folder
    except OSError as error:
        raise DropRefused(REASONS.get(error.errno or 0, Hand.SILENT)) from None


def check_path(drop: str) -> None:
    """Return if a drop is the whole path of a folder, and no link leads there.

    Raises:
        DropRefused: it is not.
    """
    path = PurePosixPath(drop)
    if not path.is_absolute() or ".." in path.parts or "\0" in drop or path == path.parent:
        raise DropRefused(Hand.NO_PATH)
    try:
        real = Path(drop).resolve(strict=True)
    except OSError as error:
        raise DropRefused(REASONS.get(error.errno or 0, Hand.SILENT)) from None
    if real != Path(drop):
        raise DropRefused(Hand.LINK)
    if not real.is_dir():
        raise DropRefused(Hand.NOT_THERE)


def _clear(part: str, folder: int) -> None:
    """Take away what a killed run left; a link is taken away, not followed."""
    try:
        os.unlink(part, dir_fd=folder)
    except FileNotFoundError:
        return
    except OSError:
        with suppress(FileNotFoundError):
            shutil.rmtree(part, dir_fd=folder)
