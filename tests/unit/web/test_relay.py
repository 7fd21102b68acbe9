"""The relay: what a page signed goes to the vault as it is, and nothing else does."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field

import httpx2
import msgspec
import pytest
from structlog.testing import capture_logs

from rempart.domain.errors import SignInRefused, TemporarilyUnavailable
from rempart.serving.outcomes import OUTCOMES
from rempart.usecases import people_messages as people
from rempart.usecases import people_replies
from rempart.usecases.cut_off_messages import ClearCutOff, ListCutOffs, SetCutOff
from rempart.usecases.identity_ports import SignInTokens
from rempart.usecases.incident_messages import ListIncidents
from rempart.usecases.messages import (
    Allow,
    Answered,
    Ask,
    CardShown,
    Contain,
    Done,
    Refused,
    ReloadKeys,
    Sealed,
    SignIn,
    Standings,
    Status,
    Typed,
)
from rempart.usecases.request_proofs import content_digest
from rempart.web import relay
from rempart.web.application import portal
from rempart.web.pro_sante import COOKIE
from rempart.web.relay import KINDS, message_of, said_in, tag_of
from rempart.web.safety import HEADERS
from rempart.web.words import IN_FRONT_OF_A_PAGE
from tests.scripted_door import FixedClock
from tests.switches import OPEN

TOKEN = bytes(range(32))
HANDLE = base64.urlsafe_b64encode(TOKEN).rstrip(b"=").decode()
SESSION = {"Authorization": f"DPoP {HANDLE}", "DPoP": "a.b.c"}
PATIENT = ["75001234", "ADH7741936", "17/04/1963", "3", "7K3M9QXT"]
CODE = "RP1:6BFOXN%TSMAHN-H*SENTINEL"


@dataclass
class Door:
    reply: object = field(default_factory=Done)
    asked: list = field(default_factory=list)

    async def ask(self, request):
        self.asked.append(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@dataclass
class ProSante:
    """Pro Santé Connect with a script."""

    fault: Exception | None = None
    names: dict | Exception = field(default_factory=dict)
    asked: list = field(default_factory=list)

    async def authorization_url(self, **wanted):
        self.asked.append(wanted)
        self._fail()
        return "https://psc.example/auth?state=" + wanted["state"]

    def code_in(self, returned, *, state):
        self._fail()
        if returned.get("state") != state:
            raise SignInRefused("sign-in refused")
        return returned["code"]

    async def exchange(self, code, *, verifier):
        self.asked.append((code, verifier))
        claims = base64.urlsafe_b64encode(b'{"sub": "s"}').rstrip(b"=").decode()
        return SignInTokens(
            access_token="at", refresh_token="", id_token=f"h.{claims}.s", expires_in=60
        )

    async def user_info(self, access_token, *, subject):
        assert (access_token, subject) == ("at", "s")
        if isinstance(self.names, Exception):
            raise self.names
        return self.names

    def _fail(self):
        if self.fault is not None:
            raise self.fault


def sent(door, path, body=b"[]", *, headers=(), pro_sante=None, method="POST", **more):
    """One request to a portal, and its response."""
    app = portal(
        door,
        rows=OPEN,
        clock=FixedClock(),
        instance="demo",
        web_url="https://p.example",
        pro_sante=pro_sante,
    )

    async def go():
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://p.example") as http:
            given = {"Content-Type": "application/json", **dict(headers)}
            return await http.request(method, path, content=body, headers=given, **more)

    return asyncio.run(go())


def as_json(value):
    return msgspec.json.encode(value)


# What goes to the vault


def test_every_kind_of_request_of_people_has_its_address():
    asked = {kind for union in (people.Before, people.InSession) for kind in union.__args__}
    relayed = set(KINDS)
    assert asked - relayed == {people.BeginProSante}
    assert relayed - asked == {
        Ask,
        Contain,
        Allow,
        Standings,
        SetCutOff,
        ClearCutOff,
        ListCutOffs,
        ListIncidents,
        *[k for k in KINDS if tag_of(k) == "sign-out"],
    }
    assert not relayed & {SignIn, Status, ReloadKeys}


@pytest.mark.parametrize("kind", KINDS, ids=tag_of)
def test_what_is_relayed_is_what_was_signed(kind):
    example = {str: "x", int: 7, bool: True, tuple[str, ...]: ["x"]}
    hints = msgspec.structs.fields(kind)
    said = [
        ["card", CODE] if each.name == "shown" else example[each.type]
        for each in hints
        if each.name in said_in(kind)
    ]
    door = Door()
    response = sent(door, f"/people/{tag_of(kind)}", as_json(said), headers=SESSION)
    assert response.json() == {"kind": "done"}
    (message,) = door.asked
    assert type(message) is kind
    assert getattr(message, "token", TOKEN) == TOKEN
    assert getattr(message, "proof", "a.b.c") == "a.b.c"
    assert content_digest(message) == hashlib.sha256(as_json(said)).digest()


@pytest.mark.parametrize("kind", [k for k in KINDS if "token" in k.__struct_fields__], ids=tag_of)
@pytest.mark.parametrize(
    ("authorization", "outcome"),
    [
        ({}, "no-token"),
        ({"Authorization": ""}, "not-signed-in"),
        ({"Authorization": "DPoP "}, "not-signed-in"),
        ({"Authorization": "DPoP A"}, "not-signed-in"),
        ({"Authorization": f"Bearer {HANDLE}"}, "not-signed-in"),
        ({"Authorization": f"DPoP {'A' * 200}"}, "not-signed-in"),
        ({"Authorization": f"DPoP {HANDLE} x"}, "not-signed-in"),
    ],
)
def test_nothing_in_a_session_reaches_the_vault_without_a_handle(kind, authorization, outcome):
    """Without one, the vault could take us for its own user's hand."""
    door = Door()
    response = sent(door, f"/people/{tag_of(kind)}", headers=authorization)
    assert (response.status_code, response.json()["outcome"]) == (401, outcome)
    assert response.headers["www-authenticate"].startswith("DPoP ")
    assert door.asked == []


