"""``rempart cutoff``: cut one thing, open it again, see what is cut.

Asked of the vault that runs here, over its socket, by the vault's own user alone; each change is an
entry of the ledger under the name that is given. ``set`` works with the vault down or stuck too.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rempart.adapters.system import SystemChance
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.cut_offs import leave_order, orders_left, present
from rempart.cli.asking import ask, decided, moment
from rempart.config import Settings
from rempart.domain.cutoff import NARROW, ORDER_SIZE, TAKES_TWO, CutWhy, Scope
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.person import told
from rempart.usecases.clearing import clearing_statement
from rempart.usecases.cut_off_messages import (
    ClearCutOff,
    CutOffSet,
    CutOffsShown,
    ListCutOffs,
    SetCutOff,
)
from rempart.usecases.messages import Refused, Reply

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
WITHIN = 0.4
"""Seconds for a vault to say that it has cut: ten times a batch. Past it, it is down."""
SCOPES = tuple(told(scope.name) for scope in Scope)
WHYS = tuple(told(why.name) for why in CutWhy if why is not CutWhy.FROZEN_TOGETHER)
FRENCH = {
    Scope.ACCOUNT: "un compte",
    Scope.SITE: "un lieu",
    Scope.SOFTWARE: "un logiciel et sa version, partout",
    Scope.CHANNEL: "une voie",
    Scope.INSURER: "un organisme",
    Scope.PRESENCE: "une forme de présence",
    Scope.RIGHTS: "toutes les réponses sur les droits",
    Scope.PLATFORM: "toute la plateforme",
}
SPAN = re.compile(r"\+(\d{1,5})([mhd])")
SECONDS = {"m": 60, "h": 3600, "d": 86_400}


class Moment(click.ParamType[int]):
    """A moment in UTC, or a span from now: ``2026-11-26T03:00``, ``+90m``, ``+2h``, ``+1d``."""

    name = "UTC, +90m, +2h, +1d"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Microseconds since 1970."""
        if isinstance(value, int):
            return value
        if span := SPAN.fullmatch(str(value)):
            return present() + int(span[1]) * SECONDS[span[2]] * 1_000_000
        try:
            read = datetime.strptime(str(value), "%Y-%m-%dT%H:%M").replace(tzinfo=UTC)
        except ValueError:
            self.fail("expected UTC, or a span: 2026-11-26T03:00, +90m, +2h, +1d", param, ctx)
        return int(read.timestamp()) * 1_000_000


by_option = click.option("--as", "by", required=True, help="Qui décide · who decides")


@click.group()
def command() -> None:
    """Couper une chose, la rétablir · cut one thing, open it again."""


@command.command(name="set")
@click.argument("scope", type=click.Choice(SCOPES))
@click.argument("what", default="")
@click.option("--why", type=click.Choice(WHYS), required=True, help="Le motif · the reason")
@by_option
@click.option("--since", type=Moment(), default=0, help="Dès · from (now)")
@click.option("--until", type=Moment(), default=0, help="Jusqu'à · until (until cleared)")
def set_(*, scope: str, what: str, why: str, by: str, since: int, until: int) -> None:
    """Couper WHAT · cut WHAT: rights, platform, channel portal, insurer 75001234, site FINESS:…"""
    settings, asked = Settings.from_environ(), present()
    order = SystemChance().draw(ORDER_SIZE)
    wanted = SetCutOff(scope, what, why, since, until, by, order)
    reply = _quickly(settings, wanted)
    name = f"{FRENCH[Scope[scope.upper()]]} {what}".strip()
    if isinstance(reply, CutOffSet):
        click.echo(f"coupé · cut: {name}, n° {reply.ref}, dès · from {moment(reply.since)}")
        _say_what_follows(Scope[scope.upper()], reply.ref, by)
        return
    if reply is not None:
        decided(reply)
    leave_order(settings, wanted, asked=asked)
    click.echo(f"le coffre ne répond pas : porte retirée, ordre laissé ({name})")
    click.echo("the vault does not answer: its door is taken away, the order is left")
    click.echo("  il coupera avant toute réponse · it cuts before it answers anything")
    click.echo("  ensuite · next: ./rempart cutoff list")


