"""A throw-away installation for a world of the drill, and the moment to which it can be put back.

On the embedded PostgreSQL: insurers with their own keys, real member files, ``prepare`` and
``import``; sites and software registered, a certificate a device; what sites knew before the first
day. Once it has lived for a while (``keep``), each thief finds it as it then was (``put_back``):
the database is cut from a template, and the vault's memory of its last checkpoint put beside it.
"""

import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from psycopg import sql
from psycopg.conninfo import make_conninfo

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.embedded import EmbeddedPostgres, erase
from rempart.adapters.postgres.known import known_table
from rempart.adapters.postgres.roles import administrator, shut_others_out
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.database import set_up
from rempart.bootstrap.keyrings import vault_keyring
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.disclosure import product_code
from rempart.domain.known import SINCE_1970
from rempart.drill.admission import make_tls, trust_operators
from rempart.drill.in_process import USAGES, InProcess
from rempart.drill.landscape import World
from rempart.drill.processes import roomy
from rempart.drill.stack.callers import Keyring, Lines, account_of, client_id, devices_of
from rempart.drill.stack.clock import ClockHand
from rempart.drill.stack.owners import ProSante, contract, people_environ
from rempart.drill.stack.wallets import Wallets, join_insurers
from rempart.usecases.ports import Registry, Site, Software
from rempart.usecases.pseudonyms import PAIR, Pseudonyms, pseudonym
from rempart.usecases.register_software import register_software

DATABASE, TEMPLATE = "rempart", "rempart_past"
PAIRS_AT_ONCE = 20_000
ROOM = 2 << 30
"""Where the installation stands if there is so much room: nothing of it must outlive the drill."""
FIRST_DAY = date(1970, 1, 1)


@dataclass(slots=True, kw_only=True, repr=False)
class Ground:
    """The installation. ``environ`` is what its processes are given; ``numbers`` the registry's
    numbers of the world's accounts, ``accounts`` the reverse; ``sealing`` those who must seal.
    """

    world: World
    settings: Settings
    environ: Mapping[str, str]
    admin: str = field(repr=False)
    clock: ClockHand
    keyring: Keyring
    wallets: Wallets
    numbers: Mapping[int, int]
    accounts: Mapping[int, int]
    sealing: frozenset[int]
    lines: Lines = field(default_factory=Lines)
    pro_sante: ProSante = field(repr=False)
    kept_at: int = 0

    @property
    def clock_file(self) -> Path:
        """Where processes read the clock."""
        return self.settings.home / "clock"

    def keep(self) -> None:
        """What the installation is now is what every thief will find; nobody is connected."""
        self.kept_at = self.clock.now()
        self._copy(DATABASE, TEMPLATE)
        memo = self.settings.checkpoint_file
        shutil.copy2(memo, memo.with_suffix(".past"))

    def put_back(self) -> None:
        """As it was kept, and at that moment; nobody is connected."""
        self.clock.reset(self.kept_at)
        self._copy(TEMPLATE, DATABASE)
        with administrator(make_conninfo(self.admin, dbname=DATABASE)) as admin:
            # A copy does not inherit who may connect to the original.
            shut_others_out(admin)
        memo = self.settings.checkpoint_file
        shutil.copy2(memo.with_suffix(".past"), memo)

    def _copy(self, there: str, here: str) -> None:
        names = {"there": sql.Identifier(there), "here": sql.Identifier(here)}
        with administrator(self.admin) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {here} WITH (FORCE)").format(**names))
            admin.execute(sql.SQL("CREATE DATABASE {here} TEMPLATE {there}").format(**names))


@contextmanager
def ground(twin: InProcess) -> Iterator[Ground]:
    """An installation of the world of ``twin``, which remembers already and has not played."""
    home = Path(tempfile.mkdtemp(prefix="rempart-drill-", dir=roomy(ROOM)))
    # PostgreSQL may run as another user, and passes through.
    home.chmod(0o711)
    environ = _environ(home)
    settings = Settings.from_environ(environ)
    try:
        with EmbeddedPostgres() as server:
            yield _built(twin, settings, environ, server.start(settings.postgres, settings.secrets))
    finally:
        erase(settings.postgres)
        shutil.rmtree(home, ignore_errors=True)


