"""``rempart ledger scope``: who was read, of a finding and the ledger alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from rempart.adapters.segments.scope import digest_of
from rempart.adapters.segments.scope_folder import ScopeFolder
from rempart.adapters.system import SystemClock
from rempart.bootstrap.auditor import database_view, folder_view
from rempart.bootstrap.public_key import vault_key
from rempart.bootstrap.scope import make_scope, read_finding, verify_scope
from rempart.cli.watching import scope_progress
from rempart.config import Settings
from rempart.domain.errors import IntegrityBroken
from rempart.tlog.note import NoteVerifier
from rempart.usecases.incident_labels import EXERCISE, both
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.scope_check import Verified
from rempart.usecases.scope_file import ScopeFile

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
    with source(folder, days) as (shelf, ledger), scope_progress() as heard:
        said = make_scope(
            ScopeFolder(out),
            finding,
            days=shelf,
            ledger=ledger,
            key=key,
            now=SystemClock().now(),
            exercise=exercise,
            heard=heard,
        )
    show(said)
    click.echo(f"fichier · file             {ScopeFolder(out).file(said.number)}")


def check_scope(path: Path, folder: Path | None, days: Path | None, key_file: Path | None) -> None:
    """Make a scope again, and say that it is the same; what nobody could verify is said apart."""
    key, now = public_key(key_file), SystemClock().now()
    with source(folder, days) as (shelf, ledger), scope_progress() as heard:
        verified = verify_scope(path, days=shelf, ledger=ledger, key=key, now=now, heard=heard)
    show(verified.scope, numbered=verified.followed)
    left, listed = list(unverified(verified)), path.with_suffix(".csv")
    if not listed.exists():
        left.append("la liste, qui n'est pas à côté · the list, which does not lie beside")
    elif digest_of(listed).hex() != verified.scope.list:
        raise IntegrityBroken(f"{listed.name} is not the list of this scope")
    for each in left:
        click.echo(f"non vérifié · not verified {each}")
    if verified.scope.before is not None:
        before = f"scope-{verified.scope.number - 1:04d}.json"
        click.echo(f"après · after              {before}, à vérifier de même · to verify likewise")
    rest = ", hors ce qui n'est pas vérifié · but for what is not verified" if left else ""
    click.echo(f"la même portée · the same scope comes out{rest}")


def unverified(verified: Verified) -> Iterator[str]:
    """What of a scope nobody could verify here."""
    if not verified.followed:
        yield (
            "numéro et mouvements : la portée d'avant et sa liste ne sont pas à côté"
            " · number and moves: the scope before, with its list, does not lie beside"
        )
    for day in verified.days:
        yield f"jour clos · closed day {day[:10]!r}, qui n'est pas ici · which is not here"
    if verified.times:
        yield (
            "heures des trous, prises d'autres plages ; celles-ci sont recalculées"
            " · times of holes, of other ranges; what is used here was computed again"
        )


def show(said: ScopeFile, *, numbered: bool = True) -> None:
    """What a scope says, in a few lines; without its number where nobody knows it."""
    if said.exercise:
        click.echo(both(EXERCISE))
    size = said.checkpoint.split("\n")[1]
    number = f"n° {said.number}, " if numbered else ""
    click.echo(f"portée · scope             {number}à · at {size} entrées")
    click.echo(f"lues · breached            {said.breached}")
    click.echo(f"indécises · undecided      {said.undecided}")
    click.echo(f"hors de cause · cleared    {said.cleared}")
    touched = sum(1 for each in said.insurers if each.breached or each.undecided)
    click.echo(f"organismes · insurers      {touched}")
    for hole in said.holes:
        click.echo(f"TROU · HOLE                entrées {hole.first} à {hole.end - 1}")
    if not said.clears:
        click.echo("un trou touche le vol : personne n'est hors de cause · nobody is cleared")
    for account in said.silent:
        click.echo(f"compte qui n'a rien demandé · account that asked nothing  {account}")
    for session in said.unmet:
        click.echo(f"session jamais vue · never met  {session[:12]}…")
    for each in said.moved:
        click.echo(f"  {each.before or '-'} → {each.after or '-'} : {each.people}")
