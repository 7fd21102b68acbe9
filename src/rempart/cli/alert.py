"""``rempart alert``: warn other operators of stolen accounts, and take their warnings.

Whatever changes something is asked of the vault that runs here, over its socket, by the vault's own
user; each decision is an entry of the ledger under the name that is given.
"""

from pathlib import Path

import click

from rempart.adapters.alert_folders import card_at, cards_in
from rempart.bootstrap.alert_courier import courier
from rempart.bootstrap.alerts import (
    CARD,
    OUT,
    READERS,
    admit,
    begin,
    dismiss,
    key_id,
    leave,
    listen,
    own_card,
    publisher_named,
)
from rempart.cli.alert_run import run, serve, tell
from rempart.cli.alert_show import show
from rempart.cli.asking import ask, decided, moment
from rempart.cli.nouns import REFUSED
from rempart.config import Settings
from rempart.domain.alert import LASTS_MAX, TELLS
from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import SetUpRefused
from rempart.usecases.alert_messages import (
    AlertNotTaken,
    IssueAlert,
    IssuedAlert,
    LeaveAlerts,
    SubscribeAlerts,
    WithdrawAlert,
)
from rempart.usecases.issue_alerts import LASTS

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
WHYS = tuple(sorted(why.name.lower().replace("_", "-") for why in TELLS))
HOUR = 3600
by_option = click.option("--as", "by", required=True, help="Qui décide · who decides")
fingerprint_option = click.option(
    "--fingerprint", help="Lue par l'autre opérateur · as the other operator read it out"
)


@click.group()
def command() -> None:
    """Alertes entre opérateurs · alerts between operators."""


for each in (run, serve, show):
    command.add_command(each)


@command.command()
@click.argument("name")
@click.option("--url", required=True, help="Où l'on prend les vôtres · where others fetch yours")
def init(name: str, url: str) -> None:
    """Créer les clés et la carte de l'opérateur NAME · make NAME's keys and card."""
    settings = Settings.from_environ()
    card = begin(settings, name, url)
    click.echo(f"à remettre · to hand out {settings.alerts / CARD}")
    click.echo(f"empreinte · fingerprint  {card.fingerprint}")
    click.echo(f"à servir · to serve      {settings.alerts / OUT}, à · at {url}")


@command.command(name="card")
@click.argument("card", type=FILE, required=False)
def card_(card: Path | None) -> None:
    """Lire une carte, ou la nôtre · read a card, or ours, to compare its fingerprint."""
    read = card_at(card) if card else own_card(Settings.from_environ())
    click.echo(f"{read.name}, {read.url}")
    click.echo(f"empreinte · fingerprint  {read.fingerprint}")


@command.command(name="admit")
@click.argument("card", type=FILE)
@fingerprint_option
def admit_(card: Path, fingerprint: str | None) -> None:
    """Laisser un opérateur lire nos alertes · let an operator read ours."""
    read = compared(card, fingerprint)
    admit(Settings.from_environ(), read)
    click.echo(f"{read.name} : lira celles qui valent et les suivantes · may read them")


@command.command(name="dismiss")
@click.argument("name")
def dismiss_(name: str) -> None:
    """Ne plus rien lui sceller · seal nothing to NAME any more."""
    dismiss(Settings.from_environ(), name)
    click.echo(f"{name} : ne lira pas les prochaines · reads no more")


@command.command()
@click.argument("card", type=FILE)
@fingerprint_option
@click.option("--authority", type=FILE, help="Autorité TLS, si propre · its own TLS authority")
@by_option
def subscribe(card: Path, fingerprint: str | None, authority: Path | None, by: str) -> None:
    """Prendre les alertes d'un opérateur · take an operator's alerts."""
    settings, read = Settings.from_environ(), compared(card, fingerprint)
    decided(ask(SubscribeAlerts(read.name, read.signs, own_card(settings).opens, by)))
    listen(settings, read, authority)
    click.echo(f"{read.name} : écouté · listened to; {key_id(read)}")
    click.echo("  ses alertes restreignent, jamais plus · its alerts narrow, never more")
    click.echo("  ensuite · next: ./rempart alert run")


