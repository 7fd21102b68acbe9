"""Files that are there whole or not at all, and stay there when the power goes."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, *, mode: int) -> None:
    """Put ``data`` there instead of what is there, durably; others see the one or the other."""
    draft = path.with_name(f".{path.name}.new")
    # What a killed writer left behind may be another's to read.
    draft.unlink(missing_ok=True)
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(file, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(file)
    give_name(draft, path)


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
