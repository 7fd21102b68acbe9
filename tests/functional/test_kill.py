"""A vault killed at any moment: what was answered is in the ledger, and nobody's budget grew."""

import contextlib
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks.ground import Ground, ask, ground, kind_by_place
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.public_key import vault_key
from rempart.bootstrap.registrar import rebuild
from rempart.domain.budget import DAY
from rempart.domain.disclosure import EntryType, Outcome, Presence, decode, question_detail
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.practice import cap
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.messages import Account, Accounts, Answered, Refused, Standings
from tests.postgres_servers import roomy

title = "When the vault is killed"

KILLS = 12
SITES = 4
CAP = 120
APART = 60
"""Member numbers: nearer ones asked one after the other would look like guesses."""
RECORDS = 200 * APART
READ = cap(CAP, Presence.DECLARED, 1)
"""People whom a cap lets a site read by what is typed."""


@pytest.fixture(scope="module")
def installation() -> Iterator[Ground]:
    with ground(RECORDS, within=roomy()) as made:
        yield made


def under_load(
    made: Ground, tokens: list[bytes], received: list[tuple[int, int, int]], seed: int
) -> None:
    """Ask until the vault is gone; note site, person and reference of each answer received."""
    chance = random.Random(seed)
    with contextlib.suppress(TemporarilyUnavailable), Door(made.settings.vault_socket) as door:
        for turn in range(10_000):
            asked = [
                (chance.randrange(SITES), chance.randrange(RECORDS // APART) * APART + 1)
                for _ in range(chance.randint(1, 40))
            ]
            replies = door.ask_all(
                [
                    ask(tokens[site], f"{seed}-{turn}-{place}", made.typed(person))
                    for place, (site, person) in enumerate(asked)
                ]
            )
            for (site, person), reply in zip(asked, replies, strict=True):
                if isinstance(reply, Answered):
                    received.append((site, person, reply.reference))
                else:
                    assert isinstance(reply, Refused)
                    assert reply.reason == "over-budget", reply.reason


def standings(made: Ground) -> dict[str, Account]:
    with Door(made.settings.vault_socket) as door:
        found = door.ask(Standings())
    assert isinstance(found, Accounts)
    assert not found.failed
    return {row.client_id: row for row in found.accounts}


def known(made: Ground) -> dict[bytes, bytes]:
    with connect("vault", made.settings) as connection:
        return dict(connection.execute("SELECT pair, days FROM ledger.known").fetchall())


def test_kills_under_load(installation):
    made = installation
    key = made.register(SITES, daily_cap=CAP)
    made.populate(kind_by_place)
    received: list[tuple[int, int, int]] = []
    chance = random.Random(20261124)

    for kill in range(KILLS):
        with made.vault() as process:
            with Door(made.settings.vault_socket) as door:
                tokens = made.sign_in(door, key, SITES)
            load = threading.Thread(target=under_load, args=(made, tokens, received, kill))
            load.start()
            time.sleep(chance.uniform(0.0, 0.25))
            process.kill()
            load.join()

    with ledger_view(partial(connect, "auditor", made.settings)) as view:
        AuditLedger(view, vault_key(made.settings.vault_key_file))()
        entries = {stored.index: decode(stored.body or b"") for stored in view.entries()}
    people: dict[tuple[bytes, int], set[bytes]] = defaultdict(set)
    for entry in entries.values():
        if entry.outcome is Outcome.OPENED:
            people[entry.site, entry.at // DAY].add(entry.person)

    assert len(received) > KILLS
    assert all(entries[reference].outcome is Outcome.OPENED for _, _, reference in received)
    # Each kill began a new reign, and no site read more people than one day's cap over all.
    starts = [e for e in entries.values() if e.type is EntryType.VAULT_STARTED]
    assert len(starts) == KILLS
    assert max(len(read) for read in people.values()) == READ
    received_by_site = defaultdict(set)
    for site, person, _ in received:
        received_by_site[site].add(person)
    assert all(len(persons) <= READ for persons in received_by_site.values())
    guard_is_that_of_the_ledger(made)


def guard_is_that_of_the_ledger(made: Ground) -> None:
    """After all kills, the guard of a vault that starts is what a recount of the entries says."""
    with made.vault() as process:
        first = standings(made)
        process.kill()
    written = known(made)
    with rebuild(made.settings) as (again, _):
        again(now=SystemClock().now())
    assert known(made) == written
    with made.vault():
        assert standings(made) == first

    read: dict[int, set[tuple[int, bytes]]] = defaultdict(set)
    with ledger_view(partial(connect, "auditor", made.settings)) as view:
        for stored in view.entries():
            entry = decode(stored.body or b"")
            if entry.type is EntryType.QUESTION and entry.outcome is Outcome.OPENED:
                account = question_detail(stored.detail or b"").software
                read[account].add((entry.at // DAY, entry.person))
    # Nobody was missed: what an account has used are the people of each day, and no more.
    assert sorted(row.used[2] for row in first.values()) == sorted(map(len, read.values()))
    assert {row.stage for row in first.values()} == {"NORMAL"}