def _environ(home: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "REMPART_HOME": str(home),
        "REMPART_PORT": str(port),
        "REMPART_BASE_URL": f"https://127.0.0.1:{port}",
        "REMPART_INSTANCE": "sandbox",
        **people_environ(),
    }


def _built(twin: InProcess, settings: Settings, environ: dict[str, str], admin: str) -> Ground:
    world, now = twin.world, SystemClock().now()
    set_up(settings, admin)
    (pro_sante := ProSante()).trusted_by(settings)
    keyring = Keyring(settings.home / "software", make_tls(settings, now=now), now)
    trust_operators(settings)
    wallets = Wallets(world, join_insurers(world, settings))
    sealing = frozenset(a.number for a in world.accounts if _seals(world, a.site))
    with registrar(settings) as registry:
        _register_sites(twin, registry)
        _register_software(twin, registry, keyring, settings)
        registered = registry.read()
    contract(settings, {site.number: site_name(site.number) for site in world.sites})
    accounts = {each.number: account_of(name) for name, each in registered.software.items()}
    sites = {number_of_site(name): each.number for name, each in registered.sites.items()}
    _remember(twin, settings, wallets, sites)
    return Ground(
        world=world,
        settings=settings,
        environ=environ,
        admin=admin,
        clock=ClockHand(settings.home / "clock"),
        keyring=keyring,
        wallets=wallets,
        numbers={account: number for number, account in accounts.items()},
        accounts=accounts,
        sealing=sealing,
        pro_sante=pro_sante,
    )


def _seals(world: World, site: int) -> bool:
    """Whether a site's software seals what patients bring: two products in three."""
    return product_code(world.sites[site - 1].product) % 3 > 0


def site_name(site: int) -> str:
    """How a site of the world is registered."""
    return f"STRUCT:DRILL-{site:05d}"


def number_of_site(name: str) -> int:
    """The reverse."""
    return int(name.rpartition("-")[2])


def _register_sites(twin: InProcess, registry: Registry) -> None:
    for site in twin.world.sites:
        (first, *_) = twin.world.accounts_of(site.number)
        since = FIRST_DAY + timedelta(days=SINCE_1970 + twin.seat(first.number).joined)
        registry.register_site(
            Site(site=site_name(site.number), kind=site.kind, place=site.place, since=since)
        )


def _register_software(
    twin: InProcess, registry: Registry, keyring: Keyring, settings: Settings
) -> None:
    world = twin.world
    for account in world.accounts:
        devices = devices_of(account, range(world.days + 1))
        register_software(
            Software(
                client_id=client_id(account.number),
                number=0,
                site=site_name(account.site),
                jwks=keyring.public(account.number),
                certificates=frozenset(map(keyring.thumbprint, devices)),
                sandbox=True,
                revoked=False,
                product=world.sites[account.site - 1].product,
                usage=USAGES[account.usage],
                seals=False,
            ),
            registry=registry,
            sandbox=settings.sandbox,
        )


def _remember(
    twin: InProcess, settings: Settings, wallets: Wallets, sites: Mapping[int, int]
) -> None:
    """What sites knew before the first day, as the vault would have kept it."""
    lasting = Pseudonyms(vault_keyring(settings), SystemChance()).lasting
    pairs = (
        (
            pseudonym(lasting, PAIR, sites[site].to_bytes(4, "big") + wallets.handle(person)),
            known.encode(),
        )
        for (site, person), known in twin.known.items()
    )
    with known_table(partial(connect, "owner", settings)) as table:
        while batch := dict(islice(pairs, PAIRS_AT_ONCE)):
            table.put(batch)


def require_seals(ground: Ground) -> None:
    """From now on the software that can seal must."""
    with registrar(ground.settings) as registry:
        registered = registry.read().software
        for account in ground.sealing:
            register_software(
                replace(registered[client_id(account)], seals=True),
                registry=registry,
                sandbox=ground.settings.sandbox,
            )
