"""``rempart undertaking``: bind an insurer to a sale while nobody can ask it, on this machine."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.progress import Progress

from rempart.adapters.claim_sender import ClaimSender
from rempart.bootstrap.device import PUBLIC, DeviceFolder, make_device
from rempart.bootstrap.verifier import seconds_now
from rempart.cli.card import euros, lists_option, read_code, read_line, show_quote
from rempart.domain.claim import Use
from rempart.usecases.deposit_chain import claims_of, read_links
from rempart.usecases.take_lists import fingerprint_of
from rempart.usecases.undertake import read_undertaking

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
device_option = click.option(
    "--device",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("device"),
    show_default=True,
    help="Dossier du poste · the device's folder",
)


@click.group()
def command() -> None:
    """Engager un assureur hors ligne · bind an insurer offline."""


@command.command()
@device_option
def device(device: Path) -> None:
    """Créer la clé de ce poste · make this device's key."""
    point = make_device(device)
    click.echo(f"à inscrire · to enrol    {device / PUBLIC}")
    click.echo(f"empreinte · fingerprint  {fingerprint_of(point)}")


@command.command()
@click.argument("code")
@click.argument("lines", nargs=-1, required=True)
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Jour des soins · day of care")
@lists_option
@device_option
def sign(code: str, lines: tuple[str, ...], at: datetime | None, lists: Path, device: Path) -> None:
    """Signer l'engagement d'une vente · sign the undertaking of a sale (lines: card quote)."""
    said = read_code(code)
    on = at.date() if at else date.today()  # noqa: DTZ011 - the day of this counter's calendar
    undertake = DeviceFolder(device).undertake(lists)
    quoted, made, _ = undertake(said, [read_line(line) for line in lines], on=on, now=seconds_now())
    show_quote(quoted, lines)
    click.echo(
        f"engagement · undertaking {made.number}: {quoted.verdict.insurer}, {euros(made.amc)}"
    )
    click.echo("à déposer au retour · to be deposited within 24 hours of the return")


@command.command()
@device_option
@click.option("--export", type=FILE, help="Ce qu'une page a exporté · what a page has exported")
@click.option("--to", "url", required=True, help="Le dépôt des factures · the intake: https://…")
@click.option("--certificate", type=FILE, required=True, help="PEM, du logiciel · the software's")
@click.option("--key", type=FILE, required=True, help="PEM")
@click.option("--authorities", type=FILE, required=True, help="PEM, du dépôt · the intake's")
@click.option("--void", multiple=True, type=int, help="Vente non faite, par n° · sale not made")
@click.option("--agreement", is_flag=True, help="Demander l'accord d'abord · ask for it first")
def deposit(
    *,
    device: Path,
    export: Path | None,
    url: str,
    certificate: Path,
    key: Path,
    authorities: Path,
    void: tuple[int, ...],
    agreement: bool,
) -> None:
    """Déposer ce que ce poste a signé, autant de fois qu'on veut · deposit the chain.

    Dans les 24 heures du retour · within 24 hours of the return.
    """
    links = list(
        read_links(export.read_text("utf-8").splitlines())
        if export
        else DeviceFolder(device).chain.links()
    )
    use = Use.AGREEMENT if agreement else Use.CLAIM
    sender = ClaimSender(url, certificate=certificate, key=key, authorities=authorities)
    with sender as send, Progress(transient=True) as progress:
        claims = claims_of(iter(links), use=use, void=void)
        told = [send(claim) for claim in progress.track(claims, total=len(links))]
    for code, count in Counter(each.code for each in told).items():
        click.echo(f"{count:>6}  {code}")
    for link, each in zip(links, told, strict=True):
        if each.rule:
            click.echo(f"{read_undertaking(link[0]).number:>6}  {each.code}: {each.rule}")
    click.echo(f"dû · owed {euros(sum(each.amount for each in told))}")


@command.command()
@device_option
def show(device: Path) -> None:
    """Montrer ce que ce poste a signé · show what this device has signed."""
    total = 0
    for message, _ in DeviceFolder(device).chain.links():
        made = read_undertaking(message)
        moment = f"{datetime.fromtimestamp(made.at, UTC):%Y-%m-%d %H:%M} UTC"
        click.echo(f"{made.number:>5}  {moment}  {made.amc_number}  {euros(made.amc):>12}")
        total += made.amc
    click.echo(f"total {euros(total)}")
