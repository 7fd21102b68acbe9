"""``rempart card report``: tell which cards were verified offline, and hear whether rightly."""

from collections import Counter
from pathlib import Path

import click

from rempart.adapters.claim_sender import ClaimSender
from rempart.bootstrap.verifier import reporting

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

journal_option = click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("verifications.sqlite"),
    show_default=True,
    help="Ce qui est à signaler · what is to be reported",
)


@click.command()
@journal_option
@click.option("--to", "url", required=True, help="Le dépôt des factures · the intake: https://…")
@click.option("--certificate", type=FILE, required=True, help="PEM, du logiciel · the software's")
@click.option("--key", type=FILE, required=True, help="PEM")
@click.option("--authorities", type=FILE, required=True, help="PEM, du dépôt · the intake's")
def report(*, journal: Path, url: str, certificate: Path, key: Path, authorities: Path) -> None:
    """Signaler ce qui a été vérifié hors ligne, autant de fois qu'on veut · report what was noted.

    Dans les 24 heures du retour · within 24 hours of the return.
    """
    sender = ClaimSender(url, certificate=certificate, key=key, authorities=authorities)
    tally: Counter[str] = Counter()
    with reporting(journal, sender) as reports:
        for verification, told in reports():
            tally[told.outcome] += 1
            if told.rule:
                what = f"{verification.care}  {verification.domain.name}  AMC {verification.amc}"
                click.echo(f"{what}  {told.outcome}: {told.rule}")
    for code, count in tally.items():
        click.echo(f"{count:>6}  {code}")
    if not tally:
        click.echo("rien à signaler · nothing to report")
