"""Closing days of a real ledger, verifying a copy of them without it, and opening a table."""

from __future__ import annotations

import csv
import shutil
import time
from datetime import UTC, datetime

import psycopg
import pytest

from rempart.adapters.system import SystemClock
from rempart.cli import ledger_days
from rempart.domain.budget import DAY

title = "Days that leave, on a real installation"


class Later(SystemClock):
    """The day after tomorrow."""

    def now(self) -> int:
        return super().now() + 2 * DAY


@pytest.fixture(scope="module")
def closed(stage, tmp_path_factory):
    """Today, closed; the folder where the incident key is kept. All of it is taken away again."""
    kept = tmp_path_factory.mktemp("kept")
    assert "no incident key here" in stage.run("ledger", "close-days").said
    assert stage.run("ask", "--case", "open").code == 0
    assert stage.run("ledger", "incident-key", "--out", kept / "incident.key").code == 0
    nothing = stage.run("ledger", "close-days")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_days, "SystemClock", Later)
        # The vault publishes what it signs within a second.
        for _ in range(50):
            ran = stage.run("ledger", "close-days")
            if "nothing to close" not in ran.said:
                break
            time.sleep(0.1)
    assert (nothing.code, ran.code) == (0, 0), ran.said
    assert "nothing to close" in nothing.said
    yield kept, ran.said
    for folder in (stage.settings.segments, stage.settings.tables):
        shutil.rmtree(folder, ignore_errors=True)
    stage.settings.incident_key_file.unlink()


def test_a_day_is_closed_while_the_vault_runs(stage, closed):
    _, said = closed
    assert f"closed            {datetime.now(UTC).date()}" in said
    assert "without handle" not in said
    verified = stage.run("ledger", "verify")
    assert verified.code == 0, verified.said
    assert "closed days   1" in verified.said


def test_a_copy_is_verified_without_the_database(stage, closed, tmp_path):
    copy = shutil.copytree(stage.settings.segments, tmp_path / "copy")
    key = shutil.copy(stage.settings.vault_key_file, tmp_path / "vault.pub")
    away = {"REMPART_HOME": str(tmp_path / "nothing")}
    words = ("ledger", "verify", "--days", copy, "--key", key)
    assert "closed days   1" in stage.run(*words, **away).said
    file = next(copy.glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    broken = stage.run(*words, **away)
    assert broken.code == 3
    assert "the file is not the one that was signed" in broken.said
    file.unlink()
    assert "NOT HERE" in stage.run(*words, **away).said


def test_two_operators_open_a_table_and_the_ledger_says_so(stage, closed, tmp_path):
    kept, _ = closed
    today = datetime.now(UTC).date().isoformat()
    statement, opened = tmp_path / "statement.json", tmp_path / "table.csv"
    asked = stage.run("ledger", "ask-table", today, "--why", "case-12", "--out", statement)
    assert asked.code == 0, asked.said
    words = []
    for name in ("table-one", "table-two"):
        stage.run("operator", "init", name, "--folder", tmp_path)
        stage.run("operator", "trust", tmp_path / f"{name}.pub")
        said = tmp_path / f"{name}.json"
        key = tmp_path / f"{name}.key"
        stage.run("operator", "confirm", statement, "--key", key, "--out", said)
        words += ["--confirm", said]
    given = ("--statement", statement, "--key", kept / "incident.key", "--out", opened)
    alone = stage.run("ledger", "open-table", today, *given, *words[:2])
    assert alone.code == 2
    assert not opened.exists()

    both = stage.run("ledger", "open-table", today, *given, *words)
    assert both.code == 0, both.said
    with opened.open() as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    with psycopg.connect(stage.admin) as admin:
        there = {h.hex() for (h,) in admin.execute("SELECT DISTINCT handle FROM sealed.lock")}
    assert rows
    assert {row["handle"] for row in rows} <= there
    index = both.said.split("opened, entry ")[1].split(":")[0]
    assert stage.run("ledger", "prove", index, "--out", tmp_path / "proof").code == 0
    checked = stage.run("ledger", "check", tmp_path / "proof").said
    assert "DECISION" in checked
