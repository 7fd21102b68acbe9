"""The town of the cut: insurers with cards, lists and guarantees; shops with software and a device.

Every part is the product's, with its own keys, as ``drill.stage`` sets a demo up; only there are
more sites, and everybody who comes has a card.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from rempart.adapters.claim_sender import ClaimSender
from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.adapters.identity.certificates import Issued, issue_client
from rempart.adapters.keys.file import KeyFile
from rempart.adapters.system import SystemClock
from rempart.adapters.undertaking_chain import FileChain
from rempart.bootstrap import lists
from rempart.bootstrap.device import PUBLIC, DeviceFolder, make_device
from rempart.bootstrap.insurer import InsurerFolder, member_file
from rempart.bootstrap.registrar import registrar
from rempart.bootstrap.verifier import seconds_now, take_into
from rempart.config import Settings
from rempart.domain.site import SiteKind
from rempart.drill.admission import make_tls
from rempart.drill.country import InsurerFile
from rempart.drill.cut.plan import Town
from rempart.drill.software import Credentials
from rempart.drill.stage import SEED, Stage, Watcher
from rempart.usecases.ports import Site, Software
from rempart.usecases.register_software import register_software
from rempart.usecases.undertake import Undertake

OVER_ONE_IN = 100
"""Cards that have ended since they were printed: their row has left the file."""
TM = {f"{domain} TM": {"times": 5} for domain in ("PHAR", "SVIL", "LABO", "AUXM")}
ALL_100 = {"OPTI A": {"times": 2}, "AUDI A": {"times": 2}}
CLASS_B = {"OPTI B": {"times": 2, "most": 420_00}, "AUDI B": {"times": 2, "most": 1_400_00}}
PROFILES = ("0", "1", "2")
GUARANTEE_B = 2
"""Insurers that guarantee class B: the larger two of three."""


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody's card; ``over``: its insurer has ended it."""

    code: str = field(repr=False)
    amc: str
    over: bool


