"""The door of histories: any page may ask, a code goes on as it came, nothing else is said."""

import asyncio
from dataclasses import dataclass

import httpx2
import pytest
from msgspec import structs
from structlog.testing import capture_logs

from rempart.adapters.memory.world import MemoryClock
from rempart.adapters.vaultdoor.frames import FRAME_MAX, frame
from rempart.domain.concerned import Concern
from rempart.domain.coverage import Domain
from rempart.domain.cutoff_words import Scope
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.site import KIND_CODES, SiteKind
from rempart.usecases.history_messages import AskHistory, Disclosed, HistoryShown
from rempart.usecases.messages import Done, Refused
from rempart.usecases.rights_words import FIELDS
from rempart.web.application import portal
from rempart.web.history import TRIES_MAX
from tests.scripted_door import NOW
from tests.switches import OPEN, Said, cut, row

ORIGIN = "https://p.example"
CODE = "RH1:" + "SENTINEL" * 65 + "%"
ONE = Disclosed(
    1_795_000_000,
    KIND_CODES[SiteKind.OPTICIAN],
    Domain.OPTI,
    Presence.CARD,
    Fields.IN_FORCE | Fields.MODE,
    Concern.BREACHED,
)
OLD = Disclosed(1_790_000_000, 0, Domain.PHAR, Presence.LEGACY, Fields.RIGHTS, 0)


@dataclass
class Door:
    reply: object
    asked: list

    async def ask(self, request):
        self.asked.append(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


class Web:
    """One portal, asked several times."""

    def __init__(self, reply, rows=OPEN):
        self.door, self.clock = Door(reply, []), MemoryClock(NOW)
        self.app = portal(self.door, rows=rows, clock=self.clock, instance="demo", web_url=ORIGIN)

    def post(self, body=CODE, network="192.0.2.7", **headers):
        async def go():
            transport = httpx2.ASGITransport(app=self.app, client=(network, 1))
            async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as http:
                return await http.post("/history", content=body, headers=headers)

        return asyncio.run(go())


def test_what_is_being_looked_into_is_no_breach_and_never_nothing():
    told = Web(HistoryShown((structs.replace(OLD, concern=Concern.LOOKED_INTO),), 1, ())).post()
    (answer,) = told.json()["answers"]
    assert answer["verdict"] == "looked-into"
    assert "is not known yet" in answer["breach"]["en"]
    assert "on ne sait pas encore" in answer["breach"]["fr"]


def test_the_code_goes_to_the_vault_and_the_answer_comes_in_words():
    web = Web(HistoryShown((ONE, OLD), 7, (1_795_000_060,)))
    response = web.post(origin="https://phones.example")
    assert web.door.asked == [AskHistory(CODE)]
    assert response.status_code == 200
    told = response.json()
    assert (told["kind"], told["total"], told["asked"]) == ("history", 7, ["2026-11-18T11:07:40Z"])
    assert told["answers"] == [
        {
            "at": "2026-11-18T11:06:40Z",
            "by": {"fr": "Opticien", "en": "Optician"},
            "domain": {"fr": "Optique", "en": "Optics"},
            "presence": {"fr": "Carte", "en": "Card"},
            "fields": [
                dict(zip(("fr", "en"), FIELDS[each], strict=True))
                for each in (Fields.IN_FORCE, Fields.MODE)
            ],
            "verdict": "breached",
            "breach": told["answers"][0]["breach"],
        },
        told["answers"][1] | {"verdict": "", "breach": None},
    ]
    assert told["answers"][1]["by"]["en"] == "Kind of site unknown"
    assert "a thief held this account" in told["answers"][0]["breach"]["en"]


def test_a_page_of_any_origin_reads_the_answer_and_no_session_comes_with_it():
    for reply in (HistoryShown((), 0, ()), Refused("ask-your-insurer"), Refused("unavailable")):
        headers = Web(reply).post(origin="https://phones.example").headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["access-control-expose-headers"] == "retry-after"
        assert "access-control-allow-credentials" not in headers
        assert headers["cache-control"] == "no-store"


ANYTHING = ("", "RP1:" + "X" * 300, "\0" * 12_000, "é" * 6_000, b"\xff" * 900)


@pytest.mark.parametrize("body", ANYTHING, ids=range(len(ANYTHING)))
def test_whatever_comes_reaches_the_vault_in_one_frame_and_has_its_one_answer(body):
    web = Web(Refused("ask-your-insurer"))
    response, plain = web.post(body), web.post("RH1:")
    assert response.status_code == plain.status_code == 403
    assert response.content == plain.content
    assert response.headers.items() == plain.headers.items()
    assert all(len(frame(1, each)) < FRAME_MAX for each in web.door.asked)


def test_a_network_that_is_refused_too_often_waits_and_no_other_does():
    """Attack: one code after another."""
    web = Web(Refused("ask-your-insurer"))
    for _ in range(TRIES_MAX):
        assert web.post().status_code == 403
    last = web.post()
    assert (last.status_code, len(web.door.asked)) == (429, TRIES_MAX)
    assert int(last.headers["retry-after"]) == 601
    assert web.post(network="198.51.100.9").status_code == 403
    web.clock.forward(seconds=600)
    assert web.post().status_code == 403


def test_who_is_answered_is_not_counted():
    web = Web(HistoryShown((), 0, ()))
    assert {web.post().status_code for _ in range(TRIES_MAX + 2)} == {200}


@pytest.mark.parametrize("scope", [Scope.PLATFORM, Scope.RIGHTS])
def test_the_door_stays_open_while_the_platform_is_cut(scope):
    rows = Said(row(cut(scope, until=NOW + 600_000_000)))
    assert Web(HistoryShown((), 0, ()), rows).post().status_code == 200
    gone = Web(TemporarilyUnavailable("no vault"), rows).post()
    assert (gone.status_code, gone.json()["outcome"], gone.headers["retry-after"]) == (
        503,
        "cut-off",
        "600",
    )


def test_without_a_vault_one_is_told_to_come_back():
    for reply in (
        TemporarilyUnavailable("no vault"),
        Refused("unavailable"),
        Done(),
    ):
        response = Web(reply).post()
        assert (response.status_code, response.json()["outcome"]) == (503, "unavailable")
        assert response.headers["retry-after"] == "2"


@pytest.mark.parametrize("reason", ["frozen", "card-refused", "not-signed-in"])
def test_no_other_refusal_is_passed_on(reason):
    one = Web(Refused("ask-your-insurer")).post()
    assert Web(Refused(reason, "a detail")).post().content == one.content


def test_what_is_cut_says_until_when():
    response = Web(Refused("cut-off", after=90)).post()
    assert (response.status_code, response.headers["retry-after"]) == (503, "90")


def test_nothing_of_a_code_or_an_answer_is_printed():
    with capture_logs() as lines:
        for reply in (HistoryShown((ONE,), 1, ()), Refused("ask-your-insurer"), ValueError(CODE)):
            response = Web(reply).post()
            assert "SENTINEL" not in response.text
    assert len(lines) == 4, "one line a request, and one of what nobody foresaw"
    assert "SENTINEL" not in str(lines)
    assert "OPTI" not in str(lines).upper().replace("OPTIONS", "")


def test_no_code_is_taken_from_an_address():
    """A code in an address would stand in every log on the way."""
    web = Web(HistoryShown((), 0, ()))

    async def go():
        transport = httpx2.ASGITransport(app=web.app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            return await http.get("/history", params={"code": CODE})

    assert asyncio.run(go()).status_code == 405
    assert web.door.asked == []
