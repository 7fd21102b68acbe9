"""The same chapter on PostgreSQL, the vault under its own role."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from rempart.adapters.postgres.ledger import SQL, PostgresLedger
from rempart.usecases.messages import Refused
from tests.postgres_servers import Database

# The chapter itself: its facts, told again with the fixture below.
from tests.spec.test_history import *  # noqa: F403
from tests.spec.test_history import ask, code_of, furnished, history
from tests.spec.test_incidents_postgres import lose
from tests.worlds import World

title = "One's own history, on PostgreSQL"


@pytest.fixture
def world(module_database: Database) -> Iterator[World]:
    lose(module_database)
    ledger = PostgresLedger(partial(module_database.connect, "vault"))
    yield furnished(World(store=ledger))
    ledger.close()


def test_what_was_erased_is_nobodys_history_any_more(world, card, phone, module_database):
    """As the owner's command does it, once a year has passed."""
    world.ask(world.sign_in(), card.code)
    history(world, phone)
    with module_database.as_admin() as admin:
        admin.execute("ALTER TABLE ledger.entry DISABLE TRIGGER ALL")
        admin.execute(
            "UPDATE ledger.entry SET body = NULL, detail = NULL,"
            " leaf = sha256('\\x00'::bytea || body) WHERE get_byte(body, 0) IN (1, 12)"
        )
        admin.execute("ALTER TABLE ledger.entry ENABLE TRIGGER ALL")
    shown = history(world, phone)
    assert (shown.answers, shown.asked) == ((), ())


def test_one_persons_entries_are_found_by_an_index(world, phone, module_database):
    """Of a year of everybody's entries, these are a few pages."""
    with module_database.connect("vault") as connection:
        connection.execute("SET enable_seqscan = off")
        rows = connection.execute(
            "EXPLAIN " + SQL["of_persons"], {"persons": bytes(18) + b"p" * 18}
        ).fetchall()
    plan = " ".join(row[0] for row in rows)
    assert "entry_of_persons" in plan
    assert "entry_unopened" in plan


def test_an_entry_that_was_changed_beside_its_detail_is_not_shown(
    world, card, phone, module_database
):
    """Attack: whoever administers the database says that it was another kind of site."""
    world.ask(world.sign_in(), card.code)
    with module_database.as_admin() as admin:
        admin.execute("ALTER TABLE ledger.entry DISABLE TRIGGER ALL")
        admin.execute(
            "UPDATE ledger.entry SET detail = set_byte(detail, 59, 9) WHERE get_byte(body, 0) = 1"
        )
        admin.execute("ALTER TABLE ledger.entry ENABLE TRIGGER ALL")
    assert ask(world, code_of(world, phone)) == Refused("unavailable")
