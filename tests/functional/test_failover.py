"""A second vault waits, and takes over when the first one dies, or was only thought dead."""

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest

from benchmarks.ground import Ground, ask, ground, kind_by_place, wait_for
from rempart.adapters.identity.assertions import JWK
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.public_key import vault_key
from rempart.domain.disclosure import Outcome, decode
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.messages import Answered, Health, Refused, Reply, Request, Status
from tests.postgres_servers import roomy

title = "When one vault dies and another stands by"
CUT_OFF = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE usename = 'rempart_vault' AND datname = 'rempart'"
)


@pytest.fixture(scope="module")
def installation() -> Iterator[tuple[Ground, JWK]]:
    with ground(200, within=roomy()) as made:
        key = made.register(1)
        made.populate(kind_by_place)
        yield made, key


def test_a_standby_takes_over_and_the_ledger_goes_on(installation):
    made, key = installation
    command = [sys.executable, "-m", "rempart", "vault", "run"]
    with made.vault() as first:
        with Door(made.settings.vault_socket) as door:
            (token,) = made.sign_in(door, key, 1)
            answered = door.ask(ask(token, "same", made.typed(1)))
        assert isinstance(answered, Answered)

        # One that does not wait is refused; one that waits, waits.
        refused = subprocess.run(
            command, env=made.environ, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 2
        assert "another vault holds the ledger" in refused.stderr
        standby = subprocess.Popen([*command, "--standby"], env=made.environ)
        try:
            first.kill()
            first.wait()
            wait_for(made.settings.vault_socket, standby, seconds=20)
            with Door(made.settings.vault_socket) as door:
                # Sessions die with their vault; idempotency keys and budgets do not.
                assert door.ask(ask(token, "new", made.typed(1))) == Refused("not-signed-in")
                (again,) = made.sign_in(door, key, 1)
                repeated = door.ask(ask(again, "same", made.typed(1)))
                health = door.ask(Status())
        finally:
            standby.terminate()
            standby.wait(20)

    assert isinstance(repeated, Answered)
    assert (repeated.repeated, repeated.reference) == (True, answered.reference)
    assert isinstance(health, Health)
    assert health.epoch > 1
    audited(made)


def audited(made: Ground) -> list[int]:
    """The entries that say that somebody was read, of a ledger that is what was signed."""
    with ledger_view(partial(connect, "auditor", made.settings)) as view:
        AuditLedger(view, vault_key(made.settings.vault_key_file))()
        found = ((stored.index, decode(stored.body or b"")) for stored in view.entries())
        return [index for index, entry in found if entry.outcome is Outcome.OPENED]


def another_host(made: Ground, folder: Path) -> Ground:
    """The same installation on a host of its own: keyrings and the last checkpoint are brought."""
    home = folder / "home"
    here = shutil.ignore_patterns("postgres", "run")
    shutil.copytree(made.settings.home, home, ignore=here)
    return replace(made, settings=replace(made.settings, home=home))


class Waiting(threading.Thread):
    """A request that waits for as long as its vault stands still."""

    def __init__(self, door: Door, request: Request) -> None:
        super().__init__(daemon=True)
        self.door, self.request, self.reply = door, request, None

    reply: Reply | None

    def run(self) -> None:
        self.reply = self.door.ask(self.request)


def test_a_vault_that_stood_still_while_another_took_over_answers_nobody(installation, tmp_path):
    """Two live processes on one ledger: the one that was cut off commits and answers nothing."""
    made, key = installation
    with made.vault() as stale, Door(made.settings.vault_socket, timeout=30) as old:
        (token,) = made.sign_in(old, key, 1)
        first = old.ask(ask(token, "before", made.typed(2)))
        assert isinstance(first, Answered)
        try:
            stale.send_signal(signal.SIGSTOP)
            in_flight = Waiting(old, ask(token, "in flight", made.typed(3)))
            in_flight.start()
            with psycopg.connect(made.admin, autocommit=True) as admin:
                admin.execute(CUT_OFF)
            moved = another_host(made, tmp_path)
            with moved.vault() as live:
                with Door(moved.settings.vault_socket) as door:
                    (new,) = moved.sign_in(door, key, 1)
                    second = door.ask(ask(new, "after", made.typed(4)))
                    assert isinstance(second, Answered)
                    stale.send_signal(signal.SIGCONT)
                    in_flight.join(30)
                    assert in_flight.reply == Refused("unavailable")
                    for turn in range(5):
                        late = old.ask(ask(token, f"late {turn}", made.typed(5 + turn)))
                        assert late == Refused("unavailable")
                    # What it had answered itself, it does not say again either.
                    assert old.ask(ask(token, "before", made.typed(2))) == Refused("unavailable")
                    third = door.ask(ask(new, "meanwhile", made.typed(6)))
                    assert isinstance(third, Answered)
                mine = [each.reference for each in (first, second, third)]
                assert [i for i in audited(moved) if i >= mine[0]] == mine
                live.kill()
                live.wait()
            # Nobody else writes any more: it reads what the other has written, and goes on.
            again = old.ask(ask(token, "again", made.typed(7)))
            assert isinstance(again, Answered)
            assert again.reference > third.reference
            # A connection that still works is worth nothing once somebody has taken over.
            with psycopg.connect(made.admin, dbname="rempart", autocommit=True) as admin:
                admin.execute("UPDATE ledger.fence SET epoch = epoch + 1")
            with pytest.raises(TemporarilyUnavailable):
                old.ask(ask(token, "fenced", made.typed(8)))
            assert stale.wait(10) == 3
            assert audited(made)[-1] == again.reference
        finally:
            with suppress(ProcessLookupError):
                stale.send_signal(signal.SIGCONT)
