"""The auditor's assembly: reads the ledger, writes nothing, holds no key but the public one."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rempart.adapters.folder_ledger import FolderLedger
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.config import Settings
from rempart.usecases.ledger_view import LedgerView


@contextmanager
def database_view(settings: Settings) -> Iterator[LedgerView]:
    """The ledger in the database, at one moment, under the auditor's role."""
    with ledger_view(partial(connect, "auditor", settings)) as view:
        yield view


def folder_view(folder: Path) -> LedgerView:
    """An exported ledger, whose files are those of its manifest.

    Raises:
        IntegrityBroken: a file was changed since the export.
    """
    return FolderLedger.open(folder)
