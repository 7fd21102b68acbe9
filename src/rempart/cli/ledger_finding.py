"""``rempart ledger finding``: whose sessions were whose, from copies, with the platform cut."""

import json
from pathlib import Path

import click
from rich.console import Console

from rempart.adapters.system import SystemClock
from rempart.bootstrap.findings import finding_elsewhere
from rempart.cli.civil_time import TIME
from rempart.cli.incident_finding import tell
from rempart.cli.ledger_scope import FILE, FOLDER, public_key, source
from rempart.config import Settings
from rempart.usecases.find_elsewhere import ByHand
from rempart.usecases.incident_labels import EXERCISE, both

ACCOUNT = click.IntRange(1, 2**32 - 1)


@click.command()
@click.option("--incident", type=click.IntRange(min=0), help="Son numéro · its number")
@click.option("--account", "accounts", type=ACCOUNT, multiple=True, help="Ou ses comptes · or its")
@click.option("--at", type=TIME, help="et quand cela s'est vu · and when it was noticed")
@click.option("--folder", type=FOLDER, help="Un registre exporté · an exported ledger")
@click.option("--days", type=FOLDER, help="Des jours clos copiés · a copy of closed days")
@click.option("--key", "key_file", type=FILE, help="Clé publique du coffre · the vault's key")
def finding(
    *,
    incident: int | None,
    accounts: tuple[int, ...],
    at: int | None,
    folder: Path | None,
    days: Path | None,
    key_file: Path | None,
) -> None:
    """Le constat proposé, sans la plateforme · the proposed finding, without the platform.

    En JSON sur la sortie, pour · as JSON, for: ledger scope --finding
    """
    wanted, key = wanted_of(incident, accounts, at), public_key(key_file)
    sandbox = folder is None and days is None and Settings.from_environ().sandbox
    console = Console(stderr=True, highlight=False)
    with (
        source(folder, days) as (shelf, ledger),
        console.status("constat · finding"),
        finding_elsewhere(shelf, ledger, key, sandbox=sandbox) as find,
    ):
        found = find(wanted, now=SystemClock().now())
    if found.incident.exercise:
        console.print(f"[bold magenta]{both(EXERCISE)}[/bold magenta]")
    console.print(f"constat · finding  à · at {found.size} entrées")
    tell(console, found.proposal, {}, stated=found.incident.found is not None)
    mark = {"exercise": True} if found.incident.exercise else {}
    click.echo(json.dumps({**mark, **found.proposal.finding.to_json()}, indent=2))


def wanted_of(incident: int | None, accounts: tuple[int, ...], at: int | None) -> int | ByHand:
    """An incident by its number, or by hand.

    Raises:
        UsageError: neither, both, or half of the second.
    """
    if incident is not None and not accounts and at is None:
        return incident
    if incident is None and accounts and at is not None:
        return ByHand(tuple(sorted(set(accounts))), at)
    raise click.UsageError("--incident, ou · or --account … --at …")
