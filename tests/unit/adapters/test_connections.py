"""The bridge of the driver's errors: nothing of what they quote comes through."""

import os
import traceback

import psycopg
import pytest

from rempart.adapters.postgres.connections import translated
from rempart.adapters.private_files import read_private, write_private
from rempart.domain.errors import (
    KeyMissing,
    LedgerBroken,
    RempartError,
    TemporarilyUnavailable,
)

PRIVATE = "a-very-private-value"


def told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def test_a_value_that_breaks_a_rule_is_not_quoted(database):
    with database.as_admin() as admin:
        admin.execute("CREATE TABLE public.t (v text PRIMARY KEY)")
        admin.execute("INSERT INTO public.t VALUES (%s)", [PRIVATE])
        with pytest.raises(psycopg.errors.UniqueViolation) as refused, translated():
            admin.execute("INSERT INTO public.t VALUES (%s)", [PRIVATE])
        assert PRIVATE not in told(refused.value)
        assert refused.value.sqlstate == "23505"
        with pytest.raises(psycopg.DataError) as malformed, translated():
            admin.execute("SELECT %s::integer", [PRIVATE])
        assert PRIVATE not in told(malformed.value)


def test_a_code_of_our_own_keeps_its_code(database):
    with database.as_admin() as admin:
        with pytest.raises(psycopg.DatabaseError) as refused, translated():
            admin.execute("DO $$ BEGIN RAISE EXCEPTION 'quoted' USING ERRCODE = 'RM001'; END $$")
        assert refused.value.sqlstate == "RM001"
        assert "quoted" not in told(refused.value)


def test_a_change_to_the_past_is_a_broken_ledger(database):
    with database.as_admin() as admin:
        admin.execute(
            "INSERT INTO ledger.entry (idx, body, detail)"
            " VALUES (0, decode(repeat('00', 128), 'hex'), '')"
        )
        with pytest.raises(LedgerBroken), translated():
            admin.execute("DELETE FROM ledger.entry")


@pytest.mark.parametrize(
    "lose", ["SELECT pg_terminate_backend(pg_backend_pid())", "SET statement_timeout = 1"]
)
def test_a_lost_connection_or_statement_is_for_later(database, lose):
    def ask(admin):
        with translated():
            admin.execute(lose)
            admin.execute("SELECT pg_sleep(5)")

    with database.as_admin() as admin, pytest.raises(TemporarilyUnavailable):
        ask(admin)


def test_a_closed_connection_is_for_later(database):
    admin = database.as_admin()
    admin.close()
    with pytest.raises(TemporarilyUnavailable), translated():
        admin.execute("SELECT 1")


def test_an_address_and_a_name_are_not_told(tmp_path):
    with pytest.raises(TemporarilyUnavailable) as refused, translated():
        psycopg.connect(f"host={tmp_path}/{PRIVATE} user=somebody")
    assert PRIVATE not in told(refused.value)


def test_our_own_errors_pass():
    with pytest.raises(RempartError, match="ours"), translated():
        raise RempartError("ours")


def test_a_private_file_is_written_whole_and_read_back(tmp_path):
    path = tmp_path / "new" / "file"
    write_private(path, "first")
    write_private(path, "second")
    assert read_private(path) == "second"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_link_is_not_a_private_file(tmp_path):
    write_private(tmp_path / "file", "text")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with pytest.raises(KeyMissing):
        read_private(tmp_path / "link")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes for somebody else")
def test_a_file_that_root_writes_again_stays_its_readers(tmp_path):
    write_private(tmp_path / "file", "first")
    os.chown(tmp_path / "file", 12_345, 12_345)
    write_private(tmp_path / "file", "second")
    assert (tmp_path / "file").stat().st_uid == 12_345
