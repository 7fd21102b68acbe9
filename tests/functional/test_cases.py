"""A sandbox for vendors: its name in every answer, and each situation as the how-to lists it."""

import re
import ssl
from dataclasses import replace
from pathlib import Path

import httpx2
import psycopg
import pytest

from rempart.domain.errors import SetUpRefused
from rempart.drill.cases import CASES, outcome_of, someone
from rempart.serving.outcomes import OUTCOMES

title = "Test patients"

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "sandbox.md"


def test_every_answer_says_which_instance_it_is_of(stage):
    tls = ssl.create_default_context(cafile=stage.settings.tls / "authority.pem")
    with httpx2.Client(base_url=stage.settings.base_url, verify=tls) as client:
        for path in ("/fhir/metadata", "/openapi.json", "/nowhere"):
            assert client.get(path).headers["X-Rempart-Instance"] == "sandbox"
        assert "sandbox" in client.get("/fhir/metadata").json()["implementation"]["description"]


def test_every_situation_ends_as_it_says(stage):
    ran = stage.run("ask", "--case", "all")
    assert ran.code == 0, ran.said
    seen = dict(re.findall(r"^(\S+) +(\S+) : ", ran.said, re.MULTILINE))
    assert len(ran.said.splitlines()) == len(CASES)
    assert set(seen) == {case.expects for case in CASES.values()} <= set(OUTCOMES)


@pytest.mark.parametrize("name", ["open", "read-the-card"])
def test_one_situation_is_played_by_its_name(stage, name):
    ran = stage.run("ask", "--case", name)
    assert (ran.code == 0) is (name in CASES)


def test_a_retry_has_the_reference_of_the_first(stage):
    """What the situation called retry shows is that nothing was counted twice."""
    case = CASES["retry"]
    first, second = case.questions(stage.people)
    assert (first.key, first.shown) == (second.key, second.shown)
    with stage.software(case.site) as software:
        told = [
            software.ask(asked.shown, [asked.domain], stage.today, key=asked.key)
            for asked in (first, second)
        ]
        assert outcome_of(case, software, stage.people, stage.today, str) == case.expects
    assert told[0] == told[1]


def test_a_situation_that_does_not_end_as_it_should_is_told(stage, monkeypatch):
    monkeypatch.setitem(CASES, "open", replace(CASES["closed"], name="open", expects="rights-open"))
    ran = stage.run("ask", "--case", "open")
    assert ran.code == 1
    assert "rights-closed" in ran.said


def test_an_empty_waiting_room_says_so():
    with pytest.raises(SetUpRefused, match="nobody"):
        someone([], opens="PHAR")


def test_the_how_to_lists_every_situation_and_no_other():
    listed = re.findall(r"^\| `\./rempart ask --case (\S+)` \| `(\S+)` \|", PAGE.read_text(), re.M)
    assert dict(listed) == {case.name: case.expects for case in CASES.values()}
    assert len(listed) == len(CASES)


PRODUCTION = {
    "REMPART_INSTANCE": "production",
    "REMPART_BASE_URL": "https://tp.example",
    "REMPART_LOG_ORIGIN": "tp.example/registre",
}


def test_a_demo_is_no_production(stage, tmp_path):
    home = tmp_path / "home"
    ran = stage.run(
        *("demo", "--once"),
        REMPART_HOME=str(home),
        **PRODUCTION,
    )
    assert (ran.code, "no production" in ran.said) == (2, True)
    assert not Path(home).exists()


def test_production_takes_no_site_in_by_the_back_door(stage):
    """A new site, or one that says that it is of another kind, takes a contract and a look-up."""
    site, kind, _ = stage.run("site", "list").said.split("\t")[:3]
    other = "dentist" if kind != "dentist" else "pharmacy"
    for name, as_kind in (("STRUCT:BACKDOOR", kind), (site, other)):
        refused = stage.run("site", "register", name, "--kind", as_kind, **PRODUCTION)
        assert (refused.code, "site join" in refused.said) == (2, True)
    joins = ("site", "join", "STRUCT:BACKDOOR", "--kind", kind, "--contract", "C-1")
    refused = stage.run(*joins, **PRODUCTION)
    assert (refused.code, "never taken in" in refused.said) == (2, True)
    assert "BACKDOOR" not in stage.run("site", "list").said


def test_a_sandbox_takes_no_key_of_production_and_the_other_way_round(stage, tmp_path):
    """By the command line, on one registry: registered or not, as the settings say."""
    (tmp_path / "jwks.json").write_text(
        '{"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": "x", "y": "y"}]}'
    )
    words = (
        *("software", "register", "vendor-1", "--site", stage.run("site", "list").said.split()[0]),
        *("--jwks", tmp_path / "jwks.json", "--certificate", stage.certificate(tmp_path)),
    )
    assert stage.run(*words).code == 2
    assert stage.run(*words, "--sandbox", **PRODUCTION).code == 2
    unstated = stage.run(*words, **PRODUCTION)
    assert (unstated.code, "--statement" in unstated.said) == (2, True)
    registered = "SELECT sandbox FROM registry.software WHERE client_id = 'vendor-1'"
    with psycopg.connect(stage.admin, autocommit=True) as admin:
        assert admin.execute(registered).fetchall() == []
        assert stage.run(*words, "--sandbox").code == 0
        assert admin.execute(registered).fetchall() == [(True,)]
        assert stage.run("software", "revoke", "vendor-1").code == 0
