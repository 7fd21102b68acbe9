"""Keys rotated under load: nobody is refused, nobody is lost, the old keys are gone."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from benchmarks.ground import Ground, ask, ground, kind_by_place
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.keyrings import rights_keyring
from rempart.usecases.messages import Answered, Health, Reply, Status
from tests.postgres_servers import roomy

title = "When keys are rotated on a live vault"

RECORDS = 6_000


@pytest.fixture
def installation() -> Iterator[Ground]:
    with ground(RECORDS, within=roomy()) as made:
        yield made


def test_a_rotation_under_load_is_noticed_by_nobody(installation):
    made = installation
    key = made.register(1)
    made.populate(kind_by_place)
    replies: list[Reply] = []
    stop = threading.Event()

    def asks(token: bytes) -> None:
        with Door(made.settings.vault_socket) as door:
            for turn in range(100_000):
                if stop.is_set():
                    return
                # Far from one another: numbers asked in a row are guesses, and narrow an account.
                people = [(turn * 20 + n) * 37 % (RECORDS // 10) * 10 for n in range(20)]
                replies.extend(
                    door.ask_all(
                        [
                            ask(
                                token,
                                f"{turn}-{person}",
                                made.code(person) if turn % 2 else made.typed(person + 1),
                            )
                            for person in people
                        ]
                    )
                )

    with made.vault(), Door(made.settings.vault_socket) as door:
        (token,) = made.sign_in(door, key, 1)
        load = threading.Thread(target=asks, args=(token,))
        load.start()
        time.sleep(0.3)
        before = len(replies)
        done = subprocess.run(
            [sys.executable, "-m", "rempart", "keys", "rotate"],
            env=made.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        during = len(replies) - before
        time.sleep(0.3)
        stop.set()
        load.join()
        health = door.ask(Status())

    assert done.returncode == 0, done.stderr
    assert during > 100
    assert all(isinstance(reply, Answered) and reply.in_force for reply in replies)
    assert isinstance(health, Health)
    assert (health.index_versions, health.outer_versions) == ((2,), (2,))
    keyring = rights_keyring(made.settings)
    assert keyring.names("index/") == ["index/2"]
    assert keyring.names("outer/") == ["outer/99990001/2"]
