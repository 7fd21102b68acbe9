"""The vault's public key, for whoever verifies: no database, no other key."""

from pathlib import Path

from rempart.domain.errors import SetUpRefused
from rempart.tlog.errors import TlogError
from rempart.tlog.note import NoteVerifier


def vault_key(path: Path) -> NoteVerifier:
    """The vault's public key, from the file that it leaves beside its checkpoint.

    Raises:
        SetUpRefused: no such file, or not for us, or no key in it.
    """
    try:
        return NoteVerifier.parse(path.read_text().strip())
    except (OSError, TlogError):
        raise SetUpRefused("no public key of the vault here; give one with --key") from None
