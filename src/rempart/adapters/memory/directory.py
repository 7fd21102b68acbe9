"""The public directory in memory: the reference of ``Directory``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date

from rempart.adapters.memory.world import MemoryRegistry
from rempart.domain.directory import Listed
from rempart.domain.extract import Extract
from rempart.usecases.directory_ports import Consequences


@dataclass(slots=True)
class MemoryDirectory:
    """Lists beside the dictionaries of a registry."""

    registry: MemoryRegistry
    extracts: list[Extract] = field(default_factory=list, repr=False)
    rows: list[Listed] = field(default_factory=list, repr=False)

    def last(self) -> Extract | None:
        """The last taking-in."""
        return self.extracts[-1] if self.extracts else None

    def taken(self, digest: bytes) -> date | None:
        """The day that a file was of when it was first taken in."""
        return next((each.day for each in self.extracts if each.digest == digest), None)

    def at(self, site: str) -> Sequence[Listed]:
        """The last extract's rows about a site."""
        return [row for row in self.rows if row.site == site]

    @contextmanager
    def taking(self) -> "Iterator[MemoryTaking]":
        """Begin a taking-in."""
        yield MemoryTaking(self)


@dataclass(slots=True)
class MemoryTaking:
    """Rows that wait."""

    directory: MemoryDirectory
    rows: list[Listed] = field(default_factory=list, repr=False)

    def add(self, row: Listed) -> None:
        """Hold a row."""
        self.rows.append(row)

    def settle(self, extract: Extract, consequences: Consequences) -> None:
        """Put these rows in place of the last extract's, and do what follows."""
        registry, people = self.directory.registry, self.directory.registry.people
        self.directory.extracts.append(extract)
        self.directory.rows = self.rows
        for number, why in consequences.people.items():
            registry.keep_person(replace(people[number], suspended=why))
        for number in consequences.people_followed:
            registry.keep_person(replace(people[number], followed=True))
        for name, why in consequences.sites.items():
            registry.keep_site(replace(registry.sites[name], suspended=why))
        for name in consequences.sites_followed:
            registry.keep_site(replace(registry.sites[name], followed=True))
