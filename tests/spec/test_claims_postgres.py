"""The same chapter on both PostgreSQL servers, the intake and the judge each under its own role."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import psycopg
import pytest

from rempart.adapters.postgres.claims import RULINGS, PostgresClaimBook, PostgresClaimQueue
from rempart.adapters.postgres.connections import conninfo_file
from rempart.domain.claim import Use
from rempart.domain.ruling import Ruling
from rempart.domain.site import SiteKind
from rempart.usecases.claim_ports import Biller, Kept
from tests.postgres_servers import Database

# The chapter itself: its facts, told again with the fixture below.
from tests.spec.test_claims import *  # noqa: F403
from tests.spec.test_claims import Store

title = "Claims, on PostgreSQL"


LOSE = """
    ALTER TABLE billing.told DISABLE TRIGGER ALL; DELETE FROM billing.told;
    ALTER TABLE billing.told ENABLE TRIGGER ALL;
    DELETE FROM billing.care; DELETE FROM billing.sale; DELETE FROM billing.decision;
    DELETE FROM billing.ruling; DELETE FROM billing.claim;
    SELECT setval(pg_get_serial_sequence('billing.claim', 'number'), 1, false);
"""
FORGET = "DELETE FROM registry.software; DELETE FROM registry.site;"


def on_postgres(database: Database) -> Iterator[Store]:
    """The intake's connections and the administrator's last for as long as the store does."""
    with database.as_admin() as admin, asyncio.Runner() as runner:
        admin.execute(LOSE + FORGET)
        yield from stored(database, admin, runner)


def stored(
    database: Database, admin: psycopg.Connection[Any], runner: asyncio.Runner
) -> Iterator[Store]:
    secrets = database.secrets
    book = PostgresClaimBook(lambda: database.connect("judge"))

    def know(certificate: bytes, biller: Biller, kind: SiteKind = SiteKind.OPTICIAN) -> None:
        with admin.transaction():
            admin.execute(
                "INSERT INTO registry.site (site, kind, number) OVERRIDING SYSTEM VALUE"
                " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (f"STRUCT:{biller.site}", kind, biller.site),
            )
            admin.execute(
                "INSERT INTO registry.software (client_id, number, site, jwks, certificates,"
                " sandbox) OVERRIDING SYSTEM VALUE VALUES (%s, %s, %s, '{}', %s, true)",
                (
                    f"c{biller.software}",
                    biller.software,
                    f"STRUCT:{biller.site}",
                    [certificate],
                ),
            )

    queue = PostgresClaimQueue(conninfo_file(secrets, "billing"), sandbox=True, a_day=40)

    def another() -> AbstractContextManager[PostgresClaimBook]:
        return closing(PostgresClaimBook(lambda: database.connect("judge")))

    def ended(number: int) -> bool:
        return next(each.ended_since for each in book.listed(None, 50) if each.number == number)

    def entry(number: int) -> int | None:
        listed = next(each for each in book.listed(None, 50) if each.number == number)
        return listed.decision and listed.decision.ref

    def forget() -> None:
        admin.execute("DELETE FROM billing.decision")

    def lose() -> None:
        admin.execute(LOSE)

    def told() -> list[tuple[int, int, Ruling | None]]:
        rows = admin.execute("SELECT claim, at, ruling FROM billing.told ORDER BY number")
        return [(claim, at, RULINGS.get(ruling or 0)) for claim, at, ruling in rows]

    yield Store(queue, book, know, another, ended, entry, forget, lose, told, runner.run)
    runner.run(queue.close())
    book.close()


@pytest.fixture
def store(module_database: Database) -> Iterator[Store]:
    yield from on_postgres(module_database)


def test_claims_that_come_at_once_are_each_kept_once(store, module_database):
    store.know(b"c" * 32, Biller(1, 1))

    async def rush():
        queue = PostgresClaimQueue(conninfo_file(module_database.secrets, "billing"), sandbox=True)
        kept = [
            Kept(
                biller=Biller(1, 1),
                use=Use.CLAIM,
                received=1,
                key=bytes([n % 5]) * 32,
                digest=bytes([n]) * 32,
                sealed=b"s",
            )
            for n in range(50)
        ]
        try:
            return await asyncio.gather(*map(queue.put, kept))
        finally:
            await queue.close()

    receipts = asyncio.run(rush())
    assert len(list(store.book.waiting(9_999))) == 5
    assert len({receipt.digest for receipt in receipts}) == 5


def test_claims_that_come_again_at_once_leave_a_trace_for_each_but_the_first(
    store, module_database
):
    store.know(b"c" * 32, Biller(1, 1))
    kept = Kept(
        biller=Biller(1, 1),
        use=Use.CLAIM,
        received=1,
        key=bytes(32),
        digest=bytes(32),
        sealed=b"s",
    )

    async def rush():
        queue = PostgresClaimQueue(conninfo_file(module_database.secrets, "billing"), sandbox=True)
        try:
            await asyncio.gather(*(queue.put(kept) for _ in range(9)))
        finally:
            await queue.close()

    asyncio.run(rush())
    assert len(store.told()) == 8


@pytest.mark.parametrize("change", ["DELETE FROM", "UPDATE", "TRUNCATE"])
def test_what_was_told_of_a_claim_is_not_taken_back(store, module_database, change):
    said = "software, site, product, use, key, digest, received, sealed"
    one = f"({said}) VALUES (1, 1, 0, 1, sha256('k'), sha256('d'), 1, 's')"
    at = " SET at = 0" if change == "UPDATE" else ""
    with module_database.connect("owner") as owner:
        owner.execute(f"INSERT INTO billing.claim {one}")
        number = "SELECT number, 1, 5 FROM billing.claim"
        owner.execute(f"INSERT INTO billing.told (claim, software, at) {number}")
        with pytest.raises(psycopg.Error, match="stays"):
            owner.execute(f"{change} billing.told{at}")


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        (
            "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA billing FROM rempart_billing",
            "GRANT EXECUTE ON FUNCTION billing.take, billing.biller TO rempart_billing",
        ),
        (
            "ALTER DATABASE {} SET default_transaction_read_only = on",
            "ALTER DATABASE {} RESET default_transaction_read_only",
        ),
    ],
    ids=["a right that was taken away", "a server that takes no writes"],
)
def test_what_could_keep_no_claim_is_not_ready(module_database, spoil, mend):
    async def ready() -> bool:
        conninfo = conninfo_file(module_database.secrets, "billing")
        queue = PostgresClaimQueue(conninfo, sandbox=True)
        try:
            return await queue.ready()
        finally:
            await queue.close()

    assert asyncio.run(ready())
    with module_database.as_admin() as admin:
        admin.execute(spoil.format(module_database.name))
        try:
            assert not asyncio.run(ready())
        finally:
            admin.execute("SET transaction_read_only = off")
            admin.execute(mend.format(module_database.name))
    assert asyncio.run(ready())
