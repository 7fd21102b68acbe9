"""What an installation's facts mean."""

from dataclasses import replace

import pytest

from rempart.domain.errors import MalformedRow
from rempart.usecases.examine_countries import COUNTRY_DAYS
from rempart.usecases.examine_setup import CHECKS, examine, worst
from rempart.usecases.findings import Level
from rempart.usecases.setup_facts import (
    Clock,
    CountryFile,
    Database,
    Door,
    Facts,
    Memory,
    Places,
    PrivateFile,
)

VAULT, GATEWAY, GATEWAYS = 1001, 1002, 2002
PRIVATE = {
    **{
        f"keys/{name}.{kind}": PrivateFile(mode=0o600, owner=VAULT)
        for name in ("vault", "rights")
        for kind in ("key", "keyring")
    },
    "secrets/vault.conninfo": PrivateFile(mode=0o600, owner=VAULT),
    "vault/checkpoint": PrivateFile(mode=0o600, owner=VAULT),
    "tls/gateway.key": PrivateFile(mode=0o600, owner=GATEWAY),
}
DATABASE = Database(
    version=180_000,
    settings={"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
    powerful=(),
    open_to_gateway=(),
    trusting=False,
    strangers=0,
)
PLACES = Places(keys="/srv/rempart/keys", data=None, same_host=False)
DOOR = Door(group=GATEWAYS, gateway_group=GATEWAYS, socket_group=GATEWAYS, socket_mode=0o660)
CLOCK = Clock(kept=True, database_ahead=0.01, ledger_ahead=-3.0)
SOUND = Facts(
    production=True,
    unseen=(),
    private=PRIVATE,
    open_folders=(),
    places=PLACES,
    memory=Memory.SOUND,
    core_limit=0,
    door=DOOR,
    clock=CLOCK,
    test_things=(),
    certificates={"gateway.pem": 200, "clients.pem": 900},
    database_here=True,
    database=DATABASE,
)
ROW_OF_THE_VAULTS = {"secrets/gateway.conninfo": PrivateFile(mode=0o600, owner=VAULT)}
ROW = {"secrets/gateway.conninfo": PrivateFile(mode=0o600, owner=GATEWAY)}
NO_FILE = MalformedRow(1, "version", "expected the header of a file of statistics")
NO_ADDRESS = MalformedRow(17, "start", "expected an address of ipv4")
IMPORTER = {"keys/importer.key": PrivateFile(mode=0o600, owner=VAULT)}


def with_file(name: str, mode: int) -> dict[str, PrivateFile]:
    return PRIVATE | {name: replace(PRIVATE[name], mode=mode)}


def data_at(place: str) -> Places:
    return replace(PLACES, data=place)


SHARED = {name: replace(file, owner=VAULT) for name, file in PRIVATE.items()}
ROOTS = {name: replace(file, owner=0) for name, file in PRIVATE.items()}

FAULTS = [
    ({"issuer_key_days": -1}, "no keys of Pro Santé Connect"),
    ({"private": with_file("keys/vault.key", 0o604)}, "keys/vault.key is open"),
    ({"private": with_file("keys/vault.key", 0o640)}, "keys/vault.key is open"),
    ({"private": with_file("keys/rights.keyring", 0o620)}, "keys/rights.keyring is open"),
    ({"private": with_file("secrets/vault.conninfo", 0o644)}, "secrets/vault.conninfo is open"),
    ({"private": with_file("vault/checkpoint", 0o602)}, "vault/checkpoint is open"),
    ({"private": with_file("tls/gateway.key", 0o644)}, "tls/gateway.key is open"),
    ({"private": with_file("tls/gateway.key", 0o660)}, "tls/gateway.key is open"),
    ({"open_folders": ("keys",)}, "others may write there"),
    ({"unseen": ("keys",)}, "no permission to look"),
    ({"private": SHARED}, "isolates nothing"),
    ({"private": PRIVATE | ROW_OF_THE_VAULTS}, "cannot read what is cut"),
    ({"private": ROOTS}, "isolates nothing"),
    ({"places": data_at("/srv/rempart/postgres")}, "one copy"),
    ({"places": data_at("/srv/rempart/keys/data")}, "one copy"),
    ({"places": data_at("/srv/rempart")}, "one copy"),
    ({"memory": Memory.MISSING}, "remembers none"),
    ({"memory": Memory.FOREIGN}, "not signed by this vault"),
    ({"memory": Memory.BROKEN}, "does not extend"),
    ({"core_limit": 1}, "core file"),
    ({"door": replace(DOOR, group=None)}, "REMPART_GATEWAY_GROUP is missing"),
    ({"door": replace(DOOR, group=None, socket_group=None, socket_mode=None)}, "is missing"),
    ({"door": replace(DOOR, gateway_group=7)}, "not the main group"),
    ({"door": replace(DOOR, socket_group=7)}, "restart the vault"),
    ({"door": replace(DOOR, socket_mode=0o666)}, "open to everybody"),
    ({"clock": replace(CLOCK, database_ahead=6.0)}, "6 s away"),
    ({"clock": replace(CLOCK, database_ahead=-6.0)}, "6 s away"),
    ({"clock": replace(CLOCK, ledger_ahead=1.5)}, "went back"),
    ({"test_things": ("demo.json",)}, "demo.json is a demo's"),
    ({"certificates": {"gateway.pem": -1}}, "gateway.pem is not valid"),
    ({"database": replace(DATABASE, strangers=2)}, "2 registrations"),
    ({"database": None}, "not examined"),
    ({"database": replace(DATABASE, version=140_000)}, "PostgreSQL 15"),
    *(
        ({"database": replace(DATABASE, settings=DATABASE.settings | {name: "off"})}, name)
        for name in ("fsync", "full_page_writes", "synchronous_commit")
    ),
    ({"database": replace(DATABASE, settings={})}, "fsync"),
    ({"database": replace(DATABASE, powerful=("rempart_vault",))}, "rempart_vault may do too"),
    ({"database": replace(DATABASE, open_to_gateway=("sealed.lock",))}, "right on sealed.lock"),
    ({"database": replace(DATABASE, trusting=True)}, "without the right password"),
]


def test_a_sound_production_installation_passes_and_says_why():
    findings = examine(SOUND)
    assert worst(findings) is Level.SOUND
    said = " ".join(finding.english for finding in findings)
    for word in ("private", "each have a user", "no core", "extends", "keeps what", "in place"):
        assert word in said


@pytest.mark.parametrize(("changes", "says"), FAULTS)
def test_production_fails_for_each_fault(changes, says):
    findings = examine(replace(SOUND, **changes))
    assert worst(findings) is Level.FAILURE
    failures = [finding for finding in findings if finding.level is Level.FAILURE]
    assert any(says in finding.english for finding in failures)
    assert all(finding.french != finding.english for finding in failures)


OF_PRODUCTION_ALONE = ("REMPART_GATEWAY_GROUP is missing", "is missing", "demo.json is a demo's")


@pytest.mark.parametrize(("changes", "says"), FAULTS)
def test_a_demo_is_told_and_passes(changes, says):
    findings = examine(replace(SOUND, production=False, **changes))
    told = any(says in each.english for each in findings if each.level is Level.WARNING)
    assert told is (says not in OF_PRODUCTION_ALONE)
    assert worst(findings) is not Level.FAILURE


ONLY_TOLD = [
    ({"certificates": {"clients.pem (2)": 30}}, "clients.pem (2): 30 days left"),
    ({"clock": replace(CLOCK, kept=False)}, "NTP"),
    ({"places": replace(PLACES, same_host=True)}, "on this machine"),
    ({"database": replace(DATABASE, contracted=2)}, "directory never read"),
    ({"database": replace(DATABASE, contracted=2, extract_days=4)}, "of 4 days ago"),
    ({"database": replace(DATABASE, followed=1, extract_days=4)}, "of 4 days ago"),
    ({"issuer_key_days": 4}, "read 4 days ago"),
    ({"private": PRIVATE | IMPORTER}, "a known limit"),
    ({"country_files": (CountryFile(name="ripe"),)}, "ripe: no country is known by it (it cannot"),
    (
        {"country_files": (CountryFile(name="ripe", bad=1, named=(NO_FILE,)),)},
        "no country is known by it (line 1, version: expected",
    ),
    (
        {"country_files": (CountryFile(name="ripe", days=1, rows=9, bad=2, named=(NO_ADDRESS,)),)},
        "ripe: 2 row(s) left out, first line 17, start: expected",
    ),
    (
        {"country_files": (CountryFile(name="ripe", days=COUNTRY_DAYS + 1, rows=9),)},
        "ripe: 9 rows, 32 day(s) old",
    ),
]


@pytest.mark.parametrize(("changes", "says"), ONLY_TOLD)
def test_some_things_are_only_told(changes, says):
    findings = examine(replace(SOUND, **changes))
    assert worst(findings) is Level.WARNING
    assert any(says in each.english for each in findings if each.level is Level.WARNING)


@pytest.mark.parametrize(
    "changes",
    [
        {"places": data_at("/srv/postgresql/main")},
        {"places": replace(PLACES, keys="/var/lib/rempart/keys", data="/var/lib/postgresql/15")},
        {"certificates": {"gateway.pem": 31}},
        {"private": with_file("tls/gateway.key", 0o640)},
        {"private": PRIVATE | {"keys/importer.key": PrivateFile(mode=0o600, owner=1003)}},
        {"clock": Clock(kept=None, database_ahead=None, ledger_ahead=None)},
        {"memory": Memory.NEW},
        {"country_files": (CountryFile(name="ripe", days=COUNTRY_DAYS, rows=9),)},
        {"database": replace(DATABASE, contracted=2, extract_days=3), "issuer_key_days": 3},
        {"core_limit": None, "door": replace(DOOR, socket_group=None, socket_mode=None)},
    ],
)
def test_what_is_sound_all_the_same(changes):
    assert worst(examine(replace(SOUND, **changes))) is Level.SOUND


def test_the_gateways_own_host_has_neither_keys_nor_database():
    """Nothing is failed for what is somewhere else."""
    gateway = replace(
        SOUND,
        private={"tls/gateway.key": PRIVATE["tls/gateway.key"]},
        places=Places(keys=None, data=None, same_host=False),
        memory=Memory.NOT_HERE,
        core_limit=None,
        door=Door(group=None, gateway_group=GATEWAYS, socket_group=None, socket_mode=None),
        database_here=False,
        database=None,
    )
    assert worst(examine(gateway)) is Level.SOUND


def test_the_vaults_own_host_has_no_gateway():
    private = {name: file for name, file in PRIVATE.items() if not name.startswith("tls/")}
    vault = replace(SOUND, private=private, door=replace(DOOR, gateway_group=None), certificates={})
    findings = examine(vault)
    assert worst(findings) is Level.SOUND
    assert not any("isolates" in finding.english for finding in findings)


def test_every_check_has_failed_somewhere_here():
    """A check that no test has seen speak is not one."""
    spoke = {
        check
        for check in CHECKS
        for changes, _ in [*FAULTS, *ONLY_TOLD]
        if any(f.level is not Level.SOUND for f in check(replace(SOUND, **changes)))
    }
    assert spoke == set(CHECKS)


def test_the_gateways_own_file_is_no_key_of_the_vaults():
    findings = list(examine(replace(SOUND, private=PRIVATE | ROW)))
    assert not any("isolates" in each.english for each in findings)
    assert not any("what is cut" in each.english for each in findings)
