"""``rempart cutoff clear``: open again what is cut."""

from pathlib import Path

import click

from rempart.cli.asking import ask, decided
from rempart.usecases.cut_off_messages import ClearCutOff

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("ref", type=int)
@click.option("--as", "by", required=True, help="Qui décide · who decides")
@click.option("--statement", type=FILE, help="Si deux décident · where two decide")
@click.option("--confirm", "confirmations", type=FILE, multiple=True, help="Deux · two of them")
def command(ref: int, by: str, statement: Path | None, confirmations: tuple[Path, ...]) -> None:
    """Rétablir ce que l'entrée REF a coupé · open again what entry REF has cut."""
    said = statement.read_text("utf-8") if statement else ""
    decided(ask(ClearCutOff(ref, by, said, tuple(p.read_text("utf-8") for p in confirmations))))
    click.echo(f"rétabli · open again: n° {ref}")
    click.echo("  ensuite · next: ./rempart cutoff list")
