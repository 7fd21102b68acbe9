"""Whether the intake takes claims in: its own word says so, and nobody waits long or asks often."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

import pytest

from rempart.adapters import intake_probe
from rempart.adapters.identity.certificates import issue_server, make_authority
from rempart.adapters.intake_probe import IntakeProbe
from rempart.adapters.system import SystemClock
from rempart.usecases.look_at_intake import LookAtIntake

title = "Whether the intake answers"

UP = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> ssl.SSLContext:
    """A server's, under an authority that nobody here knows."""
    folder, now = tmp_path_factory.mktemp("tls"), SystemClock().now()
    made = issue_server(make_authority("tests", now=now), ["elsewhere.example"], now=now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*made.write(folder, "server"))
    return context


@asynccontextmanager
async def saying(
    words: bytes, tls: ssl.SSLContext | None
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Where somebody listens who says this to whoever asks, and what they were asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(words)
            await writer.drain()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def told(words: bytes, tls: ssl.SSLContext | None) -> tuple[bool, list[bytes]]:
    async def go() -> tuple[bool, list[bytes]]:
        async with saying(words, tls) as (url, asked):
            return await IntakeProbe(url)(), asked

    return asyncio.run(go())


def test_it_does_while_it_says_so_and_is_told_nothing_of_us(tls):
    up, asked = told(UP, tls)
    assert up
    assert asked == [b"GET /health HTTP/1.1\r\nHost: intake\r\nConnection: close\r\n\r\n"]


@pytest.mark.parametrize(
    "words",
    [
        b"HTTP/1.1 503 Service Unavailable\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 100_000,
        b"",
    ],
    ids=["503", "404", "2000", "ssh", "a line without an end", "silence"],
)
def test_it_does_not_if_it_says_anything_else(tls, words):
    up, _ = told(words, tls)
    assert not up


def test_who_listens_without_tls_does_not(monkeypatch):
    monkeypatch.setattr(intake_probe, "REACHED_WITHIN", 0.2)
    up, _ = told(UP, None)
    assert not up


@pytest.mark.parametrize("url", ["https://nowhere.invalid", "https://127.0.0.1:1"])
def test_what_cannot_be_reached_does_not_answer(url):
    assert not asyncio.run(IntakeProbe(url)())


def test_nobody_waits_for_one_that_hangs(monkeypatch):
    async def never(*_, **__):
        await asyncio.sleep(30)

    monkeypatch.setattr(intake_probe, "REACHED_WITHIN", 0.2)
    monkeypatch.setattr(asyncio, "open_connection", never)
    began = time.monotonic()
    assert not asyncio.run(IntakeProbe("https://127.0.0.1:1")())
    assert time.monotonic() - began < 2


def test_it_is_asked_once_whoever_looks(tls):
    async def crowd() -> tuple[list[bool], int]:
        async with saying(UP, tls) as (url, asked):
            look = LookAtIntake(IntakeProbe(url))
            return await asyncio.gather(*[look.answers() for _ in range(50)]), len(asked)

    up, asked = asyncio.run(crowd())
    assert all(up)
    assert asked == 1
