"""``rempart measures``: attest the protections, and read what was attested."""

import json
from pathlib import Path

import click
from rich.console import Console

from rempart.bootstrap.measures import attesting, proven_under, reading
from rempart.cli.asking import ask
from rempart.cli.civil_time import DATE, told
from rempart.cli.measure_show import counted, line, show_at, show_between
from rempart.config import Settings
from rempart.domain.errors import IntegrityBroken
from rempart.domain.measure import EDITION
from rempart.usecases.measures_told import at_json, between_json

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
ledger_option = click.option("--ledger", type=FOLDER, help="Un registre exporté · an exported one")
evidence_option = click.option("--evidence", type=FOLDER, help="Copie des preuves · a copy")
json_option = click.option("--json", "as_json", is_flag=True, help="Pour un programme · JSON")


@click.group()
def command() -> None:
    """Les protections : les attester, les relire · attest protections, read them."""


@command.command()
@click.option("--no-audit", is_flag=True, help="Sans relire tout le registre · ledger not re-read")
def attest(no_audit: bool) -> None:
    """Contrôler chaque protection et l'inscrire : chaque jour · check each, enter it: daily."""
    settings, console = Settings.from_environ(), Console(highlight=False, soft_wrap=True)
    attest_ = attesting(settings, ask, audits=not no_audit)
    done = attest_(told=lambda measure, seen: console.print(line(measure, seen)))
    console.print(counted([each.state for each in done.evidence.seen.values()]))
    console.print(
        f"attesté · attested  {told(done.evidence.made)}, entrée · entry {done.ref},"
        f" édition · edition {EDITION}"
    )
    console.print(f"preuves · evidence  {settings.measures / (done.digest.hex() + '.json')}")
    console.print("  ensuite · next: ./rempart measures at today")


@command.command()
@click.argument("date", type=DATE)
@ledger_option
@evidence_option
@json_option
def at(date: tuple[int, int], ledger: Path | None, evidence: Path | None, as_json: bool) -> None:
    """Ce qui était en vigueur à une date, et ses preuves · what was in force at a date."""
    settings = Settings.from_environ()
    with reading(settings, ledger=ledger, evidence=evidence) as read:
        said = read.at(date[1])
    proven = proven_under(settings, said.attestation, ledger=ledger)
    if as_json:
        values = {**at_json(said), "proven_under": proven}
        click.echo(json.dumps(values, ensure_ascii=False, indent=2))
    else:
        show_at(Console(highlight=False, soft_wrap=True), said, proven)
    if not said.sound:
        raise IntegrityBroken(
            f"evidence of entry {said.attestation.ref} is gone or changed: its states stand in the"
            " ledger, what bore them out does not"
        )


@command.command()
@click.argument("first", metavar="A", type=DATE)
@click.argument("last", metavar="B", type=DATE)
@ledger_option
@evidence_option
@json_option
def between(
    first: tuple[int, int],
    last: tuple[int, int],
    ledger: Path | None,
    evidence: Path | None,
    as_json: bool,
) -> None:
    """Ce qui a changé de A à B, et les trous · what changed from A to B, and the gaps."""
    settings, console = Settings.from_environ(), Console(highlight=False, soft_wrap=True)
    with reading(settings, ledger=ledger, evidence=evidence) as read:
        said = read.between(first[0], last[1])
    if as_json:
        click.echo(json.dumps(between_json(said), ensure_ascii=False, indent=2))
    else:
        show_between(console, said)
    if said.broken:
        entries = ", ".join(map(str, said.broken))
        raise IntegrityBroken(f"evidence is gone or changed, of entries: {entries}")
