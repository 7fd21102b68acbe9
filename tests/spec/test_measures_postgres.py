"""What PostgreSQL says of protections, and that it says so when one is taken away."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import psycopg

from rempart.adapters.postgres.measures import TRIGGERS, ask_tables
from rempart.usecases.measure_ports import TablesTold
from tests.postgres_servers import Database
from tests.spec.test_closed_days_postgres import asked

title = "Protections, as PostgreSQL has them"


def told(database: Database) -> TablesTold:
    with closing(database.connect("vault")) as connection:
        connection.autocommit = True
        return ask_tables(connection, lock_months=27)


NOTHING = TablesTold(
    passwords=0,
    strange=0,
    locks=0,
    old_cards=0,
    triggers=len(TRIGGERS),
    missing=0,
    writers=0,
    epoch=0,
    synchronous=False,
    replicas=0,
    staff=0,
    with_passkey=0,
    entries_overdue=0,
    people_overdue=0,
    held=0,
)
LOCK = "(index, amc, handle, kind, serial, ends, key_version, index_version, stored)"
PERSON = "INSERT INTO sealed.person (amc, handle, digest, last_end, sequence) VALUES"
INSURER = "INSERT INTO registry.insurer VALUES (7, '{}', '[]', true)"
OLD_CARD = (
    f"INSERT INTO sealed.lock {LOCK} VALUES"
    " (decode(repeat('00', 16), 'hex'), 7, '\\x01', 3, 0, current_date, 1, 1, '\\x00')"
)
STAFF = "INSERT INTO registry.person (login, role) VALUES ('nadia', 3), ('karim', 4)"
PASSKEY = (
    "INSERT INTO registry.passkey SELECT '\\x01', number, '\\x02', 0, false, false, '', 0"
    " FROM registry.person WHERE login = 'nadia'"
)

TAKEN = [
    (["ALTER TABLE registry.person ADD COLUMN password text"], {"passwords": 1}),
    (["ALTER TABLE registry.software ADD COLUMN mot_de_passe text"], {"passwords": 1}),
    (["ALTER TABLE sealed.person ADD COLUMN birth_name text"], {"strange": 1}),
    (["CREATE TABLE sealed.names (nir text)"], {"strange": 1}),
    (
        ["ALTER TABLE ledger.entry DISABLE TRIGGER append_only"],
        {"triggers": 7, "missing": 1},
    ),
    (["DROP TRIGGER never_emptied ON incident.spoken"], {"triggers": 7, "missing": 1}),
    (
        [
            "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql"
            " AS $$ BEGIN RETURN NEW; END $$"
        ],
        {"triggers": 2, "missing": 6},
    ),
    (["GRANT UPDATE ON ledger.entry TO rempart_vault"], {"writers": 1}),
    (["GRANT DELETE ON ledger.checkpoint TO rempart_auditor"], {"writers": 1}),
    (["GRANT UPDATE (detail) ON ledger.entry TO rempart_incident"], {"writers": 1}),
    ([INSURER, OLD_CARD], {"old_cards": 1, "locks": 1}),
    ([STAFF, PASSKEY], {"staff": 2, "with_passkey": 1}),
    (
        [STAFF, PASSKEY, "UPDATE registry.passkey SET revoked_at = now()"],
        {"staff": 2, "with_passkey": 0},
    ),
    (
        [f"{PERSON} (7, '\\x01', decode(repeat('00', 32), 'hex'), current_date - 900, 1)"],
        {"people_overdue": 1},
    ),
    (
        [f"{PERSON} (7, '\\x01', decode(repeat('00', 32), 'hex'), current_date - 700, 1)"],
        {"people_overdue": 0},
    ),
    (
        ["INSERT INTO sealed.leaving VALUES (7, '\\x01', now() - interval '13 months')"],
        {"people_overdue": 1},
    ),
    (
        ["INSERT INTO sealed.leaving VALUES (7, '\\x01', now() - interval '11 months')"],
        {"people_overdue": 0},
    ),
    (
        [
            "INSERT INTO sealed.leaving VALUES (7, '\\x01', now() - interval '11 months')",
            "UPDATE sealed.named SET until = now()",
        ],
        {"people_overdue": 1},
    ),
    (["INSERT INTO ledger.hold VALUES ('case', now(), now())"], {"held": 1}),
]


def test_each_protection_that_is_taken_away_is_told(database: Database):
    """One database for all: every change is taken back."""
    assert told(database) == NOTHING
    for statements, change in TAKEN:
        with psycopg.connect(database.admin) as admin:
            for statement in statements:
                admin.execute(statement)
            admin.execute("SET LOCAL ROLE rempart_vault")
            assert ask_tables(admin, lock_months=27) == replace(NOTHING, **change), statements
            admin.rollback()
    assert told(database) == NOTHING


def test_an_entry_past_its_term_is_told_unless_it_is_held(database: Database):
    """One of thirteen months, one of twelve and some days: the nightly command has a week."""
    with database.as_admin() as admin:
        (now,) = admin.execute("SELECT (extract(epoch FROM now()) * 1000000)::bigint").fetchone()
        for index, days in enumerate((400, 368)):
            body, detail = asked(now - days * 86_400_000_000, 1)
            admin.execute(
                "INSERT INTO ledger.entry (idx, body, detail) VALUES (%s, %b, %b)",
                (index, body, detail),
            )
        assert told(database).entries_overdue == 1
        admin.execute(
            "INSERT INTO ledger.hold VALUES"
            " ('case', now() - interval '2 years', now() + interval '1 day')"
        )
        assert told(database).entries_overdue == 0
