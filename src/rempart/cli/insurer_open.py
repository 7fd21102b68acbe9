"""``rempart insurer dossier-key``, ``open``: what an operator tells of a breach, at the insurer."""

import base64
from collections.abc import Sequence
from pathlib import Path

import click

from rempart.bootstrap.insurer import InsurerFolder, member_file
from rempart.bootstrap.insurer_dossiers import (
    disk_told,
    open_dossiers,
    public_dossier_key,
    watermarked,
    whole_private_file,
)
from rempart.cli.insurer_where import FILE, NEW_FILE, Where, at_folder
from rempart.cli.watching import lines_in, progress
from rempart.domain.errors import SetUpRefused
from rempart.usecases.merge_dossiers import Merged
from rempart.usecases.open_dossier import handles_in, write_rows

RECEIVED = click.Path(exists=True, path_type=Path)
keys_option = click.option(
    "--key", "keys", type=FILE, multiple=True, help="Clé publique du coffre · the vault's, each"
)
members_option = click.option(
    "--members", type=FILE, required=True, help="Votre fichier · your own"
)


@click.command("dossier-key")
@at_folder
@click.option("--renew", is_flag=True, help="Une nouvelle ; l'ancienne ouvre encore · a new one")
def dossier_key(*, where: Where, renew: bool) -> None:
    """La clé des dossiers de violation · the key that breach dossiers are sealed to."""
    public = public_dossier_key(where.opened(), renew=renew)
    click.echo("à l'opérateur, pour contacts.toml · for the operator's contacts.toml:", err=True)
    click.echo(f'key = "{base64.b64encode(public).decode()}"')


@click.command("open")
@click.argument("received", type=RECEIVED, nargs=-1, required=True)
@keys_option
@members_option
@click.option("--out", type=NEW_FILE, required=True, help="Le dossier ouvert · the opened dossier")
@at_folder
def open_(
    *, received: tuple[Path, ...], keys: tuple[Path, ...], members: Path, out: Path, where: Where
) -> None:
    """Ouvrir des dossiers, ou une liste de poignées · open dossiers, or a list of handles."""
    folders = [each for each in received if each.is_dir()]
    if not folders and len(received) == 1:
        open_handles(received[0], members, out, where)
    elif len(folders) == len(received):
        open_folders(folders, keys, members, out, where)
    else:
        raise SetUpRefused("expected dossier folders, or one list of handles")


def open_handles(handles: Path, members: Path, out: Path, where: Where) -> None:
    """A list of handles, nobody signed it."""
    dossier = where.opened().dossier()
    with member_file(handles) as stream:
        found = dossier.references(handles_in(stream))
    if not found.references:
        raise SetUpRefused("no handle of this insurer in this file")
    with member_file(members) as stream, whole_private_file(out) as written:
        write_rows(dossier.joined(found, stream), written)
    click.echo(f"ouverts · opened         {len(found.references)}")
    click.echo(f"absents · not in file    {found.missing}")
    click.echo(f"étrangers · not ours     {len(found.strangers)}")


def open_folders(
    folders: Sequence[Path], keys: Sequence[Path], members: Path, out: Path, where: Where
) -> None:
    """Dossiers, verified and merged."""
    _, merged = opened_of(folders, keys, where)
    place = watermarked(out, exercise=merged.exercise)
    with (
        disk_told(),
        member_file(members) as stream,
        whole_private_file(place) as written,
        progress() as bars,
    ):
        bar = bars.add_task("jointure · joining", total=lines_in(members))
        write_rows(merged.joined(stream, lambda rows: bars.advance(bar, rows)), written)
    listed = write_claims(merged, place)
    show(merged)
    click.echo(f"absents · not in file    {merged.missing}")
    click.echo(f"fichier · file           {place}")
    if listed is not None:
        click.echo(f"factures · claims        {listed}")


def write_claims(merged: Merged, members: Path) -> Path | None:
    """The lists of claims beside what was opened, each line with its operator and incident."""
    told = [each for each in merged.dossiers if each.claims]
    if not told:
        return None
    place = members.with_name(f"{members.stem}-claims{members.suffix}")
    with disk_told(), whole_private_file(place) as written:
        written.write(f"operator;incident;{told[0].claims[0]}\n")
        for each in told:
            source = f"{each.source.operator};{each.source.incident}"
            written.writelines(f"{source};{line}\n" for line in each.claims[1:])
    return place


def opened_of(
    folders: Sequence[Path], keys: Sequence[Path], where: Where
) -> tuple[InsurerFolder, Merged]:
    """Dossiers, verified and merged at an insurer, with a bar."""
    if not keys:
        raise SetUpRefused("a dossier is opened under its operator's key: --key vault.pub")
    insurer = where.opened()
    with progress() as bars:
        bar = bars.add_task("lecture · reading", total=None)
        merged = open_dossiers(insurer, folders, keys, lambda rows: bars.advance(bar, rows))
    return insurer, merged


def show(merged: Merged) -> None:
    """What dossiers hold, a line each."""
    if merged.exercise:
        click.echo("EXERCICE · EXERCISE")
    for each in merged.dossiers:
        said = each.report
        click.echo(
            f"{each.source.operator}, incident {said.incident}, n° {said.number} ({said.phase}): "
            f"{said.breached.people} lus · read, {said.undecided.people} indécis · undecided"
        )
        if said.claims is not None and said.claims.touched:
            click.echo(
                f"  factures · claims: {said.claims.breached} par le voleur · by the thief,"
                f" {said.claims.undecided} indécises · undecided"
            )
        if unnamed := said.breached.unnamed + said.undecided.unnamed:
            click.echo(f"  effacés depuis, sans nom · erased since, without name: {unnamed}")
        if not said.clears:
            click.echo("  le registre a un trou · the ledger has a hole: nobody is cleared")
    click.echo(f"personnes · people       {len(merged.people)}")
    if merged.strangers:
        click.echo(f"étrangers · not ours     {merged.strangers}")
