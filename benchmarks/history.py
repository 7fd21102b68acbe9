"""What was read about one person, among a year of everybody's entries in PostgreSQL.

    python -m benchmarks.history --rows 2000000

Rows are made by SQL in a throw-away embedded PostgreSQL: questions of twelve months, ten a person,
and one person in a thousand who was read a hundred times as often. The index of migration 0020 is
built by that migration's own text, as an upgrade does; a history is the product's own query, by
twelve months' pseudonyms, checked against its details. Appends are the vault's own function,
batches of 256, with the index and then without. One line of JSON.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from importlib.resources import files
from random import Random
from statistics import median

import psycopg
from rich.progress import Progress, track

from benchmarks.ground import ground
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import PostgresLedgerView, ledger_view
from rempart.domain.budget import DAY
from rempart.domain.disclosure import (
    Entry,
    EntryType,
    Fields,
    Outcome,
    Presence,
    QuestionDetail,
    encode,
    period_of,
)
from rempart.usecases.keep_ledger import kept_of

START = 1_764_547_200_000_000  # 2025-12-01
YEAR = 365 * DAY
MONTHS = [*(2500 + month for month in (12,)), *(2600 + month for month in range(1, 12))]
EACH = 10
"""Rows for each person, about."""
HEAVY = 1_000
"""One person in so many was read a hundred times as often."""
CHUNK = 500_000
BATCH, BATCHES = 256, 200
"""Entries of an append, and appends that are timed."""
SAMPLE = 500
DETAIL = QuestionDetail(salt=b"s" * 16, retry=b"r" * 16, question=b"q" * 16).encode()
INDEXES = ("entry_of_persons", "entry_unopened")
ROWS = """
INSERT INTO ledger.entry (idx, body, detail)
SELECT idx,
       overlay(overlay(overlay(%(body)b
           PLACING substr(int4send(period), 3, 2) FROM 3)
           PLACING int8send(%(start)s + idx * %(step)s) FROM 5)
           PLACING substr(sha256(int8send(who * 10000 + period)), 1, 16) FROM 13),
       %(detail)b
FROM (
    SELECT idx,
           CASE WHEN idx %% 10 = 0 THEN (mixed %% greatest(%(people)s / %(heavy)s, 1)) * %(heavy)s
                ELSE mixed %% %(people)s END AS who,
           (%(months)s::int[])[1 + (idx * 12 / %(rows)s)::int] AS period
    FROM (SELECT idx, (idx * 2654435761) %% 4294967291 AS mixed
          FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) AS idx) AS drawn
) AS asked
"""
APPEND = """
SELECT ledger.append(1, %(first)s, %(bodies)b, %(ends)s, %(details)b, %(none)s::int[],
    %(none)s::bigint[], ''::bytea, ''::bytea, ''::bytea)
"""


def person(who: int, period: int) -> bytes:
    """As ``ROWS`` names somebody: the period, then a pseudonym."""
    name = sha256((who * 10_000 + period).to_bytes(8, "big")).digest()[:16]
    return period.to_bytes(2, "big") + name


def body(at: int, who: int = 0) -> bytes:
    """An entry of a question that was opened."""
    period = period_of(at)
    entry = Entry(
        EntryType.QUESTION,
        period,
        at,
        person=person(who, period)[2:],
        account=b"a" * 16,
        site=b"b" * 16,
        session=b"c" * 16,
        amc=12345678,
        domain=1,
        presence=Presence.CARD,
        outcome=Outcome.OPENED,
        fields=Fields.RIGHTS,
        detail_digest=sha256(DETAIL).digest(),
    )
    return encode(entry)


def fill(admin: psycopg.Connection, rows: int) -> int:
    """Make them; how many people they are of."""
    people = max(rows // EACH, 1)
    said = {"rows": rows, "people": people, "heavy": HEAVY, "months": MONTHS}
    said |= {"body": body(START), "detail": DETAIL, "start": START, "step": YEAR // rows}
    for first in track(range(0, rows, CHUNK), description="entries"):
        admin.execute(ROWS, {**said, "first": first, "end": min(first + CHUNK, rows)})
    admin.execute("VACUUM ANALYZE ledger.entry")
    return people


def build(admin: psycopg.Connection) -> float:
    """The index, as the migration makes it; seconds."""
    migrations = files("rempart.adapters.postgres") / "migrations"
    text = (migrations / "0020_history_of_persons.sql").read_text("utf-8")
    before = time.perf_counter()
    admin.execute(text.encode())
    return time.perf_counter() - before


def looked_up(view: PostgresLedgerView, who: int) -> tuple[float, int]:
    """One person's history: seconds, and how many readings."""
    persons = [person(who, period) for period in MONTHS]
    before = time.perf_counter()
    found = kept_of(view.of_persons(persons))
    return time.perf_counter() - before, len(found)


