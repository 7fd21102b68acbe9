"""An operator at three in the morning: what they type to cut, with the vault up, stuck or down."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from benchmarks.ground import Ground, ask, ground, kind_by_place, wait_for
from rempart.adapters.cut_orders import CutOrderFolder
from rempart.adapters.identity.assertions import JWK
from rempart.adapters.postgres.connections import connect, conninfo_file
from rempart.adapters.postgres.cut_row import PostgresCutRowSource
from rempart.adapters.postgres.ledger_view import ledger_view
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap import cut_offs
from rempart.bootstrap.public_key import vault_key
from rempart.domain.disclosure import EntryType, Outcome, decode, decode_codes
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.usecases.audit_ledger import AuditLedger
from rempart.usecases.cut_off_messages import ListCutOffs, SetCutOff
from rempart.usecases.cut_off_ports import Order
from rempart.usecases.messages import Answered, Refused
from tests.postgres_servers import roomy

title = "When one thing is cut"

NADIA = ("--why", "incident", "--as", "nadia")


@pytest.fixture
def made() -> Iterator[Ground]:
    with ground(200, within=roomy()) as made:
        yield made


@pytest.fixture
def key(made: Ground) -> JWK:
    """Two sites' software, and what they may ask about."""
    key = made.register(2)
    made.populate(kind_by_place)
    return key


