"""Days of a ledger in PostgreSQL are closed, and scoped together with those that are not."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path

from rempart.adapters.memory.ledger import MemoryMemo
from rempart.adapters.memory.world import MemoryChance, MemoryClock, MemoryKeys
from rempart.adapters.postgres.handles import PostgresHandles
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.postgres.members import PostgresMembers
from rempart.adapters.segments.scope import DuckScope
from rempart.adapters.segments.shelf import FolderSegments
from rempart.adapters.segments.tables import FolderTables
from rempart.domain.budget import DAY
from rempart.domain.disclosure import (
    Entry,
    EntryType,
    Outcome,
    QuestionDetail,
    encode,
    period_of,
)
from rempart.domain.finding import Finding, Suspect
from rempart.usecases.close_days import CloseDays
from rempart.usecases.daily_table import open_table, share_of
from rempart.usecases.erase_members import EraseMembers
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.pseudonyms import PERSON, pseudonym
from rempart.usecases.scope_ledger import ScopeLedger
from rempart.usecases.verify_days import VerifyDays
from tests.closed_days import INCIDENT, PUBLIC
from tests.postgres_servers import Database
from tests.spec.test_keep_ledger import NOON, SIGNER

title = "Closed days, from PostgreSQL"

MONTH = b"m" * 32
AMC = 12345678
THIEF = b"t" * 16


def handle(person: int) -> bytes:
    return b"handle-%d" % person


def asked(at: int, person: int) -> tuple[bytes, bytes]:
    salt = sha256(b"%d %d" % (at, person)).digest()[:16]
    detail = QuestionDetail(salt, salt, salt, software=7).encode()
    entry = Entry(
        type=EntryType.QUESTION,
        period=period_of(at),
        at=at,
        person=pseudonym(MONTH, PERSON, handle(person)),
        session=THIEF,
        amc=AMC,
        domain=1,
        outcome=Outcome.OPENED,
        detail_digest=sha256(detail).digest(),
    )
    return encode(entry), detail


def test_days_are_closed_and_scoped_with_those_that_are_not(database: Database, tmp_path: Path):
    clock, store = MemoryClock(NOON), PostgresLedger(partial(database.connect, "vault"))
    keeper = KeepLedger(
        store=store,
        memo=MemoryMemo(),
        signer=SIGNER,
        clock=clock,
        chance=MemoryChance(),
    )
    keeper.open()
    for day in range(3):
        at = keeper.stamp()
        keeper.append([asked(at, day * 2), asked(at, day * 2 + 1)], at=at)
        keeper.publish()
        clock.forward(seconds=86_400)
    store.close()
    with database.connect("owner") as owner:
        for person in range(6):
            owner.execute(
                "INSERT INTO sealed.lock VALUES (%s, %s, %s, 1, 1, NULL, 1, 1, %s)",
                (b"%016d" % person, AMC, handle(person), b"sealed"),
            )
        owner.execute(
            "INSERT INTO sealed.person VALUES (%s, %s, %s, '2024-01-05', '2024-01-05', 1)",
            (AMC, handle(2), bytes(32)),
        )
    with closing(PostgresMembers(partial(database.connect, "importer"))) as members:
        erase = EraseMembers(members=members, months=27)
        assert erase(now=NOON + DAY + 1) == (1, 1), "read yesterday, or today: nobody knows yet"
    with database.connect("owner") as owner:
        left = owner.execute("SELECT count(*) FROM sealed.lock").fetchone()
        assert left == (5,)

    shelf, tables = FolderSegments(tmp_path / "segments"), FolderTables(tmp_path / "tables")
    keys = MemoryKeys({"pseudonym/2611": MONTH})
    own = partial(database.connect, "vault")
    with ledger_view(own) as view, own() as reading:
        close = CloseDays(
            ledger=view,
            shelf=shelf,
            tables=tables,
            handles=PostgresHandles(reading),
            keys=keys,
            chance=MemoryChance(),
            signer=SIGNER,
            incident=PUBLIC,
        )
        closed = close(now=NOON + 2 * DAY)
        assert [each.end - each.first for each in closed] == [3, 2]
        assert close(now=NOON + 2 * DAY) == []
    with closing(PostgresMembers(partial(database.connect, "importer"))) as members:
        assert members.named_until() == (NOON + 2 * DAY) // DAY * DAY
        assert EraseMembers(members=members, months=27)(now=NOON + 2 * DAY) == (0, 0)
    assert VerifyDays(shelf, SIGNER.verifier)(leaves=True).end == 5

    name = closed[1].name
    given = {"private": INCIDENT, "share": share_of(keys, name)}
    opened = open_table(name, tables.get(name), **given)
    assert sorted(whose for _, whose in opened.values()) == [handle(2), handle(3)]

    theft = Finding(suspects=(Suspect(number=7, stolen=NOON),), thief=frozenset({THIEF}))
    with ledger_view(partial(database.connect, "auditor")) as view:
        scope = ScopeLedger(
            shelf, view, DuckScope(shelf, tmp_path, tmp_path / "people.csv"), SIGNER.verifier
        )
        said = scope(theft, number=1, now=NOON + 3 * DAY)
    assert [bool(each.day) for each in said.ranges] == [True, True, False]
    assert (said.breached, said.people, said.holes) == (6, 6, ())
