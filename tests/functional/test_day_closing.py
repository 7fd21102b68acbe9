"""Closing days of a real ledger, verifying a copy of them, opening a table, scoping a theft."""

from __future__ import annotations

import csv
import json
import re
import shutil
import time
from datetime import UTC, datetime

import psycopg
import pytest

from rempart.adapters.system import SystemClock
from rempart.cli import ledger_days
from rempart.domain.budget import DAY
from rempart.domain.disclosure import EntryType, Outcome, decode, question_detail
from tests.exercises import unmarked

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
    # The vault publishes what it signs within a second.
    end = time.monotonic() + 10
    proven = stage.run("ledger", "prove", index, "--out", tmp_path / "proof")
    while "not yet under a published checkpoint" in proven.said and time.monotonic() < end:
        time.sleep(0.1)
        proven = stage.run("ledger", "prove", index, "--out", tmp_path / "proof")
    assert proven.code == 0, proven.said
    checked = stage.run("ledger", "check", tmp_path / "proof").said
    assert "DECISION" in checked


# Who was read


@pytest.fixture
def asked(stage, closed):
    """Account number and session of one answered question, and how many people it was about."""
    with psycopg.connect(stage.admin) as admin:
        rows = admin.execute("SELECT body, detail FROM ledger.entry ORDER BY idx").fetchall()
    entries = [(decode(body), detail) for body, detail in rows]
    answered = [
        (question_detail(detail).software, entry)
        for entry, detail in entries
        if entry.type is EntryType.QUESTION and entry.outcome is Outcome.OPENED
    ]
    number, first = answered[0]
    people = {e.person for n, e in answered if (n, e.session) == (number, first.session)}
    return number, first.session.hex(), len(people)


def finding(path, number: int, session: str, rest: str = "unknown"):
    today = datetime.now(UTC).date().isoformat()
    path.write_text(
        f"[[account]]\nnumber = {number}\nstolen = {today}T00:00:00Z\nrest = '{rest}'\n"
        f"[sessions]\nthief = ['{session}']\n"
    )
    return path


def test_a_scope_is_made_and_made_again_elsewhere(stage, asked, tmp_path):
    number, session, people = asked
    theft, out = finding(tmp_path / "finding.toml", number, session), tmp_path / "case"
    made = stage.run("ledger", "scope", "--finding", theft, "--out", out)
    assert made.code == 0, made.said
    assert f"breached            {people}\n" in made.said
    assert (out / "scope-0001.csv").stat().st_mode & 0o077 == 0

    again = stage.run("ledger", "verify", "--scope", out / "scope-0001.json")
    assert again.code == 0, again.said
    assert "the same scope comes out" in again.said

    key = shutil.copy(stage.settings.vault_key_file, tmp_path / "vault.pub")
    exported, away = tmp_path / "export", {"REMPART_HOME": str(tmp_path / "nothing")}
    assert stage.run("ledger", "export", exported).code == 0
    words = ("ledger", "verify", "--scope", out / "scope-0001.json", "--key", key)
    elsewhere = stage.run(*words, "--folder", exported, **away)
    assert elsewhere.code == 0, elsewhere.said

    listed = out / "scope-0001.csv"
    listed.write_text(listed.read_text().replace("breached;", "cleared;"))
    altered = stage.run(*words, "--folder", exported, **away)
    assert (altered.code, "is not the list of this scope" in altered.said) == (3, True)

    text = (out / "scope-0001.json").read_text()
    forged = tmp_path / "forged.json"
    forged.write_text(text.replace(f'"breached": {people}', '"breached": 0'))
    refused = stage.run("ledger", "verify", "--scope", forged, "--key", key, "--folder", exported)
    assert refused.code == 3
    assert "another scope comes out: breached" in refused.said


def test_each_change_of_finding_is_a_scope_of_its_own(stage, asked, tmp_path):
    number, session, people = asked
    out, copy = tmp_path / "case", stage.settings.segments
    key = stage.settings.vault_key_file
    where = ("--out", out, "--days", copy, "--key", key)
    first = finding(tmp_path / "1.toml", number, session)
    for _ in range(2):
        assert "n° 1" in stage.run("ledger", "scope", "--finding", first, *where).said
    second = finding(tmp_path / "2.toml", number, "00" * 16, rest="owner")
    said = stage.run("ledger", "scope", "--finding", second, *where).said
    assert "n° 2" in said
    assert f"breached → cleared : {people}" in said
    assert "never met  000000000000" in said
    assert sorted(path.name for path in out.iterdir()) == [
        *("scope-0001.csv", "scope-0001.json", "scope-0002.csv", "scope-0002.json"),
    ]


