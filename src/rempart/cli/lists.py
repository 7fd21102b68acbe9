"""``rempart lists``: the operator's trust list, and the status lists that insurers send."""

from pathlib import Path

import click

from rempart.bootstrap.lists import (
    begin,
    carry,
    key_ids,
    name_insurer,
    next_key,
    published,
)
from rempart.bootstrap.lists import publish as publish_lists
from rempart.bootstrap.verifier import seconds_now, take_into
from rempart.cli.watching import ago
from rempart.config import Settings
from rempart.domain.identifiers import AMCNumber
from rempart.serving.offline_page import write_page

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Les listes qui prouvent les cartes hors ligne · lists that prove cards offline."""


@command.command()
@click.argument("name")
def init(name: str) -> None:
    """Créer la clé des listes de l'opérateur NAME · make the key of NAME's lists."""
    settings = Settings.from_environ()
    begin(settings, name)
    click.echo(f"à publier · to publish   {published(settings) / 'operator.pub'}")
    _show_keys(settings)


@command.command(name="name")
@click.argument("amc")
@click.argument("name")
def name_(amc: str, name: str) -> None:
    """Dire le nom d'un assureur · say what an insurer is called."""
    name_insurer(Settings.from_environ(), AMCNumber.parse(amc).value, name)
    click.echo(f"{amc}: {name}")


@command.command(name="next-key")
def next_key_() -> None:
    """Préparer la clé suivante · make the next key, announced by the next list."""
    settings = Settings.from_environ()
    next_key(settings)
    _show_keys(settings)


@command.command()
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=30,
    show_default=True,
    help="Jours de validité · good for days",
)
@click.option("--turn", is_flag=True, help="Signer avec la clé suivante · sign with the next key")
def publish(*, days: int, turn: bool) -> None:
    """Publier la liste de confiance · publish the trust list."""
    settings = Settings.from_environ()
    trust = publish_lists(settings, days=days, turn=turn)
    click.echo(f"liste · list             {trust.number}: {published(settings) / 'trust.cbor'}")
    click.echo(f"assureurs · insurers     {len(trust.insurers)}")
    if trust.next_key:
        click.echo("clé suivante annoncée · next key announced: publish --turn")


@command.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
def take(files: tuple[Path, ...]) -> None:
    """Prendre les listes d'état des assureurs · take insurers' status lists in."""
    taking = take_into(published(Settings.from_environ()))
    for file in files:
        click.echo(f"{file.name}: {taking(file.read_bytes(), now=seconds_now()).value}")


@command.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
def guarantees(files: tuple[Path, ...]) -> None:
    """Porter les garanties que des assureurs ont signées · carry guarantees, from the next list."""
    for file in files:
        statement = carry(Settings.from_environ(), file.read_bytes())
        click.echo(f"{file.name}: {statement.amc}, profils · profiles {len(statement.profiles)}")


@command.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
def page(out: Path) -> None:
    """Écrire dans OUT la page qui vérifie hors ligne · write the offline page into OUT."""
    count = write_page(out, published(Settings.from_environ()))
    click.echo(f"{out / 'index.html'}: {count} fichiers · files")
    click.echo("à servir en https, tel quel · to be served over https, as it is")


@command.command()
def show() -> None:
    """Montrer ce qui est publié, et depuis quand · show what is published, and since when."""
    settings, now = Settings.from_environ(), seconds_now()
    trust, statuses = take_into(published(settings)).lists()
    click.echo(f"{trust.operator}, liste · list {trust.number}, {ago(trust.made, now)}")
    for insurer in trust.insurers:
        status = statuses.get(insurer.amc)
        told = "jamais · never" if status is None else ago(status.made, now)
        late = " EN RETARD · LATE" if status and status.until < now else ""
        click.echo(f"  {insurer.amc}  {insurer.name:<32} {told}{late}")
    _show_keys(settings)


def _show_keys(settings: Settings) -> None:
    for label, kid in zip(("clé · key", "suivante · next"), key_ids(settings), strict=False):
        click.echo(f"{label:<25}{kid}")
