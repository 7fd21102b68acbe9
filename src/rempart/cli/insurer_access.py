"""``rempart insurer access``: ask an operator who read members' rights, and open its answer."""

from pathlib import Path

import click

from rempart.bootstrap.access import make_request, open_access, request_in
from rempart.bootstrap.insurer import member_file
from rempart.bootstrap.public_key import vault_key
from rempart.cli.insurer_where import FILE, NEW_FILE, Where, at_folder
from rempart.usecases.access_request import references_in

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
operator_option = click.option(
    "--operator", type=FILE, required=True, help="Clé publique de son coffre · its vault's key"
)


@click.group()
def access() -> None:
    """Qui a lu les droits d'un adhérent (RGPD, art. 15) · who read a member's rights."""


@access.command("ask")
@click.argument("references", type=FILE)
@operator_option
@click.option("--out", type=NEW_FILE, required=True, help="La demande · the request")
@at_folder
def ask_(*, references: Path, operator: Path, out: Path, where: Where) -> None:
    """Écrire la demande, signée ; une référence par ligne · write and sign the request."""
    with member_file(references) as stream:
        count = make_request(where.opened(), references_in(stream), vault_key(operator), out)
    click.echo(f"personnes · people       {count}")
    click.echo(f"à l'opérateur · to the operator: {out}   (gardez-en copie · keep a copy)")


@access.command("open")
@click.argument("answer", type=FOLDER)
@click.option("--request", type=FILE, required=True, help="Votre demande · your request")
@operator_option
@click.option("--out", type=NEW_FOLDER, required=True, help="Deux fichiers chacun · two files each")
@at_folder
def open_(*, answer: Path, request: Path, operator: Path, out: Path, where: Where) -> None:
    """Vérifier et ouvrir la réponse · verify and open the answer: JSON and text for each."""
    said = request_in(request)
    done = open_access(where.opened(), answer, said, vault_key(operator), out)
    click.echo(f"ouverte dans l'entrée · opened in entry {done.entry}")
    click.echo(f"personnes · people       {done.people}, lectures · readings {done.readings}")
    click.echo(f"dossier · folder         {out}   (données de santé · health data: index.csv)")
