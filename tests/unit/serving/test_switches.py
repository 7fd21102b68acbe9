"""What a door does about what is cut: it says so at once, passes nothing on, and never hangs."""

from __future__ import annotations

import time

import msgspec
import pytest
from starlette.testclient import TestClient

from rempart.api.application import gateway
from rempart.domain.cutoff_words import NARROW, TAKES_TWO, Channel, CutWhy, Scope
from rempart.domain.disclosure import Presence
from rempart.drill.software import eligibility_request
from rempart.serving.cut_offs import ENTRY_WITHIN
from rempart.serving.outcomes import OUTCOMES
from rempart.serving.status import NAMES, WHYS, status_of
from rempart.usecases.cut_off_messages import ListCutOffs
from rempart.usecases.messages import Ask, Refused, SignIn
from rempart.usecases.people_messages import FinishProSante, WhoAmI
from rempart.web.application import portal
from tests.scripted_door import BEARER, CARD, CARE_DATE, CERTIFICATE, NOW, FixedClock, ScriptedDoor
from tests.switches import API, PORTAL, Said, cut, row

FHIR = "/fhir/CoverageEligibilityRequest"
BEARING = {"Authorization": f"Bearer {BEARER}"}
SESSION = {"Authorization": f"DPoP {BEARER}", "DPoP": "a.b.c"}
FORM = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "a.b.c",
}
SECOND = 1_000_000
CLOSING = {
    "api": API,
    "rights": cut(Scope.RIGHTS),
    "platform": cut(Scope.PLATFORM),
    "the last of them": cut(Scope.PLATFORM, until=NOW + 1),
}
OPENING = {
    "portal": PORTAL,
    "insurer": cut(Scope.INSURER, 75001234),
    "presence": cut(Scope.PRESENCE, Presence.CARD),
    "later": cut(Scope.PLATFORM, since=NOW + 1),
    "over": cut(Scope.PLATFORM, until=NOW),
}


def at_gateway(said: Said, door: ScriptedDoor) -> TestClient:
    app = gateway(
        door, rows=said, instance="test", base_url="https://gateway.example", clock=FixedClock()
    )
    client = TestClient(app)
    client.app_state["certificate"] = CERTIFICATE
    return client


def question() -> dict:
    return eligibility_request(CARD, ["PHAR"], CARE_DATE, created="2026-11-23T09:00:00Z")


@pytest.mark.parametrize("closing", CLOSING.values(), ids=CLOSING)
def test_a_cut_gateway_passes_no_answer_on_and_leaves_the_entry(closing):
    """The door's vault would answer: a thief's, or one that has just been told otherwise."""
    door = ScriptedDoor()
    reply = at_gateway(Said(row(closing)), door).post(FHIR, json=question(), headers=BEARING)

    assert reply.status_code == 503
    (issue,) = reply.json()["issue"]
    assert issue["details"]["coding"][0]["code"] == "cut-off"
    assert OUTCOMES["cut-off"].do_en in issue["diagnostics"]
    assert issue["extension"] == [{"url": "urn:rempart:retry", "valueCode": "same-key"}]
    assert [type(asked) for asked in door.asked] == [Ask]


@pytest.mark.parametrize("opening", OPENING.values(), ids=OPENING)
def test_what_is_cut_elsewhere_or_at_other_times_lets_through(opening):
    """Of an insurer, or a presence, the vault alone knows whether it is asked."""
    reply = at_gateway(Said(row(opening)), ScriptedDoor()).post(
        FHIR, json=question(), headers=BEARING
    )
    assert reply.status_code == 200


def test_retry_after_is_said_where_the_end_is_known():
    until = cut(Scope.RIGHTS, until=NOW + 90 * SECOND)
    reply = at_gateway(Said(row(until)), ScriptedDoor()).post(
        FHIR, json=question(), headers=BEARING
    )
    assert reply.headers["retry-after"] == "90"
    reply = at_gateway(Said(row(until, API)), ScriptedDoor()).post(
        FHIR, json=question(), headers=BEARING
    )
    assert "retry-after" not in reply.headers


def test_what_the_vault_says_of_a_cut_is_told_with_its_end():
    door = ScriptedDoor(answer=lambda ask: Refused("cut-off", after=42))
    reply = at_gateway(Said(), door).post(FHIR, json=question(), headers=BEARING)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "42")


def test_an_unreadable_row_closes_and_asks_the_vault_nothing():
    """The vault knows of no cut, and would count an answer that nobody reads."""
    door = ScriptedDoor()
    client = at_gateway(Said(None), door)
    reply = client.post(FHIR, json=question(), headers=BEARING)
    assert reply.json()["issue"][0]["details"]["coding"][0]["code"] == "unavailable"
    assert client.post("/token", data=FORM).json()["error"] == "temporarily_unavailable"
    assert door.asked == []


