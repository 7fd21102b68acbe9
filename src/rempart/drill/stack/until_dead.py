"""How long a copied key goes on working once its owner has said so: real seconds, real threads.

The thief asks without pause from several connections, with sessions that live and questions in
flight. The clock runs at the pace of real time meanwhile, as the vault looks at the registry by it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread

from rempart.bootstrap.registrar import registrar
from rempart.domain.containment import Stage, Why
from rempart.domain.disclosure import Outcome
from rempart.domain.errors import TemporarilyUnavailable
from rempart.drill.stack.callers import client_id
from rempart.drill.stack.engine import StackEngine
from rempart.drill.traffic import Asked
from rempart.usecases.messages import Contain, Done

CONNECTIONS = 4
ALIVE = 12
"""Answers that the thief has had before the owner speaks, so that it is known to work."""
WAIT = 20.0
AFTER = 2.0
"""Seconds for which he is watched afterwards."""
OTHER_LINE = 900_000_000
Say = Callable[[StackEngine, Asked], None]


def report(engine: StackEngine, asked: Asked) -> None:
    """The professional of the site, on their page: it was not me."""
    engine.owner(asked.site).report(engine.door, client_id(asked.account))


def revoke(engine: StackEngine, asked: Asked) -> None:
    """The operator, told by telephone: ``rempart software revoke``."""
    with registrar(engine.ground.settings) as registry:
        registry.revoke_software(client_id(asked.account))


def freeze(engine: StackEngine, asked: Asked) -> None:
    """An officer, told by telephone: ``rempart account freeze``."""
    reply = engine.door.ask(
        Contain(client_id(asked.account), Stage.FROZEN.name, Why.REPORTED.name, by="drill")
    )
    assert isinstance(reply, Done), reply


WAYS: Mapping[str, Say] = {"reported": report, "revoked": revoke, "frozen": freeze}


@dataclass(slots=True)
class Hammer:
    """One connection that asks without pause."""

    engine: StackEngine
    asked: Asked
    line: int
    stop: Event
    told: list[tuple[float, float, Outcome]] = field(default_factory=list)
    """When a question left, when its answer came, and what it was."""

    def __call__(self) -> None:
        """Until told to stop."""
        callers, asked = self.engine.callers, self.asked
        with callers.fresh(asked.account, asked.device, OTHER_LINE + self.line) as caller:
            while not self.stop.is_set():
                left = time.monotonic()
                try:
                    outcome, _ = self.engine.question(caller, asked)
                except TemporarilyUnavailable:
                    continue
                self.told.append((left, time.monotonic(), outcome))

    @property
    def opened(self) -> list[tuple[float, float]]:
        """Answers: when the question left, when it came."""
        return [(left, came) for left, came, outcome in list(self.told) if outcome is OPENED]


OPENED = Outcome.OPENED


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """What was seen of one key. ``in_flight`` questions had left when the owner spoke."""

    seconds: float
    before: int
    after: int
    in_flight: int
    refused: int


def seconds_until_dead(engine: StackEngine, asked: Asked, say: Say) -> Death:
    """Hammer with a question that is answered, let the owner speak, and watch."""
    stop = Event()
    hammers = [Hammer(engine, asked, line, stop) for line in range(CONNECTIONS)]
    if say is report:
        engine.owner(asked.site).enter(engine.door)
    engine.ground.clock.run()
    threads = [Thread(target=hammer, daemon=True) for hammer in hammers]
    for thread in threads:
        thread.start()
    try:
        _until_alive(hammers)
        spoken = time.monotonic()
        say(engine, asked)
        time.sleep(AFTER)
    finally:
        stop.set()
        for thread in threads:
            thread.join(WAIT)
        engine.ground.clock.move(engine.ground.clock.now())
    return _seen(hammers, spoken)


def _until_alive(hammers: Sequence[Hammer]) -> None:
    end = time.monotonic() + WAIT
    while any(len(hammer.opened) < ALIVE for hammer in hammers):
        assert time.monotonic() < end, "the copied key does not work in the first place"
        time.sleep(0.01)


def _seen(hammers: Sequence[Hammer], spoken: float) -> Death:
    answers = [each for hammer in hammers for each in hammer.opened]
    late = [came - spoken for _, came in answers if came > spoken]
    everything = [each for hammer in hammers for each in hammer.told]
    return Death(
        seconds=round(max(late, default=0.0), 3),
        before=len(answers) - len(late),
        after=len(late),
        in_flight=sum(left <= spoken < came for left, came, _ in everything),
        refused=sum(came > spoken for _, came, outcome in everything if outcome is not OPENED),
    )
