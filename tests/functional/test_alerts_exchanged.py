"""Two operators on one machine: one warns, over real HTTPS, and the other's account is narrowed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.alert import give_tls, stage, until
from benchmarks.ground import ground
from rempart.__main__ import main
from rempart.adapters.alert_folders import card_at
from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.public_key import vault_key
from rempart.domain.disclosure import EntryType, decode, decode_codes
from rempart.drill.processes import free_port, port_answers
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.messages import Contain
from tests.postgres_servers import roomy

title = "Alerts between operators"

SITE, OTHER = "STRUCT:BENCH-0000", "STRUCT:BENCH-0001"
AS = ("--as", "nadia")
PROMISED = 10.0


class Operator:
    """One installation with its vault, and what its officer types."""

    def __init__(self, made, port: int) -> None:
        self.made, self.settings = made, made.settings
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("REMPART_")},
            "REMPART_HOME": str(made.settings.home),
            "REMPART_ALERT_PORT": str(port),
            "COLUMNS": "160",
        }

    def run(self, *words: str | Path, code: int = 0) -> str:
        done = CliRunner().invoke(main, ["alert", *map(str, words)], env=self.environ)
        assert done.exit_code == code, done.output
        return done.output

    @contextmanager
    def process(self, *words: str, log: Path):
        with log.open("wb") as out:
            command = [sys.executable, "-m", "rempart", "alert", *words]
            env = {**self.environ, "PYTHONUNBUFFERED": "1"}
            process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
            try:
                yield
            finally:
                process.terminate()
                process.wait(30)

    def entries(self, kind: EntryType) -> list[dict]:
        """Details of a kind, once the whole ledger is proven."""
        with ledger_view(partial(connect, "auditor", self.settings)) as view:
            AuditLedger(view, vault_key(self.settings.vault_key_file))()
            return [
                decode_codes(each.detail)
                for each in view.entries()
                if each.body and decode(each.body).type is kind
            ]


@pytest.fixture
def operators():
    port = free_port()
    with ground(0, within=roomy()) as first, ground(0) as second:
        for each in (first, second):
            each.register(2)
        with first.vault(), second.vault():
            yield Operator(first, port), Operator(second, port), port


def said(log: Path, words: str) -> str:
    """What a process has said, once these words are in it."""
    end = time.monotonic() + 60
    while words not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    return log.read_text()


def test_one_operator_warns_another_over_https(operators, tmp_path):
    a, b, port = operators
    authority = tmp_path / "authority.pem"
    give_tls(a.settings, authority)
    url = f"https://localhost:{port}/alerts"
    # Two humans, once.
    for each, name in ((a, "Operateur A"), (b, "Operateur B")):
        assert "empreinte" in each.run("init", name, "--url", url)
        each.run("init", name, "--url", url, code=2)
    card_a, card_b = (each.settings.alerts / "card.json" for each in (a, b))
    wrong = ("--fingerprint", card_at(card_b).fingerprint)
    assert "do not use it" in b.run("subscribe", card_a, *wrong, *AS, code=2)
    right = ("--fingerprint", card_at(card_a).fingerprint, "--authority", authority)
    b.run("subscribe", card_a, *right, *AS)
    a.run("admit", card_b, *wrong)
    # What is not frozen here is nobody's to warn of.
    assert "freeze it first" in a.run("publish", SITE, "--why", "compromised", *AS, code=2)
    with Door(a.settings.vault_socket) as door:
        door.ask(Contain(SITE, "frozen", "compromised", "nadia"))
    serving, log = tmp_path / "serve.log", tmp_path / "run.log"
    with (
        a.process("serve", log=serving),
        b.process("run", "--every", "0.5", log=log),
        Door(b.settings.vault_socket) as door,
    ):
        while not port_answers(a.settings, port):
            time.sleep(0.05)
        began = time.perf_counter()
        published = a.run("publish", SITE, "--why", "compromised", *AS)
        assert "STRUCT:BENCH-0000" in published
        assert until(door, SITE, "NARROWED") - began < PROMISED
        assert stage(door, OTHER) == "NORMAL"
        assert "restreints · narrowed 1" in said(log, "narrowed 1")
        shown = b.run("list")
        assert "Operateur A" in shown
        assert f"narrowed on its word: {SITE}" in shown

        # Sealed to its reader: the folder tells nobody who it is about.
        files = [path for path in (a.settings.alerts / "out").rglob("*") if path.is_file()]
        assert sorted(path.name for path in files) == ["1", "latest"]
        assert not [path for path in files if b"BENCH" in path.read_bytes()]
        # Carried by hand as well, it is the same alert.
        assert "déjà · already" in b.run("take", files[0])

        # Whoever holds the folder brings what they like: it is refused, told, and nothing more.
        latest = next(path for path in files if path.name == "latest")
        honest = latest.read_bytes()
        latest.write_bytes(honest[:-1] + bytes([honest[-1] ^ 1]))
        said(log, "REFUSÉE · REFUSED (sealed")
        latest.write_bytes(bytes(1_000_000))
        said(log, "does not answer")
        assert stage(door, OTHER) == "NORMAL"
        latest.write_bytes(honest)

        ref = published.split("alert ")[1].split(",")[0]
        a.run("withdraw", ref, *AS)
        until(door, SITE, "WATCHED")
    narrowed, loosened = b.entries(EntryType.CONTAINMENT)
    assert (narrowed["alert"], narrowed["authority"]) == (int(ref), 4)
    assert (loosened["from"], loosened["to"]) == (2, 1)
    assert [c["withdraw"] for c in a.entries(EntryType.DECISION) if "withdraw" in c] == [int(ref)]
    # An operator who is left is asked no more.
    b.run("unsubscribe", "Operateur A", *AS)
    assert "personne n'est écouté" in b.run("list")
