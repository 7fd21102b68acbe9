"""What the database says of protections, in counts, asked with the role ``vault``."""

import re
from importlib.resources import files
from typing import Any

import psycopg

from rempart.adapters.postgres.connections import ROLES, database_name, translated
from rempart.adapters.postgres.queries import queries
from rempart.usecases.measure_ports import TablesTold

SQL = queries("measures")
COLUMNS = {
    "person": ("amc", "handle", "digest", "closed", "last_end", "sequence"),
    "lock": (
        *("index", "amc", "handle", "kind", "serial", "ends"),
        *("key_version", "index_version", "stored"),
    ),
    "feed": (
        *("amc", "sequence", "digest", "rows_done", "state"),
        *("closes_absent", "started_at", "changed_at"),
    ),
    "leaving": ("amc", "handle", "since"),
    "named": ("one", "until"),
}
"""Of sealed tables: none of them can name anybody."""
KNOWN = [f"{table}.{column}" for table, columns in COLUMNS.items() for column in columns]
TRIGGERS = frozenset(
    f"{table}.{trigger}"
    for table in ("ledger.entry", "ledger.subtree", "ledger.checkpoint", "incident.spoken")
    for trigger in ("append_only", "never_emptied")
)
KEPT_BY = {"ledger": "0004_ledger.sql", "incident": "0016_incidents.sql"}
REFUSAL = re.compile(r"refuse_change\(\) RETURNS trigger LANGUAGE plpgsql AS \$\$(.*?)\$\$", re.S)


def refusal_of(schema: str) -> str:
    """What the function that refuses a change is made of, as it was set up."""
    path = files("rempart.adapters.postgres").joinpath("migrations", KEPT_BY[schema])
    found = REFUSAL.search(path.read_text("utf-8"))
    assert found is not None, "a migration of ours"
    return found[1]


def ask_tables(connection: psycopg.Connection[Any], *, lock_months: int) -> TablesTold:
    """Ask; nothing is changed.

    Raises:
        TemporarilyUnavailable: it went away.
    """

    def one(name: str, **values: object) -> tuple[Any, ...]:
        row: tuple[Any, ...] | None = connection.execute(SQL[name], values).fetchone()
        assert row is not None, "an aggregate has a row"
        return row

    roles = [database_name(role) for role in ROLES if role != "owner"]
    with translated():
        standing = {
            name
            for name, schema, source in connection.execute(SQL["triggers"])
            if name in TRIGGERS and source == refusal_of(schema)
        }
        synchronous, replicas = one("following")
        staff, with_passkey = one("staff")
        entries, people, held = one("overdue", months=lock_months)
        return TablesTold(
            passwords=one("passwords")[0],
            strange=len(connection.execute(SQL["strange"], {"known": KNOWN}).fetchall()),
            locks=one("locks")[0],
            old_cards=one("old_cards")[0],
            triggers=len(standing),
            missing=len(TRIGGERS - standing),
            writers=one("writers", roles=roles)[0],
            epoch=one("epoch")[0],
            synchronous=synchronous,
            replicas=replicas,
            staff=staff,
            with_passkey=with_passkey,
            entries_overdue=entries,
            people_overdue=people,
            held=held,
        )
