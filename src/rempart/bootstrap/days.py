"""The assemblies around closed days: closing them, opening a table, reading what lies there."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from rempart.adapters.durable import write_whole
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.handles import PostgresHandles
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.private_files import read_private, write_private
from rempart.adapters.segments.shelf import FolderSegments
from rempart.adapters.segments.tables import FolderTables
from rempart.adapters.system import SystemChance
from rempart.bootstrap.keyrings import vault_keyring
from rempart.config import Settings
from rempart.domain.errors import MalformedIdentifier, SetUpRefused
from rempart.domain.insurer import b64, unb64
from rempart.tlog.note import NoteVerifier
from rempart.usecases.close_days import CloseDays
from rempart.usecases.retain_days import DropDays
from rempart.usecases.sign_notes import checkpoint_key

KEY_SIZE = 32


def make_incident_key(settings: Settings, private: Path) -> None:
    """Make the incident key: its private half at ``private``, the other one where days are closed.

    Raises:
        SetUpRefused: one is there already.
    """
    if private.exists() or settings.incident_key_file.exists():
        raise SetUpRefused("an incident key exists already: move it away to make another")
    secret = SystemChance().draw(KEY_SIZE)
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    write_private(private, b64(secret))
    settings.incident_key_file.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    write_whole(settings.incident_key_file, f"{b64(public)}\n".encode(), mode=0o644)


def incident_key(private: Path) -> bytes:
    """The private half in a file.

    Raises:
        KeyMissing: no such file.
        KeyReadableByOthers: others can read it.
        SetUpRefused: it holds no key.
    """
    try:
        return unb64(read_private(private), "key", KEY_SIZE)
    except MalformedIdentifier:
        raise SetUpRefused(f"{private.name} does not hold an incident key") from None


def public_incident_key(settings: Settings) -> bytes:
    """The public half.

    Raises:
        SetUpRefused: none was made.
    """
    try:
        return unb64(settings.incident_key_file.read_text().strip(), "key", KEY_SIZE)
    except (OSError, MalformedIdentifier):
        raise SetUpRefused(
            "no incident key here: make one with rempart ledger incident-key, and keep it apart"
        ) from None


def shelf_of(settings: Settings) -> FolderSegments:
    """The closed days of this installation."""
    return FolderSegments(settings.segments)


def tables_of(settings: Settings) -> FolderTables:
    """Their tables."""
    return FolderTables(settings.tables)


@contextmanager
def closing(settings: Settings) -> Iterator[tuple[CloseDays, int]]:
    """The closing of days, under the vault's role and keyring; and how many entries are signed.

    Raises:
        SetUpRefused: no incident key.
    """
    public, keys, chance = public_incident_key(settings), vault_keyring(settings), SystemChance()
    own = partial(connect, "vault", settings)
    with ledger_view(own) as view, own() as reading:
        last = view.last_checkpoint()
        close = CloseDays(
            ledger=view,
            shelf=shelf_of(settings),
            tables=tables_of(settings),
            handles=PostgresHandles(reading),
            keys=keys,
            chance=chance,
            signer=checkpoint_key(keys, chance, origin=settings.log_origin),
            incident=public,
        )
        yield close, last.size if last else 0


def dropping(settings: Settings, key: NoteVerifier) -> DropDays:
    """The end of days."""
    return DropDays(shelf_of(settings), tables_of(settings), key)
