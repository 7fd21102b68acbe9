"""The door that an insurer opens to phones, if it wishes: the page's files, and one address.

``POST /phone`` enrols or renews. Whatever fails, one answer: no phone learns from it whether a code
exists, was used, or has lapsed. With 80 bits a code, tries are bounded for the machine's sake: of a
network, and of everybody.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from rempart.domain.errors import EnrolmentRefused, TemporarilyUnavailable
from rempart.serving.declined import Declined
from rempart.serving.exchange import Pairs, body_of, headers_of, network_of, send_whole

AT = "/phone"
MINUTES = 10
TRIES_MAX = 20
"""Refusals of one network within ten minutes, before it is asked to wait."""
ALL_TRIES_MAX = 2_000
"""… of all networks together."""
SAFE = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


class Desk(Protocol):
    """Answers one phone: bytes in, bytes out; ``now`` is in seconds since 1970."""

    def __call__(self, body: bytes, *, now: int) -> bytes:
        """Answer.

        Raises:
            EnrolmentRefused: for whatever reason.
            TemporarilyUnavailable: try again.
        """
        ...


@dataclass(slots=True)
class Tries:
    """Refusals of the last ten minutes, by network."""

    clock: Callable[[], float]
    all_max: int = ALL_TRIES_MAX
    network_max: int = TRIES_MAX
    began: float = 0.0
    all: int = 0
    by_network: dict[str, int] = field(default_factory=dict, repr=False)

    def wait(self, network: str) -> int:
        """Seconds until this network may ask; 0 if now."""
        now = self.clock()
        if not self.began <= now < self.began + 60 * MINUTES:
            self.began, self.all, self.by_network = now, 0, {}
        if self.all < self.all_max and self.by_network.get(network, 0) < self.network_max:
            return 0
        return int(self.began + 60 * MINUTES - now) + 1

    def refused(self, network: str) -> None:
        """One more."""
        self.all += 1
        self.by_network[network] = self.by_network.get(network, 0) + 1


@dataclass(slots=True)
class AnswerPhones:
    """``POST /phone``."""

    desk: Desk = field(repr=False)
    clock: Callable[[], float] = time.time
    tries: Tries = field(init=False)

    def __post_init__(self) -> None:
        self.tries = Tries(self.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one phone; every refusal is the same 403."""
        network = network_of(scope)
        if wait := self.tries.wait(network):
            return await _say(send, 429, b'{"refused": "wait"}', [(b"retry-after", b"%d" % wait)])
        try:
            body = await body_of(headers_of(scope), receive)
            return await _say(send, 200, self.desk(body, now=int(self.clock())))
        except (EnrolmentRefused, Declined, ValueError):
            self.tries.refused(network)
            return await _say(send, 403, b'{"refused": "enrolment-refused"}')
        except TemporarilyUnavailable:
            return await _say(send, 503, b'{"refused": "unavailable"}', [(b"retry-after", b"5")])


async def _say(send: Send, status: int, body: bytes, headers: Pairs = ()) -> None:
    pairs = [*SAFE, *headers]
    await send_whole(send, body, status=status, media="application/json", headers=pairs)


def phone_door(desk: Desk, page: Path | None, clock: Callable[[], float] = time.time) -> Starlette:
    """The door; with the files of ``page``, where the page stands on the same host."""
    routes: list[Route | Mount] = [Route(AT, AnswerPhones(desk, clock), methods=["POST"])]
    if page is not None:
        routes.append(Mount("/", StaticFiles(directory=page, html=True)))
    return Starlette(routes=routes)
