"""A clock that is told the time, chance that can be foreseen, a registry and keys in memory."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rempart.domain.errors import KeyMissing, Refusal
from rempart.domain.person import Person, Role, Suspension
from rempart.usecases.ports import Insurer, Registered, Site, Software


@dataclass(slots=True)
class MemoryClock:
    """Stands still until it is moved."""

    at: int

    def now(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        return self.at

    def forward(self, *, seconds: float) -> None:
        """Let time pass, or go back."""
        self.at += int(seconds * 1_000_000)


@dataclass(slots=True)
class MemoryChance:
    """The same bytes for the same seed: for tests and drills, never for a key that matters."""

    seed: bytes = b"seed"
    drawn: int = 0

    def draw(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        self.drawn += 1
        return hashlib.shake_256(self.seed + self.drawn.to_bytes(8, "big")).digest(size)


@dataclass(slots=True)
class MemoryCountries:
    """Countries by network."""

    known: dict[str, str] = field(default_factory=dict, repr=False)

    def of(self, network: str) -> str:
        """The country, or nothing."""
        return self.known.get(network, "")

    def look(self) -> None:
        """It is as it is."""


@dataclass(slots=True)
class MemoryKeys:
    """Named secrets in a dictionary."""

    secrets: dict[str, bytes] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> bytes:
        """The secret."""
        try:
            return self.secrets[name]
        except KeyError:
            raise KeyMissing(f"no key named {name}") from None

    def names(self, prefix: str) -> list[str]:
        """Names that start so, sorted."""
        return sorted(name for name in self.secrets if name.startswith(prefix))

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret; once put, its value stays."""
        assert self.secrets.get(name, secret) == secret, "a key never changes its value"
        self.secrets[name] = secret

    def drop(self, name: str) -> None:
        """Forget a secret."""
        self.secrets.pop(name, None)

    def reload(self) -> None:
        """Nobody else writes here."""


@dataclass(slots=True)
class MemoryRegistry:
    """Who takes part, in dictionaries."""

    moved: int = 0
    insurers: dict[int, Insurer] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    software: dict[str, Software] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict, repr=False)
    accounts: int = 0
    numbered: int = 0
    confirmed: dict[int, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def generation(self) -> int:
        """Moves with every change."""
        return self.moved

    def read(self) -> Registered:
        """Everybody who takes part."""
        return Registered(
            generation=self.moved,
            insurers=dict(self.insurers),
            sites=dict(self.sites),
            software=dict(self.software),
            people=dict(self.people),
        )

    def register_insurer(
        self, insurer: Insurer, *, confirmations: Sequence[Mapping[str, str]]
    ) -> None:
        """Keep an insurer's confirmed bundle."""
        self.insurers[insurer.amc] = insurer
        self.confirmed[insurer.amc] = confirmations
        self.moved += 1

    def register_site(self, site: Site) -> None:
        """Keep a site; one that is there keeps its first day, and whether it is in."""
        known = self.sites.get(site.site)
        if known is not None:
            site = replace(
                site,
                number=known.number,
                since=known.since,
                contract=site.contract or known.contract,
                suspended=known.suspended,
                followed=known.followed,
                outside=known.outside,
            )
        self.keep_site(site)

    def join_site(self, site: Site) -> None:
        """Keep a site under a contract, live or anew."""
        known = self.sites.get(site.site)
        if known is not None:
            site = replace(site, outside=site.outside or known.outside)
        if known is None or known.suspended is None:
            since = known.since if known else site.since
            number = known.number if known else 0
            self.keep_site(replace(site, number=number, since=since, suspended=None))
            return
        self.keep_site(replace(site, number=0, suspended=None))
        for name, software in self.software.items():
            if software.site == site.site:
                self.software[name] = replace(software, revoked=True)
        for person in list(self.people.values()):
            here = person.role is Role.PROFESSIONAL and person.site == site.site
            if here and person.suspended is None and not person.left:
                self.keep_person(replace(person, suspended=Suspension.DECIDED))

    def suspend_site(self, site: str) -> None:
        """A site is out."""
        known = self.sites.get(site)
        if known is None or known.suspended is not None:
            raise Refusal("no site of this name is in")
        self.keep_site(replace(known, suspended=Suspension.DECIDED))

    def restore_site(self, site: str, *, followed: bool = True, outside: str = "") -> None:
        """The same site is back."""
        known = self.sites.get(site)
        if known is None or known.suspended is None:
            raise Refusal("no site of this name is out")
        reason = outside or known.outside
        self.keep_site(replace(known, suspended=None, followed=followed, outside=reason))

    def keep_site(self, site: Site) -> None:
        """Keep a site as it is, under a number of its own."""
        number = site.number or self.numbered + 1
        self.numbered = max(self.numbered, number)
        self.sites[site.site] = replace(site, number=number)
        self.moved += 1

    def register_software(self, software: Software) -> None:
        """Keep a software, under a number of its own."""
        known = self.software.get(software.client_id)
        number = known.number if known else self._next()
        self.software[software.client_id] = replace(software, number=number, revoked=False)
        self.moved += 1

    def rotate_software(self, client_id: str, jwks: Mapping[str, Any]) -> None:
        """Give a live software another key set."""
        known = self.software.get(client_id)
        if known is None or known.revoked:
            raise Refusal("no live software has this client_id")
        self.software[client_id] = replace(known, jwks=jwks)
        self.moved += 1

    def revoke_software(self, client_id: str) -> None:
        """Shut a software out."""
        known = self.software.get(client_id)
        if known is None or known.revoked:
            raise Refusal("no live software has this client_id")
        self.software[client_id] = replace(self.software[client_id], revoked=True)
        self.moved += 1

    def keep_person(self, person: Person) -> int:
        """Keep somebody, under a number of the one space of accounts."""
        number = person.number or self._next()
        self.people[number] = replace(person, number=number)
        self.moved += 1
        return number

    def _next(self) -> int:
        self.accounts += 1
        return self.accounts
