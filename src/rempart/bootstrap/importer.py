"""The importer's assembly: index and outer keys, the key of feeds, sealed tables; no socket.

Beside it what shares its tables and keys: erasure under the same role; rotation, which is the
vault's business and runs under the vault's role; registration, which makes an insurer's keys.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from rempart.adapters.keys.operators import trusted_operators
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.members import PostgresMembers
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.postgres.rotation import PostgresLockVault
from rempart.adapters.system import SystemChance
from rempart.adapters.vaultdoor.readers import VaultReaders
from rempart.bootstrap.keyrings import importer_keyring, rights_keyring
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.usecases.erase_members import EraseMembers
from rempart.usecases.import_members import ImportMembers
from rempart.usecases.platform_keys import feed_key
from rempart.usecases.register_insurer import RegisterInsurer
from rempart.usecases.rotate_keys import RotateKeys


def operators_folder(settings: Settings) -> Path:
    """Public keys of the operators that this installation trusts."""
    return settings.home / "operators"


@contextmanager
def importer(settings: Settings) -> Iterator[ImportMembers]:
    """The import, under the database role ``importer``."""
    open_database = partial(connect, "importer", settings)
    with (
        closing(PostgresMembers(open_database)) as members,
        closing(PostgresRegistry(open_database, people=False)) as registry,
    ):
        yield ImportMembers(
            store=members,
            registry=registry,
            rights_keys=rights_keyring(settings),
            feed_keys=importer_keyring(settings),
            chance=SystemChance(),
        )


@contextmanager
def eraser(settings: Settings) -> Iterator[EraseMembers]:
    """The erasure, under the database role ``importer``."""
    with closing(PostgresMembers(partial(connect, "importer", settings))) as members:
        yield EraseMembers(members=members, months=settings.limits.lock_months)


@contextmanager
def rotation(settings: Settings, *, vault_off: bool) -> Iterator[RotateKeys]:
    """The rotation, under the database role ``vault``; a vault that runs is told of new keys."""
    with closing(PostgresLockVault(partial(connect, "vault", settings))) as locks:
        yield RotateKeys(
            locks=locks,
            keyrings=[rights_keyring(settings)],
            readers=VaultReaders([] if vault_off else [settings.vault_socket]),
            chance=SystemChance(),
        )


@contextmanager
def registration(settings: Settings) -> Iterator[RegisterInsurer]:
    """The registration of insurers, with the owner's role."""
    with registrar(settings) as registry:
        yield RegisterInsurer(
            registry=registry,
            operators=trusted_operators(operators_folder(settings)),
            keyrings=[rights_keyring(settings)],
            chance=SystemChance(),
            sandbox=settings.sandbox,
        )


def platform_key(settings: Settings) -> bytes:
    """The public key that insurers seal their feeds to; X25519, 32 bytes."""
    return feed_key(importer_keyring(settings), SystemChance())
