"""Protections, attested on a whole installation; one is broken on purpose, and that shows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from rempart.domain.measure import catalogue
from tests.functional.stage import SmallStage, changed

title = "Protections, attested"

QUICK = ("measures", "attest", "--no-audit")


def states(typed) -> dict[str, str]:
    said = json.loads(typed("measures", "at", "now", "--json"))
    return {each["code"]: each["state"] for each in said["measures"]}


@contextmanager
def administered(stage: SmallStage, sql: str, back: str) -> Iterator[None]:
    with psycopg.connect(stage.admin, autocommit=True) as admin:
        admin.execute(sql)
        try:
            yield
        finally:
            admin.execute(back)


def test_a_protection_that_is_broken_is_seen_and_so_is_its_return(typed, stage, tmp_path):
    said = typed("measures", "attest")
    assert re.search(r"entrée · entry \d+", said)
    whole = states(typed)
    assert [each.code for each in catalogue().measures] == list(whole)
    for code in (
        *("key-files", "no-core", "tls", "limits", "guard", "cut-offs", "durable"),
        *("ledger-append-only", "checkpoints", "ledger-verified", "rights-sealed", "vault-alone"),
    ):
        assert whole[code] == "in-force", code
    for code in ("users-apart", "keys-apart", "vendor-statements", "backups", "witnesses"):
        assert whole[code] == "not-in-force", "a sandbox under one user is no production"

    with (
        changed(stage.home / "keys" / "vault.key", 0o640),
        administered(
            stage,
            "ALTER TABLE ledger.entry DISABLE TRIGGER append_only",
            "ALTER TABLE ledger.entry ENABLE TRIGGER append_only",
        ),
    ):
        typed(*QUICK)
        less = states(typed)
    assert {code for code in whole if less[code] != whole[code]} == {
        *("key-files", "ledger-append-only", "ledger-verified")
    }
    assert less["key-files"] == less["ledger-append-only"] == "not-in-force"
    assert less["ledger-verified"] == "not-verified"
    typed(*QUICK)

    said = typed("measures", "between", "today", "today")
    for line in (
        r"key-files\s+en vigueur · in force → PAS EN VIGUEUR",
        r"key-files\s+PAS EN VIGUEUR · NOT IN FORCE → en vigueur",
        r"ledger-append-only\s+en vigueur · in force → PAS EN VIGUEUR",
        r"PERDUES · LOST \(2\)",
        r"key-files +·$",
    ):
        assert re.search(line, said, re.MULTILINE), line
    kinds = {
        (each["code"], each["kind"])
        for each in json.loads(typed("measures", "between", "today", "today", "--json"))["changes"]
    }
    assert {("key-files", "lost"), ("key-files", "gained"), ("ledger-verified", "unknown")} <= kinds

    # The whole of it, without this installation: an exported ledger, a copy of the evidence.
    # What was attested last is under a checkpoint within a second.
    for _ in range(50):
        if json.loads(typed("measures", "at", "today", "--json"))["proven_under"] is not None:
            break
        time.sleep(0.1)
    typed("ledger", "export", tmp_path / "ledger")
    away = ("--ledger", tmp_path / "ledger", "--evidence", stage.settings.measures)
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "public-key").write_text(stage.settings.vault_key_file.read_text())
    elsewhere = json.loads(
        typed("measures", "at", "today", "--json", *away, REMPART_HOME=str(tmp_path))
    )
    assert elsewhere["proven_under"] > elsewhere["attestation"]["entry"]
    assert "sound" in typed("ledger", "verify")


def test_evidence_that_is_changed_is_told_and_fails_the_command(typed, stage):
    typed(*QUICK)
    said = json.loads(typed("measures", "at", "now", "--json"))
    path = stage.settings.measures / f"{said['attestation']['evidence']}.json"
    assert path.stat().st_mode & 0o222 == 0
    data = path.read_bytes()
    path.chmod(0o644)
    try:
        path.write_bytes(data.replace(b'"not-in-force"', b'"in-force"'))
        shown = typed("measures", "at", "now", code=3)
        assert "EVIDENCE GONE OR CHANGED" in shown
        assert "integrity-broken" in shown
        path.unlink()
        assert "integrity-broken" in typed("measures", "between", "today", "now", code=3)
    finally:
        path.write_bytes(data)
    typed("measures", "at", "now")


def test_what_cannot_be_answered_is_refused(typed, tmp_path, stage):
    for words, why in (
        (("at", "2099-01-01"), "in the future"),
        (("between", "today", "2020-01-01"), "before the first"),
        (("at", "2020-01-01"), "nothing was attested"),
        (("at", "hier"), "Invalid value"),
        (("at", "2026-13-01"), "Invalid value"),
    ):
        said = typed("measures", *words, code=2)
        assert why in said
        assert "Traceback" not in said
    for each in (stage.settings.secrets, stage.settings.keys):
        (tmp_path / each.name).symlink_to(each)
    assert "no vault" in typed(*QUICK, code=2, REMPART_HOME=str(tmp_path))
    assert not (tmp_path / "measures").exists()
