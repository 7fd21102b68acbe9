"""``rempart person``: professionals, contracted at their sites; whom they have taken in."""

from dataclasses import replace
from datetime import UTC, datetime

import click

from rempart.adapters.system import SystemChance
from rempart.bootstrap.people import directory_look_up, people_registrar
from rempart.bootstrap.registrar import registrar
from rempart.cli.looking_up import outside_option, said_outside, tell
from rempart.config import Settings
from rempart.domain.directory import FITS
from rempart.domain.errors import Refusal, SetUpRefused
from rempart.domain.identifiers import RPPS, SiteId
from rempart.domain.person import Person, Role, Suspension, check_person, told
from rempart.domain.practice import Usage
from rempart.usecases.ports import Registered
from rempart.usecases.sponsor_delegates import fresh_login
from rempart.usecases.take_part import takes_part

USAGES = [told(usage.name) for usage in Usage]
FRENCH = {
    Suspension.ABSENT: "absent de l'annuaire · not listed",
    Suspension.ENDED: "activité terminée · ended",
    Suspension.PROFESSION: "autre profession · another profession",
    Suspension.DECIDED: "sur décision · decided",
}


@click.group()
def command() -> None:
    """Professionnels et délégués · professionals and delegates."""


@command.command()
@click.argument("rpps")
@click.option("--site", required=True, help="FINESS:…, SIRET:…, STRUCT:…")
@click.option("--profession", required=True, help="Code TRE_G15 : 10, 21, 60…")
@click.option("--usage", type=click.Choice(USAGES), default=USAGES[0], show_default=True)
@outside_option
def enrol(  # noqa: PLR0917
    rpps: str, site: str, profession: str, usage: str, reason: str | None, by: str | None
) -> None:
    """Inscrire le professionnel RPPS à un lieu, sous contrat · contract RPPS at a site."""
    settings = Settings.from_environ()
    person = Person(
        number=0,
        login=fresh_login(Role.PROFESSIONAL, SystemChance()),
        role=Role.PROFESSIONAL,
        rpps=RPPS.parse(rpps, lenient_key=settings.sandbox).value,
        profession=profession,
        site=SiteId.parse(site).value,
        usage=Usage[usage.upper().replace("-", "_")],
        since=datetime.now(UTC).date(),
    )
    check_person(person)
    with registrar(settings) as registry:
        known = registry.read().sites.get(person.site)
    if known is None:
        raise SetUpRefused("the site is not registered: rempart site join")
    if known.suspended is not None:
        raise SetUpRefused("the site is out: rempart site restore, or join")
    if person.profession not in FITS[known.kind]:
        raise SetUpRefused(f"a {known.kind} has no such profession")
    with directory_look_up(settings) as look_up:
        found = look_up.professional(person, known.kind, outside=said_outside(reason, by))
    with people_registrar(settings) as people:
        number = people.join(replace(person, followed=not found.outside, outside=found.outside))
    tell(found)
    click.echo(f"inscrit · enrolled: {number}")


@command.command()
@click.argument("name")
def suspend(name: str) -> None:
    """Suspendre @LOGIN, ses délégués avec · suspend @LOGIN, delegates too."""
    settings = Settings.from_environ()
    person = _named(settings, name)
    with people_registrar(settings) as people:
        people.suspend({person.number: Suspension.DECIDED})
    click.echo(f"suspendu · suspended: rempart person restore {name}")


@command.command()
@click.argument("name")
@outside_option
def restore(name: str, reason: str | None, by: str | None) -> None:
    """Rétablir @LOGIN · restore @LOGIN."""
    settings = Settings.from_environ()
    person, outside = _named(settings, name), said_outside(reason, by)
    if person.role is Role.PROFESSIONAL:
        kind = _registered(settings).sites[person.site].kind
        with directory_look_up(settings) as look_up:
            found = look_up.professional(person, kind, outside=outside)
        outside = found.outside
        tell(found)
    elif outside:
        raise SetUpRefused("the directory is of professionals")
    with people_registrar(settings) as people:
        people.restore(person.number, followed=not outside, outside=outside)
    click.echo("rétabli · restored")


@command.command(name="list")
@click.option("--site", help="Un seul lieu · one site")
def list_(site: str | None) -> None:
    """Qui peut entrer, et qui ne le peut pas · who may get in, and who may not."""
    registered = _registered(Settings.from_environ())
    for person in sorted(registered.people.values(), key=lambda each: (each.site, each.number)):
        if site is None or person.site == site:
            state = _state(person, registered)
            click.echo(f"{person.name}\t{told(person.role.name)}\t{person.site}\t{state}")


def _state(person: Person, registered: Registered) -> str:
    if person.left:
        return "parti · left"
    if person.suspended is not None:
        return FRENCH[person.suspended]
    site = registered.sites.get(person.site)
    if site is not None and site.suspended is not None:
        return "avec son lieu · with their site"
    if not takes_part(person, registered):
        return "avec son répondant · with their sponsor"
    return "présent · in" if person.followed else "hors annuaire · outside of the directory"


def _registered(settings: Settings) -> Registered:
    with registrar(settings) as registry:
        return registry.read()


def _named(settings: Settings, name: str) -> Person:
    for person in _registered(settings).people.values():
        if name in {person.name, person.login}:
            return person
    raise Refusal("nobody has this name: rempart person list")