@pytest.mark.parametrize(
    ("body", "outcome", "status"),
    [
        (b"", "unreadable", 400),
        (b"[", "unreadable", 400),
        (b"\xff\xfe", "unreadable", 400),
        (b'["\\ud800", "PHAR", "2026-11-24", ["card", "x"]]', None, None),
        (b"{}", "malformed", 422),
        (b"[]", "malformed", 422),
        (as_json(["k", "PHAR", "2026-11-24", ["card", CODE], "more"]), "malformed", 422),
        (as_json(["k", "PHAR", "2026-11-24", ["other", CODE]]), "malformed", 422),
        (as_json(["k", "PHAR", "2026-11-24", CODE]), "malformed", 422),
        (as_json(["k", "PHAR", 20261124, ["card", CODE]]), "malformed", 422),
        (as_json(["k", "PHAR", "2026-11-24", ["typed", *PATIENT, "more"]]), "malformed", 422),
        (b"x" * 13_000, "too-long", 413),
    ],
)
def test_a_body_that_was_not_signed_as_it_should_goes_nowhere(body, outcome, status):
    door = Door()
    response = sent(door, "/people/ask", body, headers=SESSION)
    if outcome is None:
        assert response.status_code in {400, 422}
    else:
        assert (response.status_code, response.json()["outcome"]) == (status, outcome)
    assert door.asked == []
    for typed in (CODE, *PATIENT[1:]):
        assert typed not in response.text


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "text/plain"}, {"Content-Type": ""}, {"DPoP": "x" * 3000}]
)
def test_other_forms_are_declined(headers):
    door = Door()
    response = sent(door, "/people/who-am-i", headers={**SESSION, **headers})
    assert response.status_code in {415, 422}
    assert door.asked == []