def _quickly(settings: Settings, wanted: SetCutOff) -> Reply | None:
    """What the vault says, or nothing where it is down, stuck, or cannot write."""
    try:
        with Door(settings.vault_socket, timeout=WITHIN) as door:
            reply = door.ask(wanted)
    except TemporarilyUnavailable:
        return None
    if isinstance(reply, Refused) and reply.reason == "unavailable":
        return None
    return reply


def _say_what_follows(scope: Scope, ref: int, by: str) -> None:
    if scope in NARROW:
        click.echo("  ses sessions sont closes · its sessions have ended")
    else:
        click.echo("  les cartes restent valables, hors ligne · cards stand, offline")
    if scope in TAKES_TWO:
        click.echo("  pour rétablir, il faut deux personnes · two persons open it again:")
        click.echo(f"  ./rempart cutoff ask-clear {ref} --out DEMANDE")
    else:
        click.echo(f"  pour rétablir · to open again: ./rempart cutoff clear {ref} --as {by}")


@command.command(name="ask-clear")
@click.argument("ref", type=int)
@click.option("--out", type=NEW_FILE, required=True, help="La demande · the statement")
def ask_clear(ref: int, out: Path) -> None:
    """Écrire la demande de rétablir REF, pour deux opérateurs · write the statement for two."""
    statement = clearing_statement(ref, now=present(), chance=SystemChance())
    out.write_text(json.dumps(statement, indent=1) + "\n", "utf-8")
    click.echo(f"à confirmer par deux opérateurs · for two operators to confirm: {out}")
    click.echo(f"chacun · each: rempart operator confirm {out} --key CLÉ --out CONFIRMATION")
    click.echo(f"puis · then: rempart cutoff clear {ref} --as NOM --statement {out} --confirm … ×2")


@command.command()
@click.argument("ref", type=int)
@by_option
@click.option("--statement", type=FILE, help="Si deux décident · where two decide")
@click.option("--confirm", "confirmations", type=FILE, multiple=True, help="Deux · two of them")
def clear(ref: int, by: str, statement: Path | None, confirmations: tuple[Path, ...]) -> None:
    """Rétablir ce que l'entrée REF a coupé · open again what entry REF has cut."""
    said = statement.read_text("utf-8") if statement else ""
    decided(ask(ClearCutOff(ref, by, said, tuple(p.read_text("utf-8") for p in confirmations))))
    click.echo(f"rétabli · open again: n° {ref}")
    click.echo("  ensuite · next: ./rempart cutoff list")


@command.command(name="list")
def list_() -> None:
    """Ce qui est coupé ou le sera · what is cut, or will be."""
    console, settings = Console(highlight=False), Settings.from_environ()
    left = orders_left(settings)
    for order in left:
        wanted = order.wanted
        console.print(
            f"[red]ordre en attente du coffre[/red] · [red]waits for the vault[/red]:"
            f" {wanted.scope} {wanted.what}, {moment(order.asked)}, {wanted.by}"
        )
    shown = ask(ListCutOffs())
    assert isinstance(shown, CutOffsShown)
    console.print(table_of(shown) if shown.cut_offs else "rien n'est coupé · nothing is cut")
    if shown.total > len(shown.cut_offs):
        rest = shown.total - len(shown.cut_offs)
        console.print(f"… et {rest} autres · and {rest} more")


def table_of(shown: CutOffsShown) -> Table:
    """A row a cut-off: its number, what it cuts, when, why, who opens it again."""
    table = Table(box=None, pad_edge=False)
    headings = ("n°", "coupé · cut", "dès · jusqu'à · from, until", "motif · why", "par · by")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in shown.cut_offs:
        until = moment(row.until) if row.until else "—"
        table.add_row(
            Text(str(row.ref)),
            Text(f"{row.scope} {row.what}", "red" if row.stands else "yellow"),
            Text(f"{moment(row.since)}\n{until}"),
            Text(row.why),
            Text(f"{row.by or row.authority}{' (×2)' if row.two else ''}"),
        )
    return table
