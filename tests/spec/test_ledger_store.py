"""What every ledger store promises, in memory and on both PostgreSQL servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest

from rempart.adapters.memory.ledger import MemoryLedger, MemoryMemo
from rempart.adapters.memory.world import MemoryChance, MemoryClock
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.postgres.retention import PostgresRetention
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import (
    Fenced,
    LedgerBroken,
    SetUpRefused,
    TemporarilyUnavailable,
)
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.ports import LedgerStore
from rempart.usecases.prove_entry import ProveEntry, verify_entry_proof
from rempart.usecases.retain_entries import EraseEntries, Hold
from tests.postgres_servers import Database
from tests.spec.test_keep_ledger import NOON, SIGNER, a_draft

title = "Where the ledger lies"


class Place:
    """A store, how an auditor sees it, and how another vault would come."""

    def store(self) -> LedgerStore:
        raise NotImplementedError

    def view(self) -> AbstractContextManager[LedgerView]:
        raise NotImplementedError


class InMemory(Place):
    def __init__(self) -> None:
        self.kept = MemoryLedger()

    def store(self) -> LedgerStore:
        return self.kept

    def view(self) -> AbstractContextManager[LedgerView]:
        return nullcontext(self.kept)


class OnPostgres(Place):
    def __init__(self, database: Database) -> None:
        self.database = database
        self.opened: list[PostgresLedger] = []

    def store(self) -> LedgerStore:
        self.opened.append(PostgresLedger(partial(self.database.connect, "vault")))
        return self.opened[-1]

    @contextmanager
    def view(self) -> Iterator[LedgerView]:
        with ledger_view(partial(self.database.connect, "auditor")) as view:
            yield view


def a_keeper(store: LedgerStore, memo: MemoryMemo) -> KeepLedger:
    return KeepLedger(
        store=store, memo=memo, signer=SIGNER, clock=MemoryClock(NOON), chance=MemoryChance()
    )


def written(keeper: KeepLedger, batches: int, size: int) -> None:
    for batch in range(batches):
        at = keeper.stamp()
        names = [(batch * size + place).to_bytes(2, "big") for place in range(size)]
        keeper.append([a_draft(at, name * 8) for name in names], at=at)
        keeper.publish()


def what_was_appended_is_read_in_order_and_proven(place):
    keeper = a_keeper(place.store(), MemoryMemo())
    keeper.open()
    written(keeper, batches=4, size=150)
    with place.view() as view:
        report = AuditLedger(view, SIGNER.verifier)()
        assert (report.entries, report.checkpoints) == (601, 5)
        assert len(list(view.subtrees())) == 2
        for index in (0, 255, 256, 600):
            proof = ProveEntry(view, SIGNER.verifier)(index, with_detail=True)
            proven = verify_entry_proof(proof.to_json(), SIGNER.vkey)
            assert (proven.index, proven.checkpoint.size) == (index, 601)


def a_restart_reads_what_the_last_vault_wrote(place):
    memo = MemoryMemo()
    store = place.store()
    keeper = a_keeper(store, memo)
    keeper.open()
    written(keeper, batches=1, size=10)
    if isinstance(store, PostgresLedger):
        store.close()
    again = a_keeper(place.store(), memo)
    again.open()
    assert (again.size, again.epoch) == (12, keeper.epoch + 1)


def only_the_next_index_is_taken(place):
    keeper = a_keeper(place.store(), MemoryMemo())
    keeper.open()
    body, detail = a_draft(NOON)
    for first in (0, 2):
        with pytest.raises(Fenced):
            keeper.store.append(
                epoch=keeper.epoch,
                first=first,
                bodies=body,
                details=[detail],
                completed=[],
                known={},
            )


SPECS = (
    what_was_appended_is_read_in_order_and_proven,
    a_restart_reads_what_the_last_vault_wrote,
    only_the_next_index_is_taken,
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_in_memory(spec):
    spec(InMemory())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_on_postgres(database, spec):
    place = OnPostgres(database)
    spec(place)
    for store in place.opened:
        store.close()


@pytest.fixture
def keeper(database: Database) -> Iterator[KeepLedger]:
    store = PostgresLedger(partial(database.connect, "vault"))
    made = a_keeper(store, MemoryMemo())
    made.open()
    yield made
    store.close()


def test_one_vault_at_a_time(database, keeper):
    second = PostgresLedger(partial(database.connect, "vault"))
    with pytest.raises(TemporarilyUnavailable, match="another vault"):
        second.take_over()
    second.close()


def test_a_vault_that_lost_its_lock_is_fenced(database, keeper):
    """Cut off and replaced: the old one's connection works, its epoch does not."""
    with database.as_admin() as admin:
        admin.execute("UPDATE ledger.fence SET epoch = epoch + 1")
    at = keeper.stamp()
    with pytest.raises(Fenced):
        keeper.append([a_draft(at)], at=at)
    with pytest.raises(Fenced):
        keeper.publish()


def test_a_cut_connection_is_taken_up_again(database, keeper):
    with database.as_admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'rempart_vault' AND datname = current_database()"
        )
    at = keeper.stamp()
    with pytest.raises(TemporarilyUnavailable):
        keeper.append([a_draft(at)], at=at)
    at = keeper.stamp()
    assert keeper.append([a_draft(at)], at=at) == 1


