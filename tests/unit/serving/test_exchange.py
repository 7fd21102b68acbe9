"""One exchange over ASGI, as a server drives it."""

import asyncio

import pytest

from rempart.api.application import gateway
from rempart.serving.declined import Declined
from rempart.serving.exchange import body_of
from tests.scripted_door import FixedClock, ScriptedDoor
from tests.switches import OPEN


def receiving(*messages):
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    return receive


def piece(body, *, more):
    return {"type": "http.request", "body": body, "more_body": more}


def test_pieces_make_a_body():
    receive = receiving(piece(b"a", more=True), piece(b"", more=True), piece(b"b", more=False))
    assert asyncio.run(body_of({}, receive)) == b"ab"


@pytest.mark.parametrize(
    ("headers", "messages", "code"),
    [
        ({b"content-length": b"12289"}, [], "too-long"),
        ({b"content-length": b"9" * 5000}, [], "too-long"),
        ({}, [piece(b"x" * 12_289, more=False)], "too-long"),
        ({}, [piece(b"x" * 12_288, more=True), piece(b"x", more=True)], "too-long"),
        ({}, [piece(b"x", more=True), {"type": "http.disconnect"}], "unreadable"),
    ],
)
def test_a_body_that_cannot_be_taken(headers, messages, code):
    with pytest.raises(Declined) as refused:
        asyncio.run(body_of(headers, receiving(*messages)))
    assert refused.value.code == code


def test_an_error_after_the_answer_began_sends_no_second_one():
    sent = []

    async def send(message):
        sent.append(message["type"])
        if message["type"] == "http.response.body":
            raise OSError("the caller is gone")

    app = gateway(ScriptedDoor(), rows=OPEN, instance="t", base_url="https://t", clock=FixedClock())
    scope = {"type": "http", "method": "GET", "path": "/health", "headers": [], "state": {}}
    asyncio.run(app(scope, receiving(), send))

    assert sent == ["http.response.start", "http.response.body"]