def proposed(said: str) -> dict:
    """The finding that a command prints, after what it tells."""
    return json.loads(said[said.index("{\n") :])


def test_a_finding_is_proposed_with_the_platform_cut(stage, typed, asked, tmp_path):
    """Of copies, by hand; and from the incident's number, the same as with everything there."""
    number, _, people = asked
    copy = shutil.copytree(stage.settings.segments, tmp_path / "copy")
    key = shutil.copy(stage.settings.vault_key_file, tmp_path / "vault.pub")
    away = {"REMPART_HOME": str(tmp_path / "nothing")}
    copies = ("--days", copy, "--key", key)
    words = ("ledger", "finding", "--account", number, "--at", "now", *copies)
    said = typed(*words, **away)
    assert re.search(r"finding  à · at \d+ entrées", said)
    assert f"n° {number}  vol possible dès · theft possible from" in said
    assert "EXERCICE" not in said
    theft = tmp_path / "constat.json"
    theft.write_text(json.dumps(proposed(said)))
    made = typed("ledger", "scope", "--finding", theft, "--out", tmp_path / "case", *copies, **away)
    assert re.search(rf"undecided +{people}\n", made), made

    typed("account", "freeze", "demo-imaging", "--why", "reported", "--as", "nadia")
    incident = re.findall(r"^(\d+)  ", typed("incident", "list"), re.MULTILINE)[-1]
    at_home = typed("incident", "finding", incident, "--propose")
    # The vault publishes what it signs within a second.
    for _ in range(50):
        ran = stage.run("ledger", "finding", "--incident", incident)
        if ran.code == 0:
            break
        time.sleep(0.1)
    assert "EXERCICE" in ran.said, "a sandbox has no other"
    assert proposed(ran.said) == proposed(at_home)
    for _ in range(2):
        typed("account", "loosen", "demo-imaging", "--why", "reviewed", "--as", "nadia")


def test_a_finding_of_days_that_do_not_verify_is_refused(stage, typed, closed, tmp_path):
    (file,) = stage.settings.segments.glob("*.parquet")
    key, kept = stage.settings.vault_key_file, file.read_bytes()
    by_hand = ("ledger", "finding", "--account", "1", "--at", "now")
    typed("account", "freeze", "demo-imaging", "--why", "reported", "--as", "nadia")
    incident = re.findall(r"^(\d+)  ", typed("incident", "list"), re.MULTILINE)[-1]
    file.write_bytes(kept[:-1] + b"x")
    try:
        accept = ("incident", "accept", incident, "--again", "--as", "nadia")
        for words in (by_hand, ("incident", "finding", incident, "--propose"), accept):
            assert f"{file.stem}: the file is not the one" in typed(*words, code=3)
        file.unlink()
        assert "TROU · HOLE" in typed(*by_hand, "--days", file.parent, "--key", key)
        typed("incident", "finding", incident, "--propose")
    finally:
        file.write_bytes(kept)
        for _ in range(2):
            typed("account", "loosen", "demo-imaging", "--why", "reviewed", "--as", "nadia")


@pytest.mark.parametrize(
    "words", [(), ("--account", "7"), ("--at", "now"), ("--incident", "1", "--account", "7")]
)
def test_a_finding_is_of_an_incident_or_of_accounts_and_a_moment(typed, words):
    assert "--account … --at …" in typed("ledger", "finding", *words, code=2)


def test_a_finding_of_an_exercise_makes_a_scope_that_says_so_and_is_made_again(
    stage, asked, tmp_path
):
    number, session, _ = asked
    theft, out = finding(tmp_path / "finding.toml", number, session), tmp_path / "case"
    theft.write_text("exercise = true\n" + theft.read_text())
    assert "EXERCICE" in stage.run("ledger", "scope", "--finding", theft, "--out", out).said
    assert unmarked(out) == []
    again = stage.run("ledger", "verify", "--scope", out / "scope-0001.json")
    assert (again.code, "EXERCICE" in again.said) == (0, True)
    theft.write_text(theft.read_text().replace("true", "1"))
    refused = stage.run("ledger", "scope", "--finding", theft, "--out", out)
    assert (refused.code, "exercise: expected true or false" in refused.said) == (2, True)


def test_a_finding_that_does_not_read_is_refused_by_its_field(stage, closed, tmp_path):
    bad = tmp_path / "bad.toml"
    for text, names in (
        ("[[account]]\nnumber = 1\n", "account 1: stolen is missing"),
        ("nonsense", "it does not read"),
    ):
        bad.write_text(text)
        ran = stage.run("ledger", "scope", "--finding", bad, "--out", tmp_path / "out")
        assert (ran.code, names in ran.said) == (2, True), ran.said