REWRITES = (
    "UPDATE ledger.entry SET body = '\\x00'",
    "UPDATE ledger.entry SET body = NULL, detail = NULL, leaf = sha256('\\x00' || body)",
    "DELETE FROM ledger.entry",
    "TRUNCATE ledger.entry",
    "UPDATE ledger.subtree SET hash = '\\x00'",
    "DELETE FROM ledger.checkpoint",
    "TRUNCATE ledger.checkpoint",
)
NO_RIGHT, APPEND_ONLY = "42501", "RM003"


@pytest.mark.parametrize("role", ["owner", "vault", "importer", "gateway", "auditor"])
def test_the_past_is_nobodys_to_change(database, keeper, role):
    """Most lack the right; the owner, who has it, meets the trigger. A year must pass to erase."""
    written(keeper, batches=1, size=300)
    with database.connect(role) as connection:
        for statement in REWRITES:
            with pytest.raises(psycopg.DatabaseError) as refused:
                connection.execute(statement)
            assert refused.value.sqlstate == (APPEND_ONLY if role == "owner" else NO_RIGHT)
            connection.rollback()


def test_only_the_vault_appends(database, keeper):
    for role in ("importer", "gateway", "auditor"):
        with database.connect(role) as connection:
            for statement in (
                "INSERT INTO ledger.entry (idx, body, detail) VALUES (1, '\\x00', '\\x00')",
                "SELECT ledger.append(1, 1, '\\x00', '{1}', '\\x00', '{}', '{}', '', '', '')",
                "INSERT INTO ledger.known (pair, seen, days) VALUES ('\\x00', 1, '\\x00')",
                "SELECT ledger.publish(1, 1, 'x')",
                "SELECT ledger.take_over()",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
                connection.rollback()


def test_an_entry_is_erased_after_its_year_unless_held(database):
    memo, long_ago = MemoryMemo(), NOON - 400 * 86_400_000_000
    store = PostgresLedger(partial(database.connect, "vault"))
    keeper = a_keeper(store, memo)
    keeper.clock = MemoryClock(long_ago)
    keeper.open()
    written(keeper, batches=1, size=300)
    keeper.act(EntryType.HISTORY, {"code": b"c" * 16, "card": b"d" * 16})
    moment = datetime.fromtimestamp(long_ago / 1e6, UTC)
    with database.connect("owner") as owner:
        retention = PostgresRetention(owner)
        retention.hold(Hold("N-1", moment - timedelta(hours=1), moment + timedelta(hours=1)))
        assert EraseEntries(retention)() == 0
        retention.release("N-1")
        assert EraseEntries(retention)() == 301
        assert EraseEntries(retention)() == 0
        with pytest.raises(psycopg.DatabaseError):
            owner.execute("UPDATE ledger.entry SET leaf = '\\x00' WHERE idx = 6")
    store.close()

    with ledger_view(partial(database.connect, "auditor")) as view:
        report = AuditLedger(view, SIGNER.verifier)()
        assert (report.erased, report.entries) == (301, 302)
        erased = verify_entry_proof(ProveEntry(view, SIGNER.verifier)(6).to_json(), SIGNER.vkey)
        assert erased.entry is None
    again = a_keeper(PostgresLedger(partial(database.connect, "vault")), memo)
    again.open()
    assert isinstance(again.store, PostgresLedger)
    again.store.close()


@pytest.mark.parametrize("name", ["synchronous_commit"])
def test_a_database_that_may_lose_a_commit_is_refused(database, name):
    with database.as_admin() as admin:
        admin.execute(f"ALTER ROLE rempart_vault IN DATABASE {database.name} SET {name} = off")
    store = PostgresLedger(partial(database.connect, "vault"))
    with pytest.raises(SetUpRefused, match=name):
        store.take_over()
    store.close()


def test_an_edited_database_is_refused_at_restart(database):
    """The administrator's chair: triggers off, one byte changed, triggers on."""
    memo = MemoryMemo()
    store = PostgresLedger(partial(database.connect, "vault"))
    keeper = a_keeper(store, memo)
    keeper.open()
    written(keeper, batches=2, size=50)
    store.close()
    with database.as_admin() as admin:
        admin.execute("ALTER TABLE ledger.entry DISABLE TRIGGER ALL")
        admin.execute("UPDATE ledger.entry SET body = set_byte(body, 30, 7) WHERE idx = 42")
        admin.execute("ALTER TABLE ledger.entry ENABLE TRIGGER ALL")
    again = PostgresLedger(partial(database.connect, "vault"))
    with pytest.raises(LedgerBroken):
        a_keeper(again, memo).open()
    again.close()


def test_a_database_rolled_back_is_refused_at_restart(database):
    memo = MemoryMemo()
    store = PostgresLedger(partial(database.connect, "vault"))
    keeper = a_keeper(store, memo)
    keeper.open()
    written(keeper, batches=2, size=50)
    store.close()
    with database.as_admin() as admin:
        admin.execute("ALTER TABLE ledger.entry DISABLE TRIGGER ALL")
        admin.execute("DELETE FROM ledger.entry WHERE idx > 60")
    again = PostgresLedger(partial(database.connect, "vault"))
    with pytest.raises(LedgerBroken, match="101 entries were signed, 61 are left"):
        a_keeper(again, memo).open()
    again.close()
