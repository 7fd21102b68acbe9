"""An officer at three in the morning: what they type, what they read, what it does to a site."""

from __future__ import annotations

import re
import time

import psycopg
import pytest

from rempart.adapters.vaultdoor.client import Door
from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType, decode, decode_codes, question_detail
from rempart.domain.errors import SignInRefused
from rempart.domain.site import SiteKind
from rempart.drill.cases import patient_card, someone
from rempart.drill.software import PracticeSoftware, QuestionRefused
from rempart.usecases.messages import Accounts, Standings

title = "When an account is contained"

NADIA = ("--as", "nadia")


def run(stage, *words):
    done = stage.run("account", *words, COLUMNS="120")
    assert done.code == 0, done.said
    return done.said


def refused(stage, *words):
    done = stage.run("account", *words)
    assert done.code == 2, done.said
    return done.said


@pytest.fixture
def midwife(stage):
    with stage.software(SiteKind.MIDWIFE) as software:
        yield software


def asked(stage, software: PracticeSoftware, *, typed: bool) -> str:
    """What the site reads: in force or not, or the code of a refusal."""
    person = someone(stage.people, opens="SAGE")
    shown = patient_card(person, typed=typed)
    try:
        (told,) = software.ask(shown, ["SAGE"], stage.today)
    except QuestionRefused as refusal:
        return refusal.code
    except SignInRefused as refusal:
        return str(refusal)
    return told.refused or "answered"


def moves(stage, officer: str) -> list[tuple[int, int, str]]:
    with psycopg.connect(stage.admin) as admin:
        rows = admin.execute("SELECT body, detail FROM ledger.entry ORDER BY idx").fetchall()
    codes = [decode_codes(d) for b, d in rows if decode(b).type is EntryType.CONTAINMENT]
    return [(c["from"], c["to"], c["by"]) for c in codes if c["by"] == officer]


def test_an_account_is_narrowed_frozen_and_loosened_step_by_step(stage, midwife):
    assert asked(stage, midwife, typed=True) == "answered"

    said = run(stage, "narrow", "demo-midwife", "--why", "alert", "--as", "nadia-1")
    assert "normal → restreint" in said
    assert "rempart account loosen demo-midwife --why reviewed --as nadia-1" in said
    # Somebody whom this site has not seen by card: what is typed does not open.
    assert asked(stage, midwife, typed=True) == "narrowed"
    assert asked(stage, midwife, typed=False) == "answered"
    # Proven by card a moment ago: known.
    assert asked(stage, midwife, typed=True) == "answered"

    said = run(stage, "freeze", "demo-midwife", "--why", "reported", "--as", "nadia-1")
    assert "restreint → arrêté" in said
    assert "30 minutes" in said
    assert asked(stage, midwife, typed=False) == "sign-in refused (unauthorized_client)"

    for expected in ("arrêté → restreint", "restreint → surveillé", "surveillé → normal"):
        said = run(stage, "loosen", "demo-midwife", "--why", "reviewed", "--as", "nadia-1")
        assert expected in said
    assert asked(stage, midwife, typed=False) == "answered"
    assert "nothing is held" in refused(
        stage, "loosen", "demo-midwife", "--why", "reviewed", *NADIA
    )
    assert moves(stage, "nadia-1") == [
        (0, 2, "nadia-1"),
        (2, 3, "nadia-1"),
        (3, 2, "nadia-1"),
        (2, 1, "nadia-1"),
        (1, 0, "nadia-1"),
    ]


def test_the_vault_knows_a_network_and_a_device_apart_from_another_and_no_address(stage, midwife):
    asked(stage, midwife, typed=False)
    with psycopg.connect(stage.admin) as admin:
        rows = admin.execute("SELECT body, detail FROM ledger.entry ORDER BY idx").fetchall()
    details = [question_detail(d) for b, d in rows if decode(b).type is EntryType.QUESTION]
    assert details
    assert all(each.network and each.device and each.site for each in details[-1:])
    assert b"127.0.0" not in b"".join(detail for _, detail in rows if detail)


FRANCE = """\
2|ripencc|1764201599|1|19830705|20261126|+0100
ripencc|FR|ipv4|127.0.0.0|16777216|20100712|allocated|of this test
"""


