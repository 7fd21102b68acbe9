"""``rempart ledger access``: answer an insurer that asks what was read about its members."""

from pathlib import Path

import click

from rempart.bootstrap.access import answer_access, request_in
from rempart.cli.asking import ask
from rempart.config import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("request", type=FILE)
@click.option("--as", "by", required=True, help="Votre nom · your name")
@click.option("--out", type=NEW_FOLDER, required=True, help="La réponse, scellée · sealed answer")
def access(request: Path, by: str, out: Path) -> None:
    """Répondre à un organisme (RGPD, art. 15) · answer an insurer's request, sealed to it.

    Le registre dit d'abord qui ouvre la demande · the ledger first says who opens it.
    """
    done = answer_access(Settings.from_environ(), request_in(request), out, by=by, ask=ask)
    click.echo(f"ouverte, entrée {done.entry} · opened, entry {done.entry}")
    click.echo(f"personnes · people       {done.people}")
    click.echo(f"à remettre · to hand on  {out}   (lue de l'organisme seul · it alone reads it)")
