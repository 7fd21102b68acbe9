"""The eight roles: what each is refused, also when it tries another's name."""

import stat
from functools import partial

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rempart.adapters.postgres.connections import (
    ROLES,
    connect,
    conninfo_file,
    database_name,
)
from rempart.adapters.postgres.migrate import migrate
from rempart.adapters.postgres.roles import ensure_database, ensure_roles, shut_others_out
from rempart.adapters.private_files import read_private
from rempart.domain.errors import (
    KeyMissing,
    KeyReadableByOthers,
    SetUpRefused,
    TemporarilyUnavailable,
)

TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


@pytest.mark.parametrize("role", ROLES)
def test_each_role_comes_under_its_own_name(database, role):
    with database.connect(role) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (database_name(role),)


def test_the_gateway_reads_what_is_cut_and_is_refused_on_everything_else(database):
    with database.as_admin() as admin:
        tables = [name for (name,) in admin.execute(TABLES)]
    assert {"sealed.lock", "ledger.entry", "registry.software"} <= set(tables)
    with database.connect("gateway") as gateway:
        gateway.autocommit = True
        assert gateway.execute("SELECT * FROM status.cut_offs").fetchall() == []
        for table in set(tables) - {"status.cut_offs"}:
            for statement in ("SELECT * FROM {}", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    gateway.execute(sql.SQL(statement).format(sql.SQL(table)))
        for statement in (
            "CREATE TABLE public.mine ()",
            "CREATE TEMPORARY TABLE mine ()",
            "CREATE SCHEMA mine",
            "SELECT ledger.take_over()",
            "SET ROLE rempart_owner",
            "SET SESSION AUTHORIZATION rempart_owner",
            "GRANT rempart_owner TO rempart_gateway",
            "COPY (SELECT 1) TO PROGRAM 'true'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                gateway.execute(statement)


@pytest.mark.parametrize("name", ["rempart_owner", "rempart_vault", "rempart_superuser"])
def test_the_gateways_password_opens_no_other_name(database, name):
    own = read_private(conninfo_file(database.secrets, "gateway"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(make_conninfo(own, user=name))
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(make_conninfo(own, user=name, password="", passfile="/dev/null"))


def test_a_role_of_somebody_else_does_not_connect(database):
    with database.as_admin() as admin:
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
        try:
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(make_conninfo(database.admin, user="stranger", password="stranger"))
        finally:
            admin.execute("DROP ROLE stranger")


def test_a_schema_that_was_everybodys_is_not_after_a_run(database):
    with database.as_admin() as admin:
        admin.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
        shut_others_out(admin)
    with (
        database.connect("gateway") as gateway,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        gateway.execute("CREATE TABLE public.mine ()")


def test_a_second_run_changes_no_password_and_a_lost_file_gets_a_new_one(postgres):
    before = read_private(conninfo_file(postgres.secrets, "auditor"))
    admin = ensure_database(postgres.admin, "rempart_template")
    ensure_roles(admin, postgres.secrets)
    assert read_private(conninfo_file(postgres.secrets, "auditor")) == before

    conninfo_file(postgres.secrets, "auditor").unlink()
    ensure_roles(admin, postgres.secrets)
    after = read_private(conninfo_file(postgres.secrets, "auditor"))
    assert after != before
    with psycopg.connect(after):
        pass
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(before)


def test_files_are_private_and_a_public_one_is_refused(database):
    for role in ROLES:
        mode = conninfo_file(database.secrets, role).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
    conninfo_file(database.secrets, "vault").chmod(0o644)
    with pytest.raises(KeyReadableByOthers):
        connect("vault", database)
    conninfo_file(database.secrets, "vault").unlink()
    with pytest.raises(KeyMissing):
        connect("vault", database)


def test_the_administrators_own_secrets_are_in_no_file(postgres):
    own = read_private(postgres.secrets / "superuser.pgpass").rsplit(":", 1)[1]
    for role in ROLES:
        conninfo = read_private(conninfo_file(postgres.secrets, role))
        assert own not in conninfo
        assert "superuser" not in conninfo


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ("ALTER ROLE rempart_gateway CREATEROLE", "ALTER ROLE rempart_gateway NOCREATEROLE"),
        ("ALTER ROLE rempart_vault BYPASSRLS", "ALTER ROLE rempart_vault NOBYPASSRLS"),
        ("GRANT rempart_owner TO rempart_gateway", "REVOKE rempart_owner FROM rempart_gateway"),
    ],
)
def test_a_role_that_may_do_more_is_refused(postgres, more, less):
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute(more)
        try:
            with pytest.raises(SetUpRefused, match="may do more"):
                ensure_roles(postgres.admin, postgres.secrets)
        finally:
            admin.execute(less)
    ensure_roles(make_conninfo(postgres.admin, dbname="rempart_template"), postgres.secrets)


def test_an_administrator_needs_no_superuser(tmp_path):
    """On a server of its own: it creates what it then owns."""
    from tests.postgres_servers import embedded

    with embedded() as server, psycopg.connect(server.admin, autocommit=True) as superuser:
        superuser.execute("DROP DATABASE rempart_template")
        for role in ROLES:
            superuser.execute(f"DROP OWNED BY {database_name(role)}")
            superuser.execute(f"DROP ROLE {database_name(role)}")
        superuser.execute("CREATE ROLE dba LOGIN CREATEROLE CREATEDB PASSWORD 'dba'")
        dba = make_conninfo(server.admin, user="dba", password="dba")
        rempart = ensure_database(dba, "rempart")
        place = type(server)("own", rempart, tmp_path)
        ensure_roles(rempart, place.secrets)
        migrate(partial(connect, "owner", place))
        ensure_roles(rempart, place.secrets)
        with connect("auditor", place) as auditor:
            assert auditor.execute("SELECT count(*) FROM ledger.entry").fetchone() == (0,)

        superuser.execute("ALTER ROLE dba NOCREATEROLE NOCREATEDB")
        with pytest.raises(SetUpRefused, match="may not do this"):
            ensure_database(dba, "another")


def test_no_database_says_only_that(tmp_path):
    nowhere = f"host={tmp_path} user=somebody password=a-secret dbname=somewhere"
    with pytest.raises(TemporarilyUnavailable) as refused:
        ensure_roles(nowhere, tmp_path)
    assert str(refused.value) == "database unreachable"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_role_files_point_where_the_administrator_was_pointed(postgres):
    for role in ROLES:
        way = conninfo_to_dict(read_private(conninfo_file(postgres.secrets, role)))
        asked = conninfo_to_dict(postgres.admin)
        assert (way["host"], way["port"]) == (asked["host"], asked["port"])
        assert way["user"] == database_name(role)
