"""``rempart web run`` as a process, and what its assembly refuses."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from rempart.adapters.identity.assertions import new_key
from rempart.adapters.identity.certificates import issue_server, make_authority
from rempart.adapters.system import SystemClock
from rempart.bootstrap import web
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.drill.processes import free_port

title = "The web process"

ISSUER = "https://psc.example/auth/realms/esante-wallet"


def environ(home, **more):
    return {"REMPART_HOME": str(home), "REMPART_WEB_URL": "https://localhost:9", **more}


def settings(home, **more):
    return Settings.from_environ(environ(home, **more))


def with_psc(home, **more):
    psc = {"REMPART_PSC_ISSUER": ISSUER, "REMPART_PSC_CLIENT_ID": "c"}
    return settings(home, **psc, **more)


def test_pages_stand_at_the_root_of_their_host(tmp_path):
    assert web.origin(settings(tmp_path)) == "https://localhost:9"
    for refused in ("", "https://localhost:9/portal"):
        with pytest.raises(SetUpRefused):
            web.origin(settings(tmp_path, REMPART_WEB_URL=refused))


def test_without_pro_sante_connect_there_is_none(tmp_path):
    assert web.pro_sante(settings(tmp_path), web.http()) is None


def test_what_pro_sante_connect_knows_us_by_is_nobody_elses_to_read(tmp_path):
    asked = with_psc(tmp_path)
    with pytest.raises(SetUpRefused, match="cannot be read"):
        web.pro_sante(asked, web.http())
    asked.psc_secret_file.parent.mkdir()
    asked.psc_secret_file.write_text("the secret\n")
    asked.psc_secret_file.chmod(0o640)
    with pytest.raises(SetUpRefused, match="chmod 600") as refused:
        web.pro_sante(asked, web.http())
    assert "the secret" not in str(refused.value)
    asked.psc_secret_file.chmod(0o600)
    known = web.pro_sante(asked, web.http())
    assert known.provider.secret == "the secret"
    assert known.provider.redirect_uri == "https://localhost:9/return"
    assert "the secret" not in repr(known)
    asked.psc_client_key_file.write_text(json.dumps(new_key("k")))
    asked.psc_client_key_file.chmod(0o600)
    assert web.pro_sante(asked, web.http()).provider.key["kid"] == "k"


def answered(http, path, process):
    for _ in range(200):
        assert process.poll() is None
        try:
            return http.get(path)
        except httpx2.ConnectError:
            time.sleep(0.05)
    raise AssertionError("no answer")


def test_it_serves_pages_without_a_vault_says_so_and_stops_when_told(tmp_path):
    authority = make_authority("Rempart test", now=SystemClock().now())
    trusted, _ = authority.write(tmp_path, "authority")
    (tmp_path / "tls").mkdir()
    issue_server(authority, ["localhost"], now=SystemClock().now()).write(tmp_path / "tls", "web")
    port = free_port()
    given = environ(tmp_path, REMPART_WEB_PORT=str(port), REMPART_HELPDESK="+33 1 99 00 00 00")
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "rempart", "web", "run"],
        env={**os.environ, **given, "PYTHONPATH": str(Path("src").absolute())},
        stderr=subprocess.PIPE,
    ) as process:
        context = ssl.create_default_context(cafile=trusted)
        with httpx2.Client(base_url=f"https://localhost:{port}", verify=context) as http:
            health = answered(http, "/health", process)
            assert (health.status_code, health.json()["status"]) == (503, "down")
            page = http.get("/?code=ADH7741936")
            assert "+33 1 99 00 00 00" in page.text
            asked = http.post(
                "/people/who-am-i", json=[], headers={"Authorization": "DPoP AAAA", "DPoP": "x"}
            )
            assert asked.json()["outcome"] == "unavailable"
        process.send_signal(signal.SIGTERM)
        _, lines = process.communicate(timeout=20)
    assert process.returncode == 0
    told = [json.loads(line) for line in lines.decode().splitlines()]
    assert {line["route"] for line in told} == {"/health", "/", "/people/who-am-i"}
    assert b"ADH" not in lines
