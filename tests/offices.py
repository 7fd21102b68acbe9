"""An office that follows the public directory, in memory or on PostgreSQL."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

from rempart.adapters.memory.directory import MemoryDirectory
from rempart.adapters.memory.people import MemoryPeople
from rempart.adapters.memory.world import MemoryRegistry
from rempart.adapters.postgres.directory import PostgresDirectory
from rempart.adapters.postgres.people import PostgresPeople
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.domain.directory import COLUMNS
from rempart.domain.person import Person, Role
from rempart.domain.site import SiteKind
from rempart.drill.impossible import rpps
from rempart.usecases.follow_directory import FollowDirectory, FollowOptions
from rempart.usecases.ports import Site
from tests.people import ANNE, BASILE, OTHER, PHARMACY
from tests.postgres_servers import Database

TODAY = date(2026, 11, 24)
HEADING = ";".join(COLUMNS)


def a_row(who=ANNE, site=PHARMACY, profession="21", since="2020-01-01", until=""):
    return f"{who};{profession};{site};{since};{until}"


def others(count):
    """Professionals of elsewhere, whom nobody here has a contract with."""
    return [a_row(rpps(1000 + n), "STRUCT:ELSEW") for n in range(count)]


class Office:
    """A registry with two professionals, and the follower of it."""

    def __init__(self, registry, people, directory):
        self.registry, self.people, self.directory = registry, people, directory
        self.follow = FollowDirectory(registry=registry, directory=directory)
        self.faults = []
        registry.register_site(Site(site=PHARMACY, kind=SiteKind.PHARMACY))
        registry.register_site(Site(site=OTHER, kind=SiteKind.LABORATORY))
        self.anne, self.basile = self.join(ANNE), self.join(BASILE, OTHER)

    def join(self, who, site=PHARMACY, profession="21"):
        person = Person(
            number=0,
            login=f"p-{who}-{site[-5:].lower()}",
            role=Role.PROFESSIONAL,
            rpps=who,
            profession=profession,
            site=site,
        )
        return self.people.join(person)

    def take(self, *rows, today=TODAY, **options):
        stream = io.StringIO("\n".join([HEADING, *rows]) + "\n")
        return self.follow(
            stream,
            today=today,
            options=FollowOptions(**options),
            rejected=self.faults.append,
        )

    def out(self):
        people = self.registry.read().people.values()
        return {p.number: p.suspended for p in people if p.suspended is not None}

    def sites_out(self):
        sites = self.registry.read().sites.values()
        return {s.site: s.suspended for s in sites if s.suspended is not None}

    def site(self, name=PHARMACY):
        return self.registry.read().sites[name]


BOTH = (a_row(), a_row(BASILE, OTHER))


def in_memory():
    registry = MemoryRegistry()
    return Office(registry, MemoryPeople(registry), MemoryDirectory(registry))


@contextmanager
def on_postgres(database: Database) -> Iterator[Office]:
    own = partial(database.connect, "owner")
    parts = PostgresRegistry(own), PostgresPeople(own), PostgresDirectory(own)
    yield Office(*parts)
    for each in parts:
        each.close()
