"""The intake of claims as a process, with nothing of the platform beside it but its database."""

from __future__ import annotations

import asyncio
import signal
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import psycopg
import pytest

from rempart.adapters.claim_sender import ClaimSender, Stands, claim_resource
from rempart.adapters.identity.certificates import issue_client, make_authority
from rempart.adapters.system import SystemClock
from rempart.bootstrap.billing import claim_book
from rempart.bootstrap.database import set_up
from rempart.bootstrap.gateway import intake as probe
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.site import SiteKind
from rempart.drill.admission import make_tls
from rempart.drill.processes import free_port, port_answers, start, stop, wait
from rempart.drill.stage import database
from rempart.usecases.look_at_intake import REMEMBERED
from rempart.usecases.ports import Site, Software
from tests.bills import CLAIM
from tests.postgres_servers import reachable_folder

title = "The intake of claims"


@dataclass(frozen=True)
class Made:
    """An installation with one pharmacy, and no vault."""

    settings: Settings
    folder: Path
    admin: str

    def sender(self, certificate: str = "software") -> ClaimSender:
        return ClaimSender(
            f"https://localhost:{self.settings.billing_port}",
            certificate=self.folder / f"{certificate}.pem",
            key=self.folder / f"{certificate}.key",
            authorities=self.settings.tls / "authority.pem",
        )

    @contextmanager
    def intake(self) -> Iterator[object]:
        logs = self.settings.home / "logs"
        logs.mkdir(exist_ok=True)
        process = start("billing", self.settings, logs)
        try:
            port = self.settings.billing_port
            wait(process, lambda: port_answers(self.settings, port), logs / "billing.log")
            yield process
        finally:
            stop(process)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    with reachable_folder() as home:
        monkeypatch.setenv("REMPART_HOME", str(home))
        monkeypatch.setenv("REMPART_INSTANCE", "sandbox")
        monkeypatch.setenv("REMPART_BILLING_PORT", str(free_port()))
        settings = Settings.from_environ()
        with database(settings) as admin:
            set_up(settings, admin)
            folder = home / "software"
            folder.mkdir(mode=0o700)
            now = SystemClock().now()
            clients = make_tls(settings, now=now)
            known = issue_client(clients, "pharmacy.example", now=now)
            known.write(folder, "software")
            issue_client(clients, "stranger.example", now=now).write(folder, "stranger")
            with registrar(settings) as registry:
                registry.register_site(Site(site="STRUCT:PHAR1", kind=SiteKind.PHARMACY))
                registry.register_software(
                    Software(
                        client_id="s",
                        number=0,
                        site="STRUCT:PHAR1",
                        jwks={"keys": []},
                        certificates=frozenset({known.thumbprint}),
                        sandbox=True,
                        revoked=False,
                    )
                )
            yield Made(settings, folder, admin)


def kept(made: Made) -> int:
    with claim_book(made.settings) as book:
        return len(list(book.waiting(99_999)))


def test_claims_are_taken_in_with_nothing_else_alive(made):
    """No vault has ever run here: no socket, no row of cut-offs, no session."""
    assert not made.settings.vault_socket.exists()
    with made.intake(), made.sender() as send:
        assert send(CLAIM) == send(CLAIM) == Stands("claim-kept")
        assert send(replace(CLAIM, asked=9_00)) == Stands("number-reused")
        with made.sender("stranger") as stranger:
            assert stranger(CLAIM) == Stands("not-signed-in")
        assert asyncio.run(probe(made.settings).answers()), "as the status page of others says"
        nobody_without_a_certificate(made)
        one_that_can_keep_nothing_says_so(made)
        assert send(CLAIM) == Stands("claim-kept")
    assert not asyncio.run(probe(made.settings).answers())
    assert kept(made) == 1


def nobody_without_a_certificate(made: Made) -> None:
    """Over real TLS: two public pages, and nothing for a certificate of another authority."""
    ours = ssl.create_default_context(cafile=made.settings.tls / "authority.pem")
    theirs = ssl.create_default_context(cafile=made.settings.tls / "authority.pem")
    now = SystemClock().now()
    forged = issue_client(make_authority("IGC-Santé", now=now), "pharmacy.example", now=now)
    theirs.load_cert_chain(*forged.write(made.folder, "forged"))
    url = f"https://localhost:{made.settings.billing_port}"
    with httpx2.Client(verify=ours, base_url=url) as http:
        assert [http.get(path).status_code for path in ("/health", "/status")] == [200, 200]
        for path in ("/fhir/Claim", "/fhir/Claim/$submit"):
            reply = http.post(path, json=claim_resource(CLAIM))
            assert (reply.status_code, "not-signed-in" in reply.text) == (401, True)
    with httpx2.Client(verify=theirs, base_url=url) as http, pytest.raises(httpx2.TransportError):
        http.post("/fhir/Claim", json=claim_resource(CLAIM))


def one_that_can_keep_nothing_says_so(made: Made) -> None:
    """It listens all the same, as a mere connection would show."""
    take = "EXECUTE ON FUNCTION billing.take"
    with psycopg.connect(made.admin, dbname="rempart", autocommit=True) as admin:
        admin.execute(f"REVOKE {take} FROM rempart_billing")
        assert eventually(made, up=False)
        assert port_answers(made.settings, made.settings.billing_port)
        admin.execute(f"GRANT {take} TO rempart_billing")
    assert eventually(made, up=True)


def eventually(made: Made, *, up: bool) -> bool:
    """Whether the probe says so within a few times what is remembered."""
    end = time.monotonic() + 5 * REMEMBERED
    while time.monotonic() < end:
        if asyncio.run(probe(made.settings).answers()) is up:
            return True
        time.sleep(0.1)
    return False


def test_a_killed_intake_loses_nothing_that_it_acknowledged(made):
    acknowledged: list[str] = []

    def load(number: int) -> None:
        with made.sender() as send:
            for turn in range(2_000):
                claim = replace(CLAIM, number=f"F-{number}-{turn}")
                try:
                    stands = send(claim)
                except TemporarilyUnavailable:
                    return
                assert stands == Stands("claim-kept"), stands
                acknowledged.append(claim.number)

    with made.intake() as process:
        threads = [threading.Thread(target=load, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        while len(acknowledged) < 200 and any(thread.is_alive() for thread in threads):
            threads[0].join(0.05)
        process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
    assert len(acknowledged) >= 200
    before = kept(made)
    assert before >= len(acknowledged)
    with made.intake(), made.sender() as send:
        for number in acknowledged:
            assert send(replace(CLAIM, number=number)) == Stands("claim-kept")
    assert kept(made) == before, "sent again, every one of them was there"


def test_the_intake_needs_no_key_and_no_other_role(made):
    """With its own file of the database and the public key of the judge, and nothing else."""
    home, elsewhere = made.settings.home, made.settings.home / "elsewhere"
    elsewhere.mkdir()
    others = [path for path in home.glob("secrets/*.conninfo") if path.stem != "billing"]
    away = [*others, home / "keys"]
    for path in away:
        path.rename(elsewhere / path.name)
    with made.intake(), made.sender() as send:
        assert send(CLAIM) == Stands("claim-kept")
    for path in away:
        (elsewhere / path.name).rename(path)
    assert kept(made) == 1