def append(vault: psycopg.Connection, first: int, people: int) -> float:
    """Microseconds an entry, the median of many batches; what is after ``first`` is new."""
    seconds, chance = [], Random(first)
    ends = [len(DETAIL) * (place + 1) for place in range(BATCH)]
    for number in range(BATCHES):
        at = START + YEAR + number
        bodies = b"".join(body(at, chance.randrange(people)) for _ in range(BATCH))
        said = {"first": first + number * BATCH, "bodies": bodies, "ends": ends, "none": []}
        before = time.perf_counter()
        vault.execute(APPEND, {**said, "details": DETAIL * BATCH})
        seconds.append(time.perf_counter() - before)
    return median(seconds) / BATCH * 1e6


def sizes(admin: psycopg.Connection, names: Sequence[str]) -> dict[str, int]:
    """Bytes of tables and indexes."""
    query = "SELECT pg_relation_size(%s::regclass)"
    return {name: admin.execute(query, [f"ledger.{name}"]).fetchone()[0] for name in names}  # type: ignore[index]


@contextmanager
def opened(admin: str) -> Iterator[psycopg.Connection]:
    """The administrator, at work in the platform's database."""
    with psycopg.connect(
        admin.replace("dbname=postgres", "dbname=rempart"), autocommit=True
    ) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '256MB'")
        yield connection


def measured(rows: int) -> dict[str, object]:
    """Everything, on a ledger of so many entries."""
    with ground(0) as made, opened(made.admin) as admin, Progress() as bars:
        admin.execute("DROP INDEX " + ", ".join(f"ledger.{name}" for name in INDEXES))
        bars.stop()
        people = fill(admin, rows)
        seconds_to_build = build(admin)
        admin.execute("CHECKPOINT")
        chance = Random(0)
        with ledger_view(partial(connect, "auditor", made.settings)) as view:
            _, readings = looked_up(view, 0)
            heavy = max(looked_up(view, who)[0] for who in (0, HEAVY, 2 * HEAVY))
            found = [looked_up(view, chance.randrange(people)) for _ in range(SAMPLE)]
        bytes_of = sizes(admin, ["entry", *INDEXES])
        admin.execute("UPDATE ledger.fence SET epoch = 1")
        with_index = append(admin, rows, people)
        grown = sum(sizes(admin, INDEXES).values()) - sum(bytes_of[name] for name in INDEXES)
        admin.execute("DROP INDEX " + ", ".join(f"ledger.{name}" for name in INDEXES))
        without = append(admin, rows + BATCH * BATCHES, people)
    seconds = [each for each, _ in found]
    return {
        "rows": rows,
        "people": people,
        "history_s_median": round(median(seconds), 5),
        "history_s_worst": round(max(seconds), 5),
        "readings_median": median(count for _, count in found),
        "heavy_s": round(heavy, 5),
        "heavy_readings": readings,
        "table_bytes": bytes_of["entry"],
        "index_bytes": sum(bytes_of[name] for name in INDEXES),
        "index_bytes_a_row": round(sum(bytes_of[name] for name in INDEXES) / rows, 1),
        "index_bytes_an_appended_row": round(grown / (BATCH * BATCHES), 1),
        "index_s_to_build": round(seconds_to_build, 1),
        "append_us_with": round(with_index, 1),
        "append_us_without": round(without, 1),
    }


def main() -> None:
    """Run, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=2_000_000)
    given = parser.parse_args()
    os.environ.pop("REMPART_HOME", None)
    print(json.dumps(measured(given.rows)))


if __name__ == "__main__":
    main()
