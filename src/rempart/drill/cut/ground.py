"""The town of the cut: insurers with cards, lists and guarantees; shops with software and a device.

Every part is the product's, with its own keys, as ``drill.stage`` sets a demo up; only there are
more sites, and everybody who comes has a card.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from rempart.adapters.claim_sender import ClaimSender
from rempart.adapters.identity.assertions import new_key, public_jwks
from rempart.adapters.identity.certificates import Issued, issue_client
from rempart.adapters.keys.file import KeyFile
from rempart.adapters.system import SystemClock
from rempart.adapters.undertaking_chain import FileChain
from rempart.bootstrap.device import PUBLIC, DeviceFolder, make_device
from rempart.bootstrap.insurer import InsurerFolder
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.site import SiteKind
from rempart.drill.admission import make_tls
from rempart.drill.cut.insurers import Card, Insurers
from rempart.drill.cut.plan import Town
from rempart.drill.software import Credentials
from rempart.drill.stage import SEED, Stage, Watcher
from rempart.usecases.ports import Site, Software
from rempart.usecases.register_software import register_software
from rempart.usecases.undertake import Undertake


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
    insurers: Insurers = field(repr=False)
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
    folders = {
        file.insurer.amc: InsurerFolder.open(
            folder := settings.home / "insurers" / file.insurer.amc, KeyFile(folder / "insurer.key")
        )
        for file in files
    }
    issuers = Insurers(settings, files, folders)
    cards = issuers.publish(today)
    # Who comes is of any insurer.
    Random(SEED).shuffle(cards)  # noqa: S311 - to be drawn again alike
    clients = make_tls(settings, now=SystemClock().now())
    shops = open_shops(settings, town, clients)
    return Ground(
        settings=settings,
        insurers=issuers,
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
