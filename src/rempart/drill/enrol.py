"""``rempart drill enrol``: the simulator's professionals, contracted at the demo's sites."""

import click

from rempart.adapters.private_files import write_private
from rempart.adapters.system import SystemChance
from rempart.bootstrap.people import people_registrar
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.directory import FITS
from rempart.domain.errors import SetUpRefused
from rempart.domain.person import Person, Role, check_person
from rempart.drill.psc.command import SECRET
from rempart.drill.psc.professionals import professionals
from rempart.drill.stage import SEED
from rempart.usecases.sponsor_delegates import fresh_login


@click.command()
def command() -> None:
    """Inscrire les professionnels du simulateur · contract the simulator's professionals."""
    settings = Settings.from_environ()
    if not settings.sandbox:
        raise SetUpRefused("people who do not exist are no production's")
    # What the simulator knows the portal by: it has no other than its own.
    folder = settings.psc_secret_file.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(settings.psc_secret_file, SECRET)
    with registrar(settings) as registry:
        sites = registry.read().sites
    chance = SystemChance()
    with people_registrar(settings) as people:
        for someone in professionals(SEED):
            for post in someone.posts:
                site = sites.get(post.site.site.value) if post.site else None
                if site is None or someone.profession not in FITS[site.kind]:
                    continue
                person = Person(
                    number=0,
                    login=fresh_login(Role.PROFESSIONAL, chance),
                    role=Role.PROFESSIONAL,
                    rpps=someone.rpps,
                    profession=someone.profession,
                    site=site.site,
                )
                check_person(person)
                people.join(person)
                click.echo(f"{someone.first_name} {someone.last_name}\t{site.kind}\t{site.site}")
