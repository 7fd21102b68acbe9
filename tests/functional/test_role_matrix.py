"""What each of the eight roles may do in the database, attempted on both servers.

The matrix is compared with the catalogue: a table, a column's grant or a function that is added
fails here until it is listed, and each right that is listed or not is then tried for real.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo

from rempart.adapters.postgres.connections import (
    ROLES,
    Role,
    conninfo_file,
    database_name,
)
from rempart.adapters.private_files import read_private
from tests.postgres_servers import Database

title = "The roles in PostgreSQL"

READ = frozenset({"SELECT"})
ADD = READ | {"INSERT"}
WRITE = READ | {"INSERT", "UPDATE", "DELETE"}
VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
NOTHING: dict[Role, frozenset[str]] = {}
TAKING_PART: dict[Role, frozenset[str]] = {"vault": READ, "importer": READ, "auditor": READ}
LEDGER: dict[Role, frozenset[str]] = {"vault": READ, "auditor": READ}

TABLES: dict[str, dict[Role, frozenset[str]]] = {
    "registry.generation": TAKING_PART,
    "registry.insurer": TAKING_PART,
    "registry.site": TAKING_PART,
    "registry.software": TAKING_PART,
    # People: the vault reads them, and writes what its functions let it; nobody else looks.
    "registry.person": {"vault": READ},
    "registry.passkey": {"vault": READ},
    "registry.enrolment": {"vault": READ},
    "registry.extract": {"vault": READ, "auditor": READ},
    "registry.listed": NOTHING,
    "sealed.feed": {"importer": WRITE, "vault": READ},
    "sealed.lock": {"importer": WRITE, "vault": READ},
    "sealed.person": {"importer": WRITE},
    "sealed.leaving": {"importer": WRITE},
    # The vault says until when days are closed by its function alone.
    "sealed.named": {"importer": READ},
    "ledger.checkpoint": LEDGER,
    "ledger.entry": LEDGER | {"judge": READ, "incident": READ},
    "ledger.fence": LEDGER,
    "ledger.subtree": LEDGER,
    "ledger.hold": NOTHING,
    # The vault reads what sites know, and writes it through ``append`` alone.
    "ledger.known": {"vault": READ},
    # The one thing that the gateway sees: a note that the vault has signed. The vault writes it
    # through its function alone.
    "status.cut_offs": {"gateway": READ, "billing": READ},
    # Claims: the intake adds through its function alone, and reads none; the judge adds rulings.
    "billing.claim": {"judge": READ},
    "billing.ruling": {"judge": ADD},
    "billing.sale": {"judge": ADD},
    "billing.decision": {"judge": ADD},
    "billing.care": {"judge": ADD},
    # Who was told where a claim stands: written by the intake's function, read by an incident's.
    "billing.told": NOTHING,
    # What is said of incidents: added, and never changed.
    "incident.spoken": {"incident": ADD},
    "public.rempart_migration": NOTHING,
}
"""What each role may do to a whole table; the owner may do everything that triggers let it."""

COLUMNS: dict[tuple[str, Role], frozenset[str]] = {
    # A rotation changes the platform's own layer, and neither whose a lock is nor until when.
    ("sealed.lock", "vault"): frozenset({"index", "key_version", "index_version", "stored"}),
}
"""Columns that a role may change where it may not change the table."""

APPEND = "ledger.append(bigint,bigint,bytea,integer[],bytea,integer[],bigint[],bytea,bytea,bytea)"
VAULT: frozenset[Role] = frozenset({"vault"})
FUNCTIONS: dict[str, frozenset[Role]] = {
    "registry.moved()": frozenset(),
    "registry.shut_ways(integer)": frozenset(),
    "registry.contracted()": frozenset({"vault", "auditor"}),
    "registry.add_passkey(integer,bytea,bytea,bigint,boolean,boolean,text,bigint)": VAULT,
    "registry.move_passkey(bytea,bigint,boolean)": VAULT,
    "registry.revoke_passkey(integer,bytea)": VAULT,
    "registry.spend_enrolment(bytea,bigint,bytea,bytea,bigint,boolean,boolean,text)": VAULT,
    "registry.take_delegate(text,integer,smallint,text,bytea,bigint,integer)": VAULT,
    "registry.enrol_again(integer,integer,bytea,bigint)": VAULT,
    "registry.end_delegate(integer,integer)": VAULT,
    "registry.end_software(integer,integer)": VAULT,
    "ledger.entry_time(bytea)": frozenset(),
    "ledger.overdue()": frozenset({"vault"}),
    "ledger.held()": frozenset({"vault"}),
    "sealed.overdue(integer)": frozenset({"vault"}),
    "sealed.name_until(timestamp with time zone)": frozenset({"vault"}),
    "sealed.without_lock(integer)": frozenset({"vault"}),
    "ledger.refuse_change()": frozenset(),
    "ledger.take_over()": frozenset({"vault"}),
    "ledger.publish(bigint,bigint,text)": frozenset({"vault"}),
    "status.put_cut_offs(bigint,text)": VAULT,
    APPEND: frozenset({"vault"}),
    "incident.accounts()": frozenset({"incident"}),
    "incident.billed(integer[],bigint,bigint)": frozenset({"incident"}),
    "incident.claims(integer[],bigint,bigint)": frozenset({"incident"}),
    "incident.refuse_change()": frozenset(),
    "billing.refuse_change()": frozenset(),
    "billing.biller(bytea,boolean)": frozenset({"billing"}),
    "billing.kind_of(integer)": frozenset({"judge"}),
    "billing.take(integer,integer,bigint,smallint,bytea,bytea,bytea,bigint,integer)": frozenset(
        {"billing"}
    ),
}
SEQUENCES = {
    "registry.account_number",
    "registry.site_number_seq",
    "billing.claim_number_seq",
    "billing.told_number_seq",
    "incident.spoken_number_seq",
}

OTHERS = tuple(role for role in ROLES if role != "owner")

OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'"
RELATIONS = f"""
    SELECT n.nspname || '.' || c.relname, c.relkind::text FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} AND c.relkind <> 'i'
