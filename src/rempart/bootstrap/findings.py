"""The assemblies of a proposed finding: of this installation, and of copies of a ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rempart.adapters.segments.questions import DuckQuestions
from rempart.adapters.segments.shelf import FolderSegments
from rempart.bootstrap.days import shelf_of
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.tlog.note import NoteVerifier
from rempart.usecases.find_elsewhere import FindElsewhere
from rempart.usecases.incident_ports import Evidence
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.propose_finding import ProposeFinding
from rempart.usecases.trail_of_days import closed_days, trail_of

SCRATCH = "rempart-finding-"


@contextmanager
def proposing(settings: Settings, evidence: Evidence) -> Iterator[ProposeFinding]:
    """From closed days where there are any, and from the database for the rest.

    Raises:
        IntegrityBroken: a closed day is not what was signed; it is named.
        SetUpRefused: days are closed, and the vault's public key is not here.
    """
    shelf = shelf_of(settings)
    if not shelf.notes():
        yield ProposeFinding(evidence)
        return
    days = closed_days(shelf, vault_key(settings.vault_key_file))
    with TemporaryDirectory(prefix=SCRATCH) as scratch:
        engine = DuckQuestions(shelf, Path(scratch))
        yield ProposeFinding(trail_of(evidence, shelf, engine, days))


@contextmanager
def finding_elsewhere(
    days: Path, ledger: LedgerView | None, key: NoteVerifier, *, sandbox: bool
) -> Iterator[FindElsewhere]:
    """From copies: closed days, and an exported ledger where there is one."""
    shelf = FolderSegments(days)
    with TemporaryDirectory(prefix=SCRATCH) as scratch:
        yield FindElsewhere(shelf, ledger, DuckQuestions(shelf, Path(scratch)), key, sandbox)
