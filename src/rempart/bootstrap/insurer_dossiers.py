"""Dossiers at the insurer: folders, its keys, operators' public keys, files of what came of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rempart.adapters.dossier_folder import FolderDossier
from rempart.adapters.durable import give_name
from rempart.adapters.system import SystemChance
from rempart.bootstrap.insurer import InsurerFolder, private_file
from rempart.bootstrap.public_key import vault_key
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.usecases.exercise_mark import EXERCISE
from rempart.usecases.insurer_keys import dossier_key
from rempart.usecases.merge_dossiers import Merged, merge
from rempart.usecases.read_dossier import ReadDossier


def open_dossiers(
    insurer: InsurerFolder,
    folders: Sequence[Path],
    keys: Sequence[Path],
    read: Callable[[int], object] = lambda _: None,
) -> Merged:
    """Each dossier verified and opened, and all of them together.

    Raises:
        IntegrityBroken: one is not what was signed; it is named.
        Refusal: one is not whole, or not ours; it is named.
        SetUpRefused: a file given as a vault's key is none.
    """
    reading = ReadDossier(
        keys=insurer.keys,
        amc=insurer.profile.amc.value,
        vaults=[vault_key(path) for path in keys],
    )
    return merge([reading(str(each), FolderDossier(each), read=read) for each in folders])


def public_dossier_key(insurer: InsurerFolder, *, renew: bool) -> bytes:
    """What operators seal its dossiers to (X25519, 32 bytes)."""
    return dossier_key(insurer.keys, SystemChance(), renew=renew)


def watermarked(path: Path, *, exercise: bool) -> Path:
    """A path whose name says that it is an exercise, where it is one."""
    if not exercise or path.name.startswith(EXERCISE):
        return path
    return path.with_name(f"{EXERCISE}-{path.name}")


@contextmanager
def whole_private_file(path: Path, *, again: bool = False) -> Iterator[TextIO]:
    """A file for the insurer's eyes, which is there once it is whole, or not at all.

    Raises:
        SetUpRefused: it exists, and is not to be made ``again``.
    """
    if path.exists() and not again:
        raise SetUpRefused(f"{path.name} exists already: it is not overwritten")
    draft = path.with_name(f".{path.name}.partial")
    # What a killed run left behind.
    draft.unlink(missing_ok=True)
    try:
        with private_file(draft) as stream:
            yield stream
        give_name(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def disk_told() -> Iterator[None]:
    """A disk that is full, or gone, is told as that.

    Raises:
        TemporarilyUnavailable: it is.
    """
    try:
        yield
    except OSError as error:
        raise TemporarilyUnavailable(
            f"a file was not written ({error.strerror}): make room, and run the same again"
        ) from None
