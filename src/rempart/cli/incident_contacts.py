"""``rempart incident contacts``: whom to reach in a breach, and whether one could."""

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from rempart.adapters.drop_folder import probe
from rempart.bootstrap.contacts import named, read_contacts, registered
from rempart.cli.doctor import MARKS
from rempart.cli.nouns import REFUSED
from rempart.config import Settings
from rempart.domain.errors import KeyMissing, TemporarilyUnavailable
from rempart.usecases.contact_template import template as made_template
from rempart.usecases.examine_contacts import examine_contacts
from rempart.usecases.examine_setup import worst
from rempart.usecases.findings import Level

BOOK = click.Path(dir_okay=False, path_type=Path)


@click.group()
def contacts() -> None:
    """Le carnet : qui appeler, jour et nuit · the contact book."""


@contacts.command()
@click.argument("file", type=BOOK, required=False)
def check(file: Path | None) -> None:
    """Qui ne pourrait être joint, et pourquoi · whom nobody could reach, and why."""
    settings, console = Settings.from_environ(), Console(highlight=False, soft_wrap=True)
    path = file or settings.contacts_file
    book = read_contacts(path)
    found = examine_contacts(book, insurers_of(settings), probe)
    console.print(escape(f"{path.name} : {len(book.insurers)} assureurs · insurers"))
    for each in found:
        console.print(f"{MARKS[each.level]} {escape(f'{each.french} · {each.english}')}")
    if worst(found) is Level.FAILURE:
        raise SystemExit(REFUSED)


def insurers_of(settings: Settings) -> frozenset[int] | None:
    """Who is registered; nothing where no database answers."""
    try:
        return frozenset(registered(settings))
    except (TemporarilyUnavailable, KeyMissing):
        return None


@contacts.command()
def template() -> None:
    """Un carnet à remplir, des assureurs inscrits · a book to fill in."""
    settings = Settings.from_environ()
    operator, names = named(settings)
    insurers = {amc: names.get(f"{amc:08d}", "") for amc in registered(settings)}
    click.echo(made_template(insurers, operator), nl=False)
