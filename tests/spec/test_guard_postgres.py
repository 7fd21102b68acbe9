"""The guard on real PostgreSQL: what it holds in memory is what the database's ledger says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType, decode
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.ledger_view import LedgerView
from rempart.usecases.messages import Answered, Contain, Done, Refused
from tests.postgres_servers import Database
from tests.traffic import WAYS, Asked, Batch, Town, assert_same_folds, folds_of
from tests.worlds import World

title = "The guard on PostgreSQL"


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    made = Town(World(store=PostgresLedger(partial(database.connect, "vault"))))
    yield made
    made.world.store.close()


def started_again(town: Town, database: Database) -> None:
    town.world.store.close()
    town.world.store = PostgresLedger(partial(database.connect, "vault"))
    town.world.restart()


def a_week(day: int) -> Batch:
    return Batch(
        24,
        tuple(
            Asked(site, (day + number) % 8, WAYS[(day + number) % len(WAYS)])
            for site in range(3)
            for number in range(4)
        ),
    )


def test_over_the_turn_of_a_month_and_several_starts(town, database):
    for day in range(10):
        town.send(a_week(day))
        if day % 3 == 2:
            before = folds_of(town.world).guard
            stages = dict(before.stages.states)
            started_again(town, database)
            assert folds_of(town.world).guard.stages.states == stages
        assert_same_folds(town.world)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_connection_cut_under_a_batch_leaves_the_folds_of_the_ledger(town, database, size):
    town.send(a_week(0))
    token = town.sign_in(0)
    assert token is not None
    asks = [town.ask_of(token, Asked(0, person, "typed")) for person in range(size)]
    with database.as_admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'rempart_vault' AND datname = current_database()"
        )

    assert town.world.service(list(asks)) == [Refused("unavailable")] * size
    assert_same_folds(town.world)

    assert all(isinstance(reply, Answered) for reply in town.world.service(list(asks)))
    assert_same_folds(town.world)


def test_a_canary_and_a_decision_outlive_the_vault(town, database):
    bird = town.world.member("CANARY", member_number="Z777", birth_date="19400101", canary=True)
    token = town.sign_in(0)
    assert token is not None
    assert bird.typed is not None
    assert town.world.ask(token, bird.typed) == Refused("frozen")
    decided = town.world.service([Contain(town.sites[1], "closed", "left", "nadia")])
    assert decided == [Done()]
    started_again(town, database)
    stages = [each.stage for each in folds_of(town.world).guard.stages.states.values()]
    assert sorted(stages) == [Stage.FROZEN, Stage.CLOSED]
    assert town.sign_in(0) is town.sign_in(1) is None
    kinds = [decode(row.body or b"").type for row in town.world.store.entries()]
    place = kinds.index(EntryType.CANARY)
    assert kinds[place : place + 2] == [EntryType.CANARY, EntryType.CONTAINMENT]


def test_the_audit_reads_what_the_guard_wrote(town, database):
    town.send(a_week(0))
    town.world.member("CANARY", member_number="Z777", birth_date="19400101", canary=True)
    town.world.service([Contain(town.sites[1], "watched", "alert", "nadia")])
    town.world.service.ledger.publish()
    view: LedgerView
    with ledger_view(partial(database.connect, "auditor")) as view:
        report = AuditLedger(view, town.world.service.ledger.signer.verifier)()
    assert report.entries == report.size == town.world.service.ledger.size
