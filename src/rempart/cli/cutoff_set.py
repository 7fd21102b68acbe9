"""``rempart cutoff set``: cut one thing, at once; with the vault up, stuck or down."""

import re
from datetime import UTC, datetime

import click

from rempart.adapters.system import SystemChance
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.cut_offs import leave_order, present
from rempart.cli.asking import decided, moment
from rempart.config import Settings
from rempart.domain.cutoff_words import NARROW, ORDER_SIZE, TAKES_TWO, CutWhy, Scope
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.cut_off_messages import CutOffSet, SetCutOff
from rempart.usecases.messages import Refused, Reply

WITHIN = 0.4
"""Seconds for a vault to say that it has cut: ten times a batch. Past it, it is down."""
SCOPES = tuple(scope.name.lower() for scope in Scope)
WHYS = tuple(why.name.lower() for why in CutWhy if why is not CutWhy.FROZEN_TOGETHER)
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


@click.command(name="set")
@click.argument("scope", type=click.Choice(SCOPES))
@click.argument("what", default="")
@click.option("--why", type=click.Choice(WHYS), required=True, help="Le motif · the reason")
@click.option("--as", "by", required=True, help="Qui décide · who decides")
@click.option("--since", type=Moment(), default=0, help="Dès · from (now)")
@click.option("--until", type=Moment(), default=0, help="Jusqu'à · until (until cleared)")
def command(*, scope: str, what: str, why: str, by: str, since: int, until: int) -> None:
    """Couper WHAT · cut WHAT: rights, platform, channel portal, insurer 75001234, site FINESS:…"""
    settings, asked = Settings.from_environ(), present()
    order = SystemChance().draw(ORDER_SIZE).hex()
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
