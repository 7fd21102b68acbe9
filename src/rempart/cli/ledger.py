"""``rempart ledger``: prove an entry, verify everything, export, admit a loss."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from rempart.adapters.checkpoint_file import read_checkpoint
from rempart.adapters.folder_ledger import write_folder
from rempart.adapters.segments.shelf import FolderSegments
from rempart.adapters.system import SystemClock
from rempart.bootstrap.auditor import database_view, folder_view
from rempart.bootstrap.days import dropping, shelf_of
from rempart.bootstrap.incidents import hold_incidents
from rempart.bootstrap.public_key import vault_key
from rempart.bootstrap.registrar import rebuild, retention
from rempart.bootstrap.vault import assemble_ledger
from rempart.cli.ledger_access import access
from rempart.cli.ledger_days import COMMANDS
from rempart.cli.ledger_finding import finding
from rempart.cli.ledger_scope import check_scope, scope
from rempart.cli.watching import progress
from rempart.config import Settings
from rempart.domain.budget import DAY
from rempart.domain.errors import SetUpRefused
from rempart.tlog.checkpoint import Checkpoint, open_checkpoint
from rempart.tlog.errors import TlogError
from rempart.tlog.note import NoteVerifier
from rempart.usecases.admit_loss import AdmitLoss
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.describe_entry import describe
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.prove_entry import ProveEntry, verify_entry_proof
from rempart.usecases.retain_entries import EraseEntries, Hold
from rempart.usecases.verify_days import VerifyDays

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

key_option = click.option(
    "--key",
    "key_file",
    type=FILE,
    help="Clé publique du coffre, obtenue hors de la base · the vault's public key, not from here",
)


@click.group()
def command() -> None:
    """Prouver et vérifier le registre · prove and verify the ledger."""


for each in (*COMMANDS, scope, finding, access):
    command.add_command(each)


@contextmanager
def opened(folder: Path | None) -> Iterator[LedgerView]:
    """The exported folder where one is given, the database otherwise."""
    if folder is not None:
        yield folder_view(folder)
    else:
        with database_view(Settings.from_environ()) as view:
            yield view


def key_of(key_file: Path | None) -> NoteVerifier:
    """The vault's public key: the file given, or the one the vault left on this machine."""
    return vault_key(key_file or Settings.from_environ().vault_key_file)


@command.command()
@click.option("--folder", type=FOLDER, help="Un registre exporté · an exported ledger")
@click.option("--days", type=FOLDER, help="Des jours clos copiés · a copy of closed days")
@click.option("--scope", "scope_file", type=FILE, help="Une portée, à refaire · make it again")
@click.option("--saved", type=FILE, help="Un point de contrôle gardé · a checkpoint you kept")
@key_option
def verify(
    folder: Path | None,
    days: Path | None,
    scope_file: Path | None,
    saved: Path | None,
    key_file: Path | None,
) -> None:
    """Tout vérifier, pas à pas · verify everything, step by step.

    Avec --days seul, les jours clos sans la base · with --days alone, no database is read.
    """
    if scope_file is not None:
        check_scope(scope_file, folder, days, key_file)
        return
    if days is not None and folder is None:
        verify_days(FolderSegments(days), key_of(key_file))
        return
    console, key = Console(), key_of(key_file)
    kept = kept_checkpoint(saved, key) if saved else remembered(folder, key)
    with opened(folder) as view, console.status("vérification · verifying"):
        report = AuditLedger(view, key)(saved=kept)
    console.print(
        f"entrées · entries          {report.entries} (effacées · erased {report.erased})"
    )
    console.print(f"points de contrôle         {report.checkpoints}")
    console.print(f"signé jusqu'à · signed to  {report.size}, racine {report.root.hex()[:16]}…")
    if report.erased_after is not None and report.erased_after > year_ago():
        console.print(
            "ATTENTION · WARNING        une entrée de moins de 12 mois a été effacée"
            " · an entry younger than 12 months was erased"
        )
    if report.unsigned:
        console.print(f"non signées · unsigned     {report.unsigned}")
    if report.decided:
        console.print(
            f"factures tranchées · claims decided on  {len(report.decided)},"
            f" dernière entrée · last entry {report.decided[-1]}"
        )
    for lost in report.lost:
        console.print(
            f"PERTE AVOUÉE · ADMITTED LOSS  entrées {lost.size} à {lost.old_size - 1},"
            f" avouée par l'entrée {lost.index}"
        )
    if days is not None or folder is None:
        verify_days(FolderSegments(days) if days else shelf_of(Settings.from_environ()), key)
    console.print("intact · sound" if not report.lost else "intact hors perte avouée")


def verify_days(shelf: FolderSegments, key: NoteVerifier) -> None:
    """Compute every leaf of every closed day again; say what is not here."""
    with progress() as bars:
        bar = bars.add_task("jours clos · closed days", total=len(shelf.notes()))
        report = VerifyDays(shelf, key)(leaves=True, told=lambda _: bars.advance(bar))
    if report.days:
        click.echo(f"jours clos · closed days   {len(report.days)}, jusqu'à · up to {report.end}")
    for day in report.absent:
        click.echo(f"ABSENT · NOT HERE          {day.name}, entrées {day.first} à {day.end - 1}")
    for first, end in report.gaps:
        click.echo(f"TROU · GAP                 entrées {first} à {end - 1}")


def remembered(folder: Path | None, key: NoteVerifier) -> Checkpoint | None:
    """The vault's own memory, where it is on this machine and ours to read."""
    if folder is not None:
        return None
    note = read_checkpoint(Settings.from_environ().checkpoint_file)
    if note is None:
        return None
    try:
        return open_checkpoint(note, key)
    except TlogError as error:
        raise SetUpRefused(f"the vault's memory: {error}") from None


