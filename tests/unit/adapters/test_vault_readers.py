"""A rotation goes on only once every vault holds the new keys."""

import threading
from contextlib import contextmanager

import pytest

from rempart.adapters.vaultdoor.readers import VaultReaders
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.messages import Health, Refused, ReloadKeys
from rempart.vault.loop import BatchLoop
from rempart.vault.peers import listen


@contextmanager
def a_vault(path, reply):
    heard = []

    def serve(requests):
        heard.extend(requests)
        return [reply] * len(requests)

    loop = BatchLoop(listening=listen(path, group=None), serve=serve, idle=lambda: None)
    thread = threading.Thread(target=loop.run)
    thread.start()
    try:
        yield heard
    finally:
        loop.stop()
        thread.join()


def health(*, index, outer):
    return Health(
        size=0, epoch=1, sessions=0, index_versions=index, outer_versions=outer, checkpoint=""
    )


def test_a_vault_that_holds_them_is_enough(tmp_path):
    with a_vault(tmp_path / "v.sock", health(index=(1, 2), outer=(1, 3))) as heard:
        VaultReaders([tmp_path / "v.sock"]).reload(index_version=2, outer_version=3)
    assert heard == [ReloadKeys()]


@pytest.mark.parametrize(
    "reply",
    [
        health(index=(1,), outer=(1, 3)),
        health(index=(1, 2), outer=(1,)),
        Refused("unavailable"),
    ],
    ids=["old index", "old outer", "refused"],
)
def test_one_that_does_not_stops_the_rotation(tmp_path, reply):
    readers = VaultReaders([tmp_path / "v.sock"])
    with (
        a_vault(tmp_path / "v.sock", reply),
        pytest.raises(TemporarilyUnavailable, match="new keys"),
    ):
        readers.reload(index_version=2, outer_version=3)


def test_one_that_is_away_stops_it_too(tmp_path):
    with pytest.raises(TemporarilyUnavailable, match="no vault behind the door"):
        VaultReaders([tmp_path / "v.sock"]).reload(index_version=2, outer_version=3)


def test_where_no_vault_runs_nobody_is_asked():
    VaultReaders([]).reload(index_version=2, outer_version=3)
