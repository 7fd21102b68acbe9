"""Whether the intake answers: a connection says so, and nobody waits long or asks it often."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from rempart.adapters import intake_probe
from rempart.adapters.intake_probe import IntakeProbe

title = "Whether the intake answers"


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1.0)
        yield server


def url_of(server: socket.socket) -> str:
    return f"https://127.0.0.1:{server.getsockname()[1]}"


def test_it_does_while_it_listens_and_does_not_once_it_has_gone(listening, monkeypatch):
    monkeypatch.setattr(intake_probe, "REMEMBERED", 0.0)
    probe = IntakeProbe(url_of(listening))
    assert asyncio.run(probe.answers())
    listening.close()
    assert not asyncio.run(IntakeProbe(probe.url).answers())


@pytest.mark.parametrize("url", ["https://nowhere.invalid", "https://127.0.0.1:1"])
def test_what_cannot_be_reached_does_not_answer(url):
    assert not asyncio.run(IntakeProbe(url).answers())


def test_nobody_waits_for_one_that_hangs(monkeypatch):
    async def never(*_):
        await asyncio.sleep(30)

    monkeypatch.setattr(asyncio, "open_connection", never)
    began = time.monotonic()
    assert not asyncio.run(IntakeProbe("https://127.0.0.1:1").answers())
    assert time.monotonic() - began < intake_probe.REACHED_WITHIN + 0.5


def test_it_is_asked_once_whoever_looks(listening):
    async def crowd():
        probe = IntakeProbe(url_of(listening))
        return await asyncio.gather(*[probe.answers() for _ in range(50)])

    assert all(asyncio.run(crowd()))
    listening.accept()[0].close()
    listening.settimeout(0.1)
    with pytest.raises(TimeoutError):
        listening.accept()
