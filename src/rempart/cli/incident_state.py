"""``rempart incident state``: a whole finding, as its file says it: accounts, sessions, windows."""

from pathlib import Path

import click

from rempart.bootstrap.incidents import incident_reader, incident_teller
from rempart.bootstrap.scope import read_finding
from rempart.cli.asking import ask
from rempart.cli.incident_files import FILE, by_option, number_argument
from rempart.config import Settings
from rempart.usecases.state_finding import check_kind, stated


@click.command()
@number_argument
@click.argument("file", type=FILE)
@click.argument("text", metavar="TEXTE")
@by_option
def state(*, number: int, file: Path, text: str, by: str) -> None:
    """Dire le constat de FILE, TOML ou JSON · state the finding in a file."""
    settings, (finding, exercise) = Settings.from_environ(), read_finding(file)
    with incident_reader(settings) as reading:
        finding.check(reading.clock.now())
        case = reading.case(number)
    check_kind(case.incident, exercise=exercise)
    with incident_teller(settings, ask) as tell:
        said = tell(*stated(finding, case.names, incident=number, by=by, text=text))
    click.echo(f"constat inscrit · finding entered: entrée · entry {said.ref}")
    click.echo(f"  ensuite · next: ./rempart incident scope {number}")