def test_the_country_of_a_network_is_told_from_a_file_that_comes_while_the_vault_runs(
    stage, midwife
):
    def countries() -> list[int]:
        with psycopg.connect(stage.admin) as admin:
            rows = admin.execute("SELECT body, detail FROM ledger.entry ORDER BY idx").fetchall()
        questions = [d for b, d in rows if decode(b).type is EntryType.QUESTION]
        return [question_detail(detail).country for detail in questions]

    assert asked(stage, midwife, typed=False) == "answered"
    assert countries()[-1] == 0
    stage.countries.write_text(FRANCE)
    end = time.monotonic() + 20
    while not countries()[-1] and time.monotonic() < end:
        time.sleep(0.3)
        assert asked(stage, midwife, typed=False) == "answered"
    said = b"".join(path.read_bytes() for path in (stage.home / "logs").iterdir())
    assert countries()[-1] not in {0, int.from_bytes(b"FR", "big")}
    assert not re.search(rb"127\.0\.0\.0|\bFR\b", said)
    stage.countries.unlink()


def test_a_closed_account_is_never_opened_again(stage):
    unsure = stage.run("account", "close", "demo-devices", "--why", "left", *NADIA)
    assert unsure.code == 1
    said = run(stage, "close", "demo-devices", "--why", "left", "--yes", *NADIA)
    assert "normal → clos" in said
    assert "never opened again" in refused(
        stage, "loosen", "demo-devices", "--why", "reviewed", *NADIA
    )
    said = refused(stage, "freeze", "demo-devices", "--why", "reported", *NADIA)
    assert "forbidden-transition" in said
    assert "nothing has moved" in said
    listed = run(stage, "list")
    assert re.search(r"demo-devices +clos · closed", listed)


def test_the_list_shows_the_contained_first_and_everybody_in_the_end(stage):
    run(stage, "watch", "demo-transport", "--why", "alert", *NADIA)
    said = run(stage, "list", "--all")
    accounts = re.findall(r"^(demo-[\w-]+)", said, re.MULTILINE)
    assert len(accounts) == len(SiteKind)
    stages = re.findall(
        r"^demo-[^\n]*?· (normal|watched|narrowed|frozen|closed)\b", said, re.MULTILINE
    )
    levels = [Stage[stage.upper()] for stage in stages]
    assert len(levels) == len(accounts)
    assert levels == sorted(levels, reverse=True)
    assert Stage.WATCHED in levels
    assert "┃" in said
    run(stage, "loosen", "demo-transport", "--why", "reviewed", *NADIA)


@pytest.mark.parametrize(
    "words",
    [
        ("freeze", "demo-nobody", "--why", "reported", "--as", "nadia"),
        ("freeze", "demo-dentist", "--why", "reported", "--as", "nadia, at night"),
        ("freeze", "demo-dentist", "--why", "reported", "--as", ""),
        ("freeze", "demo-dentist", "--why", "canary", "--as", "nadia"),
        ("freeze", "demo-dentist", "--why", "because I say so", "--as", "nadia"),
    ],
)
def test_what_is_no_decision_moves_nothing(stage, words):
    refused(stage, *words)
    with Door(stage.settings.vault_socket) as door:
        found = door.ask(Standings(client_id="demo-dentist"))
    assert isinstance(found, Accounts)
    assert [row.stage for row in found.accounts] == ["NORMAL"]


ALLOW = ("--since", "2026-11-26", "--until", "2026-11-28", "--reason", "vaccination", *NADIA)


def test_an_exception_is_dated_and_written(stage):
    hearing = stage.stage.credentials(SiteKind.OPTICIAN)
    said = run(
        stage, "allow", "--over", "account", "--who", hearing.client_id, "--factor", "3", *ALLOW
    )
    assert "plafonds × 3" in said
    with psycopg.connect(stage.admin) as admin:
        rows = admin.execute("SELECT body, detail FROM ledger.entry ORDER BY idx").fetchall()
    codes = [decode_codes(d) for b, d in rows if decode(b).type is EntryType.DECISION]
    (allowed,) = [each for each in codes if "allow" in each]
    assert (allowed["allow"], allowed["factor"], allowed["by"]) == (3, 3, "nadia")


@pytest.mark.parametrize(
    "words",
    [
        ("--over", "site", "--who", "STRUCT:NOWHERE", "--factor", "3", *ALLOW),
        ("--over", "account", "--who", "nobody", "--factor", "3", *ALLOW),
        ("--over", "kind", "--who", "wizard", "--factor", "3", *ALLOW),
        ("--over", "everybody", "--factor", "21", *ALLOW),
        ("--over", "everybody", "--factor", "0", *ALLOW),
        ("--over", "everybody", "--factor", "2", *ALLOW, "--until", "2026-11-26"),
        ("--over", "everybody", "--factor", "2", *ALLOW, "--until", "2027-11-26"),
    ],
)
def test_what_is_no_exception_is_refused(stage, words):
    refused(stage, "allow", *words)


def test_without_a_vault_it_says_what_to_look_at(stage, tmp_path):
    done = stage.run("account", "list", REMPART_HOME=str(tmp_path))
    assert done.code == 2
    assert "does the vault run here, and are you its own user?" in done.said
