"""Somebody at three in the morning: an incident that opened by itself, what they type and read."""

from __future__ import annotations

import json
import re

import psycopg
import pytest

title = "When an incident is told"

NADIA = ("--as", "nadia")
ACCOUNT = "demo-imaging"


@pytest.fixture
def typed(stage):
    def run(*words, code=0, **environ) -> str:
        done = stage.run(*words, COLUMNS="120", **environ)
        assert done.code == code, done.said
        return done.said

    return run


@pytest.fixture
def incident(typed) -> str:
    """The number of an incident that a freeze has opened; its account is given back."""
    typed("account", "freeze", ACCOUNT, "--why", "reported", *NADIA)
    numbers = re.findall(r"^(\d+)  ", typed("incident", "list"), re.MULTILINE)
    yield numbers[-1]
    for _ in range(3):
        typed("account", "loosen", ACCOUNT, "--why", "reviewed", *NADIA)


def test_an_incident_from_its_freeze_to_the_register(typed, incident, stage, tmp_path):
    listed = typed("incident", "list")
    assert "EXERCICE" in listed, "a sandbox has no other"
    assert "quand nous savons" in re.sub(r"\s+", " ", listed)
    shown = typed("incident", "show", incident)
    assert ACCOUNT in shown
    assert "rien ne court" in shown
    assert f"./rempart incident aware {incident}" in shown

    said = typed(
        *("incident", "fact", incident, "Mme Durand a appelé", "--at", "now"),
        *("--source", "standard", *NADIA),
    )
    assert re.search(r"entrée · entry \d+", said)
    refused = typed("incident", "aware", incident, "x", "--at", "2099-01-01", *NADIA, code=2)
    assert "in the future" in refused
    typed("incident", "aware", incident, "confirmé par rappel", "--at", "now", *NADIA)
    shown = typed("incident", "show", incident)
    assert "72" not in shown
    assert "reste 2 j 23 h" in shown
    assert "Mme Durand a appelé" in shown
    later = typed("incident", "aware", incident, "x", "--at", "now", *NADIA, code=2)
    assert "later moment" in later
    typed(
        *("incident", "clock", incident, "complaint", "done", "plainte en ligne"),
        *("--at", "now", "--reference", "PV 42", *NADIA),
    )
    assert "tenue · met" in typed("incident", "show", incident)

    pdf, table, data = (tmp_path / f"register.{kind}" for kind in ("pdf", "csv", "json"))
    typed("incident", "register", "--pdf", pdf, "--csv", table, "--json", data)
    assert pdf.read_bytes().startswith(b"%PDF")
    for path in (pdf, table, data):
        assert path.stat().st_mode & 0o777 == 0o600
    kept = json.loads(data.read_text())
    (row,) = [each for each in kept["incidents"] if str(each["incident"]) == incident]
    # Whatever else was frozen here lately is of the same incident.
    assert ACCOUNT in row["accounts"]
    assert row["remedies"][-1]["reference"] == "PV 42"
    assert "sound" in typed("ledger", "verify")

    assert f"incident-{incident}" in typed("ledger", "erase")
    assert f"incident-{incident}\t" in typed("ledger", "holds")
    typed("incident", "close", incident, "fini", "--outcome", "exercise", *NADIA, "--yes")
    typed("ledger", "release", f"incident-{incident}")
    assert not re.search(rf"^{incident} ", typed("incident", "list"), re.MULTILINE)
    assert "fin d'exercice" in typed("incident", "list", "--all")
    with psycopg.connect(stage.admin) as admin:
        rows = admin.execute("SELECT sealed FROM incident.spoken").fetchall()
        details = admin.execute("SELECT detail FROM ledger.entry").fetchall()
    assert rows
    assert not [data for (data,) in (*rows, *details) if data and b"Durand" in data]


def test_with_no_vault_an_incident_is_read_and_nothing_is_entered(typed, incident, stage, tmp_path):
    """The same installation, but for its socket."""
    for each in (stage.settings.secrets, stage.settings.keys):
        (tmp_path / each.name).symlink_to(each)
    alone = {"REMPART_HOME": str(tmp_path)}
    words = ("incident", "decide", incident, "vu sans coffre", *NADIA)
    assert "no vault" in typed(*words, code=2, **alone)
    assert "vu sans coffre" not in typed("incident", "show", incident, **alone)
    assert "redites-les" in typed("incident", "list", **alone)


@pytest.mark.parametrize(
    "words",
    [
        ("fact", "1", "x", "--at", "hier", *NADIA),
        ("found", "1", "x", "--account", "a", "--earliest", "now", "--thief", "zz", *NADIA),
        ("clock", "1", "gdpr", "done", "x", *NADIA),
        ("nature", "1", "yes", "no", "perhaps", "x", *NADIA),
        ("open", "x", "--from", "guard", *NADIA),
    ],
)
def test_what_is_typed_wrong_is_said_by_its_name(typed, words):
    said = typed("incident", *words, code=2)
    assert "Error: Invalid value" in said
    assert "Traceback" not in said
