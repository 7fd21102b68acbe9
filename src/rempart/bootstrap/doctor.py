"""The doctor's assembly: looks at files and at the database, opens no key."""

import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from rempart.adapters.checkpoint_file import read_checkpoint
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.doctor import ask_database
from rempart.config import Instance, Settings
from rempart.domain.errors import KeyMissing, KeyReadableByOthers, TemporarilyUnavailable
from rempart.usecases.examine_setup import Database, Facts, PrivateFile


def facts(settings: Settings) -> Facts:
    """This installation, as found."""
    database, entries = _database(settings)
    return Facts(
        production=settings.instance is Instance.PRODUCTION,
        private={path.name: _private(path) for path in _private_files(settings)},
        database_under_keys=settings.postgres.exists() and settings.keys.exists(),
        remembers=read_checkpoint(settings.checkpoint_file) is not None,
        entries=entries,
        certificate_days=_days_left(settings.tls / "gateway.pem"),
        database=database,
    )


def _private_files(settings: Settings) -> Iterator[Path]:
    for folder, pattern in (
        (settings.keys, "*.key*"),
        (settings.secrets, "*.conninfo"),
        (settings.secrets, "*.pgpass"),
        (settings.tls, "*.key"),
        (settings.checkpoint_file.parent, "checkpoint"),
    ):
        for path in sorted(folder.glob(pattern)):
            if path.suffix != ".lock":
                yield path


def _private(path: Path) -> PrivateFile:
    found = path.stat()
    return PrivateFile(mode=stat.S_IMODE(found.st_mode), owner=found.st_uid)


def _database(settings: Settings) -> tuple[Database | None, bool]:
    try:
        with closing(connect("auditor", settings)) as connection:
            return ask_database(connection)
    except (TemporarilyUnavailable, KeyMissing, KeyReadableByOthers):
        return None, False


def _days_left(path: Path) -> int | None:
    if not path.exists():
        return None
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    return (ends - datetime.now(UTC)).days
