"""A second vault waits, and takes over when the first one dies."""

import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import pytest

from benchmarks.ground import Ground, ask, ground, kind_by_place, wait_for
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.public_key import vault_key
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.messages import Answered, Health, Refused, Status

title = "When one vault dies and another stands by"


@pytest.fixture
def installation() -> Iterator[Ground]:
    with ground(200) as made:
        yield made


def test_a_standby_takes_over_and_the_ledger_goes_on(installation):
    made = installation
    key = made.register(1)
    made.populate(kind_by_place)
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
    with ledger_view(partial(connect, "auditor", made.settings)) as view:
        AuditLedger(view, vault_key(made.settings.vault_key_file))()
