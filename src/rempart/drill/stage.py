"""The demo's installation: a country, three insurers, an operator, and one site of each kind.

Every part does its own work with its own keys, as it would elsewhere: insurers prepare, operators
confirm, the importer takes in. Only the folder is shared.
"""

import io
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.adapters.identity.certificates import issue_client
from rempart.adapters.postgres.embedded import EmbeddedPostgres, erase
from rempart.adapters.private_files import write_private
from rempart.adapters.system import SystemClock
from rempart.bootstrap.database import set_up
from rempart.bootstrap.importer import platform_key
from rempart.bootstrap.insurer import InsurerFolder, member_file
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.domain.identifiers import AMCNumber
from rempart.domain.insurer import InsurerProfile
from rempart.domain.site import SiteKind
from rempart.drill.admission import admit, make_tls, prepare, take_in, trust_operators
from rempart.drill.country import Country, InsurerFile, write_country
from rempart.drill.patients import patients_of
from rempart.drill.sites import SyntheticSite, sites
from rempart.drill.software import Credentials
from rempart.usecases.ports import Site, Software
from rempart.usecases.register_software import register_software

SEED = 20240201
WAITING_ROOM = 60
"""People of each insurer who have come with their card, for ``rempart ask``."""


class Told(Protocol):
    """A line of progress."""

    def at(self, done: int) -> None:
        """So many rows are done."""
        ...

    def more(self, rows: int) -> None:
        """So many rows more are done."""
        ...


Watcher = Callable[[str, int], Told]
"""Opens a line of progress: its title, and how many rows there are."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The demo's folders."""

    settings: Settings

    @property
    def marker(self) -> Path:
        """Says that this folder is a demo's, and whether it is whole."""
        return self.settings.home / "demo.json"

    @property
    def patients(self) -> Path:
        """What people of the waiting room hold in their hands."""
        return self.settings.home / "waiting-room.json"

    def credentials(self, kind: SiteKind) -> Credentials:
        """The practice software of the site of this kind."""
        folder = self.settings.home / "software" / kind.value
        key = json.loads((folder / "key.json").read_text())
        return Credentials(
            client_id=key["kid"],
            key=key,
            certificate=folder / "software.pem",
            certificate_key=folder / "software.key",
        )

    def standing(self) -> dict[str, int] | None:
        """The members of a whole stage, or nothing."""
        try:
            said = json.loads(self.marker.read_text())
        except (OSError, ValueError):
            return None
        return said if said.get("whole") else None

    def clear(self) -> None:
        """Erase a demo.

        Raises:
            SetUpRefused: the folder holds something else.
        """
        home = self.settings.home
        if home.exists() and any(home.iterdir()) and not self.marker.exists():
            raise SetUpRefused(f"{home} is not a demo's folder: it is left alone")
        erase(self.settings.postgres)
        shutil.rmtree(home, ignore_errors=True)

    def build(self, admin: str, members: int, watch: Watcher, *, seals: bool = True) -> None:
        """Everything, from nothing; ``seals``: its software must seal what patients bring."""
        country = self.insurers(admin, members, watch)
        self._open_sites(country, seals=seals)
        self.mark(whole=True, members=country.members)

    def insurers(self, admin: str, members: int, watch: Watcher) -> Country:
        """The database and the insurers, taken in; no site yet."""
        settings, today = self.settings, datetime.now(UTC).date()
        set_up(settings, admin)
        told = watch("pays synthétique · synthetic country", members)
        country = write_country(
            settings.home / "country", members=members, seed=SEED, today=today, on_progress=told.at
        )
        trust_operators(settings)
        for file in country.files:
            self._admit(file, today, watch)
        return country

    def mark(self, *, whole: bool, members: int = 0) -> None:
        """Say that this is a demo's folder."""
        self.settings.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.marker.write_text(json.dumps({"whole": whole, "members": members}) + "\n")

    def _admit(self, file: InsurerFile, today: date, watch: Watcher) -> None:
        """One insurer: its keys, its registration, its feed, its cards."""
        name, folder = file.insurer.name, self.settings.home / "insurers" / file.insurer.amc
        profile = InsurerProfile(
            amc=AMCNumber.parse(file.insurer.amc),
            sandbox=True,
            member_number_rule=file.insurer.rule,
            declared=True,
            legacy_until=date(today.year + 1, 6, 30),
            platform=platform_key(self.settings),
        )
        insurer = admit(self.settings, folder, profile)
        told = watch(f"{name} : flux · feed", file.rows)
        feed = prepare(insurer, file.path, today=today, read=told.more)
        told = watch(f"{name} : import", file.rows)
        take_in(self.settings, insurer, feed, taken=told.more)
        self._seat(insurer, file, today)

    def _seat(self, insurer: InsurerFolder, file: InsurerFile, today: date) -> None:
        """Give cards to the first people of the file; they wait with them."""
        with member_file(file.path) as stream:
            first = "".join(islice(stream, WAITING_ROOM + 1))
        with insurer.cards(today) as issue:
            cards = list(issue(io.StringIO(first), rejected=lambda _: None))
        seated = json.loads(self.patients.read_text()) if self.patients.exists() else []
        seated += patients_of(file.insurer.amc, io.StringIO(first), cards, today)
        write_private(self.patients, json.dumps(seated))

    def _open_sites(self, country: Country, *, seals: bool) -> None:
        """One site of each kind, its software with its own key and certificate."""
        now = SystemClock().now()
        clients = make_tls(self.settings, now=now)
        with registrar(self.settings) as registry:
            for site in sites(country):
                registry.register_site(Site(site=site.site.value, kind=site.kind))
                folder = self.settings.home / "software" / site.kind.value
                folder.mkdir(mode=0o700, parents=True)
                client_id = f"demo-{site.kind.value}"
                issued = issue_client(clients, f"{client_id}.example", now=now)
                issued.write(folder, "software")
                key = new_key(client_id)
                write_private(folder / "key.json", json.dumps(key))
                register_software(
                    replace(
                        _software(client_id, site, public_jwks(key), issued.thumbprint),
                        seals=seals,
                    ),
                    registry=registry,
                    sandbox=self.settings.sandbox,
                )


def _software(
    client_id: str, site: SyntheticSite, jwks: dict[str, object], thumbprint: bytes
) -> Software:
    return Software(
        client_id=client_id,
        number=0,
        site=site.site.value,
        jwks=jwks,
        certificates=frozenset({thumbprint}),
        sandbox=True,
        revoked=False,
    )


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The demo's PostgreSQL for as long as the block lasts; its administrator's way in."""
    with EmbeddedPostgres() as server:
        yield server.start(settings.postgres, settings.secrets)


def waiting(stage: Stage) -> Sequence[dict[str, str]]:
    """The people of the waiting room.

    Raises:
        SetUpRefused: there is no demo here.
    """
    if not stage.patients.exists():
        raise SetUpRefused("no demo here yet: run rempart demo")
    seated: Sequence[dict[str, str]] = json.loads(stage.patients.read_text())
    return seated
