"""How the server is set up, where a connection could not show it."""

import logging
import ssl

import msgspec
import pytest
import structlog

from rempart.adapters.identity.certificates import issue_server, make_authority
from rempart.api.application import gateway
from rempart.serving.listener import Listen, lines_as_json, server, tls_context
from tests.scripted_door import FixedClock, ScriptedDoor
from tests.switches import OPEN

NOW = FixedClock().now()


@pytest.fixture
def listen(tmp_path):
    authority = make_authority("Rempart test", now=NOW)
    trusted, _ = authority.write(tmp_path, "authority")
    certificate, key = issue_server(authority, ["127.0.0.1"], now=NOW).write(tmp_path, "server")
    return Listen(
        host="127.0.0.1", port=0, certificate=certificate, key=key, client_authorities=trusted
    )


def test_tls_is_1_2_at_least_and_asks_for_a_certificate(listen):
    context = tls_context(listen)

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_OPTIONAL
    assert [dict(pair[0] for pair in a["subject"]) for a in context.get_ca_certs()] == [
        {"commonName": "Rempart test"}
    ]


def test_the_server_believes_no_proxy_and_writes_no_line_of_its_own(listen):
    app = gateway(ScriptedDoor(), rows=OPEN, instance="t", base_url="https://t", clock=FixedClock())
    config = server(app, listen).config

    assert not config.proxy_headers
    assert not config.server_header
    assert not config.access_log
    assert logging.getLogger("uvicorn.access").handlers == []


def test_lines_are_json_one_a_line(capfdbinary):
    before = structlog.get_config()
    try:
        lines_as_json()
        structlog.get_logger().info("request", method="POST", status=200, ms=1.5)
    finally:
        structlog.configure(**before)

    line = msgspec.json.decode(capfdbinary.readouterr().err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "status": 200,
        "ms": 1.5,
    }
