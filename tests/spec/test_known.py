"""What sites know of beneficiaries: ages that follow from entries, and a table made again."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.adapters.memory.ledger import MemoryLedger
from rempart.adapters.postgres.known import known_table
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.domain.budget import DAY
from rempart.domain.disclosure import QUESTION_DETAIL, QUESTION_DETAIL_VERSION, Presence
from rempart.domain.errors import IntegrityBroken, SetUpRefused
from rempart.domain.known import NOBODY_YET, SINCE_1970, Known, before_today
from rempart.domain.trace import KNOWN_FOR, NEVER, STRANGER
from rempart.usecases.rebuild_known import RebuildKnown
from tests.traffic import Asked, Batch, Town, batches
from tests.worlds import World

title = "What sites know"

DAYS = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from(list(Presence)[1:])), min_size=1, max_size=12
)


# A pair's five days


@given(DAYS)
def test_ages_say_everything_that_a_day_changes(visits):
    """So that each entry alone says what was known after it."""
    known, today = NOBODY_YET, 9_000
    for gap, presence in visits:
        today += gap
        assert known.after(presence, today) == before_today(known.ages(today), today).after(
            presence, today
        )
        known = known.after(presence, today)
        assert Known.decode(known.encode()) == known


@given(DAYS)
def test_ages_are_what_a_list_of_visits_says(visits):
    known, today, past = NOBODY_YET, 9_000, []
    for gap, presence in visits:
        today += gap
        ages = known.ages(today)

        def since(*presences, now=today, visits=tuple(past)):
            days = [day for day, shown in visits if not presences or shown in presences]
            age = now - max(days) if days else NEVER
            return age if age <= KNOWN_FOR else NEVER

        assert ages.seen == since()
        assert ages.typed == since(Presence.DECLARED, Presence.LEGACY)
        assert ages.legacy == since(Presence.LEGACY)
        assert ages.proved == since(Presence.CARD, Presence.FRESH)
        assert (ages.first == NEVER) is (ages.seen == NEVER)
        assert ages.first >= ages.seen
        known = known.after(presence, today)
        past.append((today, presence))


def test_a_regular_of_many_years_is_no_stranger():
    known = NOBODY_YET
    for month in range(40):
        known = known.after(Presence.LEGACY, 9_000 + 30 * month)
    assert known.ages(9_000 + 30 * 40).first == KNOWN_FOR


def test_nobody_is_known_after_twelve_months():
    known = NOBODY_YET.after(Presence.CARD, 9_000)
    assert known.ages(9_000 + KNOWN_FOR).proved == KNOWN_FOR
    assert known.ages(9_000 + KNOWN_FOR + 1) == STRANGER


# The table, made again


def remembered(world: World, pairs: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Without those who have had their term: ``rempart ledger erase`` takes them out."""
    today = world.clock.now() // DAY - SINCE_1970
    return {p: d for p, d in pairs.items() if Known.decode(d).seen >= today - KNOWN_FOR}


@settings(max_examples=40)
@given(batches(hours=24 * 90, most=10))
def test_the_table_made_again_is_the_table_that_was_written(sent):
    town = Town()
    for batch in sent:
        town.send(batch)
    store = town.world.store
    written = remembered(town.world, dict(store.pairs))
    store.pairs = {b"a forged pair...": b"ten bytes."}

    RebuildKnown(store, store)(now=town.world.clock.now())

    assert remembered(town.world, store.pairs) == written
    assert b"a forged pair..." not in store.pairs


def test_a_detail_that_is_not_its_entrys_changes_nothing_for_anybody():
    town = Town()
    town.send(Batch(0, (Asked(0, 0, "card"),)))
    store = town.world.store
    row = next(row for row in store.rows if row.detail and row.detail[0] == QUESTION_DETAIL_VERSION)
    broken = MemoryLedger(rows=[*store.rows])
    broken.rows[row.index] = type(row)(
        index=row.index,
        body=row.body,
        detail=bytes([QUESTION_DETAIL_VERSION]) + bytes(QUESTION_DETAIL.size - 1),
        leaf=None,
    )
    with pytest.raises(IntegrityBroken, match=f"entry {row.index}"):
        RebuildKnown(broken, broken)(now=town.world.clock.now())


# On PostgreSQL


@pytest.fixture
def town(database):
    """A town whose vault writes on PostgreSQL."""
    store = PostgresLedger(partial(database.connect, "vault"))
    made = Town(World(store=store))
    yield made
    store.close()


MONTHS = (
    Batch(0, tuple(Asked(site, person, "typed") for site in range(3) for person in range(8))),
    Batch(30, (Asked(0, 0, "card"), Asked(0, 0, "typed"), Asked(1, 2, "card"))),
    Batch(24 * 200, (Asked(0, 1, "typed"), Asked(2, 2, "wrong"), Asked(0, 0, "again"))),
    Batch(24 * 200, (Asked(0, 0, "typed"), Asked(1, 3, "typed"))),
)


def rows_of(database) -> dict[bytes, bytes]:
    with database.connect("vault") as connection:
        found = connection.execute("SELECT pair, days, seen FROM ledger.known").fetchall()
    assert all(Known.decode(days).seen == seen for _, days, seen in found)
    return {pair: days for pair, days, _ in found}


def made_again(database, world: World) -> int:
    with (
        known_table(partial(database.connect, "owner")) as table,
        ledger_view(partial(database.connect, "owner")) as view,
    ):
        return RebuildKnown(view, table)(now=world.clock.now())


def test_the_table_is_made_again_on_postgresql(database, town):
    for batch in MONTHS:
        town.send(batch)
    written = remembered(town.world, rows_of(database))
    assert len(written) >= 3
    town.world.store.close()
    with database.connect("owner") as owner:
        owner.execute("UPDATE ledger.known SET days = '\\x00000000000000000000', seen = 1")

    assert made_again(database, town.world) >= len(written)
    assert rows_of(database) == written


def test_a_vault_at_work_is_not_rebuilt_under(database, town):
    town.send(MONTHS[0])
    before = rows_of(database)
    with pytest.raises(SetUpRefused, match="stop it"):
        made_again(database, town.world)
    assert rows_of(database) == before


def test_a_rebuild_that_fails_leaves_the_table_as_it_was(database, town):
    town.send(MONTHS[0])
    before = rows_of(database)
    town.world.store.close()

    def cut_short():
        with known_table(partial(database.connect, "owner")) as table:
            table.empty()
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        cut_short()
    assert rows_of(database) == before


@pytest.mark.parametrize("role", ["vault", "importer", "gateway", "auditor"])
def test_nobody_but_the_owner_rebuilds(database, role):
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        known_table(partial(database.connect, role)) as table,
    ):
        table.empty()


def test_a_pair_is_written_by_the_append_that_knows_it_or_not_at_all(database, town):
    """Fenced: neither the entry nor what it taught."""
    with database.as_admin() as admin:
        admin.execute("UPDATE ledger.fence SET epoch = epoch + 1")
    with pytest.raises(IntegrityBroken):
        town.send(MONTHS[0])
    assert rows_of(database) == {}
