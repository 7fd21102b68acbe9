"""Migrations: forward only, each whole, and the past is not edited."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from rempart.adapters.postgres.migrate import Migration, migrate, migrations
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable

REAL = migrations()
NEXT = f"{len(REAL) + 1:04d}_more.sql"


def applied(database):
    with database.connect("owner") as owner:
        return [n for (n,) in owner.execute("SELECT name FROM rempart_migration ORDER BY name")]


def test_what_was_applied_is_not_applied_again(database):
    assert applied(database) == [m.name for m in REAL]
    assert migrate(partial(database.connect, "owner")) == []


def test_a_new_file_is_applied_once(database):
    more = Migration(NEXT, b"CREATE TABLE registry.more (); CREATE TABLE registry.again ();")
    assert migrate(partial(database.connect, "owner"), [*REAL, more]) == [NEXT]
    assert migrate(partial(database.connect, "owner"), [*REAL, more]) == []


def test_an_edited_past_is_refused(database):
    edited = Migration(REAL[0].name, REAL[0].statements + b"\n-- a harmless remark")
    with pytest.raises(SetUpRefused, match=r"0001_schemas\.sql is not the one"):
        migrate(partial(database.connect, "owner"), [edited, *REAL[1:]])


def test_a_database_that_knows_more_is_not_touched(database):
    with pytest.raises(SetUpRefused, match="newer than this program"):
        migrate(partial(database.connect, "owner"), REAL[:-1])


def test_a_file_that_fails_leaves_nothing_and_those_before_stay(database):
    good = Migration(NEXT, b"CREATE TABLE registry.good ()")
    bad = Migration(f"{len(REAL) + 2:04d}_bad.sql", b"CREATE TABLE registry.half (); SELECT 1/0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(partial(database.connect, "owner"), [*REAL, good, bad])
    assert applied(database) == [*(m.name for m in REAL), NEXT]
    with database.as_admin() as admin:
        found = admin.execute("SELECT to_regclass('registry.good'), to_regclass('registry.half')")
        assert found.fetchone() == ("registry.good", None)


def test_a_file_that_ends_its_transaction_is_refused(database):
    ends = Migration(NEXT, b"CREATE TABLE registry.early (); COMMIT;")
    with pytest.raises(SetUpRefused, match="ends its own transaction"):
        migrate(partial(database.connect, "owner"), [*REAL, ends])
    assert NEXT not in applied(database)


def test_two_at_once_apply_each_file_once(database):
    slow = Migration(NEXT, b"SELECT pg_sleep(0.2); CREATE TABLE registry.slow ();")
    with ThreadPoolExecutor(2) as both:
        runs = [
            both.submit(migrate, partial(database.connect, "owner"), [*REAL, slow])
            for _ in range(2)
        ]
        assert sorted((list(run.result()) for run in runs), key=len) == [[], [NEXT]]


def test_only_the_owner_migrates(database):
    more = Migration(NEXT, b"CREATE TABLE registry.more ()")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        migrate(partial(database.connect, "importer"), [*REAL, more])


def test_no_database_is_for_later(tmp_path):
    with pytest.raises(TemporarilyUnavailable):
        migrate(partial(psycopg.connect, f"host={tmp_path}"))


@pytest.mark.parametrize(
    "names",
    [["0002_b.sql"], ["0001_a.sql", "0003_c.sql"], ["0001_a.sql", "0001_b.sql"], ["first.sql"]],
)
def test_numbers_follow_one_another(tmp_path, names):
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(SetUpRefused, match="was expected"):
        migrations(tmp_path)