def test_a_cut_gateway_does_not_wait_for_a_vault_that_hangs():
    door = ScriptedDoor(delay=30)
    client = at_gateway(Said(row(API)), door)
    for ask in (
        lambda: client.post(FHIR, json=question(), headers=BEARING),
        lambda: client.post("/token", data=FORM),
    ):
        began = time.monotonic()
        reply = ask()
        assert time.monotonic() - began < ENTRY_WITHIN + 0.4
        assert reply.status_code == 503


@pytest.mark.parametrize("closing", [API, cut(Scope.PLATFORM, until=NOW + 7 * SECOND)])
def test_signing_in_under_a_cut_gets_a_clear_answer(closing):
    door = ScriptedDoor()
    reply = at_gateway(Said(row(closing)), door).post("/token", data=FORM)
    assert (reply.status_code, reply.json()["error"]) == (503, "temporarily_unavailable")
    assert OUTCOMES["cut-off"].en in reply.json()["error_description"]
    assert reply.headers.get("retry-after") == ("7" if closing.until else None)
    assert [type(asked) for asked in door.asked] == [SignIn]


def test_rights_alone_being_cut_software_still_signs_in():
    client = at_gateway(Said(row(cut(Scope.RIGHTS))), ScriptedDoor())
    assert client.post("/token", data=FORM).status_code == 200


# The portal


def at_portal(said: Said, door: ScriptedDoor) -> TestClient:
    app = portal(
        door,
        rows=said,
        clock=FixedClock(),
        instance="demo",
        web_url="https://p.example",
        verifier="https://verify.example/card",
    )
    return TestClient(app, base_url="https://p.example", follow_redirects=False)


def asked_of(client: TestClient, kind: str, *said: object) -> dict:
    reply = client.post(f"/people/{kind}", json=list(said), headers=SESSION)
    return {"status": reply.status_code, **reply.json()}


ASK = ("k-1", "PHAR", "2026-11-23", ["card", "RP1:X"])


@pytest.mark.parametrize("closing", [PORTAL, cut(Scope.PLATFORM)], ids=["portal", "platform"])
def test_a_cut_portal_shows_the_way_to_the_verifier_and_leaves_staffs_pages(closing):
    client = at_portal(Said(row(closing)), ScriptedDoor())
    for path in ("/", "/home", "/delegates", "/return"):
        reply = client.get(path)
        assert reply.status_code == 503, path
        assert 'href="https://verify.example/card"' in reply.text
        assert "/status" in reply.text
        assert "<script" not in reply.text
    for path in ("/staff", "/console", "/account", "/enrol", "/status"):
        assert client.get(path).status_code == 200, path


def test_a_portal_that_knows_nothing_is_closed_and_says_that():
    client = at_portal(Said(None), ScriptedDoor())
    assert client.get("/").status_code == 503
    assert OUTCOMES["unavailable"].fr in client.get("/").text.replace("&#39;", "'")
    assert asked_of(client, "ask", *ASK)["outcome"] == "unavailable"


@pytest.mark.parametrize("closing", [PORTAL, cut(Scope.PLATFORM), cut(Scope.RIGHTS)])
def test_a_cut_portal_passes_no_answer_on(closing):
    door = ScriptedDoor()
    said = asked_of(at_portal(Said(row(closing)), door), "ask", *ASK)
    assert (said["status"], said["outcome"]) == (503, "cut-off")
    assert [type(asked) for asked in door.asked] == [Ask]


def test_a_cut_portal_lets_the_vault_say_who_is_staff():
    door = ScriptedDoor()
    client = at_portal(Said(row(PORTAL)), door)
    assert asked_of(client, "list-cut-offs")["kind"] == "done"
    assert asked_of(client, "who-am-i")["kind"] == "done"
    assert [type(asked) for asked in door.asked] == [ListCutOffs, WhoAmI]
    assert FinishProSante not in map(type, door.asked)


def test_a_cut_portal_does_not_wait_for_a_vault_that_hangs():
    client = at_portal(Said(row(PORTAL)), ScriptedDoor(delay=30))
    began = time.monotonic()
    said = asked_of(client, "who-am-i")
    assert (said["status"], said["outcome"]) == (503, "cut-off")
    assert time.monotonic() - began < ENTRY_WITHIN + 0.4


def test_an_api_that_is_cut_leaves_the_portal():
    client = at_portal(Said(row(API)), ScriptedDoor())
    assert client.get("/").status_code == 200


def test_nobody_is_sent_to_pro_sante_connect_to_come_back_for_nothing():
    door = ScriptedDoor()
    app = portal(
        door,
        rows=Said(row(PORTAL)),
        clock=FixedClock(),
        instance="demo",
        web_url="https://p.example",
        pro_sante=object(),  # type: ignore[arg-type]
    )
    reply = TestClient(app).post("/pro-sante/begin", json=["k" * 43, False])
    assert (reply.status_code, reply.json()["outcome"]) == (503, "cut-off")
    assert door.asked == []


