"""A person decides on claims, by what they type, on the real vault and database."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from rempart.adapters.postgres.claims import PostgresClaimQueue
from rempart.adapters.postgres.connections import conninfo_file
from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.billing import claim_book, claims_key
from rempart.domain.claim import Claim, Shown
from rempart.domain.ruling import Ruling
from rempart.usecases.claim_ports import Biller, Ruled
from rempart.usecases.take_claims import TakeClaims
from tests import bills

title = "What a person decides on a claim"

CLAIM = replace(bills.CLAIM, number="FACTURE-0042", cites=Shown("RP1:NOBODY"))
NADIA = ("--as", "nadia", "--why", "shown")


def send(stage, claim: Claim) -> None:
    async def sent() -> None:
        conninfo = conninfo_file(stage.settings.secrets, "billing")
        queue = PostgresClaimQueue(conninfo, sandbox=True)
        taking = TakeClaims(queue, SystemClock(), SystemChance(), claims_key(stage.settings))
        try:
            await taking(Biller(1, 1), claim)
        finally:
            await queue.close()

    asyncio.run(sent())


@pytest.fixture
def left(stage) -> Iterator[int]:
    """The number of a claim that the judge has left to a person; none stays behind."""
    send(stage, CLAIM)
    with claim_book(stage.settings) as book:
        number = book.newest()
        book.keep([Ruled(claim=number, ruling=Ruling.PERSON, rule="cut", why="clock")])
    yield number
    tables = "billing.care, billing.sale, billing.decision, billing.ruling, billing.claim"
    with psycopg.connect(stage.admin) as admin:
        admin.execute("ALTER TABLE billing.told DISABLE TRIGGER USER")
        admin.execute(f"TRUNCATE billing.told, {tables}")
        admin.execute("ALTER TABLE billing.told ENABLE TRIGGER USER")


def test_a_claim_is_decided_on_and_the_ledger_tells_where(stage, left, tmp_path):
    """First with no vault behind the door: the same installation, but for its socket."""

    def typed(*words, code=0, **environ) -> str:
        done = stage.run(*words, COLUMNS="160", **environ)
        assert done.code == code, done.said
        assert "FACTURE" not in done.said
        return done.said

    for each in (stage.settings.secrets, stage.settings.keys):
        (tmp_path / each.name).symlink_to(each)
    alone = {"REMPART_HOME": str(tmp_path)}
    assert "no vault" in typed("claims", "decide", left, "accept", *NADIA, code=2, **alone)
    assert "à examiner" in typed("claims", "show", left)

    said = typed("claims", "decide", left, "accept", *NADIA, "--cents", 900)
    (entry,) = re.findall(r"entry (\d+)", said)
    assert typed("claims", "decide", left, "accept", *NADIA, "--cents", 900) == said
    refused = typed("claims", "decide", left, "refuse", *NADIA, code=2)
    assert f"decided on: entry {entry}" in refused
    shown = typed("claims", "show", left)
    assert f"nadia  shown  entrée · entry {entry}" in shown
    assert f"entrée · entry {entry}" in typed("claims", "list", "--ruling", "accepted")
    verified = typed("ledger", "verify")
    assert f"claims decided on  1, dernière entrée · last entry {entry}" in verified

    told = json.loads(typed("claims", "reconcile").splitlines()[-1])
    assert (told["claims"], told["accepted"], told["unborne"]) == (1, 1, 0)
    assert (told["rules"], told["owed_cents"]) == ({"accepted:cut/clock": 1}, 900)
    # Whoever has the judge's way to the database accepts the next one by themselves.
    send(stage, replace(CLAIM, number="FACTURE-0043"))
    with claim_book(stage.settings) as book:
        number = book.newest()
        book.keep([Ruled(claim=number, ruling=Ruling.PERSON, rule="cut")])
        taken = book.find(left).decision
        assert book.decide(number, replace(taken, claim=b"w" * 16))
    said = typed("claims", "reconcile", code=1)
    assert f"without an entry in the ledger : {number}\n" in said
