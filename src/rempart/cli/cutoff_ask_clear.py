"""``rempart cutoff ask-clear``: what two operators confirm before the widest is opened again."""

import json
from pathlib import Path

import click

from rempart.adapters.system import SystemChance
from rempart.bootstrap.cut_offs import present
from rempart.usecases.clearing import clearing_statement

NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="ask-clear")
@click.argument("ref", type=int)
@click.option("--out", type=NEW_FILE, required=True, help="La demande · the statement")
def command(ref: int, out: Path) -> None:
    """Écrire la demande de rétablir REF, pour deux opérateurs · write the statement for two."""
    statement = clearing_statement(ref, now=present(), chance=SystemChance())
    out.write_text(json.dumps(statement, indent=1) + "\n", "utf-8")
    click.echo(f"à confirmer par deux opérateurs · for two operators to confirm: {out}")
    click.echo(f"chacun · each: rempart operator confirm {out} --key CLÉ --out CONFIRMATION")
    click.echo(f"puis · then: rempart cutoff clear {ref} --as NOM --statement {out} --confirm … ×2")