"""
EVERY_FUNCTION = f"""
    SELECT p.oid::regprocedure::text, p.prosecdef, p.proconfig FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {OURS}
"""
GRANTED_COLUMNS = """
    SELECT n.nspname || '.' || c.relname, pg_get_userbyid(x.grantee), a.attname::text
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(a.attacl) AS x
"""


def rows(connection: psycopg.Connection[Any], statement: str) -> list[tuple[Any, ...]]:
    return connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="module")
def catalogue(module_database: Database) -> Iterator[psycopg.Connection[Any]]:
    with module_database.as_admin() as admin:
        yield admin


def columns(catalogue: psycopg.Connection[Any], table: str) -> list[str]:
    wanted = "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
    return [name for (name,) in catalogue.execute(wanted, [table])]


# The matrix is the catalogue's


def test_every_relation_is_listed(catalogue):
    kinds = dict(rows(catalogue, RELATIONS))
    assert {name for name, kind in kinds.items() if kind == "r"} == set(TABLES)
    assert {name for name, kind in kinds.items() if kind == "S"} == SEQUENCES
    # No view, partition or foreign table that nobody has thought about.
    assert set(kinds.values()) == {"r", "S"}


def test_every_function_is_listed_and_those_with_powers_are_closed(catalogue):
    found = {name: (powers, settings) for name, powers, settings in rows(catalogue, EVERY_FUNCTION)}
    assert set(found) == set(FUNCTIONS)
    for name, (powers, settings) in found.items():
        assert powers is bool(FUNCTIONS[name]), name
        # Whoever runs with the owner's powers finds nothing of the caller's on its path.
        assert not powers or settings == ["search_path=pg_catalog"], name


def test_every_grant_on_a_column_is_listed(catalogue):
    granted: dict[tuple[str, str], set[str]] = {}
    for table, grantee, column in rows(catalogue, GRANTED_COLUMNS):
        if not table.startswith("pg_catalog."):
            granted.setdefault((table, grantee), set()).add(column)
    assert granted == {(t, database_name(role)): set(c) for (t, role), c in COLUMNS.items()}


@pytest.mark.parametrize("role", OTHERS)
def test_the_catalogue_grants_what_is_listed_and_no_more(catalogue, role):
    name = database_name(role)
    for table, allowed in TABLES.items():
        has = "SELECT has_table_privilege(%s, %s, %s)"
        granted = {
            verb
            for verb in VERBS
            if catalogue.execute(has, [name, table, verb]).fetchone() == (True,)
        }
        assert granted == allowed.get(role, frozenset()), table
    for function, roles in FUNCTIONS.items():
        may = catalogue.execute(
            "SELECT has_function_privilege(%s, %s, 'EXECUTE')", [name, function]
        ).fetchone()
        assert may == (role in roles,), function
    for sequence in SEQUENCES:
        may = catalogue.execute(
            "SELECT has_sequence_privilege(%s, %s, 'USAGE, SELECT, UPDATE')", [name, sequence]
        ).fetchone()
        assert may == (False,), sequence


# Each right, tried


@pytest.fixture(scope="module")
def connections(module_database: Database) -> Iterator[dict[Role, psycopg.Connection[Any]]]:
    """One connection a role; whatever is tried on it is taken back."""
    with ExitStack() as stack:
        opened = {}
        for role in ROLES:
            opened[role] = stack.enter_context(module_database.connect(role))
            opened[role].autocommit = True
        yield opened


def refused(connection: psycopg.Connection[Any], statement: str) -> bool:
    """Whether the role has no right to this; what fails otherwise was allowed to try."""
    try:
        if statement.startswith(ALONE):
            connection.execute(statement.encode())
        else:
            with connection.transaction(force_rollback=True):
                connection.execute(statement.encode())
    except errors.InsufficientPrivilege:
        return True
    except psycopg.Error:
        return False
    return False


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", OTHERS)
def test_each_statement_is_refused_unless_it_is_granted(connections, catalogue, role, table):
    allowed = TABLES[table].get(role, frozenset())
    own_columns = COLUMNS.get((table, role), frozenset())
    tried = {
        "SELECT": ["SELECT * FROM {}", "SELECT count(*) FROM {}", "TABLE {}"],
        "INSERT": ["INSERT INTO {} DEFAULT VALUES"],
        "DELETE": ["DELETE FROM {}", "DELETE FROM {} WHERE false"],
        "TRUNCATE": ["TRUNCATE {}", "TRUNCATE {} CASCADE"],
    }
    connection = connections[role]
    for verb, statements in tried.items():
        for statement in statements:
            assert refused(connection, statement.format(table)) is (verb not in allowed), statement
    for column in columns(catalogue, table):
        may = "UPDATE" in allowed or column in own_columns
        statement = f'UPDATE {table} SET "{column}" = DEFAULT'
        assert refused(connection, statement) is not may, statement


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", OTHERS)
def test_no_table_is_reshaped_locked_or_given_away(connections, role, table):
    name = database_name(role)
    connection = connections[role]
    for statement in (
        f"DROP TABLE {table} CASCADE",
        f"ALTER TABLE {table} ADD COLUMN mine text",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} OWNER TO {name}",
        f"ALTER TABLE {table} SET UNLOGGED",
        f"CREATE TRIGGER mine BEFORE UPDATE ON {table} EXECUTE FUNCTION registry.moved()",
        f"CREATE RULE mine AS ON UPDATE TO {table} DO INSTEAD NOTHING",
        f"CREATE POLICY mine ON {table}",
        f"CREATE INDEX mine ON {table} ((1))",
        f"CREATE TABLE public.mine (LIKE {table})",
        f"CREATE VIEW public.mine AS SELECT * FROM {table}",
        f"COMMENT ON TABLE {table} IS 'mine'",
    ):
        assert refused(connection, statement), statement
    exclusive = refused(connection, f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT")
    assert exclusive is not (TABLES[table].get(role) == WRITE)


def test_what_is_not_a_right_to_grant_is_not_granted(module_database, catalogue):
    """PostgreSQL only warns of a GRANT that grants nothing: the catalogue says what came of it."""
    before = rows(catalogue, "SELECT relname, relacl::text FROM pg_class ORDER BY oid")
    for role in OTHERS:
        with module_database.connect(role) as connection:
            connection.autocommit = True
            for table in TABLES:
                try:
                    connection.execute(f"GRANT ALL ON {table} TO PUBLIC")
                except errors.InsufficientPrivilege:
                    continue
    assert rows(catalogue, "SELECT relname, relacl::text FROM pg_class ORDER BY oid") == before


ARGUMENTS = {
    "billing.biller(bytea,boolean)": "'c', true",
    "billing.kind_of(integer)": "1",
    "sealed.overdue(integer)": "24",
    "sealed.name_until(timestamp with time zone)": "'epoch'",
    "sealed.without_lock(integer)": "7",
    "billing.take(integer,integer,bigint,smallint,bytea,bytea,bytea,bigint,integer)": (
        "1, 1, 0, 1::smallint, 'k', 'd', 's', 0, 1"
    ),
    "registry.shut_ways(integer)": "1",
    "registry.add_passkey(integer,bytea,bytea,bigint,boolean,boolean,text,bigint)": (
        "1, 'c', 'k', 0, true, false, '', 0"
    ),
    "registry.move_passkey(bytea,bigint,boolean)": "'c', 0, false",
    "registry.revoke_passkey(integer,bytea)": "1, 'c'",
    "registry.spend_enrolment(bytea,bigint,bytea,bytea,bigint,boolean,boolean,text)": (
        "'h', 0, 'c', 'k', 0, true, false, ''"
    ),
    "registry.take_delegate(text,integer,smallint,text,bytea,bigint,integer)": (
        "'d-1', 1, 0::smallint, '', 'h', 0, 1"
    ),
    "registry.enrol_again(integer,integer,bytea,bigint)": "1, 1, 'h', 0",
    "registry.end_delegate(integer,integer)": "1, 1",
    "registry.end_software(integer,integer)": "1, 1",
    "ledger.entry_time(bytea)": "'x'",
    "ledger.publish(bigint,bigint,text)": "1, 1, 'note'",
    "status.put_cut_offs(bigint,text)": "1, 'note'",
    APPEND: ("0, 0, decode(repeat('00', 128), 'hex'), '{0}', '', '{}', '{}', '', '', ''"),
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("role", OTHERS)
def test_only_the_vault_has_the_ledgers_functions(connections, role, function):
    call = f"SELECT {function.split('(')[0]}({ARGUMENTS.get(function, '')})"
    assert refused(connections[role], call) is (role not in FUNCTIONS[function])


# Beyond the tables

OWNERS = (
    "SET ROLE rempart_owner",
    "SET SESSION AUTHORIZATION rempart_owner",
    "SET SESSION AUTHORIZATION DEFAULT; SET ROLE rempart_owner",
    "REASSIGN OWNED BY rempart_owner TO CURRENT_USER",
    "ALTER ROLE rempart_owner PASSWORD 'mine'",
    "CREATE TABLE public.mine ()",
    "CREATE TABLE sealed.mine ()",
    "CREATE TABLE ledger.mine ()",
    "CREATE TABLE registry.mine ()",
    "CREATE TABLE status.mine ()",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION ledger.mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION ledger.take_over() RETURNS bigint LANGUAGE sql AS 'SELECT 1::int8'",
    "CREATE OPERATOR public.= (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = byteaeq)",
    "ALTER SCHEMA ledger OWNER TO CURRENT_USER",
    "DROP SCHEMA ledger CASCADE",
)
"""What the owner alone may do."""

ADMINISTRATORS = (
    "SET ROLE rempart_superuser",
    "SET SESSION AUTHORIZATION rempart_superuser",
    "GRANT rempart_owner TO rempart_gateway",
    "GRANT pg_read_server_files TO CURRENT_USER",
    "GRANT pg_read_all_data TO CURRENT_USER",
    "ALTER ROLE rempart_superuser PASSWORD 'mine'",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "CREATE ROLE mine",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION registry.moved()",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "SELECT pg_create_logical_replication_slot('mine', 'pgoutput')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/rempart-mine'",
    "COPY sealed.lock FROM PROGRAM 'id'",
    "COPY sealed.lock FROM '/etc/passwd'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_read_binary_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_stat_file('PG_VERSION')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/rempart-mine')",
    "SELECT rolpassword FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_hba_file_rules",
    "SHOW data_directory",
    "SET session_replication_role = replica",
    "LOAD '/tmp/mine'",
    "SELECT pg_reload_conf()",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rempart_superuser'",
    "CREATE DATABASE mine",
    "ALTER DATABASE {database} OWNER TO CURRENT_USER",
    "ALTER SYSTEM SET fsync = off",
)
"""What none of the seven may do, the owner included."""
ALONE = ("CREATE DATABASE", "ALTER SYSTEM")
"""Statements that PostgreSQL runs outside any transaction."""


@pytest.mark.parametrize("statement", OWNERS)
@pytest.mark.parametrize("role", OTHERS)
def test_no_role_does_what_is_the_owners(connections, role, statement):
    assert refused(connections[role], statement)


@pytest.mark.parametrize("statement", OWNERS)
def test_the_owner_does(connections, statement):
    """Or the test above refuses what nobody is granted anyway."""
    assert not refused(connections["owner"], statement)


@pytest.mark.parametrize("statement", ADMINISTRATORS)
@pytest.mark.parametrize("role", ROLES)
def test_no_role_does_what_is_an_administrators(connections, module_database, role, statement):
    assert refused(connections[role], statement.replace("{database}", module_database.name))


@pytest.mark.parametrize("role", OTHERS)
def test_only_the_importer_has_tables_of_its_session(connections, role):
    for statement in (
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ):
        assert refused(connections[role], statement) is (role != "importer")


@pytest.mark.parametrize("name", [*map(database_name, ROLES), "rempart_superuser"])
@pytest.mark.parametrize("role", ROLES)
def test_a_roles_password_opens_no_other_name(module_database, role, name):
    own = read_private(conninfo_file(module_database.secrets, role))
    if name == database_name(role):
        psycopg.connect(own).close()
        return
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(make_conninfo(own, user=name))
    for empty in ("", " "):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(make_conninfo(own, user=name, password=empty, passfile="/dev/null"))


def test_no_role_sees_what_another_is_asking(connections):
    connections["vault"].execute("SELECT 'what the vault asks'")
    asked = "SELECT query FROM pg_stat_activity WHERE usename = 'rempart_vault'"
    for role in OTHERS:
        (query,) = connections[role].execute(asked).fetchone()
        assert (query == "<insufficient privilege>") is (role != "vault")


def test_a_new_table_is_nobodys_until_it_is_granted(database):
    """Whoever adds one and forgets has closed it, not opened it."""
    schemas = ("sealed", "ledger", "registry", "status", "public")
    with database.connect("owner") as owner:
        for schema in schemas:
            owner.execute(f"CREATE TABLE {schema}.fresh (id int)")
            owner.execute(
                f"CREATE FUNCTION {schema}.fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'"
            )
    for role in OTHERS:
        with database.connect(role) as connection:
            connection.autocommit = True
            for schema in schemas:
                assert refused(connection, f"SELECT * FROM {schema}.fresh")
                assert refused(connection, f"INSERT INTO {schema}.fresh VALUES (1)")
                assert refused(connection, f"SELECT {schema}.fresh()")
