"""The assembly of measures: to attest them, and to read what was attested.

home/measures/   the evidence, each document under its SHA-256; the vault's user writes it

To attest is the vault's own user's: its database role, its socket. To read is the auditor's, and
needs neither vault nor key; a ledger that was exported is read without a database.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rempart.adapters.evidence_folder import FolderEvidence
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.incidents import PostgresIncidents
from rempart.adapters.system import SystemClock
from rempart.bootstrap.auditor import database_view, folder_view
from rempart.bootstrap.measure_world import InstalledWorld
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.attestation import Attestation
from rempart.domain.disclosure import Entry, EntryType, decode
from rempart.tlog.checkpoint import open_checkpoint
from rempart.usecases.attest_measures import AttestMeasures
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.messages import Reply, Request
from rempart.usecases.prove_entry import ProveEntry
from rempart.usecases.read_measures import ReadMeasures

READ = frozenset({EntryType.DECISION, EntryType.CONTAINMENT})


def attesting(
    settings: Settings, vault: Callable[[Request], Reply], *, audits: bool = True
) -> AttestMeasures:
    """The attestation of this installation; ``vault`` asks the vault."""
    return AttestMeasures(
        world=InstalledWorld(settings, vault, audits),
        shelf=FolderEvidence(settings.measures),
        vault=vault,
        origin=settings.log_origin,
        instance=settings.instance.value,
    )


@dataclass(frozen=True, slots=True)
class DecidedIn:
    """``Decided`` in a ledger that was exported: every entry is looked at."""

    view: LedgerView

    def decided(self) -> Iterator[tuple[int, Entry, bytes]]:
        """Decisions and moves."""
        for stored in self.view.entries():
            if stored.body is not None and (entry := decode(stored.body)).type in READ:
                yield stored.index, entry, stored.detail or b""


@contextmanager
def reading(
    settings: Settings, *, ledger: Path | None = None, evidence: Path | None = None
) -> Iterator[ReadMeasures]:
    """What was attested: here, or in an exported ``ledger`` and a copy of the ``evidence``."""
    shelf = FolderEvidence(evidence or settings.measures)
    now = SystemClock().now()
    if ledger is not None:
        yield ReadMeasures(DecidedIn(folder_view(ledger)), shelf, now, settings.sandbox)
        return
    with closing(PostgresIncidents(partial(connect, "auditor", settings))) as book:
        yield ReadMeasures(book, shelf, now, settings.sandbox)


def proven_under(
    settings: Settings, attestation: Attestation, *, ledger: Path | None = None
) -> int | None:
    """Under how many signed entries an attestation is proven; none where none signs it yet.

    Raises:
        LedgerBroken: the ledger cannot prove it: it is not what was signed.
        SetUpRefused: the vault's public key is not here.
    """
    key = vault_key(settings.vault_key_file)
    with _view(settings, ledger) as view:
        last = view.last_checkpoint()
        if last is None or attestation.ref >= last.size:
            return None
        proof = ProveEntry(view, key)(attestation.ref, with_detail=True)
    return open_checkpoint(proof.checkpoint, key).size


@contextmanager
def _view(settings: Settings, ledger: Path | None) -> Iterator[LedgerView]:
    if ledger is not None:
        yield folder_view(ledger)
        return
    with database_view(settings) as view:
        yield view
