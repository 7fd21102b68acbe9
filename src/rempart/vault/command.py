"""``rempart vault``: run the vault, ask how it is."""

import click
from rich.console import Console

from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.vault import assemble
from rempart.config import Settings
from rempart.usecases.messages import Health, Status
from rempart.vault.process import harden
from rempart.vault.process import run as serve


@click.group()
def command() -> None:
    """Le coffre · the vault."""


@command.command()
@click.option("--standby", is_flag=True, help="Attendre que l'autre s'arrête · wait for the other")
@click.option(
    "--adopt-ledger",
    is_flag=True,
    help="Prendre un registre dont cet hôte n'a pas mémoire · of which this host has no memory",
)
def run(standby: bool, adopt_ledger: bool) -> None:
    """Ouvrir le coffre et répondre · open the vault and answer."""
    harden()
    settings = Settings.from_environ()
    serve(
        assemble(settings),
        settings.vault_socket,
        group=settings.gateway_group,
        standby=standby,
        adopt=adopt_ledger,
    )


@command.command()
def status() -> None:
    """Dire comment il va · say how it is."""
    with Door(Settings.from_environ().vault_socket) as door:
        health = door.ask(Status())
    assert isinstance(health, Health)
    console = Console()
    console.print(f"registre · ledger      {health.size} entrées, époque {health.epoch}")
    console.print(f"sessions               {health.sessions}")
    console.print(f"clés d'index · index   {', '.join(map(str, health.index_versions))}")
    console.print(f"clés externes · outer  {', '.join(map(str, health.outer_versions))}")
