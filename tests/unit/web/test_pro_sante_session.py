"""Pro Santé Connect's sessions through the web process: what is relayed, asked and told."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from structlog.testing import capture_logs

from rempart.domain.errors import SignInRefused, TemporarilyUnavailable
from rempart.usecases.follow_pro_sante import REFRESH_MAX
from rempart.usecases.identity_ports import SignInTokens
from rempart.usecases.messages import Done, Refused
from rempart.usecases.pro_sante_messages import (
    KeepRefresh,
    ListDue,
    LogOut,
    RefreshDue,
    Refreshed,
    RefreshesDue,
    RefreshRefused,
)
from rempart.web import pro_sante_session
from rempart.web.pro_sante_session import TELL_MAX, asking_after, refresh_due
from tests.unit.web.test_relay import KEPT, Door, ProSante, as_json, sent

title = "Sessions at Pro Santé Connect, relayed"

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
TOKEN = "h.p.s"


def posted(door, body, headers=FORM):
    return sent(door, "/pro-sante/logout", body, headers=headers)


def test_a_logout_is_relayed_and_said_to_be_done():
    door = Door()
    response = posted(door, urlencode({"logout_token": TOKEN, "more": "x"}).encode())
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["cache-control"] == "no-store"
    assert door.asked == [LogOut(TOKEN)]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", FORM),
        (b"logout_token=", FORM),
        (b"logout_token=a&logout_token=b", FORM),
        (b"token=a", FORM),
        (b"logout_token=\xc3\xa9", FORM),
        (b"&".join([b"a=b"] * 9), FORM),
        (b"x" * 12_289, FORM),
        (b"logout_token=a", {}),
        (b'{"logout_token": "a"}', {"Content-Type": "application/json"}),
    ],
)
def test_what_is_no_logout_reaches_no_vault(body, headers):
    door = Door()
    response = posted(door, body, headers)
    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})
    assert door.asked == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Refused("sign-in-refused", "sign-in refused"), "invalid_request"),
        (Refused("unavailable"), "temporarily_unavailable"),
        (TemporarilyUnavailable("no vault"), "temporarily_unavailable"),
    ],
)
def test_a_logout_that_was_not_taken_is_a_400_without_its_reason(reply, error):
    response = posted(Door(reply), b"logout_token=a")
    assert (response.status_code, response.json()) == (400, {"error": error})


# The refresh token goes to the vault


@dataclass
class WithRefresh(ProSante):
    refresh_token: str = "the-refresh-token"

    async def exchange(self, code, *, verifier):
        tokens = await super().exchange(code, verifier=verifier)
        return SignInTokens(
            access_token=tokens.access_token,
            refresh_token=self.refresh_token,
            id_token=tokens.id_token,
            expires_in=60,
        )


def back(door, pro_sante):
    body = as_json({"returned": {"code": "c", "state": "state-1"}})
    return sent(door, "/pro-sante/back", body, headers={"Cookie": KEPT}, pro_sante=pro_sante)


def test_a_refresh_token_goes_to_the_vault_and_to_no_page():
    door = Door()
    response = back(door, WithRefresh())
    assert response.json()["kind"] == "pro-sante-back"
    assert "the-refresh-token" not in response.text
    assert door.asked == [KeepRefresh("flow-1", "the-refresh-token")]


def test_a_vault_that_does_not_keep_it_is_told():
    response = back(Door(Refused("sign-in-refused")), WithRefresh())
    assert (response.status_code, response.json()["outcome"]) == (401, "sign-in-refused")
    assert "Max-Age=0" in response.headers["set-cookie"]


@pytest.mark.parametrize("token", ["", "x" * (REFRESH_MAX + 1)])
def test_without_one_that_can_be_kept_the_sign_in_goes_on(token):
    door = Door()
    assert back(door, WithRefresh(refresh_token=token)).json()["kind"] == "pro-sante-back"
    assert door.asked == []


# Asked after


@dataclass
class Asked:
    """Pro Santé Connect: what a refresh token is worth, or why not."""

    worth: dict = field(default_factory=dict)

    async def refresh(self, refresh_token):
        fresh = self.worth[refresh_token]
        if isinstance(fresh, Exception):
            raise fresh
        return SignInTokens(
            access_token="at", refresh_token=fresh[0], id_token=fresh[1], expires_in=120
        )


@dataclass
class Giving(Door):
    """A vault with something due, once."""

    due: tuple = ()

    async def ask(self, request):
        if not isinstance(request, ListDue):
            return await super().ask(request)
        due, self.due = self.due, ()
        return RefreshesDue(due)


def test_each_that_is_due_is_asked_after_and_what_comes_of_it_is_told():
    door = Giving(due=tuple([RefreshDue(name, name) for name in ("a", "b", "c", "d")]))
    worth = {
        "a": ("next", "id"),
        "b": SignInRefused("over"),
        "c": TemporarilyUnavailable("down"),
        "d": ("x" * TELL_MAX, "id"),
    }
    assert asyncio.run(refresh_due(door, Asked(worth)))
    assert door.asked == [Refreshed("a", "next", "id"), RefreshRefused("b")]
    assert not asyncio.run(refresh_due(door, Asked()))


def test_a_vault_that_gives_nothing_is_asked_later():
    assert not asyncio.run(refresh_due(Door(Refused("unavailable")), Asked()))
    assert not asyncio.run(refresh_due(Door(Done()), Asked()))


def test_it_is_asked_for_as_long_as_pages_are_served(monkeypatch):
    """Through a vault that is away, and through what nobody foresaw."""
    monkeypatch.setattr(pro_sante_session, "PAUSE", 0.001)
    door = Giving(due=(RefreshDue("a", "a"),))
    broken = [KeyError("a secret"), TemporarilyUnavailable("away")]

    class Failing:
        async def ask(self, request):
            if broken:
                raise broken.pop()
            return await door.ask(request)

    async def serve():
        async with asking_after(Failing(), Asked({"a": ("next", "id")})):
            while not door.asked:
                await asyncio.sleep(0.001)

    with capture_logs() as lines:
        asyncio.run(asyncio.wait_for(serve(), 5))
    assert door.asked == [Refreshed("a", "next", "id")]
    assert [line["error"] for line in lines] == ["KeyError"]
    assert "a secret" not in str(lines)


def test_what_is_under_way_when_it_stops_is_brought_to_its_end():
    door, begun = Giving(due=(RefreshDue("a", "a"),)), asyncio.Event()

    class Slow(Asked):
        async def refresh(self, refresh_token):
            begun.set()
            await asyncio.sleep(0.02)
            return await super().refresh(refresh_token)

    async def serve():
        async with asking_after(door, Slow({"a": ("next", "id")})):
            await begun.wait()

    asyncio.run(asyncio.wait_for(serve(), 5))
    assert door.asked == [Refreshed("a", "next", "id")]


def test_without_pro_sante_connect_nothing_is_asked():
    door = Door()

    async def serve():
        async with asking_after(door, None):
            await asyncio.sleep(0)

    asyncio.run(serve())
    assert door.asked == []