def year_ago() -> int:
    """Twelve months before now, in microseconds: the term before which no entry is erased."""
    return SystemClock().now() - 365 * DAY


def kept_checkpoint(path: Path, key: NoteVerifier) -> Checkpoint:
    """A checkpoint that an inspector kept.

    Raises:
        SetUpRefused: not one of this vault's.
    """
    try:
        return open_checkpoint(path.read_text(), key)
    except TlogError as error:
        raise SetUpRefused(f"the kept checkpoint: {error}") from None


@command.command()
@click.argument("index", type=click.IntRange(min=0))
@click.option("--folder", type=FOLDER, help="Un registre exporté · an exported ledger")
@click.option("--with-detail", is_flag=True, help="Avec le détail · with the detail record")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
@key_option
def prove(
    index: int, folder: Path | None, with_detail: bool, out: Path | None, key_file: Path | None
) -> None:
    """Prouver l'entrée INDEX · prove entry INDEX."""
    with opened(folder) as view:
        proof = ProveEntry(view, key_of(key_file))(index, with_detail=with_detail).to_json()
    if out is None:
        click.echo(proof, nl=False)
    else:
        out.write_text(proof)
        click.echo(f"preuve · proof: {out}")


@command.command()
@click.argument("proof", type=FILE)
@key_option
def check(proof: Path, key_file: Path | None) -> None:
    """Vérifier une PREUVE, sans base ni coffre · check a PROOF, with no database and no vault."""
    proven = verify_entry_proof(proof.read_text(), key_of(key_file).vkey)
    console = Console()
    if proven.entry is None:
        console.print(f"entrée {proven.index} : effacée, à sa place · erased, in its place")
    else:
        for line in describe(proven.index, proven.entry):
            console.print(line)
    console.print(f"prouvée sous {proven.checkpoint.size} entrées signées · proven")


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@key_option
def export(folder: Path, key_file: Path | None) -> None:
    """Exporter vers FOLDER, à vérifier ailleurs · export to FOLDER, to verify elsewhere."""
    key = key_of(key_file)
    with database_view(Settings.from_environ()) as view:
        write_folder(view, folder, vkey=key.vkey)
    click.echo(f"exporté · exported: {folder}")


@command.command()
@click.option("--folder", type=FOLDER, help="Un registre exporté · an exported ledger")
def checkpoint(folder: Path | None) -> None:
    """Le dernier point de contrôle, à garder · the last checkpoint, to keep."""
    with opened(folder) as view:
        last = view.last_checkpoint()
    if last is None:
        raise SetUpRefused("nothing has been signed yet")
    click.echo(last.note, nl=False)


@command.command(name="admit-loss")
@click.confirmation_option(
    prompt="Des entrées signées ont été perdues ; l'avouer dans le registre · admit it, for good?"
)
def admit_loss() -> None:
    """Après une restauration : avouer les entrées perdues · after a restore, admit the loss."""
    settings = Settings.from_environ()
    key = key_of(None)
    with opened(None) as view, Console().status("vérification · verifying"):
        AuditLedger(view, key)()
    ledger = assemble_ledger(settings)
    index = AdmitLoss(ledger)()
    ledger.publish()
    click.echo(f"avoué par l'entrée {index} · admitted by entry {index}")


@command.command(name="rebuild-known")
def rebuild_known() -> None:
    """Refaire ce que chaque lieu sait, des entrées · make again what each site knows.

    Le coffre est arrêté · the vault is stopped.
    """
    with rebuild(Settings.from_environ()) as (again, entries), progress() as bars:
        bar = bars.add_task("entrées · entries", total=entries)
        counted = again(now=SystemClock().now(), told=lambda more: bars.advance(bar, more))
    click.echo(f"réponses comptées · answers counted: {counted}")


@command.command()
def erase() -> None:
    """Effacer ce qui a plus de 12 mois et n'est pas retenu · erase what has had its term."""
    settings = Settings.from_environ()
    for name in hold_incidents(settings):
        click.echo(f"retenu · held: {name}")
    with retention(settings) as held, Console().status("effacement · erasing"):
        count = EraseEntries(held)()
        click.echo(f"effacées · erased: {count}")
        if settings.segments.exists():
            days = dropping(settings, key_of(None))(now=SystemClock().now(), holds=held.holds())
            click.echo(f"jours clos ôtés · closed days dropped: {len(days)}")


@command.command()
@click.argument("name")
@click.option("--from", "since", type=click.DateTime(), required=True, help="UTC")
@click.option("--until", type=click.DateTime(), required=True, help="UTC")
def hold(name: str, since: datetime, until: datetime) -> None:
    """Retenir des entrées au-delà de leur terme, sous NAME · keep entries beyond their term."""
    with retention(Settings.from_environ()) as held:
        held.hold(Hold(name, since.replace(tzinfo=UTC), until.replace(tzinfo=UTC)))
    click.echo("retenu · held")


@command.command()
@click.argument("name")
def release(name: str) -> None:
    """Ne plus retenir NAME · let NAME go."""
    with retention(Settings.from_environ()) as held:
        held.release(name)
    click.echo("libéré · released")


@command.command()
def holds() -> None:
    """Ce qui est retenu · what is held."""
    with retention(Settings.from_environ()) as held:
        for each in held.holds():
            click.echo(f"{each.name}\t{each.since.isoformat()}\t{each.until.isoformat()}")
