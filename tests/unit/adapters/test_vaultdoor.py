"""Frames whole or in pieces, and clients that neither hang nor mix answers up."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.vaultdoor import async_client
from rempart.adapters.vaultdoor.async_client import AsyncDoor
from rempart.adapters.vaultdoor.client import Door
from rempart.adapters.vaultdoor.frames import (
    FRAME_MAX,
    HEAD,
    OWN_FRAME_MAX,
    FrameRefused,
    bodies,
    decode_request,
    frame,
)
from rempart.domain.errors import TemporarilyUnavailable
from rempart.domain.incident_checks import ACCOUNTS_MAX
from rempart.usecases.incident_messages import SayOfIncident
from rempart.usecases.messages import Answered, Ask, CardShown, Done, Refused, SignOut, Status
from rempart.usecases.register_software import CLIENT_ID_MAX

ASK = Ask(b"t" * 32, b"c" * 32, "key", "PHAR", "2026-11-24", CardShown("RP1:…"))
REQUESTS = [ASK, Status(), SignOut(b"t" * 32)]


@given(cuts=st.lists(st.integers(0, 400), max_size=20))
def test_frames_are_read_however_they_are_cut(cuts):
    whole = b"".join(frame(number, request) for number, request in enumerate(REQUESTS))
    buffer, read = bytearray(), []
    places = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    for start, end in pairwise(places):
        buffer += whole[start:end]
        read += [(number, decode_request(body)) for number, body in bodies(buffer)]
    assert read == list(enumerate(REQUESTS))
    assert not buffer


def test_a_frame_that_is_too_long_is_refused_before_it_comes():
    with pytest.raises(FrameRefused):
        list(bodies(bytearray(HEAD.pack(FRAME_MAX + 1, 0))))


def test_a_finding_of_the_most_accounts_fits_under_the_longest_names():
    names = tuple(f"{number:064d}" for number in range(ACCOUNTS_MAX))
    assert len(names[0]) == CLIENT_ID_MAX
    pieces, at = tuple(range(2**40, 2**40 + 500)), 2**52
    times = {"earliest": at, "contained": at}
    said = SayOfIncident(
        2**40, "finding", "x" * 32, bytes(32), accounts=names, named=pieces, **times
    )
    (whole,) = bodies(bytearray(frame(1, said)), OWN_FRAME_MAX)
    assert decode_request(whole[1]) == said


def test_a_message_tells_nothing_of_itself():
    assert repr(ASK) == "Ask(…)"
    assert "RP1" not in str(ASK) + repr(ASK.shown)


Answer = Callable[[int, bytes], bytes]


@contextmanager
def a_vault(path: Path, answer: Answer, *, gather: int = 1) -> Iterator[Path]:
    """A peer that waits for ``gather`` frames, then answers them last first."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def serve() -> None:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            buffer, asked = bytearray(), []
            while len(asked) < gather:
                chunk = connection.recv(65_536)
                if not chunk:
                    return
                buffer += chunk
                asked += list(bodies(buffer))
            connection.sendall(b"".join(answer(*each) for each in reversed(asked)))
            connection.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        listening.close()


def numbered(number: int, body: bytes) -> bytes:
    asked = decode_request(body)
    assert isinstance(asked, Ask)
    return frame(number, Answered(int(asked.key), True, "", "TM", False))


def asks(count: int) -> list[Ask]:
    return [
        Ask(ASK.token, ASK.certificate, str(n), "PHAR", "2026-11-24", ASK.shown)
        for n in range(count)
    ]


def test_answers_come_back_to_who_asked(tmp_path):
    with a_vault(tmp_path / "s", numbered, gather=20) as path, Door(path) as door:
        replies = door.ask_all(asks(20))
    assert [reply.reference for reply in replies] == list(range(20))


def test_what_is_asked_together_leaves_together_and_finds_its_way_back(tmp_path):
    async def together(path: Path) -> list[int]:
        door = AsyncDoor(path)
        replies = await asyncio.gather(*(door.ask(each) for each in asks(20)))
        await door.close()
        return [reply.reference for reply in replies]

    with a_vault(tmp_path / "s", numbered, gather=20) as path:
        assert asyncio.run(together(path)) == list(range(20))


@pytest.mark.parametrize(
    "answer",
    [
        lambda number, _: HEAD.pack(3, number) + b"\x93\x01\x02",
        lambda number, _: HEAD.pack(2**31, number),
    ],
    ids=["garbage", "endless"],
)
def test_a_peer_that_is_no_vault_makes_nobody_wait(tmp_path, answer):
    async def ask(path: Path) -> None:
        door = AsyncDoor(path)
        try:
            await door.ask(ASK)
        finally:
            await door.close()

    with a_vault(tmp_path / "a", answer) as path, pytest.raises(TemporarilyUnavailable):
        asyncio.run(ask(path))
    with (
        a_vault(tmp_path / "b", answer) as path,
        Door(path) as door,
        pytest.raises(TemporarilyUnavailable),
    ):
        door.ask(ASK)


def test_a_silent_vault_is_given_up_and_the_next_answer_is_not_its(tmp_path, monkeypatch):
    monkeypatch.setattr(async_client, "ANSWER_WITHIN", 0.05)
    late = []

    def silent(number: int, _: bytes) -> bytes:
        late.append(number)
        return b"" if len(late) == 1 else frame(number, Done())

    async def ask(path: Path) -> None:
        door = AsyncDoor(path)
        with pytest.raises(TemporarilyUnavailable, match="in time"):
            await door.ask(ASK)
        await door.close()

    with a_vault(tmp_path / "s", silent) as path:
        asyncio.run(ask(path))


def test_no_vault_is_told_at_once(tmp_path):
    with pytest.raises(TemporarilyUnavailable, match="no vault"):
        Door(tmp_path / "nobody")

    async def ask() -> None:
        await AsyncDoor(tmp_path / "nobody").ask(ASK)

    with pytest.raises(TemporarilyUnavailable, match="no vault"):
        asyncio.run(ask())


def test_a_refusal_crosses_whole():
    buffer = bytearray(frame(7, Refused("malformed", "care date: expected YYYY-MM-DD")))
    assert [number for number, _ in bodies(buffer)] == [7]