def test_a_question_carries_the_network_it_came_from_and_nothing_else():
    door = Door()
    sent(
        door,
        "/people/ask",
        as_json(["k", "PHAR", "2026-11-24", ["typed", *PATIENT]]),
        headers=SESSION,
    )
    (ask,) = door.asked
    assert ask.shown == Typed(*PATIENT)
    assert ask.network == "127.0.0.0/24"
    assert ask.certificate == b""


@pytest.mark.parametrize("number", [2**53 + 1, -(2**63) - 1, 10**30])
def test_a_number_that_no_frame_holds_is_declined(number):
    door = Door()
    response = sent(door, "/people/standings", as_json([number, ""]), headers=SESSION)
    assert (response.status_code, door.asked) == (422, [])


def test_presence_may_be_sealed():
    message = message_of(
        Ask,
        ["k", "PHAR", "d", ["sealed", "YWJj"]],
        {"token": b"t", "proof": "", "certificate": b"", "network": ""},
    )
    assert message.shown == Sealed(b"abc")


# What comes back


def test_an_answer_is_in_words_and_holds_nothing_that_was_typed():
    door = Door(
        Answered(reference=41, in_force=True, until="2027-12-31", mode="100", repeated=False)
    )
    response = sent(
        door, "/people/ask", as_json(["k", "PHAR", "2026-11-24", ["card", CODE]]), headers=SESSION
    )
    told = response.json()
    assert told["reference"] == "D41"
    assert (told["outcome"], told["fr"]) == ("rights-open", OUTCOMES["rights-open"].fr)
    assert set(told) == {
        "kind", "reference", "in_force", "until", "mode", "repeated",
        "outcome", "fr", "do_fr", "en", "do_en",
    }  # fmt: skip
    closed = Door(Answered(reference=4, in_force=False, until="", mode="", repeated=False))
    assert (
        sent(
            closed, "/people/ask", as_json(["k", "P", "d", ["card", CODE]]), headers=SESSION
        ).json()["outcome"]
        == "rights-closed"
    )


@pytest.mark.parametrize(
    "code", ["narrowed", "frozen", "not-fresh", "not-signed-in", "over-budget"]
)
def test_a_refusal_says_what_to_do_in_front_of_a_page(code):
    row = OUTCOMES[code]
    response = sent(Door(Refused(code)), "/people/who-am-i", headers=SESSION)
    told = response.json()
    assert response.status_code == row.status
    expected = IN_FRONT_OF_A_PAGE.get(code, (row.do_fr, row.do_en))
    assert (told["do_fr"], told["do_en"]) == expected
    assert "certificat" not in told["do_fr"]


def test_a_reply_is_told_by_names_and_a_handle_in_base64url():
    entered = people_replies.Entered(TOKEN, 60, login="p-1", role="professional", site="S")
    told = sent(
        Door(entered), "/people/finish-passkey", as_json(["f", "{}", ""]), headers={"DPoP": "x"}
    )
    assert told.json() == {
        "kind": "entered", "token": HANDLE, "expires_in": 60, "login": "p-1",
        "role": "professional", "site": "S",
    }  # fmt: skip
    session = people_replies.SessionShown("r", 1, 2, device="", means="passkey", this=True)
    sessions = people_replies.SessionsShown((session,))
    told = sent(Door(sessions), "/people/list-sessions", headers=SESSION)
    assert told.json()["sessions"] == [
        {
            "kind": "session",
            "ref": "r",
            "since": 1,
            "seen": 2,
            "device": "",
            "means": "passkey",
            "this": True,
        }
    ]


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (TemporarilyUnavailable("the database at 10.0.0.7"), "unavailable", 503),
        (ValueError("ADH7741936"), "internal", 500),
    ],
)
def test_an_error_says_its_row_and_no_more(error, outcome, status):
    with capture_logs() as lines:
        response = sent(Door(error), "/people/who-am-i", headers=SESSION)
    assert (response.status_code, response.json()["outcome"]) == (status, outcome)
    assert not re_found(["10.0.0.7", "ADH7741936"], response.text + str(lines))


def re_found(texts, where):
    return [text for text in texts if text in where]


