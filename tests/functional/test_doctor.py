"""``rempart doctor`` on a whole installation, and on one that is spoilt on purpose."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import psycopg
import pytest

from rempart.adapters.postgres.doctor import ask_database
from rempart.bootstrap.doctor import facts
from rempart.config import Instance, Settings
from rempart.usecases.examine_setup import examine, worst
from rempart.usecases.findings import Level
from rempart.usecases.setup_facts import Memory
from tests.functional.stage import SmallStage, changed

title = "The doctor"

PRODUCTION = {
    "REMPART_INSTANCE": "production",
    "REMPART_BASE_URL": "https://tp.example",
    "REMPART_LOG_ORIGIN": "tp.example/registre",
}


def lines(said: str, mark: str) -> str:
    return "\n".join(line for line in said.splitlines() if line.startswith(mark))


@pytest.mark.parametrize("instance", ["sandbox", "demo"])
def test_a_sandbox_is_told_and_passes(stage, instance):
    ran = stage.run("doctor", REMPART_INSTANCE=instance)
    assert ran.code == 0, ran.said
    assert lines(ran.said, "✗") == ""
    for word in ("isolates nothing", "one copy would take both"):
        assert word in lines(ran.said, "!")
    for word in ("private files are private", "leaves no core", "extends", "keeps", "in place"):
        assert word in lines(ran.said, "✓")


def test_the_same_installation_is_no_production(stage):
    ran = stage.run("doctor", **PRODUCTION)
    assert ran.code == 2, ran.said
    for word in (
        *("isolates nothing", "one copy would take both", "REMPART_GATEWAY_GROUP is missing"),
        *("demo.json is a demo's", "registrations of another kind"),
    ):
        assert word in lines(ran.said, "✗")


def settings_of(stage: SmallStage, **changes: str) -> Settings:
    return Settings.from_environ({**stage.environ, **changes})


@pytest.mark.parametrize(
    ("name", "mode", "says"),
    [
        ("keys/vault.key", 0o640, "keys/vault.key is open"),
        ("keys/rights.keyring", 0o604, "keys/rights.keyring is open"),
        ("secrets/owner.conninfo", 0o644, "secrets/owner.conninfo is open"),
        ("secrets/superuser.pgpass", 0o644, "secrets/superuser.pgpass is open"),
        ("tls/gateway.key", 0o644, "tls/gateway.key is open"),
        ("vault/checkpoint", 0o644, "vault/checkpoint is open"),
        ("keys", 0o777, "keys: others may write"),
        ("operators", 0o777, "operators: others may write"),
    ],
)
def test_what_others_can_read_or_replace_is_named(stage, name, mode, says):
    with changed(stage.home / name, mode):
        findings = examine(facts(settings_of(stage, **PRODUCTION)))
    assert any(says in f.english for f in findings if f.level is Level.FAILURE)
    findings = examine(facts(settings_of(stage, **PRODUCTION)))
    assert not any(says in f.english for f in findings)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to other users")
def test_users_apart_are_seen_apart(stage):
    os.chown(stage.home / "tls" / "gateway.key", 54_321, 54_321)
    try:
        findings = examine(facts(settings_of(stage)))
    finally:
        os.chown(stage.home / "tls" / "gateway.key", os.geteuid(), os.getegid())
    assert any("each have a user" in finding.english for finding in findings)
    assert any("a known limit" in finding.english for finding in findings)


def test_a_memory_that_was_lost_is_seen(stage, tmp_path):
    path = stage.settings.checkpoint_file
    kept = tmp_path / "checkpoint"
    shutil.copy2(path, kept)
    found = facts(settings_of(stage))
    assert (found.memory, found.core_limit) == (Memory.SOUND, 0)
    # The vault holds the file open and goes on in it: a name is taken away, and given back.
    shutil.move(path, tmp_path / "away")
    try:
        assert facts(settings_of(stage)).memory is Memory.MISSING
        path.write_bytes(bytes(4096))
        assert facts(settings_of(stage)).memory is Memory.NOT_HERE
    finally:
        shutil.move(tmp_path / "away", path)
    assert facts(settings_of(stage)).memory is Memory.SOUND


def test_without_database_production_is_not_examined(stage, tmp_path):
    """A way to it that leads nowhere; and no way at all, as on the gateway's own host."""
    home = tmp_path / "home"
    shutil.copytree(stage.home / "secrets", home / "secrets")
    settings = Settings.from_environ({"REMPART_HOME": str(home), **PRODUCTION})
    for path in (home / "secrets").glob("*.conninfo"):
        path.write_text(f"host={tmp_path} user=x password=y dbname=z connect_timeout=1")
    found = facts(settings)
    assert (found.database_here, found.database) == (True, None)
    assert worst(examine(found)) is Level.FAILURE
    shutil.rmtree(home / "secrets")
    found = facts(settings)
    assert (found.database_here, found.database, found.memory) == (False, None, Memory.NOT_HERE)
    assert settings.instance is Instance.PRODUCTION


