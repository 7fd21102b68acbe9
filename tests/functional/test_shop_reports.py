"""From a shop's counter without network to the operator's reconciliation, by what people type."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rempart.domain.site import SiteKind
from rempart.drill.country import member_file
from rempart.drill.processes import free_port, port_answers, start, stop, wait

title = "A shop reports what it verified offline"

AMC = "99990001"


@pytest.fixture
def intake(stage, monkeypatch) -> Iterator[str]:
    """The intake of this installation, on a port of its own."""
    for name, value in {**stage.environ, "REMPART_BILLING_PORT": str(free_port())}.items():
        monkeypatch.setenv(name, value)
    settings = replace(stage.settings, billing_port=int(value))
    logs = settings.home / "logs"
    process = start("billing", settings, logs)
    try:
        wait(process, lambda: port_answers(settings, int(value)), logs / "billing.log")
        yield f"https://localhost:{value}"
    finally:
        stop(process)


@pytest.fixture
def shop(stage, tmp_path) -> Path:
    """A counter with current lists, and the code of a card in a file."""
    home = shutil.copytree(stage.home / "insurers" / AMC, tmp_path / AMC)
    first = member_file(stage.home / "country", AMC).read_text("utf-8").splitlines()[:20]
    members = tmp_path / "members.csv"
    members.write_text("\n".join([*first, ""]), "utf-8")
    operator = {"REMPART_HOME": str(tmp_path / "operator")}
    shutil.copytree(stage.home / "secrets", tmp_path / "operator/secrets")

    def run(*words, **environ):
        done = stage.run(*words, **environ)
        assert done.code == 0, done.said

    where = ("--folder", home)
    run("insurer", "cards", members, "--no-images", "--out", tmp_path / "cards", *where)
    whole = member_file(stage.home / "country", AMC)
    run("insurer", "status", whole, "--out", tmp_path / f"status-{AMC}.cbor", *where)
    run("lists", "init", "Opérateur d'essai", **operator)
    for each in (stage.home / "insurers").iterdir():
        run("lists", "name", each.name, f"Mutuelle {each.name}", **operator)
    run("lists", "publish", **operator)
    run("lists", "take", tmp_path / f"status-{AMC}.cbor", **operator)
    published = tmp_path / "operator/lists"
    lists = sorted(published.glob("[st]*.cbor"))
    run("card", "trust", published / "operator.pub", "--lists", tmp_path / "lists")
    run("card", "take", *lists, "--lists", tmp_path / "lists")
    shutil.rmtree(stage.home / "billing/lists", ignore_errors=True)
    run("claims", "trust", published / "operator.pub")
    run("claims", "take", *lists)
    return tmp_path


def test_what_was_verified_offline_is_reconciled_and_the_shop_hears_of_it(stage, shop, intake):
    def typed(*words, code=0) -> str:
        done = stage.run(*words, COLUMNS="160")
        assert done.code == code, done.said
        return done.said

    with (shop / "cards/index.csv").open(encoding="utf-8", newline="") as index:
        code = next(csv.DictReader(index, delimiter=";"))["code"]
    journal = ("--journal", shop / "verifications.sqlite")
    at_counter = ("card", "verify", code, "--lists", shop / "lists", "--keep", *journal)
    assert "one domain" in typed(*at_counter, code=2)
    assert "  noté · noted" in typed(*at_counter, "--domain", "PHAR")
    assert "déjà noté" in typed(*at_counter, "--domain", "PHAR")

    software = stage.stage.credentials(SiteKind.PHARMACY)
    report = (
        *("card", "report", *journal, "--to", intake),
        *("--certificate", software.certificate, "--key", software.certificate_key),
        *("--authorities", stage.settings.tls / "authority.pem"),
    )
    assert "     1  verification-kept" in typed(*report)
    typed("claims", "judge")
    said = typed("claims", "reconcile")
    assert "(vérification · verification)  cut" in said
    assert json.loads(said.splitlines()[-1])["person"] >= 1

    # The stage was not cut: somebody looks, and notes it as right.
    assert "verification-looked-at: cut" in typed(*report)
    (number,) = [
        line.split()[0]
        for line in typed("claims", "list", "--ruling", "person").splitlines()
        if "verification" in line
    ]
    said = typed("claims", "decide", number, "accept", "--as", "nadia", "--why", "shown")
    assert "juste · right" in said
    assert "     1  verification-right" in typed(*report)
    assert "rien à signaler" in typed(*report)
    assert code not in said