@command.command()
@click.argument("name")
@by_option
def unsubscribe(name: str, by: str) -> None:
    """Ne plus écouter NAME, et relâcher ce qu'il tient · leave NAME."""
    settings = Settings.from_environ()
    publisher = publisher_named(settings, name)
    decided(ask(LeaveAlerts(publisher, by)))
    leave(settings, publisher)
    click.echo(f"{name} : plus écouté, ce qu'il tenait est relâché · left, let go of what it held")


def compared(path: Path, fingerprint: str | None) -> AlertCard:
    """The card in a file, once a human has compared it.

    Raises:
        SetUpRefused: it is not that of the operator on the phone.
    """
    card = card_at(path)
    asked = f"{card.name}, empreinte lue par cet opérateur · fingerprint as that operator reads it"
    said = fingerprint or click.prompt(asked)
    if "".join(said.split()).lower() != card.fingerprint.replace(" ", ""):
        raise SetUpRefused("the fingerprint is not that of this card: do not use it")
    return card


@command.command()
@click.argument("accounts", nargs=-1, required=True)
@click.option("--why", type=click.Choice(WHYS), required=True, help="Motif · the reason")
@click.option(
    "--hours",
    type=click.IntRange(1, LASTS_MAX // HOUR),
    default=LASTS // HOUR,
    show_default=True,
    help="Durée · how long it stands",
)
@click.option("--software", is_flag=True, help="Nommer aussi leur logiciel · name their product")
@click.option("--network", "networks", multiple=True, help="203.0.113.0/24, 2001:db8::/48")
@by_option
def publish(
    *,
    accounts: tuple[str, ...],
    why: str,
    hours: int,
    software: bool,
    networks: tuple[str, ...],
    by: str,
) -> None:
    """Avertir d'ACCOUNTS, arrêtés ici · warn others of ACCOUNTS, frozen here."""
    settings = Settings.from_environ()
    sent = IssueAlert(accounts, why.replace("-", "_"), hours * HOUR, software, networks, by)
    reply = ask(sent)
    decided(reply)
    assert isinstance(reply, IssuedAlert)
    until = moment(reply.until * 1_000_000)
    click.echo(f"alerte · alert {reply.ref}, jusqu'au · until {until}")
    for named in (*reply.accounts, *reply.sites, *reply.software, *reply.networks):
        click.echo(f"  {named}")
    lay_out(settings)
    click.echo(f"  fausse alerte · if it was none: ./rempart alert withdraw {reply.ref} --as {by}")


@command.command()
@click.argument("ref", type=int)
@by_option
def withdraw(ref: int, by: str) -> None:
    """Retirer l'alerte REF · take back alert REF."""
    decided(ask(WithdrawAlert(ref, by)))
    click.echo("retirée · withdrawn: les autres relâchent ce qu'elle tient · others let go of it")
    lay_out(Settings.from_environ())


def lay_out(settings: Settings) -> None:
    """Lay out what was decided, for each reader."""
    count = courier(settings).deliver()
    readers = len(cards_in(settings.alerts / READERS))
    click.echo(f"  scellée pour · sealed to {readers} lecteurs · readers ({count})")
    if not readers:
        click.echo("  personne ne la lira · nobody reads it: ./rempart alert admit CARTE")


@command.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
def take(files: tuple[Path, ...]) -> None:
    """Prendre des alertes remises en fichiers · take alerts that came as files."""
    carrier, refused = courier(Settings.from_environ()), False
    for name, result in carrier.take_files(list(files)):
        tell(name, result)
        refused |= isinstance(result, AlertNotTaken)
    if refused:
        raise SystemExit(REFUSED)