def test_a_line_says_the_route_and_nothing_of_who_or_what():
    with capture_logs() as lines:
        sent(
            Door(),
            "/people/ask?member=ADH7741936",
            as_json(["k", "P", "d", ["card", CODE]]),
            headers=SESSION,
        )
        sent(Door(), "/return?code=secret&state=x", method="GET", body=b"")
        sent(Door(), "/nowhere/ADH7741936", method="GET", body=b"")
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["route"] for line in requests] == ["/people/ask", "/return", "none"]
    assert all(
        set(line) == {"event", "log_level", "method", "route", "status", "ms"} for line in requests
    )
    assert not re_found(["ADH", "secret", HANDLE, "127.0.0.1"], str(lines))


# To Pro Santé Connect and back


BEGUN = people_replies.ProSanteBegun(
    flow="flow-1", state="state-1", nonce="nonce-1", max_age=0, expires_in=600
)


def test_a_sign_in_goes_away_with_a_cookie_that_no_script_reads():
    pro_sante, door = ProSante(), Door(BEGUN)
    response = sent(door, "/pro-sante/begin", as_json(["k" * 43, False]), pro_sante=pro_sante)
    assert response.json() == {
        "kind": "pro-sante-begun", "address": "https://psc.example/auth?state=state-1"
    }  # fmt: skip
    cookie = response.headers["set-cookie"]
    verifier = pro_sante.asked[0]["verifier"]
    assert cookie == (
        f"__Host-flow=state-1.flow-1.{verifier}; Path=/; Secure; HttpOnly; SameSite=Lax; "
        "Max-Age=600"
    )
    assert pro_sante.asked[0]["nonce"] == "nonce-1"
    assert pro_sante.asked[0]["max_age"] is None
    assert door.asked == [people.BeginProSante("k" * 43, False)]


def test_again_asks_to_be_authenticated_again():
    pro_sante = ProSante()
    begun = msgspec.structs.replace(BEGUN, max_age=600)
    sent(Door(begun), "/pro-sante/begin", as_json(["k" * 43, True]), pro_sante=pro_sante)
    assert pro_sante.asked[0]["max_age"] == 600


def back(pro_sante, returned, cookie):
    headers = {"Cookie": cookie} if cookie else {}
    body = as_json({"returned": returned})
    return sent(Door(), "/pro-sante/back", body, headers=headers, pro_sante=pro_sante)


VERIFIER = "v" * 64
KEPT = f"other=1; {COOKIE}=state-1.flow-1.{VERIFIER}"


def test_the_way_back_gives_the_id_token_and_takes_the_cookie():
    pro_sante = ProSante()
    response = back(pro_sante, {"code": "c", "state": "state-1", "session_state": "x"}, KEPT)
    told = response.json()
    assert (told["kind"], told["flow"], told["names"]) == ("pro-sante-back", "flow-1", {})
    assert told["id_token"].startswith("h.")
    assert "access_token" not in response.text
    assert pro_sante.asked == [("c", VERIFIER)]
    assert "Max-Age=0" in response.headers["set-cookie"]


@pytest.mark.parametrize(
    ("returned", "cookie"),
    [
        ({"code": "c", "state": "state-1"}, ""),
        ({"code": "c", "state": "another"}, KEPT),
        ({"code": "c"}, KEPT),
        ({"code": "c", "state": "state-1"}, f"{COOKIE}=state-1.flow-1.short"),
        ({"code": "c", "state": "state-1"}, f"x{COOKIE}=state-1.flow-1.{VERIFIER}"),
        ({}, KEPT),
    ],
)
def test_anothers_way_back_is_refused_and_the_cookie_is_gone(returned, cookie):
    response = back(ProSante(), returned, cookie)
    assert (response.status_code, response.json()["outcome"]) == (401, "sign-in-refused")
    assert "Max-Age=0" in response.headers["set-cookie"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", as_json({"returned": {"a": 1}}), as_json({"returned": {}, "x": 1}),
             as_json({"returned": {str(n): "" for n in range(17)}})],
)  # fmt: skip
def test_a_way_back_that_is_none(body):
    response = sent(Door(), "/pro-sante/back", body, pro_sante=ProSante())
    assert response.status_code in {400, 422}


