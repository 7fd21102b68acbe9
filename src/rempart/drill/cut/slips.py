"""From the start of ``rempart cutoff set`` to the last answer that slipped through, under load.

Each trial types the command as an operator would, Python's own start included, while callers on
kept connections ask without a pause.
"""

import json
import secrets
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

from rempart.domain.cutoff_words import NARROW, Scope
from rempart.drill.software import Credentials, PracticeSoftware
from rempart.usecases.ports import Clock

FHIR = "/fhir/CoverageEligibilityRequest"
WARM, QUIET = 0.6, 0.7
"""Seconds of load before each cut; seconds without an answer after which nothing slips any more."""
TOKEN_FOR = 200.0
"""Seconds after which callers take a new token; it lives 300."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """Who asks: the software's certificate and key, who vouches for the doors, and their ports."""

    ports: Sequence[int] = field(repr=False)
    certificate: Path
    key: Path
    authorities: Path


@dataclass(slots=True)
class Load:
    """Callers that ask without a pause. ``last`` is when one of them last read an answer,
    ``orders`` how many cut-offs the vault was too slow to confirm.
    """

    callers: Callers
    bodies: Sequence[bytes] = field(repr=False)
    bearer: str = field(default="", repr=False)
    last: float = 0.0
    answers: int = 0
    refused: int = 0
    slowest: float = 0.0
    orders: int = 0
    stopping: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, number: int) -> None:
        """One caller, on one connection kept to one of the doors."""
        tls = ssl.create_default_context(cafile=self.callers.authorities)
        tls.load_cert_chain(self.callers.certificate, self.callers.key)
        port = self.callers.ports[number % len(self.callers.ports)]
        connection = HTTPSConnection("localhost", port, context=tls, timeout=10)
        turn = number
        while not self.stopping:
            turn += 1
            began = time.monotonic()
            try:
                status = self._ask(connection, self.bodies[turn % len(self.bodies)])
            except (OSError, HTTPException):
                connection.close()
                continue
            self._count(status, began)
        connection.close()

    def _ask(self, connection: HTTPSConnection, body: bytes) -> int:
        headers = {
            "Authorization": f"Bearer {self.bearer}",
            "Content-Type": "application/fhir+json",
            "Idempotency-Key": secrets.token_urlsafe(12),
        }
        connection.request("POST", FHIR, body, headers)
        response = connection.getresponse()
        response.read()
        return response.status

    def _count(self, status: int, began: float) -> None:
        now = time.monotonic()
        with self.lock:
            self.slowest = max(self.slowest, now - began)
            if status == 200:
                self.last, self.answers = now, self.answers + 1
            else:
                self.refused += 1
        if status != 200:
            # As a software does that was told to come back: a little later.
            time.sleep(0.02)


@contextmanager
def asking(load: Load, count: int) -> Iterator[None]:
    """So many callers, until the end of the block."""
    threads = [threading.Thread(target=load.run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        load.stopping = True
        for thread in threads:
            thread.join(15)


def cut(load: Load, environ: Mapping[str, str], scope: str, what: str) -> tuple[float, float]:
    """Start the command; the seconds from then, and from when it has said that it is cut, until
    the last answer was read.
    """
    words = [
        "cutoff",
        "set",
        scope,
        *([what] if what else []),
        "--why",
        "exercise",
        "--as",
        "drill",
    ]
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "rempart", *words],
        env=dict(environ),
        capture_output=True,
        text=True,
        check=True,
    )
    said = time.monotonic()
    # On a busy machine the vault may be too slow to say so: then its door goes, and it cuts too.
    load.orders += "coupé" not in done.stdout
    while time.monotonic() - max(load.last, said) < QUIET:
        time.sleep(0.02)
    return max(0.0, load.last - began), max(0.0, load.last - said)


def warm(load: Load) -> None:
    """Return once callers are answered, and have been for a while."""
    before, end = load.answers, time.monotonic() + 20
    while load.answers == before and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(WARM)
    assert load.answers > before, "nobody is answered: there is no load to cut"


def slips(
    load: Load,
    environ: Mapping[str, str],
    scopes: Sequence[tuple[str, str]],
    *,
    count: int,
    callers: int,
    sign_in: Callable[[], str],
    open_again: Callable[[], None],
    told: Callable[[int, float], None],
) -> list[tuple[float, float]]:
    """The two slips of each trial, in seconds, with so many callers; scopes in turn.

    ``sign_in`` gets callers a token; ``told`` hears of each trial and its first slip.
    """
    # As on any machine where a command was typed before: its bytecode is there.
    subprocess.run(
        [sys.executable, "-m", "rempart", "cutoff", "set", "--help"],
        env=dict(environ),
        capture_output=True,
        check=True,
    )
    found = []
    load.bearer, until = sign_in(), time.monotonic() + TOKEN_FOR
    with asking(load, callers):
        for number in range(count):
            if time.monotonic() >= until:
                load.bearer, until = sign_in(), time.monotonic() + TOKEN_FOR
            warm(load)
            found.append(cut(load, environ, *scopes[number % len(scopes)]))
            open_again()
            if Scope[scopes[number % len(scopes)][0].upper()] in NARROW:
                # Whose session has ended signs in anew.
                load.bearer = sign_in()
            told(number + 1, found[-1][0])
    return found


def bodies_of(requests: Sequence[object]) -> list[bytes]:
    """Questions as they are sent."""
    return [json.dumps(each).encode() for each in requests]


def token_of(base_url: str, credentials: Credentials, *, authorities: Path, clock: Clock) -> str:
    """A token of a software from before, whose questions can be written once and sent many times.

    Raises:
        SignInRefused, QuestionRefused, TemporarilyUnavailable: as ``PracticeSoftware.sign_in``.
    """
    with PracticeSoftware(
        base_url, credentials, authorities=authorities, clock=clock, vault=None
    ) as software:
        software.sign_in()
        assert software.token is not None
        return software.token