def test_files_of_countries_are_read_and_told(stage):
    """Each by its age; one that is away, and a row that breaks a rule, by line and field."""
    here, away = stage.home / "ripencc", stage.home / "arin"
    here.write_text(
        "2|ripencc|1|2|19830705|20200101|+0100\n"
        "ripencc|FR|ipv4|192.0.2.0|256|20100712|allocated\nripencc|FR|ipv4|x|256|20100712|allocated\n"
    )
    ran = stage.run("doctor", REMPART_COUNTRY_FILES=f"{here}:{away}")
    here.unlink()
    assert ran.code == 0, ran.said
    told = lines(ran.said, "!")
    assert "ripencc: 1 row(s) left out, first line 3, start: expected an address of ipv4" in told
    assert re.search(r"ripencc: 1 rows, [0-9]{4} day\(s\) old", told)
    assert "arin: no country is known by it (it cannot be read)" in told


def asked(database, *, sandbox: bool = True):
    with database.connect("auditor") as auditor:
        auditor.autocommit = True
        return ask_database(auditor, sandbox=sandbox)


def test_the_database_is_examined_as_it_is(database):
    sound = asked(database)
    assert (sound.powerful, sound.open_to_gateway, sound.trusting) == ((), (), False)
    assert (sound.settings["fsync"], sound.strangers) == ("on", 0)
    with database.as_admin() as admin:
        admin.execute("GRANT USAGE ON SCHEMA sealed TO rempart_gateway")
        admin.execute("GRANT SELECT (handle) ON sealed.lock TO rempart_gateway")
        admin.execute("GRANT INSERT ON registry.software TO rempart_gateway")
        admin.execute(
            "INSERT INTO registry.insurer (amc, bundle, confirmations, sandbox)"
            " VALUES (1, '{}', '{}', true), (2, '{}', '{}', false)"
        )
        try:
            admin.execute("ALTER ROLE rempart_vault CREATEDB")
            admin.execute("GRANT rempart_owner TO rempart_importer")
            spoilt = asked(database)
        finally:
            admin.execute("ALTER ROLE rempart_vault NOCREATEDB")
            admin.execute("REVOKE rempart_owner FROM rempart_importer")
    assert spoilt.powerful == ("rempart_importer", "rempart_vault")
    assert spoilt.open_to_gateway == ("registry.software", "sealed.lock")
    assert (spoilt.strangers, asked(database, sandbox=False).strangers) == (1, 1)


def until_trusting(database, expected: bool) -> None:
    """A server takes its new rules up a moment after it is told to."""
    end = time.monotonic() + 10
    while asked(database).trusting is not expected and time.monotonic() < end:
        time.sleep(0.02)
    assert asked(database).trusting is expected


def test_a_server_that_trusts_is_seen(postgres, database):
    """Two lines before all others in pg_hba.conf, as a careless hand would write them."""
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        row = admin.execute("SHOW hba_file").fetchone()
        assert row is not None
        path = Path(row[0])
        before = path.read_text()
        path.write_text(f"local all all trust\nhost all all 127.0.0.1/32 trust\n{before}")
        try:
            admin.execute("SELECT pg_reload_conf()")
            until_trusting(database, True)
        finally:
            path.write_text(before)
            admin.execute("SELECT pg_reload_conf()")
            until_trusting(database, False)
