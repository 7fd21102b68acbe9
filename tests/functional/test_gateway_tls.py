"""The gateway over real TLS: certificates told right, strangers kept out, a software that works."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import date

import httpx2
import pytest

from rempart.adapters.identity.assertions import new_key
from rempart.adapters.identity.certificates import issue_client, make_authority, thumbprint
from rempart.domain.errors import SignInRefused, TemporarilyUnavailable
from rempart.drill.software import PracticeSoftware, QuestionRefused, eligibility_request
from rempart.serving import exchange
from rempart.usecases.messages import Answered, Ask, CardShown, Refused, SignIn, Typed
from tests.running_gateway import CLOCK, running_gateway
from tests.scripted_door import BEARER, CARD, CODE, LEGACY_CARD, TOKEN, opened

title = "The gateway over TLS"

CARE_DATE = date(2026, 11, 23)
CREATED = "2026-11-23T09:00:00Z"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with running_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def running(served):
    script = served.door.answer, served.door.sign_in
    served.door.asked.clear()
    yield served
    served.door.answer, served.door.sign_in = script


def tls(running, certificate=None):
    context = ssl.create_default_context(cafile=running.authority_file)
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context


def connected(running, certificate=None):
    return httpx2.Client(base_url=running.url, verify=tls(running, certificate))


def post_form(client):
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "a.b.c",
    }
    return client.post("/token", data=form)


def test_the_vault_is_told_the_thumbprint_of_the_certificate_shown(running):
    credentials = running.credentials
    pair = credentials.certificate, credentials.certificate_key
    with connected(running, pair) as client:
        post_form(client)
        post_form(client)

    expected = thumbprint(credentials.certificate.read_bytes())
    assert [sent.certificate for sent in running.door.asked] == [expected, expected]


def test_without_certificate_the_vault_is_told_none(running):
    with connected(running) as client:
        assert post_form(client).status_code == 401
    assert running.door.asked == [SignIn("a.b.c", b"")]


def test_a_certificate_of_another_authority_is_refused_by_tls(running, tmp_path):
    rogue = issue_client(make_authority("Rogue", now=CLOCK.now()), "software-1", now=CLOCK.now())
    pair = rogue.write(tmp_path, "rogue")
    with connected(running, pair) as client, pytest.raises(httpx2.TransportError):
        post_form(client)
    assert running.door.asked == []


def test_the_servers_own_certificate_is_not_a_clients(running):
    pair = running.folder / "server.pem", running.folder / "server.key"
    with connected(running, pair) as client, pytest.raises(httpx2.TransportError):
        post_form(client)
    assert running.door.asked == []


def raw_sign_in(running, context, session=None):
    """Sign in over a socket of our own: the TLS session, and whether it was a resumed one."""
    host, port = running.url.removeprefix("https://").split(":")
    body = (
        b"grant_type=client_credentials&client_assertion=a.b.c"
        b"&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    )
    head = (
        b"POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" % len(body)
    )
    with (
        socket.create_connection((host, int(port))) as plain,
        context.wrap_socket(plain, server_hostname=host, session=session) as encrypted,
    ):
        encrypted.sendall(head + body)
        assert encrypted.recv(64).startswith(b"HTTP/1.1 401")
        return encrypted.session, encrypted.session_reused


@pytest.mark.parametrize(
    ("version", "resumed"),
    [(ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, False)],
    ids=["1.2", "1.3"],
)
def test_no_ticket_is_given_and_a_resumed_connection_shows_its_certificate(
    running, version, resumed
):
    credentials = running.credentials
    context = tls(running, (credentials.certificate, credentials.certificate_key))
    context.maximum_version = version

    session, _ = raw_sign_in(running, context)
    _, again = raw_sign_in(running, context, session)

    assert not session.has_ticket
    assert again is resumed
    expected = thumbprint(credentials.certificate.read_bytes())
    assert [sent.certificate for sent in running.door.asked] == [expected, expected]


def test_a_software_signs_in_and_asks_with_a_card(running):
    with running.software() as software:
        (told,) = software.ask(CODE, ["PHAR"], CARE_DATE)

    assert (told.in_force, told.until, told.mode) == (True, "2027-12-31", "100")
    assert (told.domain, told.reference, told.refused) == ("PHAR", "D41", "")
    signed_in, asked = running.door.asked
    assert isinstance(signed_in, SignIn)
    assert isinstance(asked, Ask)
    assert asked.token == TOKEN
    assert asked.certificate == signed_in.certificate
    assert asked.shown == CardShown(CODE)


@pytest.mark.parametrize("card", [CARD, LEGACY_CARD], ids=["declared", "legacy"])
def test_a_software_asks_with_what_is_printed(running, card):
    with running.software() as software:
        software.ask(card, ["PHAR"], CARE_DATE)

    asked = running.door.asked[-1]
    assert asked.shown == Typed(
        card.amc, card.member_number, card.birth_date, card.birth_rank, card.printed_key
    )


def test_a_software_reads_each_domain(running):
    def answer(ask):
        if ask.domain == "OPTI":
            return Refused("forbidden-domain")
        return Answered(7, in_force=False, until="", mode="", repeated=False)

    running.door.answer = answer
    with running.software() as software:
        refused, closed = software.ask(CODE, ["OPTI", "PHAR"], CARE_DATE)

    assert (refused.domain, refused.refused, refused.reference) == ("OPTI", "forbidden-domain", "")
    assert (closed.domain, closed.in_force, closed.reference) == ("PHAR", False, "D7")


def test_a_refusal_reaches_whoever_asked(running):
    running.door.answer = lambda ask: Refused("read-the-card")
    with running.software() as software, pytest.raises(QuestionRefused) as refused:
        software.ask(CARD, ["PHAR"], CARE_DATE)
    assert (refused.value.code, refused.value.status) == ("read-the-card", 422)


def test_what_got_lost_is_asked_again_under_the_same_key(running):
    lost = iter([Refused("unavailable"), Refused("not-signed-in")])
    running.door.answer = lambda ask: next(lost, None) or opened(ask)

    with running.software() as software:
        (told,) = software.ask(CODE, ["PHAR"], CARE_DATE)

    assert told.in_force
    asks = [sent for sent in running.door.asked if isinstance(sent, Ask)]
    assert len(asks) == 3
    assert len({sent.key for sent in asks}) == 1
    assertions = [sent.assertion for sent in running.door.asked if isinstance(sent, SignIn)]
    assert len(set(assertions)) == 2


def test_a_software_gives_up_on_a_service_that_is_away(running):
    running.door.answer = lambda ask: Refused("unavailable")
    with running.software() as software, pytest.raises(TemporarilyUnavailable):
        software.ask(CODE, ["PHAR"], CARE_DATE, key="k")
    assert {sent.key for sent in running.door.asked[1:]} == {"k"}

    nowhere = "https://127.0.0.1:1"
    credentials = running.credentials
    with (
        PracticeSoftware(
            nowhere, credentials, authorities=running.authority_file, clock=CLOCK, vault=None
        ) as software,
        pytest.raises(TemporarilyUnavailable),
    ):
        software.sign_in()

    running.door.sign_in = lambda sign_in: Refused("unavailable")
    with running.software() as software, pytest.raises(TemporarilyUnavailable):
        software.sign_in()


def test_a_stolen_key_without_its_certificate_does_not_sign_in(running, tmp_path):
    other = issue_client(running.authority, "software-2", now=CLOCK.now())
    certificate, key = other.write(tmp_path, "other")
    thief = replace(running.credentials, certificate=certificate, certificate_key=key)
    with (
        PracticeSoftware(
            running.url, thief, authorities=running.authority_file, clock=CLOCK, vault=None
        ) as software,
        pytest.raises(SignInRefused),
    ):
        software.sign_in()


def test_a_stolen_certificate_without_its_key_does_not_sign_in(running):
    thief = replace(running.credentials, key=new_key("k1"))
    with (
        PracticeSoftware(
            running.url, thief, authorities=running.authority_file, clock=CLOCK, vault=None
        ) as software,
        pytest.raises(SignInRefused),
    ):
        software.sign_in()


def test_a_body_that_comes_in_pieces_is_read_whole(running):
    request = eligibility_request(CODE, ["PHAR"], CARE_DATE, created=CREATED)
    body = json.dumps(request).encode()
    credentials = running.credentials
    with connected(running, (credentials.certificate, credentials.certificate_key)) as client:
        response = client.post(
            "/fhir/CoverageEligibilityRequest",
            content=(body[start : start + 100] for start in range(0, len(body), 100)),
            headers={
                "Content-Type": "application/fhir+json",
                "Authorization": f"Bearer {BEARER}",
            },
        )
    assert response.status_code == 200


def test_a_body_that_never_ends_is_given_up(running, monkeypatch):
    monkeypatch.setattr(exchange, "BODY_WITHIN", 0.1)
    context = tls(running)
    host, port = running.url.removeprefix("https://").split(":")
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as encrypted,
    ):
        encrypted.sendall(
            b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\na"
        )
        assert encrypted.recv(64).startswith(b"HTTP/1.1 408")


def test_a_question_in_flight_at_a_stop_is_answered(tmp_path):
    told = []
    with running_gateway(tmp_path) as running:
        running.door.delay = 0.5
        with running.software() as software:
            software.sign_in()
            asking = threading.Thread(
                target=lambda: told.extend(software.ask(CODE, ["PHAR"], CARE_DATE))
            )
            asking.start()
            while not any(isinstance(sent, Ask) for sent in running.door.asked):
                time.sleep(0.01)
            running.stop()
            asking.join(5)

    assert [answer.in_force for answer in told] == [True]


def test_a_stop_does_not_wait_for_who_is_idle(tmp_path):
    with running_gateway(tmp_path) as running:
        idle = connected(running)
        idle.get("/health")
        before = time.monotonic()
    stopped = time.monotonic()
    idle.close()
    assert stopped - before < 5


SERVING = """
import sys
from pathlib import Path
from rempart.api.application import gateway
from rempart.serving.listener import Listen, serve
from tests.scripted_door import FixedClock, ScriptedDoor
from tests.switches import OPEN

folder, port = Path(sys.argv[1]), int(sys.argv[2])
app = gateway(
    ScriptedDoor(), rows=OPEN, instance="stop", base_url="https://stop", clock=FixedClock()
)
serve(
    app,
    Listen(
        host="127.0.0.1",
        port=port,
        certificate=folder / "server.pem",
        key=folder / "server.key",
        client_authorities=folder / "authority.pem",
    ),
)
print("stopped")
"""


def test_the_process_stops_when_told_and_writes_one_line_a_request(running):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", SERVING, str(running.folder), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        with httpx2.Client(verify=tls(running)) as client:
            health_when_up(client, f"https://127.0.0.1:{port}/health?who=ADH7741936", process)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=15)

    assert process.returncode == 0
    assert out == b"stopped\n"
    (line,) = [json.loads(text) for text in err.splitlines()]
    assert (line["event"], line["method"], line["route"]) == ("request", "GET", "/health")


def health_when_up(client, url, process):
    for _ in range(500):
        assert process.poll() is None
        try:
            assert client.get(url).json()["status"] == "up"
        except httpx2.ConnectError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("the server did not start")
