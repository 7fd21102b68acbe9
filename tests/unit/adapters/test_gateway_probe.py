"""What a stranger finds at the gateway's door, of gateways good and bad."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rempart.adapters.gateway_probe import ANNOUNCED, probe
from rempart.adapters.identity.certificates import issue_client, make_authority
from rempart.adapters.system import SystemClock
from rempart.domain.errors import TemporarilyUnavailable

title = "At the gateway's door"

REFUSED = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n"
TAKEN = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("probed")
    now = SystemClock().now()
    issue_client(make_authority("tests", now=now), "localhost", now=now).write(folder, "server")
    return folder / "server.pem", folder / "server.key"


def context(chain: tuple[Path, Path], *, old: bool) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*chain)
    if old:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.minimum_version = ssl.TLSVersion.TLSv1
        made.set_ciphers("ALL:@SECLEVEL=0")
    return made


@contextmanager
def served(made: ssl.SSLContext | None, answer: bytes) -> Iterator[int]:
    """A server that answers two callers, each once."""

    def serve() -> None:
        for _ in range(2):
            try:
                caller, _ = listening.accept()
                with caller:
                    caller.settimeout(5)
                    if made is None:
                        caller.sendall(answer)
                        continue
                    with made.wrap_socket(caller, server_side=True) as door:
                        door.recv(4096)
                        door.sendall(answer)
            except OSError:
                continue

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]


def test_a_good_one_speaks_recent_tls_alone_and_refuses_what_is_too_long(chain):
    with served(context(chain, old=False), REFUSED) as port:
        told = probe("127.0.0.1", port)
    assert (told.version, told.old, told.answer, told.sent) == ("TLSv1.3", False, 413, ANNOUNCED)
    assert told.days > 0


def test_one_that_admits_an_old_tls_is_found_out(chain):
    with served(context(chain, old=True), REFUSED) as port:
        assert probe("127.0.0.1", port).old is True


@pytest.mark.parametrize(
    ("answer", "status"), [(TAKEN, 200), (b"", 0), (b"nonsense", 0), (b"HTTP/1.1 x\r\n", 0)]
)
def test_what_it_answers_is_told_as_it_is(chain, answer, status):
    with served(context(chain, old=False), answer) as port:
        assert probe("127.0.0.1", port).answer == status


def test_where_nobody_speaks_tls_nothing_is_said_to_be_seen():
    with served(None, REFUSED) as port, pytest.raises(TemporarilyUnavailable):
        probe("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(TemporarilyUnavailable):
        probe("127.0.0.1", port)
