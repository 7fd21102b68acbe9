"""``rempart ledger scope``: who was read, of a finding and the ledger alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from rempart.adapters.segments.scope import digest_of
from rempart.adapters.segments.scope_folder import ScopeFolder
from rempart.adapters.system import SystemClock
from rempart.bootstrap.auditor import database_view, folder_view
from rempart.bootstrap.public_key import vault_key
from rempart.bootstrap.scope import make_scope, read_finding, verify_scope
from rempart.config import Settings
from rempart.domain.errors import IntegrityBroken
from rempart.tlog.note import NoteVerifier
from rempart.usecases.incident_labels import EXERCISE, both
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.scope_file import ScopeFile, read_scope

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)

Source = tuple[Path, LedgerView | None]


@contextmanager
def source(folder: Path | None, days: Path | None) -> Iterator[Source]:
    """Where closed days lie, and the open ledger.

    With neither given, those of this installation; with ``days`` alone, no open ledger.
    """
    if folder is not None:
        yield days or folder / "no closed day", folder_view(folder)
    elif days is not None:
        yield days, None
    else:
        settings = Settings.from_environ()
        with database_view(settings) as view:
            yield settings.segments, view


def public_key(key_file: Path | None) -> NoteVerifier:
    """The vault's public key: the file given, or the one the vault left on this machine."""
    return vault_key(key_file or Settings.from_environ().vault_key_file)


@click.command()
@click.option("--finding", "finding_file", type=FILE, required=True, help="TOML ou · or JSON")
@click.option("--out", type=NEW_FOLDER, required=True, help="Le dossier · its folder")
@click.option("--folder", type=FOLDER, help="Un registre exporté · an exported ledger")
@click.option("--days", type=FOLDER, help="Des jours clos copiés · a copy of closed days")
@click.option("--key", "key_file", type=FILE, help="Clé publique du coffre · the vault's key")
def scope(
    finding_file: Path, out: Path, folder: Path | None, days: Path | None, key_file: Path | None
) -> None:
    """Qui a été lu, qui ne l'a pas été · who was read, and who surely was not."""
    (finding, exercise), key = read_finding(finding_file), public_key(key_file)
    with source(folder, days) as (shelf, ledger), Console(stderr=True).status("portée · scope"):
        said = make_scope(
            ScopeFolder(out),
            finding,
            days=shelf,
            ledger=ledger,
            key=key,
            now=SystemClock().now(),
            exercise=exercise,
        )
    show(said)
    click.echo(f"fichier · file             {ScopeFolder(out).file(said.number)}")


def check_scope(path: Path, folder: Path | None, days: Path | None, key_file: Path | None) -> None:
    """Make a scope again, and say that it is the same."""
    said, key = read_scope(path.read_bytes()), public_key(key_file)
    with source(folder, days) as (shelf, ledger), Console(stderr=True).status("portée · scope"):
        verify_scope(said, days=shelf, ledger=ledger, key=key, now=SystemClock().now())
    show(said)
    listed = path.with_suffix(".csv")
    if listed.exists() and digest_of(listed).hex() != said.list:
        raise IntegrityBroken(f"{listed.name} is not the list of this scope")
    click.echo("la même portée · the same scope comes out")


def show(said: ScopeFile) -> None:
    """What a scope says, in a few lines."""
    if said.exercise:
        click.echo(both(EXERCISE))
    size = said.checkpoint.split("\n")[1]
    click.echo(f"portée · scope             n° {said.number}, à · at {size} entrées")
    click.echo(f"lues · breached            {said.breached}")
    click.echo(f"indécises · undecided      {said.undecided}")
    click.echo(f"hors de cause · cleared    {said.cleared}")
    touched = sum(1 for each in said.insurers if each.breached or each.undecided)
    click.echo(f"organismes · insurers      {touched}")
    for hole in said.holes:
        click.echo(f"TROU · HOLE                entrées {hole.first} à {hole.end - 1}")
    if not said.clears:
        click.echo("un trou touche le vol : personne n'est hors de cause · nobody is cleared")
    for session in said.unmet:
        click.echo(f"session jamais vue · never met  {session[:12]}…")
    for each in said.moved:
        click.echo(f"  {each.before or '-'} → {each.after or '-'} : {each.people}")