@dataclass(slots=True)
class Shop:
    """A site: its software, and its device."""

    name: str = field(repr=False)
    kind: SiteKind
    folder: Path
    credentials: Credentials = field(repr=False)
    undertake: Undertake | None = field(default=None, repr=False)

    @property
    def device(self) -> Path:
        """Its device's folder."""
        return self.folder / "device"

    @property
    def point(self) -> bytes:
        """Its device's public key."""
        return (self.device / PUBLIC).read_bytes()

    @property
    def chain(self) -> FileChain:
        """What its device has signed."""
        return DeviceFolder(self.device).chain

    def sender(self, url: str, authorities: Path) -> ClaimSender:
        """Its way to the intake."""
        return ClaimSender(
            url,
            certificate=self.credentials.certificate,
            key=self.credentials.certificate_key,
            authorities=authorities,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The town, before its day: ``shops`` by kind, in the order of their places; ``old_software``
    is one that asks in clear.
    """

    settings: Settings
    old_software: Credentials = field(repr=False)
    cards: Sequence[Card] = field(repr=False)
    shops: Mapping[SiteKind, Sequence[Shop]] = field(repr=False)

    @property
    def every_shop(self) -> list[Shop]:
        """All of them."""
        return [shop for some in self.shops.values() for shop in some]

    @property
    def authorities(self) -> Path:
        """Who vouches for the platform's doors."""
        return self.settings.tls / "authority.pem"


def build(settings: Settings, admin: str, town: Town, *, members: int, watch: Watcher) -> Ground:
    """Everything, from nothing; ``watch`` opens lines of progress."""
    stage, today = Stage(settings), datetime.now(UTC).date()
    country = stage.insurers(admin, members, watch)
    files = sorted(country.files, key=lambda file: -file.rows)
    insurers = {
        file.insurer.amc: InsurerFolder.open(
            folder := settings.home / "insurers" / file.insurer.amc, KeyFile(folder / "insurer.key")
        )
        for file in files
    }
    cards = Insurers(settings, files, insurers).publish(today)
    # Who comes is of any insurer.
    Random(SEED).shuffle(cards)  # noqa: S311 - to be drawn again alike
    clients = make_tls(settings, now=SystemClock().now())
    shops = open_shops(settings, town, clients)
    return Ground(
        settings=settings,
        cards=cards,
        shops=shops,
        old_software=_old_software(settings, shops[SiteKind.PHARMACY][0].name, clients),
    )


def _old_software(settings: Settings, site: str, clients: Issued) -> Credentials:
    """A software from before, whose questions can be written once and sent many times."""
    credentials, software = _software(settings.home / "shops" / "OLD", "OLD", site, clients)
    with registrar(settings) as registry:
        register_software(replace(software, seals=False), registry=registry, sandbox=True)
    return credentials


def open_shops(settings: Settings, town: Town, clients: Issued) -> dict[SiteKind, list[Shop]]:
    """Sites, each with its software and its device."""
    shops: dict[SiteKind, list[Shop]] = {}
    with registrar(settings) as registry:
        for kind, count in town.sites.items():
            for place in range(count):
                name = f"STRUCT:{kind.value.upper()[:4]}{place:03d}"
                registry.register_site(Site(site=name, kind=kind))
                folder = settings.home / "shops" / name.removeprefix("STRUCT:")
                credentials, software = _software(folder, name, name, clients)
                register_software(software, registry=registry, sandbox=True)
                shop = Shop(name, kind, folder, credentials)
                make_device(shop.device)
                shops.setdefault(kind, []).append(shop)
    return shops


def _software(folder: Path, name: str, site: str, clients: Issued) -> tuple[Credentials, Software]:
    """A software with keys of its own."""
    folder.mkdir(mode=0o700, parents=True)
    issued = issue_client(clients, f"{folder.name}.example", now=SystemClock().now())
    issued.write(folder, "software")
    key = new_key(name)
    credentials = Credentials(
        client_id=name,
        key=key,
        certificate=folder / "software.pem",
        certificate_key=folder / "software.key",
    )
    software = Software(
        client_id=name,
        number=0,
        site=site,
        jwks=public_jwks(key),
        certificates=frozenset({issued.thumbprint}),
        sandbox=True,
        revoked=False,
        seals=True,
    )
    return credentials, software


@dataclass(slots=True)
class Insurers:
    """Their folders and files, in the order of their size."""

    settings: Settings
    files: Sequence[InsurerFile]
    folders: Mapping[str, InsurerFolder] = field(repr=False)

    def publish(self, today: date) -> list[Card]:
        """Issue everybody's card, end some, state guarantees, publish every list."""
        begin_lists(self.settings, self.files)
        cards: list[Card] = []
        for rank, file in enumerate(self.files):
            insurer = self.folders[file.insurer.amc]
            cards += self._issue(insurer, file, today)
            sales = TM | ALL_100 | (CLASS_B if rank < GUARANTEE_B else {})
            said = {"list_days": 7, "profile": dict.fromkeys(PROFILES, sales)}
            _, statement = insurer.guarantees(said, now=seconds_now() - 60, days=366)
            lists.carry(self.settings, statement)
        lists.publish(self.settings, days=30, turn=False)
        take = take_into(lists.published(self.settings))
        for file in self.files:
            take(self._status(self.folders[file.insurer.amc], file), now=seconds_now())
        return cards

    def _issue(self, insurer: InsurerFolder, file: InsurerFile, today: date) -> list[Card]:
        with member_file(file.path) as stream, insurer.cards(today) as issue:
            issued = list(issue(stream, rejected=lambda _: None))
        left = set(_left(file))
        return [
            Card(each.code, file.insurer.amc, each.reference in left)
            for each in issued
            if each.code
        ]

    def _status(self, insurer: InsurerFolder, file: InsurerFile) -> bytes:
        left = set(_left(file))
        with file.path.open(encoding="utf-8") as stream:
            rows = [row for row in stream if row.split(";", 1)[0] not in left]
        with insurer.status(30 * 86_400) as make:
            data, _ = make(io.StringIO("".join(rows)), now=seconds_now(), rejected=lambda _: None)
        return data


def begin_lists(settings: Settings, files: Sequence[InsurerFile]) -> None:
    """The operator's list key, and what insurers are called."""
    lists.begin(settings, "Rempart")
    for file in files:
        lists.name_insurer(settings, file.insurer.amc, file.insurer.name)


def _left(file: InsurerFile) -> list[str]:
    """References of those who have left since their card was printed."""
    with file.path.open(encoding="utf-8") as stream:
        next(stream)
        return [row.split(";", 1)[0] for place, row in enumerate(stream) if not place % OVER_ONE_IN]
