"""An import killed again and again: it goes on where it stood, and nobody is there twice."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from benchmarks.feed import AMC, write_members
from benchmarks.ground import Ground, ground
from rempart.adapters.keys.file import KeyFile
from rempart.adapters.postgres.connections import connect
from rempart.bootstrap.importer import platform_key
from rempart.bootstrap.insurer import InsurerFolder, make_folder
from rempart.bootstrap.keyrings import rights_keyring
from rempart.bootstrap.registrar import registrar
from rempart.domain.identifiers import MemberNumberRule
from rempart.domain.insurer import InsurerProfile
from rempart.usecases.ports import Insurer
from rempart.usecases.prepare_feed import PrepareOptions, Watch
from tests.postgres_servers import roomy

title = "When an import is killed"

ROWS = 30_000
TODAY = date(2026, 11, 24)


@pytest.fixture
def installation() -> Iterator[Ground]:
    with ground(0, within=roomy()) as made:
        yield made


def a_feed(made: Ground) -> Path:
    """A registered insurer's first feed."""
    folder = made.settings.home / "insurer"
    profile = InsurerProfile(
        amc=AMC,
        sandbox=True,
        member_number_rule=MemberNumberRule(),
        declared=True,
        legacy_until=None,
        platform=platform_key(made.settings),
    )
    unlock = KeyFile(folder / "insurer.key")
    bundle = make_folder(folder, profile, unlock)
    rights_keyring(made.settings).put(f"outer/{AMC.value}/1", os.urandom(32))
    with registrar(made.settings) as registry:
        insurer = Insurer(amc=int(AMC.value), bundle=bundle.to_json(), sandbox=True)
        registry.register_insurer(insurer, confirmations=[])
    write_members(folder / "members.csv", ROWS)
    _, feed = InsurerFolder.open(folder, unlock).prepare(
        folder / "members.csv", out=None, today=TODAY, options=PrepareOptions(), watch=Watch()
    )
    return feed


def figures(made: Ground) -> tuple[int, ...]:
    """Persons, locks, locks under distinct keys, rows done, and whether the feed is imported."""
    with connect("owner", made.settings) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM sealed.person), (SELECT count(*) FROM sealed.lock),"
            " (SELECT count(DISTINCT index) FROM sealed.lock),"
            " (SELECT coalesce(max(rows_done), 0) FROM sealed.feed),"
            " (SELECT count(*) FROM sealed.feed WHERE state = 'imported')"
        ).fetchone()
    assert row is not None
    return tuple(row)


def test_killed_at_random_it_arrives_whole_and_once(installation):
    made, chance = installation, random.Random(3)
    feed = a_feed(made)
    command = [sys.executable, "-m", "rempart", "feed", "import", str(feed), "--amc", AMC.value]
    kills, progress = 0, [0]
    while True:
        process = subprocess.Popen(
            command, env=made.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            # Half a second is spent on starting; the rest falls anywhere in the work.
            process.wait(chance.uniform(0.6, 1.0) if kills < 8 else 120)
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        said, complaint = process.communicate()
        persons, locks, _, done, _ = figures(made)
        assert (persons, locks) == (done, 2 * done), "what is in is what is said to be in"
        progress.append(done)
        if process.returncode == 0:
            break
        assert process.returncode == -9, complaint
        time.sleep(0.05)

    assert kills >= 1
    assert progress == sorted(progress)
    assert figures(made) == (ROWS, 2 * ROWS, 2 * ROWS, ROWS, 1), said

    again = subprocess.run(command, env=made.environ, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert figures(made) == (ROWS, 2 * ROWS, 2 * ROWS, ROWS, 1)
