"""The insurer's door for phones: one answer for whatever fails, and no more tries than some."""

import asyncio
import json

import httpx2
import pytest
from starlette.testclient import TestClient

from rempart.adapters.memory.phones import MemoryPhoneBook
from rempart.bootstrap.phones import LINE_MAX, Counted, answer_bytes, answers, read_request
from rempart.domain.errors import EnrolmentRefused, TemporarilyUnavailable
from rempart.domain.invitation import InvitationCode
from rempart.serving.phone_door import ALL_TRIES_MAX, MINUTES, TRIES_MAX, phone_door
from rempart.usecases.enrol_phones import EnrolPhones, PhoneRequest
from tests.insurers import NOW
from tests.phones import phone_key
from tests.spec.test_phones import DAY, Desk, request

title = "The door for phones"


class Clock:
    def __init__(self) -> None:
        self.at = float(NOW)

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def desk():
    return Desk(MemoryPhoneBook())


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def door(desk, clock, tmp_path):
    def answer(body: bytes, *, now: int) -> bytes:
        desk.now = now
        return answer_bytes(desk(read_request(body)))

    (tmp_path / "index.html").write_text("the page")
    app = phone_door(answer, tmp_path, clock)
    return lambda address="192.0.2.7": TestClient(app, client=(address, 5000))


def said(asked: PhoneRequest) -> bytes:
    return json.dumps({name: getattr(asked, name) for name in asked.__struct_fields__}).encode()


def test_a_phone_is_enrolled_over_the_door(desk, door):
    body = said(request(desk.code(), phone_key(1)))
    answer = door().post("/phone", content=body)
    assert answer.status_code == 200
    assert set(answer.json()) == {"phone_card", "card"}
    assert answer.headers["cache-control"] == "no-store"
    assert door().post("/phone", content=body).json() == answer.json()


def test_wrong_used_and_lapsed_codes_and_nonsense_have_one_answer(desk, door, clock):
    """To the byte: no phone learns whether a code exists."""
    used = desk.code()
    assert door().post("/phone", content=said(request(used, phone_key(1)))).status_code == 200
    lapsing = desk.code(days=1)
    clock.at += 2 * DAY
    wrong = InvitationCode.of(bytes(10)).printed
    bodies = [
        said(request(wrong, phone_key(9))),
        said(request(used, phone_key(9))),
        said(request(lapsing, phone_key(9))),
        b"",
        b"{}",
        b"\xff",
        b"[" * 2000,
        b'{"key": 1}',
        said(request(wrong, phone_key(9)))[:-1] + b', "more": 1}',
        b"x" * (LINE_MAX + 1),
        b"x" * 20_000,
    ]
    answers = [door().post("/phone", content=body) for body in bodies]
    assert {(each.status_code, each.content) for each in answers} == {
        (403, b'{"refused": "enrolment-refused"}')
    }
    assert len({tuple(sorted(each.headers.items())) for each in answers}) == 1


def test_a_network_that_guesses_waits_and_others_do_not(desk, door, clock):
    code = desk.code()
    guess = said(request(InvitationCode.of(bytes(10)).printed, phone_key(9)))
    for _ in range(TRIES_MAX):
        assert door().post("/phone", content=guess).status_code == 403
    good = said(request(code, phone_key(1)))
    waits = door("192.0.2.99").post("/phone", content=good)
    assert (waits.status_code, waits.headers["retry-after"]) == (429, str(60 * MINUTES + 1))
    assert door("198.51.100.1").post("/phone", content=good).status_code == 200
    clock.at += 60 * MINUTES
    assert door().post("/phone", content=good).status_code == 200


def test_all_networks_together_wait_too(desk, clock):
    def never(body: bytes, *, now: int) -> bytes:
        raise EnrolmentRefused

    door = phone_door(never, None, clock)

    async def status_for(address: str) -> int:
        transport = httpx2.ASGITransport(app=door, client=(address, 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://door") as http:
            return (await http.post("/phone", content=b"{}")).status_code

    async def tried() -> set[int]:
        addresses = [f"10.{n // 250}.{n % 250}.1" for n in range(ALL_TRIES_MAX)]
        return {await status_for(each) for each in addresses}

    assert asyncio.run(tried()) == {403}
    assert asyncio.run(status_for("11.0.0.1")) == 429


def test_a_book_that_is_being_written_is_waited_for(door, clock):
    def busy(body: bytes, *, now: int) -> bytes:
        raise TemporarilyUnavailable("busy")

    answer = TestClient(phone_door(busy, None, clock)).post("/phone", content=b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_the_pages_files_stand_beside_it_and_nothing_else(door):
    client = door()
    assert client.get("/").text == "the page"
    assert client.get("/phone").status_code in {404, 405}
    assert client.get("/../phones.sqlite").status_code == 404


# In files


def test_requests_are_answered_line_by_line(desk):
    code, counted = desk.code(), Counted()
    good = said(request(code, phone_key(1)))
    lines = [good + b"\n", b"nonsense\n", said(request(code, phone_key(2))), good]
    told = [json.loads(line) for line in answers(desk_of(desk), lines, desk.now, counted)]
    assert told[0] == told[3]
    assert told[1] == told[2] == {"refused": "enrolment-refused"}
    assert (counted.answered, counted.refused) == (2, 2)


def desk_of(desk):
    return EnrolPhones(profile=desk.insurer.profile, keys=desk.insurer.keys, book=desk.book)
