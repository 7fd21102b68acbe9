"""The embedded PostgreSQL: one process, one owner, one version, and never without a password."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rempart.adapters.postgres import embedded_place, embedded_programs
from rempart.adapters.postgres.embedded import EmbeddedPostgres, erase, is_running
from rempart.adapters.postgres.embedded_place import Runner
from rempart.adapters.postgres.roles import ensure_roles
from rempart.domain.errors import KeyReadableByOthers, SetUpRefused
from rempart.drill.processes import free_port
from tests.postgres_servers import newest_debian, reachable_folder

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its server to another user")


@contextmanager
def serving(folder, **options):
    """The superuser's connection, on a server that lives as long."""
    with (
        EmbeddedPostgres(**options) as server,
        psycopg.connect(server.start(folder / "postgres", folder / "secrets")) as admin,
    ):
        yield admin


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A cluster made once; each test serves it again."""
    with reachable_folder() as folder:
        with serving(folder) as admin:
            admin.execute("CREATE TABLE kept AS SELECT 1 AS one")
        yield folder


@pytest.fixture
def served(made):
    with EmbeddedPostgres() as server:
        yield server.start(made / "postgres", made / "secrets")


def test_what_was_written_is_there_after_a_restart(served):
    with psycopg.connect(served) as admin:
        assert admin.execute("SELECT one FROM kept").fetchone() == (1,)


def test_nobody_enters_without_a_password(served):
    bare = make_conninfo(served, passfile="/dev/null")
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(bare)
    with psycopg.connect(served) as admin:
        methods = admin.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
    assert methods == [("scram-sha-256",)]


def test_the_password_stays_in_one_private_file(made, served):
    secret = (made / "secrets" / "superuser.pgpass").read_text().strip().rsplit(":", 1)[1]
    assert secret not in served
    assert stat.S_IMODE((made / "secrets" / "superuser.pgpass").stat().st_mode) == 0o600
    holders = subprocess.run(
        ["grep", "-rlF", "-e", secret, str(made)], capture_output=True, text=True, check=True
    )
    assert holders.stdout.split() == [str(made / "secrets" / "superuser.pgpass")]


def test_the_cluster_is_utf8_with_checksums_and_no_network(served):
    with psycopg.connect(served) as admin:
        shown = {
            name: admin.execute(f"SHOW {name}").fetchone()[0]
            for name in ("data_checksums", "server_encoding", "listen_addresses", "fsync")
        }
        locale = admin.execute(
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'template1'"
        ).fetchone()
    assert shown == {
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "listen_addresses": "",
        "fsync": "on",
    }
    assert locale == ("b", "C.UTF-8")


def test_a_port_listens_on_this_machine_alone(made):
    with EmbeddedPostgres() as server:
        port = free_port()
        over_tcp = make_conninfo(
            server.start(made / "postgres", made / "secrets", port=port), host="127.0.0.1"
        )
        with psycopg.connect(over_tcp) as admin:
            assert admin.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


def test_two_processes_on_one_place_are_refused(made, served):
    with pytest.raises(SetUpRefused, match="another process"), EmbeddedPostgres() as second:
        second.start(made / "postgres", made / "secrets")
    with pytest.raises(SetUpRefused, match="another process"):
        erase(made / "postgres")
    with psycopg.connect(served) as admin:
        assert admin.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_server_whose_launcher_was_killed_is_taken_back(made):
    launch = (
        "import sys, time; from pathlib import Path\n"
        "from rempart.adapters.postgres.embedded import EmbeddedPostgres\n"
        "folder = Path(sys.argv[1])\n"
        "EmbeddedPostgres().start(folder / 'postgres', folder / 'secrets')\n"
        "print('ready', flush=True); time.sleep(60)\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", launch, str(made)], stdout=subprocess.PIPE, env=environ
    ) as launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == b"ready\n"
        launcher.send_signal(signal.SIGKILL)
    assert is_running(made / "postgres" / "cluster")

    with serving(made) as admin:
        assert admin.execute("SELECT one FROM kept").fetchone() == (1,)
    assert not is_running(made / "postgres" / "cluster")


def test_a_number_that_another_process_has_is_not_a_server(tmp_path):
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    assert not is_running(tmp_path)


def test_another_major_version_is_left_alone(made):
    version = made / "postgres" / "cluster" / "PG_VERSION"
    before = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(SetUpRefused, match="made by PostgreSQL 14"), EmbeddedPostgres() as old:
            old.start(made / "postgres", made / "secrets")
        assert version.read_text() == "14\n"
    finally:
        version.write_text(before)


def test_a_lost_or_public_password_is_said_at_once(made):
    passfile = made / "secrets" / "superuser.pgpass"
    aside = passfile.rename(passfile.with_suffix(".aside"))
    try:
        with pytest.raises(SetUpRefused, match="is lost"), EmbeddedPostgres() as server:
            server.start(made / "postgres", made / "secrets")
    finally:
        aside.rename(passfile)
    passfile.chmod(0o640)
    try:
        with pytest.raises(KeyReadableByOthers), EmbeddedPostgres() as server:
            server.start(made / "postgres", made / "secrets")
    finally:
        passfile.chmod(0o600)


def test_another_users_place_is_left_alone(tmp_path, monkeypatch):
    data = tmp_path / "postgres"
    data.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(SetUpRefused, match="belongs to another user"), EmbeddedPostgres() as server:
        server.start(data, tmp_path / "secrets")
    assert list(data.iterdir()) == []


def test_what_an_interrupted_start_left_is_made_again(home):
    draft = home / "postgres" / "cluster.new"
    draft.mkdir(parents=True)
    (home / "postgres").chmod(0o711)
    (draft / "PG_VERSION").write_text("18\n")
    with serving(home) as admin:
        assert admin.execute("SELECT 1").fetchone() == (1,)
    assert sorted(p.name for p in (home / "postgres").iterdir()) == ["cluster"]


def test_a_failed_set_up_leaves_nothing_that_looks_finished(home):
    programs = home / "bin"
    programs.mkdir()
    for name, script in {
        "postgres": "echo 'postgres (PostgreSQL) 18.4'",
        "initdb": "touch \"$2/PG_VERSION\"; echo 'no space left' >&2; exit 1",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    with pytest.raises(SetUpRefused, match="no space left"):
        EmbeddedPostgres(bin_dir=programs).start(home / "postgres", home / "secrets")
    assert list((home / "postgres").iterdir()) == []
    assert not (home / "secrets").exists()


@pytest.mark.parametrize("told", ["14.9", "none"])
def test_programs_that_are_too_old_or_do_not_run_are_refused(home, told):
    programs = home / "bin"
    programs.mkdir()
    if told != "none":
        (programs / "postgres").write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {told}'\n")
        (programs / "postgres").chmod(0o755)
    with pytest.raises(SetUpRefused):
        EmbeddedPostgres(bin_dir=programs).start(home / "postgres", home / "secrets")


def test_a_long_path_gets_a_short_socket_that_goes_with_the_server(home):
    data = home / ("d" * 60) / ("e" * 40)
    data.parent.mkdir(mode=0o711)
    with EmbeddedPostgres() as server:
        conninfo = server.start(data, home / "secrets")
        short = Path(str(conninfo_to_dict(conninfo)["host"]))
        with psycopg.connect(conninfo) as admin:
            admin.execute("SELECT 1")
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
        assert short.parent == Path("/tmp")
    assert not short.exists()

    owner = (data / "cluster").stat()
    short.mkdir()
    os.chown(short, owner.st_uid, owner.st_gid)
    short.chmod(0o755)
    try:
        with pytest.raises(SetUpRefused, match="somebody else's"):
            EmbeddedPostgres().start(data, home / "secrets")
    finally:
        short.rmdir()
        erase(data)


def test_no_row_and_no_password_ends_in_the_log(home):
    with EmbeddedPostgres(settings={"log_statement": "all"}) as server:
        conninfo = server.start(home / "postgres", home / "secrets")
        ensure_roles(conninfo, home / "secrets")
        with psycopg.connect(conninfo, autocommit=True) as admin:
            admin.execute("CREATE TABLE t (v text PRIMARY KEY)")
            for _ in range(2):
                try:
                    admin.execute("INSERT INTO t VALUES (%s)", ["a-very-private-value"])
                except psycopg.errors.UniqueViolation:
                    refused = True
        assert refused
    log = (home / "postgres" / "cluster" / "server.log").read_text()
    assert "INSERT INTO t" in log
    assert "CREATE ROLE" in log
    assert "a-very-private-value" not in log
    for file in (home / "secrets").glob("*.conninfo"):
        password = conninfo_to_dict(file.read_text().strip())["password"]
        assert password not in log


def test_erased_means_gone(home):
    with EmbeddedPostgres() as server:
        server.start(home / "postgres", home / "secrets")
    erase(home / "postgres")
    assert not (home / "postgres").exists()
    erase(home / "postgres")


@ROOT
def test_roots_server_moves_where_its_user_can_reach_it_and_is_found_again(tmp_path, monkeypatch):
    with_state = Path("/tmp") / f"rempart-state-{os.getpid()}"
    monkeypatch.setattr(embedded_place, "STATE", with_state)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    try:
        for _ in range(2):
            with serving(closed) as admin:
                admin.execute("CREATE TABLE IF NOT EXISTS kept ()")
            assert [p.name for p in (closed / "postgres").iterdir()] == ["moved-to"]
            (moved,) = with_state.glob("data-*")
        owner = (moved / "cluster").stat().st_uid
        assert owner != 0
        erase(closed / "postgres")
        assert list(with_state.glob("data-*")) == []
    finally:
        shutil.rmtree(with_state)


@ROOT
def test_the_owner_of_a_cluster_keeps_it(home):
    (home / "postgres").mkdir()
    os.chown(home / "postgres", 12_345, 12_345)
    assert embedded_place.runner_of(home / "postgres") == Runner(12_345, 12_345)


@pytest.mark.parametrize("squat", ["symlink", "open", "file"])
def test_a_state_folder_that_is_not_ours_alone_is_refused(tmp_path, monkeypatch, squat):
    place = tmp_path / "state"
    if squat == "symlink":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    elif squat == "file":
        place.write_text("")
    else:
        place.mkdir()
        place.chmod(0o777)
    with pytest.raises(SetUpRefused, match="we alone can write"):
        embedded_place.refuse_others_folder(place)


def test_the_wheel_is_copied_whole_for_a_user_who_cannot_reach_it(home, monkeypatch):
    monkeypatch.setattr(embedded_place, "STATE", home / "state")
    monkeypatch.setattr(embedded_programs, "_can_run", lambda *_: False)
    other = Runner(os.geteuid() + 1, os.getegid() + 1)
    programs = embedded_programs.find_programs(other)
    assert programs.folder.is_relative_to(home / "state")
    assert programs.major >= 18
    # Found again, not copied again.
    before = programs.folder.stat().st_mtime_ns
    assert embedded_programs.find_programs(other) == programs
    assert programs.folder.stat().st_mtime_ns == before
    told = subprocess.run([programs.path("initdb"), "--version"], capture_output=True, check=True)
    assert b"PostgreSQL" in told.stdout


def test_debians_programs_serve_as_well(home):
    bin_dir = newest_debian()
    if bin_dir is None:
        pytest.skip("no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
    with serving(home, bin_dir=bin_dir) as admin:
        assert str(admin.info.server_version // 10_000) == bin_dir.parent.name
        assert admin.execute("SHOW data_checksums").fetchone() == ("on",)


@pytest.mark.parametrize("place", ["postgres", "secrets"])
def test_a_place_that_cannot_be_written_is_said(home, monkeypatch, place):
    """Simulated: nothing is closed to root."""
    make = Path.mkdir

    def closed(path, *arguments, **options):
        if path == home / place:
            raise PermissionError
        make(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", closed)
    with pytest.raises(SetUpRefused, match=f"no permission to write in {home}"):
        EmbeddedPostgres().start(home / "postgres", home / "secrets")
