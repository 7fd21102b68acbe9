"""``rempart device``: which devices may bind insurers while their site is cut off.

Asked of the vault that runs here, by its own user. A software does the same for its own site, at
``/device`` of the gateway.
"""

from pathlib import Path

import click

from rempart.cli.asking import ask, decided, moment
from rempart.domain.base64url import from_base64url
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import SiteId
from rempart.usecases.device_messages import (
    DeviceShown,
    DevicesShown,
    EndDevice,
    EnrolDevice,
    ListDevices,
)

by_option = click.option("--as", "by", required=True, help="Qui décide · who decides")


@click.group()
def command() -> None:
    """Les postes qui engagent hors ligne · devices that bind offline."""


@command.command()
@click.argument("key")
@click.option("--site", required=True, help="Le lieu du poste · the device's site")
@by_option
def enrol(key: str, site: str, by: str) -> None:
    """Inscrire un poste par sa clé publique : device.pub, ou ce que la page montre.

    Enrol a device by its public key: device.pub, or what the page shows.
    """
    reply = ask(EnrolDevice(point_in(key), site=SiteId.parse(site).value, by=by))
    if not isinstance(reply, DeviceShown):
        decided(reply)
        return
    click.echo(f"inscrit · enrolled: {reply.device}, {moment(reply.since)}")
    click.echo("  il engage pendant les coupures qui viennent · it binds in cut-offs to come")


def point_in(key: str) -> bytes:
    """A device's public key: a file of 65 bytes, or its base64url as the offline page shows it.

    Raises:
        MalformedIdentifier: neither.
    """
    path = Path(key)
    if path.is_file():
        return path.read_bytes()
    try:
        return from_base64url(key)
    except ValueError:
        raise MalformedIdentifier("key", "expected device.pub, or base64url of 65 bytes") from None


@command.command()
@click.argument("device")
@by_option
def end(device: str, by: str) -> None:
    """Retirer un poste · take a device out."""
    decided(ask(EndDevice(device, by=by)))
    click.echo("retiré · taken out")


@command.command(name="list")
@click.option("--site", default="", help="D'un lieu · of a site")
def list_(site: str) -> None:
    """Les postes inscrits · enrolled devices."""
    first = 0
    while True:
        reply = ask(ListDevices(site=site, first=first))
        if not isinstance(reply, DevicesShown):
            decided(reply)
            return
        for each in reply.devices:
            click.echo(f"{each.device}  {each.site}  {moment(each.since)}  {each.by}")
        first += len(reply.devices)
        if first >= reply.total or not reply.devices:
            return
