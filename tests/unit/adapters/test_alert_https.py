"""Fetching over HTTPS from somebody who means no good: short, soon, from one address alone."""

from __future__ import annotations

import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rempart.adapters import alert_https
from rempart.adapters.alert_https import HttpsSource
from rempart.adapters.identity.certificates import issue_server, make_authority
from rempart.adapters.system import SystemClock
from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import SetUpRefused, TemporarilyUnavailable
from rempart.usecases.seal_alerts import SEALED_MAX

title = "Fetching alerts"

asked: list[str] = []


class Folder(BaseHTTPRequestHandler):
    """What a folder in somebody's hands may do; the number says what."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked.append(self.path)
        ANSWERS[self.path.rsplit("/", 1)[1]](self)

    def say(self, status, body, *, location="", encoding="", length=None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (("Location", location), ("Content-Encoding", encoding)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def drip(folder: Folder, *parts: bytes) -> None:
    """A byte now and then, for as long as somebody waits."""
    for part in parts:
        folder.wfile.write(part)
        time.sleep(0.05)
    folder.close_connection = True


BODY = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LATE = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nX: "
ANSWERS = {
    "latest": lambda folder: folder.say(200, b"an alert"),
    "1": lambda folder: folder.say(404, b""),
    "2": lambda folder: folder.say(302, b"", location="/elsewhere/9"),
    "3": lambda folder: folder.say(200, bytes(SEALED_MAX + 1)),
    "4": lambda folder: folder.say(500, b"no"),
    "5": lambda folder: drip(folder, BODY, *[b"1\r\nx\r\n"] * 40),
    "6": lambda folder: folder.say(200, b"an alert", length=10**9),
    "7": lambda folder: folder.say(200, b"an alert", encoding="gzip"),
    "9": lambda folder: drip(folder, LATE, *[b"x"] * 6),
    "8": lambda folder: drip(folder, HEAD, *[b"x"] * 40),
}


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Whoever asked hangs up in the middle: that is what is tested."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder, now = tmp_path_factory.mktemp("alerts-tls"), SystemClock().now()
    authority = make_authority("alerts", now=now)
    issue_server(authority, ["localhost"], now=now).write(folder, "server")
    (folder / "authority.pem").write_bytes(authority.certificate)
    server = Quiet(("127.0.0.1", 0), Folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}/alerts", folder / "authority.pem"
    server.shutdown()
    server.server_close()
    thread.join()


def card(url: str) -> AlertCard:
    return AlertCard(name="A", signs=bytes(65), opens=bytes(32), url=url)


@pytest.fixture
def source(place, monkeypatch):
    monkeypatch.setattr(alert_https, "WITHIN", 0.5)
    url, authority = place
    return HttpsSource(card(url), "00" * 8, "ab" * 16, authority)


def test_what_lies_there_is_fetched_from_where_the_card_says(source):
    asked.clear()
    assert source.latest() == b"an alert"
    assert source.numbered(1) is None
    assert asked == [f"/alerts/{'00' * 8}/{'ab' * 16}/{name}" for name in ("latest", "1")]


SHORTER = {"elsewhere": 2, "long": 3, "broken": 4, "slow": 5, "cut off": 6, "slow to begin": 8}


@pytest.mark.parametrize("number", SHORTER.values(), ids=SHORTER)
def test_what_is_no_short_answer_is_none(source, number):
    asked.clear()
    began = time.monotonic()
    assert source.latest() == b"an alert"
    with pytest.raises(TemporarilyUnavailable):
        source.numbered(number)
    assert time.monotonic() - began < 1.9
    assert len(asked) == 2


def test_whoever_drags_gets_no_more_of_a_turn(source):
    """Each answer is soon enough, and all of them together are not."""
    source.latest()
    assert source.numbered(9) == b"x" * 6
    with pytest.raises(TemporarilyUnavailable):
        [source.numbered(9) for _ in range(40)]
    assert source.latest() == b"an alert"


def test_what_is_compressed_grows_no_further(source):
    source.latest()
    assert source.numbered(7) == b"an alert"


def test_an_authority_that_nobody_trusts_is_not_asked(place, monkeypatch):
    url, _ = place
    stranger = HttpsSource(card(url), "00" * 8, "ab" * 16, None)
    asked.clear()
    with pytest.raises(TemporarilyUnavailable):
        stranger.latest()
    assert asked == []


def test_nobody_there_is_no_answer(place):
    _, authority = place
    nobody = HttpsSource(card("https://localhost:1/alerts"), "00" * 8, "ab" * 16, authority)
    with pytest.raises(TemporarilyUnavailable):
        nobody.latest()


def test_an_authority_that_is_none_is_refused(tmp_path):
    path = tmp_path / "none.pem"
    path.write_text("no certificate")
    with pytest.raises(SetUpRefused):
        HttpsSource(card("https://localhost:1/alerts"), "00" * 8, "ab" * 16, path)
