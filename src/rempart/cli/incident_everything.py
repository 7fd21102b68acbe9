"""``rempart incident files``: everything that the law asks for, in one command, in its order.

(1) the finding that is proposed is stated, unless a person has stated one;
(2) who was read, and whose accounts; every insurer's dossier;
(3) the drafts for CNIL, prosecutor, public;
(4) the dossiers are handed over.

Stopped anywhere, the same again goes on.
"""

from pathlib import Path

import click
from rich.console import Console

from rempart.bootstrap.cases import dossiers_folder, papers_folder
from rempart.bootstrap.contacts import read_contacts
from rempart.bootstrap.deliveries import deliver as hand_over
from rempart.bootstrap.deliveries import mail_of
from rempart.bootstrap.incidents import incident_reader
from rempart.bootstrap.public_key import vault_key
from rempart.cli.incident_deliver import tell_handed
from rempart.cli.incident_files import (
    accepted,
    book_option,
    by_option,
    key_option,
    made,
    number_argument,
    opening_of,
    statement_option,
    table_of,
    words_option,
)
from rempart.cli.incident_papers import drafted, facts_of
from rempart.cli.incident_scope import case_of
from rempart.config import Settings


@click.command()
@number_argument
@by_option
@key_option
@book_option
@statement_option
@words_option
def files(
    *,
    number: int,
    by: str,
    key: Path | None,
    book: Path | None,
    statements: tuple[Path, ...],
    words: tuple[Path, ...],
) -> None:
    """Tout : constat, portée, dossiers, projets, remise · everything, in its order."""
    settings, console = Settings.from_environ(), Console(highlight=False)
    opening = opening_of(by, key, statements, words)
    contacts = read_contacts(book or settings.contacts_file)
    with incident_reader(settings) as reading:
        stated = reading.case(number).incident.found is not None
    if not stated:
        click.echo(f"constat proposé, inscrit · finding entered: {accepted(settings, number, by)}")
    case, finding = case_of(settings, number)
    console.print(table_of(made(settings, case, finding, opening, book=book, final=False)))
    facts = facts_of(settings, case, finding, contacts)
    drafted(facts, papers_folder(settings, number))
    if not facts.reports:
        click.echo("aucun organisme touché, rien à remettre · no insurer to tell")
        return
    folder = dossiers_folder(settings, number).folder
    with mail_of(settings) as mail:
        vault = vault_key(settings.vault_key_file)
        done = hand_over(folder, contacts, vault=vault, mail=mail)
    tell_handed(console, folder, done)