def test_names_of_sites_are_a_comfort_and_nothing_waits_for_them():
    post = {"numeroFinessSite": "990201006", "raisonSocialeSite": "Pharmacie de la Poterne"}
    exercise = {"codeProfession": "21", "activities": [post]}
    names = {"SubjectRefPro": {"exercices": [exercise]}}
    found = back(ProSante(names=names), {"code": "c", "state": "state-1"}, KEPT).json()
    assert found["names"] == {"FINESS:990201006": "Pharmacie de la Poterne"}
    for fault in (TemporarilyUnavailable("x"), SignInRefused("x"), TimeoutError(), KeyError("sub")):
        told = back(ProSante(names=fault), {"code": "c", "state": "state-1"}, KEPT).json()
        assert (told["kind"], told["names"]) == ("pro-sante-back", {})


@pytest.mark.parametrize("path", ["/pro-sante/begin", "/pro-sante/back"])
def test_down_is_said_and_so_is_not_set_up(path):
    body = as_json(["k" * 43, False] if path.endswith("begin") else {"returned": {"code": "c"}})
    down = ProSante(fault=TemporarilyUnavailable("x"))
    headers = {"Cookie": KEPT}
    response = sent(Door(BEGUN), path, body, pro_sante=down, headers=headers)
    assert (response.status_code, response.json()["outcome"]) == (503, "psc-down")
    assert response.headers["retry-after"] == "60"
    response = sent(Door(BEGUN), path, body, headers=headers)
    assert (response.status_code, response.json()["outcome"]) == (404, "psc-not-set-up")


def test_a_vault_that_begins_nothing_is_told():
    response = sent(
        Door(Refused("unavailable")),
        "/pro-sante/begin",
        as_json(["k", False]),
        pro_sante=ProSante(),
    )
    assert response.json()["outcome"] == "unavailable"
    assert "set-cookie" not in response.headers


# Every response


@pytest.mark.parametrize(
    ("method", "path", "status", "media"),
    [
        ("GET", "/", 200, "text/html"),
        ("GET", "/home", 200, "text/html"),
        ("GET", "/return", 200, "text/html"),
        ("GET", "/static/portal.css", 200, "text/css"),
        ("GET", "/static/dpop.js", 200, "text/javascript"),
        ("GET", "/static/icon.svg", 200, "image/svg+xml"),
        ("GET", "/openapi.json", 200, "application/json"),
        ("GET", "/static/../application.py", 404, "text/html"),
        ("GET", "/nowhere", 404, "text/html"),
        ("POST", "/", 405, "text/html"),
        ("GET", "/people/ask", 405, "application/json"),
        ("POST", "/people/sign-in", 404, "application/json"),
        ("POST", "/people/status", 404, "application/json"),
        ("POST", "/people/reload-keys", 404, "application/json"),
        ("POST", "/people/begin-pro-sante", 404, "application/json"),
        ("POST", "/people/who-am-i", 401, "application/json"),
    ],
)
def test_every_response_has_the_headers_of_safety(method, path, status, media):
    response = sent(Door(), path, method=method)
    assert response.status_code == status
    assert response.headers["content-type"].startswith(media)
    for name, value in HEADERS:
        assert response.headers[name.decode()] == value.decode()
    assert response.headers["cache-control"] == "no-store"
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert "access-control-allow-origin" not in response.headers


def test_an_error_that_nobody_foresaw_has_them_too(monkeypatch):
    def broken(*_):
        raise RuntimeError("ADH7741936")

    monkeypatch.setattr(relay, "send_declined", broken)
    with capture_logs() as lines:
        response = sent(Door(), "/people/who-am-i")
    assert response.status_code == 500
    assert response.json()["outcome"] == "internal"
    assert response.headers["x-frame-options"] == "DENY"
    assert "ADH" not in str(lines)


def test_card_shown_is_hidden_from_repr():
    assert CODE not in repr(CardShown(CODE))