# The public status


def test_the_status_says_what_is_cut_since_when_until_when_and_what_works():
    said = Said(row(cut(Scope.INSURER, 75001234, since=NOW - SECOND, until=NOW + SECOND), PORTAL))
    told = at_portal(said, ScriptedDoor()).get("/status.json").json()
    assert told == at_gateway(said, ScriptedDoor()).get("/status").json()
    assert (told["card"], told["portal"], told["software"]) == ("up", "cut", "up")
    insurer, channel = told["cut_offs"]
    assert (insurer["en"], insurer["since"], insurer["until"]) == (
        "Insurer 75001234",
        "2026-11-23T08:59:59Z",
        "2026-11-23T09:00:01Z",
    )
    assert (channel["fr"], channel["until"]) == ("Le portail", "")
    page = at_portal(said, ScriptedDoor()).get("/status").text
    assert "75001234" in page
    assert "2026-11-23 09:00:01 UTC" in page


def test_a_status_that_nobody_knows_says_so_and_the_card_stands():
    told = msgspec.to_builtins(status_of(None, NOW))
    assert told == {
        "card": "up",
        "portal": "unknown",
        "software": "unknown",
        "claims": "unknown",
        "agreements": "unknown",
        "cut_offs": [],
    }


BILLING = cut(Scope.CHANNEL, Channel.BILLING)
AGREEMENT = cut(Scope.CHANNEL, Channel.AGREEMENT)


@pytest.mark.parametrize(
    ("said", "intake", "claims", "agreements"),
    [
        (row(), True, "up", "up"),
        (row(), False, "down", "down"),
        (row(), None, "unknown", "unknown"),
        (row(PORTAL, API), True, "up", "up"),
        (row(BILLING), True, "cut", "up"),
        (row(AGREEMENT), True, "up", "cut"),
        (row(BILLING), False, "cut", "down"),
        (row(cut(Scope.PLATFORM)), True, "cut", "cut"),
        (row(cut(Scope.RIGHTS)), True, "up", "provisional"),
        (row(cut(Scope.RIGHTS), AGREEMENT), True, "up", "cut"),
        (None, True, "up", "provisional"),
        (None, False, "down", "down"),
        (row(cut(Scope.RIGHTS, until=NOW), cut(Scope.PLATFORM, since=NOW + 1)), True, "up", "up"),
    ],
)
def test_the_status_says_what_becomes_of_claims_and_agreements(said, intake, claims, agreements):
    """Where the vault's word is missing the intake takes claims in, as its own door does."""
    told = status_of(said, NOW, intake=intake)
    assert (told.claims, told.agreements) == (claims, agreements)


def test_the_status_of_a_silent_vault_tells_what_stays_cut():
    """What the last row cut, the intake refuses: the page does not say that it is in service."""
    said = Said(None, before=row(cut(Scope.PLATFORM)))
    told = at_gateway(said, ScriptedDoor()).get("/status").json()
    assert (told["portal"], told["software"]) == ("unknown", "unknown")
    assert (told["claims"], told["agreements"]) == ("cut", "cut")
    assert [each["what"] for each in told["cut_offs"]] == ["platform"]
    told = status_of(None, NOW, last=row(BILLING), intake=True)
    assert (told.claims, told.agreements) == ("cut", "provisional")


def test_both_doors_ask_whether_the_intake_answers():
    class Down:
        async def answers(self) -> bool:
            return False

    said = Said(row())
    web = portal(
        ScriptedDoor(),
        rows=said,
        clock=FixedClock(),
        intake=Down(),
        instance="demo",
        web_url="https://p.example",
    )
    fhir = gateway(
        ScriptedDoor(),
        rows=said,
        intake=Down(),
        instance="test",
        base_url="https://gateway.example",
        clock=FixedClock(),
    )
    page = TestClient(web, base_url="https://p.example").get("/status").text
    assert page.count("ne répond pas") == 2
    assert "renvoyez-les telles quelles" in page
    for app, path in ((web, "/status.json"), (fhir, "/status")):
        told = TestClient(app, base_url="https://p.example").get(path).json()
        assert (told["portal"], told["claims"], told["agreements"]) == ("up", "down", "down")


@pytest.mark.parametrize("scope", set(Scope) - NARROW)
def test_everything_that_a_row_may_say_has_its_words(scope):
    numbers = {key[1] for key in NAMES if key[0] is scope} or {75001234}
    for number in numbers:
        (told,) = status_of(row(cut(scope, number)), NOW).cut_offs
        assert told.fr
        assert told.en
    assert scope is Scope.INSURER or numbers
    assert all(0 in numbers for each in TAKES_TWO if each is scope)


def test_every_reason_has_its_words():
    assert set(WHYS) == set(CutWhy)
    named = {(s, int(n)) for s, n in NAMES}
    assert {(Scope.PRESENCE, int(p)) for p in Presence if p} <= named
