"""Who takes part, on PostgreSQL: ``Registry``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from rempart.adapters.postgres.connections import Lasting
from rempart.adapters.postgres.queries import queries
from rempart.domain.errors import Refusal
from rempart.domain.person import Person, Role, Suspension
from rempart.domain.practice import Usage
from rempart.domain.site import SiteKind
from rempart.usecases.ports import Insurer, Registered, Site, Software

SQL = queries("registry")
DECIDED = {"decided": Suspension.DECIDED.value}


class PostgresRegistry(Lasting):
    """Reads and writes with the role of the process that holds it.

    Without ``people``, it reads none: the importer's role is not let at them.
    """

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Any]], *, people: bool = True
    ) -> None:
        super().__init__(connect)
        self._people = people

    def _run(self, name: str, values: Mapping[str, object] | None = None) -> psycopg.Cursor[Any]:
        with self._open() as connection:
            return connection.execute(SQL[name], values)

    def generation(self) -> int:
        """Moves with every change."""
        row = self._run("generation").fetchone()
        assert row is not None
        return int(row[0])

    def read(self) -> Registered:
        """Everybody who takes part."""
        generation = self.generation()
        return Registered(
            generation=generation,
            insurers={
                amc: Insurer(amc=amc, bundle=bundle, sandbox=sandbox)
                for amc, bundle, sandbox in self._run("insurers")
            },
            sites={
                row[0]: Site(
                    site=row[0],
                    kind=SiteKind(row[1]),
                    daily_cap=row[2],
                    number=row[3],
                    place=row[4],
                    since=row[5],
                    contract=row[6],
                    suspended=None if row[7] is None else Suspension(row[7]),
                    followed=row[8],
                    outside=row[9],
                )
                for row in self._run("sites")
            },
            software={
                row[0]: Software(
                    client_id=row[0],
                    number=row[1],
                    site=row[2],
                    jwks=row[3],
                    certificates=frozenset(bytes(c) for c in row[4]),
                    sandbox=row[5],
                    revoked=row[6],
                    product=row[7],
                    usage=Usage(row[8]),
                    seals=row[9],
                    sponsor=row[10],
                )
                for row in self._run("software")
            },
            people={row[0]: person_of(row) for row in self._run("people")} if self._people else {},
        )

    def register_insurer(
        self, insurer: Insurer, *, confirmations: Sequence[Mapping[str, str]]
    ) -> None:
        """Keep an insurer's confirmed bundle."""
        self._run(
            "register_insurer",
            {
                "amc": insurer.amc,
                "bundle": Jsonb(dict(insurer.bundle)),
                "confirmations": Jsonb([dict(c) for c in confirmations]),
                "sandbox": insurer.sandbox,
            },
        )

    def register_site(self, site: Site) -> None:
        """Keep a site."""
        self._run("register_site", columns_of_site(site))

    def join_site(self, site: Site) -> None:
        """Keep a site under a contract, live or anew."""
        given = {"followed": site.followed, "outside": site.outside}
        with self._open() as connection, connection.transaction():
            connection.execute(SQL["shut_before"], {"site": site.site, **DECIDED})
            connection.execute(SQL["renumber"], {"site": site.site})
            connection.execute(SQL["join_site"], columns_of_site(site) | given)

    def suspend_site(self, site: str) -> None:
        """A site is out.

        Raises:
            Refusal: no site of this name is in.
        """
        if self._run("suspend_site", {"site": site, **DECIDED}).rowcount != 1:
            raise Refusal("no site of this name is in")

    def restore_site(self, site: str, *, followed: bool = True, outside: str = "") -> None:
        """The same site is back.

        Raises:
            Refusal: no site of this name is out.
        """
        values = {"site": site, "followed": followed, "outside": outside}
        if self._run("restore_site", values).rowcount != 1:
            raise Refusal("no site of this name is out")

    def register_software(self, software: Software) -> None:
        """Keep a software; its number is given by the registry."""
        self._run(
            "register_software",
            {
                "client_id": software.client_id,
                "site": software.site,
                "jwks": Jsonb(dict(software.jwks)),
                "certificates": sorted(software.certificates),
                "sandbox": software.sandbox,
                "product": software.product,
                "usage": software.usage.value,
                "seals": software.seals,
                "sponsor": software.sponsor,
            },
        )

    def rotate_software(self, client_id: str, jwks: Mapping[str, Any]) -> None:
        """Give a live software another key set; its sessions end at the vault's next look.

        Raises:
            Refusal: nobody of this name is in.
        """
        values = {"client_id": client_id, "jwks": Jsonb(dict(jwks))}
        if self._run("rotate_software", values).rowcount != 1:
            raise Refusal("no live software has this client_id")

    def revoke_software(self, client_id: str) -> None:
        """Shut a software out; its sessions end at the vault's next look.

        Raises:
            Refusal: nobody of this name is in.
        """
        if self._run("revoke_software", {"client_id": client_id}).rowcount != 1:
            raise Refusal("no live software has this client_id")


def columns_of_site(site: Site) -> dict[str, object]:
    """A site as parameters, without what an extract decides of it."""
    return {
        "site": site.site,
        "kind": site.kind.value,
        "daily_cap": site.daily_cap,
        "place": site.place,
        "since": site.since,
        "contract": site.contract,
    }


def person_of(row: tuple[Any, ...]) -> Person:
    """A row of ``people``, its columns in the order of ``Person``."""
    return Person(
        number=row[0],
        login=row[1],
        role=Role(row[2]),
        rpps=row[3],
        profession=row[4],
        sponsor=row[5],
        site=row[6],
        amc=row[7],
        usage=Usage(row[8]),
        label=row[9],
        since=row[10],
        suspended=None if row[11] is None else Suspension(row[11]),
        left=row[12],
        ways=row[13],
        followed=row[14],
        outside=row[15],
    )
