"""``rempart site``: where professionals bill."""

import click

from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.identifiers import SiteId
from rempart.domain.site import SCOPES, SiteKind
from rempart.usecases.ports import Site


@click.group()
def command() -> None:
    """Inscrire un lieu d'exercice · register a site."""


@command.command()
@click.argument("site")
@click.option("--kind", type=click.Choice([kind.value for kind in SiteKind]), required=True)
@click.option("--daily-cap", type=click.IntRange(min=1), help="Personnes par jour · people a day")
def register(site: str, kind: str, daily_cap: int | None) -> None:
    """Inscrire SITE (FINESS:…, SIRET:…, STRUCT:…) · register SITE."""
    with registrar(Settings.from_environ()) as registry:
        registry.register_site(
            Site(site=SiteId.parse(site).value, kind=SiteKind(kind), daily_cap=daily_cap)
        )
    click.echo(f"inscrit · registered: {kind}")


@command.command(name="list")
def list_() -> None:
    """Les lieux inscrits · registered sites."""
    with registrar(Settings.from_environ()) as registry:
        for site in sorted(registry.read().sites.values(), key=lambda s: s.site):
            cap = site.daily_cap or SCOPES[site.kind].daily_cap
            click.echo(f"{site.site}\t{site.kind}\t{cap}/jour")