def rempart(made: Ground, *words: str | Path, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rempart", *map(str, words)],
        env={**made.environ, "COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def audited(made: Ground) -> list[tuple[object, bytes]]:
    """Every entry, once the ledger is proven."""
    with ledger_view(partial(connect, "auditor", made.settings)) as view:
        AuditLedger(view, vault_key(made.settings.vault_key_file))()
        return [(decode(each.body), each.detail) for each in view.entries() if each.body]


def cuts(made: Ground) -> list[dict]:
    return [decode_codes(d) for entry, d in audited(made) if entry.type is EntryType.CUT_OFF]


def test_set_list_and_clear_by_two(made, key, tmp_path):
    with made.vault(), Door(made.settings.vault_socket) as door:
        (token,) = made.sign_in(door, key, 1)
        assert isinstance(door.ask(ask(token, "a", made.code(10))), Answered)

        said = rempart(made, "cutoff", "set", "rights", *NADIA, "--until", "+2h")
        ref = re.search(r"n° (\d+)", said)[1]
        refused = door.ask(ask(token, "b", made.code(10)))
        assert refused.reason == "cut-off"
        assert 7000 < refused.after <= 7200
        assert "rights" in rempart(made, "cutoff", "list")

        assert "takes two" in rempart(made, "cutoff", "clear", ref, "--as", "nadia", code=2)
        statement, words = tmp_path / "statement", []
        rempart(made, "cutoff", "ask-clear", ref, "--out", statement)
        for name in ("alix", "basile"):
            rempart(made, "operator", "init", name, "--folder", tmp_path)
            rempart(made, "operator", "trust", tmp_path / f"{name}.pub")
            words.append(tmp_path / f"{name}.said")
            own = tmp_path / f"{name}.key"
            rempart(made, "operator", "confirm", statement, "--key", own, "--out", words[-1])
        clear = ("cutoff", "clear", ref, "--as", "nadia", "--statement", statement)
        rempart(made, *clear, "--confirm", words[0], code=2)
        rempart(made, *clear, "--confirm", words[0], "--confirm", words[1])

        assert isinstance(door.ask(ask(token, "b", made.code(10))), Answered)
        assert "rien n'est coupé" in rempart(made, "cutoff", "list")
    entries = audited(made)
    assert [e.outcome for e, _ in entries if e.type is EntryType.QUESTION].count(
        Outcome.CUT_OFF
    ) == 1
    set_, cleared = cuts(made)
    assert (set_["by"], cleared["by"]) == ("nadia", "alix+basile")


def test_what_is_mistyped_cuts_nothing_and_takes_no_door_away(made):
    with made.vault(), Door(made.settings.vault_socket) as door:
        for words in (("site", "STRUCT:NOWHERE"), ("channel", "fax"), ("platform", "all")):
            said = rempart(made, "cutoff", "set", *words, *NADIA, code=2)
            assert "forbidden-transition" in said
        rempart(made, "cutoff", "set", "rights", "--why", "because", "--as", "n", code=2)
        rempart(made, "cutoff", "set", "rights", *NADIA, "--until", "soon", code=2)
        rempart(made, "cutoff", "set", "rights", *NADIA, "--until", "2020-01-01T00:00", code=2)
        assert door.ask(ListCutOffs()).total == 0
        assert made.settings.vault_socket.exists()
    assert not made.settings.cut_orders.exists()
    assert cuts(made) == []


def test_a_vault_that_is_stuck_is_shut_at_once_and_opens_nothing_when_it_goes_on(made, key):
    """Its socket goes, so that nobody new gets in; who is in gets nothing either."""
    with made.vault() as vault, Door(made.settings.vault_socket, timeout=20) as door:
        (token,) = made.sign_in(door, key, 1)
        vault.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        said = rempart(made, "cutoff", "set", "rights", *NADIA)
        assert time.monotonic() - began < 5
        assert "does not answer" in said
        assert not made.settings.vault_socket.exists()
        with pytest.raises(TemporarilyUnavailable):
            Door(made.settings.vault_socket)
        vault.send_signal(signal.SIGCONT)

        reply = door.ask(ask(token, "a", made.code(10)))
        assert isinstance(reply, Refused)
        assert reply.reason == "cut-off"
        # It listens anew once the order is in the ledger, and not before.
        wait_for(made.settings.vault_socket, vault, 20)
        assert not list(made.settings.cut_orders.iterdir())
        with Door(made.settings.vault_socket) as again:
            assert again.ask(ListCutOffs()).total == 1
    (set_,) = cuts(made)
    assert set_["by"] == "nadia"
    # What was committed before the order was seen stayed shut, and says so.
    entries = [entry for entry, _ in audited(made)]
    opened = [at for at, entry in enumerate(entries) if entry.outcome is Outcome.OPENED]
    assert opened == [entry.cites for entry in entries if entry.type is EntryType.UNOPENED]


def test_what_is_ordered_with_the_vault_down_is_cut_before_it_answers(made, key):
    asked = time.time() * 1e6
    with made.vault():
        pass
    said = rempart(made, "cutoff", "set", "channel", "api", *NADIA)
    assert "door is taken away" in said
    assert "waits for the vault" in " ".join(rempart(made, "cutoff", "list", code=2).split())
    with made.vault(), Door(made.settings.vault_socket) as door:
        shown = door.ask(ListCutOffs())
        assert [row.what for row in shown.cut_offs] == ["api"]
        with pytest.raises(AssertionError):
            made.sign_in(door, key, 1)
    (set_,) = cuts(made)
    (entry,) = [e for e, _ in audited(made) if e.type is EntryType.CUT_OFF]
    assert asked < set_["since"] < entry.at
    assert len(set_["order"]) == 16


def test_an_order_that_is_none_keeps_the_vault_shut(made):
    with made.vault():
        pass
    for wrong in ("not json", "a stranger's", "another name", "a link"):
        done = started_on(made, wrong)
        assert done.returncode == 2, wrong
        assert "no order of ours" in done.stderr, wrong
        assert "Traceback" not in done.stderr, wrong
        for left in made.settings.cut_orders.iterdir():
            left.unlink()


def started_on(made: Ground, wrong: str) -> subprocess.CompletedProcess[str]:
    """A vault that finds this in place of an order."""
    wanted = SetCutOff("channel", "api", "incident", by="nadia", order="0f" * 16)
    path = CutOrderFolder(made.settings.cut_orders).leave(Order(1, wanted))
    match wrong:
        case "not json":
            path.write_text("{}")
        case "a stranger's":
            path.chmod(0o644)
        case "another name":
            path.rename(path.with_name("00" * 16))
        case "a link":
            elsewhere = path.rename(made.settings.home / "elsewhere")
            path.symlink_to(elsewhere)
    return subprocess.run(
        [sys.executable, "-m", "rempart", "vault", "run"],
        env=made.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_only_the_vaults_own_user_leaves_orders(made, monkeypatch):
    """Root's order would be nobody's to the vault: refused before the socket goes."""
    with made.vault():
        wanted = SetCutOff("rights", "", "incident", by="nadia", order="0f" * 16)
        monkeypatch.setattr(cut_offs.os, "geteuid", lambda: os.getuid() + 1)
        with pytest.raises(SetUpRefused):
            cut_offs.leave_order(made.settings, wanted, asked=1)
        assert made.settings.vault_socket.exists()


def test_the_row_is_there_for_the_gateway_as_soon_as_it_is_said(made):
    async def row() -> str:
        source = PostgresCutRowSource(conninfo_file(made.settings.secrets, "gateway"))
        try:
            return str(await source.read())
        finally:
            await source.close()

    with made.vault():
        rempart(made, "cutoff", "set", "channel", "portal", *NADIA)
        said = asyncio.run(row())
    assert "\n4 1 " in said
