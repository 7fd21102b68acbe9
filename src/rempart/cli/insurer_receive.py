"""``rempart insurer receive``: verify a dossier that the operator has left, and say so."""

from pathlib import Path

import click

from rempart.bootstrap.deliveries import receive as take
from rempart.bootstrap.public_key import vault_key
from rempart.cli.insurer_where import FILE, Where, at_folder
from rempart.usecases.incident_labels import EXERCISE, both

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("dropped", type=FOLDER)
@click.option("--drop", type=FOLDER, help="Où va l'accusé ; le dépôt · where the receipt goes")
@click.option(
    "--operator", type=FILE, required=True, help="Clé publique de son coffre · its vault's key"
)
@at_folder
def receive(*, dropped: Path, drop: Path | None, operator: Path, where: Where) -> None:
    """Vérifier un dossier déposé, en accuser réception · verify and acknowledge a dossier."""
    vault = vault_key(operator)
    taken = take(where.opened(), dropped, drop or dropped.resolve().parent, vault)
    manifest = taken.manifest
    if manifest.exercise:
        click.echo(both(EXERCISE))
    click.echo(f"incident                 {manifest.incident}, rapport · report {manifest.number}")
    click.echo(f"vérifiés · verified      {len(manifest.files)}")
    said = "signé · signed" if taken.fresh else "déjà signé · signed before"
    click.echo(f"accusé · receipt         {said}")
