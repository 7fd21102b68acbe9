"""``rempart keys``: rotate the platform's keys on locks, and the vault's presence key."""

import click

from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.importer import rotation
from rempart.cli.watching import progress
from rempart.config import Settings
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.messages import Done, RenewPresence


@click.group()
def command() -> None:
    """Renouveler les clés · rotate keys."""


@command.command()
@click.option("--vault-off", is_flag=True, help="Aucun coffre ne tourne · no vault is running")
def rotate(vault_off: bool) -> None:
    """Coffre ouvert ou fermé · on a live vault."""
    with (
        rotation(Settings.from_environ(), vault_off=vault_off) as rotate_keys,
        progress() as bars,
    ):
        bar = bars.add_task("verrous · locks", total=None)
        report = rotate_keys(progress=lambda count: bars.advance(bar, count))
    if report.resumed:
        click.echo("reprise d'un renouvellement interrompu · an interrupted rotation was resumed")
    click.echo(f"verrous · locks          {report.moved}")
    click.echo(f"clés ôtées · dropped     {', '.join(report.dropped) or '-'}")


@command.command("renew-presence")
def renew_presence() -> None:
    """Nouvelle clé de présence ; l'ancienne sert encore deux jours · a new presence key."""
    with Door(Settings.from_environ().vault_socket) as door:
        if not isinstance(door.ask(RenewPresence()), Done):
            raise TemporarilyUnavailable("the vault made no key: ask again")
    click.echo("clé de présence renouvelée · presence key renewed")
