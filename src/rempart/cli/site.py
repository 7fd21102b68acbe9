"""``rempart site``: where professionals bill."""

import re
from datetime import UTC, datetime

import click

from rempart.bootstrap.people import directory_look_up
from rempart.bootstrap.registrar import registrar
from rempart.cli.looking_up import outside_option, said_outside, tell
from rempart.config import Settings
from rempart.domain.errors import MalformedIdentifier, Refusal, SetUpRefused
from rempart.domain.identifiers import SiteId
from rempart.domain.person import Suspension
from rempart.domain.practice import daily_cap
from rempart.domain.site import SiteKind
from rempart.usecases.ports import Site

SITES_OUT = {
    Suspension.ABSENT: "n'est plus à l'annuaire · no longer listed",
    Suspension.ENDED: "toute activité terminée · every activity ended",
    Suspension.PROFESSION: "plus de profession de ce genre · no profession of its kind left",
    Suspension.DECIDED: "sur décision · decided",
}


@click.group()
def command() -> None:
    """Inscrire un lieu d'exercice · register a site."""


@command.command()
@click.argument("site")
@click.option("--kind", type=click.Choice([kind.value for kind in SiteKind]), required=True)
@click.option("--daily-cap", type=click.IntRange(min=1), help="Personnes par jour · people a day")
@click.option("--place", default="", help="Département, deux caractères · two characters")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Depuis quand il prend part · since when it takes part (today)",
)
def register(
    site: str, kind: str, daily_cap: int | None, place: str, since: datetime | None
) -> None:
    """Inscrire SITE (FINESS:…, SIRET:…, STRUCT:…) · register SITE."""
    settings, name = Settings.from_environ(), SiteId.parse(site).value
    with registrar(settings) as registry:
        known = registry.read().sites.get(name)
        if not settings.sandbox and (known is None or known.kind is not SiteKind(kind)):
            raise SetUpRefused("a new site, or another kind, takes a contract: rempart site join")
        registry.register_site(
            Site(
                site=name,
                kind=SiteKind(kind),
                daily_cap=daily_cap,
                place=checked_place(place) if place else place_of(name),
                since=since.date() if since else datetime.now(UTC).date(),
            )
        )
    click.echo(f"inscrit · registered: {kind}")


@command.command()
@click.argument("site")
@click.option("--kind", type=click.Choice([kind.value for kind in SiteKind]), required=True)
@click.option("--contract", required=True, help="Référence du contrat · its contract's reference")
@click.option("--place", default="", help="Département, deux caractères · two characters")
@outside_option
def join(  # noqa: PLR0917
    site: str, kind: str, contract: str, place: str, reason: str | None, by: str | None
) -> None:
    """Faire entrer SITE, sous contrat, aujourd'hui · take SITE in today.

    Son budget est petit et grandit avec les présences prouvées · its budget is small, and grows.
    """
    settings, name = Settings.from_environ(), SiteId.parse(site).value
    if not contract.isprintable() or not 0 < len(contract) <= CONTRACT_MAX:
        raise MalformedIdentifier("contract", f"expected 1 to {CONTRACT_MAX} characters")
    with directory_look_up(settings) as look_up:
        found = look_up.site(name, SiteKind(kind), outside=said_outside(reason, by))
    with registrar(settings) as registry:
        known = registry.read().sites.get(name)
        registry.join_site(
            Site(
                site=name,
                kind=SiteKind(kind),
                contract=contract,
                place=checked_place(place) if place else place_of(name),
                since=datetime.now(UTC).date(),
                followed=found.listed,
                outside=found.outside,
            )
        )
    tell(found)
    if known is not None and known.suspended is not None:
        click.echo("repart de zéro, logiciels exclus · begins anew, its software is revoked")
    click.echo(f"entré · joined: {kind}, contrat · contract {contract}")
    click.echo("ensuite · next: rempart person enrol RPPS --site " + name)


@command.command()
@click.argument("site")
def suspend(site: str) -> None:
    """Suspendre SITE, logiciels et personnes · suspend SITE, software and people."""
    with registrar(Settings.from_environ()) as registry:
        registry.suspend_site(SiteId.parse(site).value)
    click.echo("suspendu · suspended: rempart site restore")


@command.command()
@click.argument("site")
@outside_option
def restore(site: str, reason: str | None, by: str | None) -> None:
    """Rétablir SITE, le même qu'avant · restore SITE, the same as before."""
    settings, name = Settings.from_environ(), SiteId.parse(site).value
    with registrar(settings) as registry:
        known = registry.read().sites.get(name)
        if known is None or known.suspended is None:
            raise Refusal("no site of this name is out")
        with directory_look_up(settings) as look_up:
            found = look_up.site(name, known.kind, outside=said_outside(reason, by))
        registry.restore_site(name, followed=found.listed, outside=found.outside)
    tell(found)
    click.echo("rétabli ; ses professionnels, un par un · restored; its professionals, one by one")


CONTRACT_MAX = 40


def checked_place(place: str) -> str:
    """A département in two characters: 75, 2A; 97 for those overseas.

    Raises:
        MalformedIdentifier: not one.
    """
    if re.fullmatch("[0-9][0-9AB]", place.upper()) is None:
        raise MalformedIdentifier("place", "expected a département in two characters: 75, 2A, 97")
    return place.upper()


def place_of(site: str) -> str:
    """The département that a FINESS begins with; nothing for other identifiers."""
    number = site.removeprefix("FINESS:")
    return number[:2] if number != site else ""


@command.command(name="list")
def list_() -> None:
    """Les lieux inscrits · registered sites."""
    with registrar(Settings.from_environ()) as registry:
        for site in sorted(registry.read().sites.values(), key=lambda s: s.site):
            cap = site.daily_cap or daily_cap(site.kind)
            click.echo(f"{site.site}\t{site.kind}\t{cap}/jour{_state(site)}")


def _state(site: Site) -> str:
    if site.suspended is not None:
        return "\t" + SITES_OUT[site.suspended]
    outside = site.outside and not site.followed
    return "\thors annuaire · outside of the directory" if outside else ""
