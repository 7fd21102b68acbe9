"""What an installation's facts mean."""

from dataclasses import replace

import pytest

from rempart.usecases.examine_setup import (
    Database,
    Facts,
    Level,
    PrivateFile,
    examine,
    worst,
)

PRIVATE = {
    "vault.keyring": PrivateFile(mode=0o600, owner=1001),
    "vault.key": PrivateFile(mode=0o600, owner=1001),
    "gateway.key": PrivateFile(mode=0o600, owner=1002),
}
DATABASE = Database(
    version=180_000,
    settings={"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"},
    powerful=(),
    sandbox_insurers=0,
    sandbox_software=0,
)
SOUND = Facts(
    production=True,
    private=PRIVATE,
    database_under_keys=False,
    remembers=True,
    entries=True,
    certificate_days=200,
    database=DATABASE,
)
SHARED = {name: replace(file, owner=0) for name, file in PRIVATE.items()}


def test_a_sound_production_installation_passes():
    findings = examine(SOUND)
    assert worst(findings) is Level.SOUND
    assert len(findings) == 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"private": PRIVATE | {"vault.key": PrivateFile(mode=0o604, owner=1001)}}, "vault.key"),
        ({"private": SHARED}, "isolates nothing"),
        ({"database_under_keys": True}, "one copy"),
        ({"remembers": False}, "remembers none"),
        ({"certificate_days": -1}, "0 days left"),
        ({"database": replace(DATABASE, version=140_000)}, "PostgreSQL 15"),
        ({"database": replace(DATABASE, settings={"fsync": "off"})}, "fsync"),
        ({"database": replace(DATABASE, settings={"full_page_writes": "off"})}, "full_page"),
        ({"database": replace(DATABASE, powerful=("rempart_vault",))}, "rempart_vault"),
        ({"database": replace(DATABASE, sandbox_insurers=1)}, "sandbox"),
        ({"database": replace(DATABASE, sandbox_software=1)}, "sandbox"),
    ],
)
def test_production_fails_for_each_fault(changes, says):
    findings = examine(replace(SOUND, **changes))
    assert worst(findings) is Level.FAILURE
    assert any(says in each.english for each in findings if each.level is Level.FAILURE)


@pytest.mark.parametrize("changes", [{"private": SHARED}, {"database_under_keys": True}])
def test_a_demo_is_told_of_what_production_fails_for(changes):
    assert worst(examine(replace(SOUND, production=False, **changes))) is Level.WARNING


@pytest.mark.parametrize("changes", [{"certificate_days": 29}, {"database": None}])
def test_some_things_are_only_told(changes):
    assert worst(examine(replace(SOUND, **changes))) is Level.WARNING
