"""Cut-offs: from the start of ``rempart cutoff set`` to the last answer that slipped through.

    .venv/bin/python -m benchmarks.cutoff [--trials N] [--gateways N] [--callers N]

The real stack on this machine: embedded PostgreSQL with fsync, one vault, several gateways, callers
over mutual TLS that never pause. Each trial starts the command as an operator would, Python's own
start included, and takes the moment at which the last caller read an answer; then opens again,
by two operators where it takes two. Scopes in turn: API, one insurer, all rights, the platform.
"""

import argparse
import asyncio
import json
import os
import secrets
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException, HTTPSConnection

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.gateway import FHIR, issue, served, token
from benchmarks.ground import AMC, Ground, free_port, ground, kind_by_place
from rempart.adapters.identity.assertions import JWK
from rempart.adapters.keys.operators import make_operator_key, operator_key, trust_operator
from rempart.adapters.postgres.connections import conninfo_file
from rempart.adapters.postgres.cut_row import PostgresCutRowSource
from rempart.adapters.system import SystemChance, SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.importer import operators_folder
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.drill.software import eligibility_request
from rempart.usecases.clearing import clearing_statement
from rempart.usecases.confirm_together import confirm
from rempart.usecases.cut_off_messages import ClearCutOff, CutOffsShown, ListCutOffs
from rempart.usecases.messages import Done
from rempart.usecases.read_cut_offs import ReadCutOffs

SCOPES = (("channel", "api"), ("insurer", AMC), ("rights", ""), ("platform", ""))
CARDS = 200
WARM, QUIET = 0.6, 0.7
"""Seconds of load before each cut; seconds without an answer after which nothing slips any more."""
TOKEN_FOR = 200.0
"""Seconds after which callers take a new token; it lives 300."""


@dataclass(slots=True)
class Load:
    """Callers that ask without a pause. ``last`` is when one of them last read an answer,
    ``orders`` how many cut-offs the vault was too slow to confirm.
    """

    settings: Sequence[Settings]
    bodies: Sequence[bytes]
    bearer: str = ""
    last: float = 0.0
    answers: int = 0
    refused: int = 0
    slowest: float = 0.0
    orders: int = 0
    stopping: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, number: int) -> None:
        """One caller, on one connection kept to one of the gateways."""
        settings = self.settings[number % len(self.settings)]
        tls = ssl.create_default_context(cafile=settings.tls / "authority.pem")
        tls.load_cert_chain(settings.tls / "software.pem", settings.tls / "software.key")
        connection = HTTPSConnection("localhost", settings.port, context=tls, timeout=10)
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
def callers(load: Load, count: int) -> Iterator[None]:
    """So many of them, until the end of the block."""
    threads = [threading.Thread(target=load.run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        load.stopping = True
        for thread in threads:
            thread.join(15)


def cut(made: Ground, load: Load, scope: str, what: str) -> tuple[float, float]:
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
        "bench",
    ]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "rempart", *words],
        env=made.environ,
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


def open_again(made: Ground, operators: Sequence[Ed25519PrivateKey]) -> None:
    """Clear what is cut, by two where it takes two."""
    end = time.monotonic() + 20
    while not made.settings.vault_socket.exists() and time.monotonic() < end:
        time.sleep(0.05)
    with Door(made.settings.vault_socket) as door:
        shown = door.ask(ListCutOffs())
        assert isinstance(shown, CutOffsShown)
        for each in shown.cut_offs:
            said = clearing_statement(each.ref, now=SystemClock().now(), chance=SystemChance())
            words = tuple(json.dumps(confirm(said, key)) for key in operators if each.two)
            reply = door.ask(ClearCutOff(each.ref, "bench", json.dumps(said), words))
            assert isinstance(reply, Done), reply


def two_operators(made: Ground) -> list[Ed25519PrivateKey]:
    """Keys of two who may open again, trusted here."""
    keys = []
    for name in ("alix", "basile"):
        public = make_operator_key(made.settings.home, name, os.urandom(32))
        trust_operator(operators_folder(made.settings), public)
        keys.append(operator_key(public.with_suffix(".key")))
    return keys


def trials(made: Ground, load: Load, key: JWK, count: int) -> list[tuple[float, float]]:
    """The two slips of each trial, in seconds."""
    operators, slips, taken = two_operators(made), [], -TOKEN_FOR
    # As on any machine where a command was typed before: its bytecode is there.
    subprocess.run(
        [sys.executable, "-m", "rempart", "cutoff", "set", "--help"],
        env=made.environ,
        capture_output=True,
        check=True,
    )
    for number in range(count):
        if time.monotonic() - taken > TOKEN_FOR:
            load.bearer, taken = token(made, key), time.monotonic()
        before, end = load.answers, time.monotonic() + 20
        while load.answers == before and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(WARM)
        assert load.answers > before, "nobody is answered: there is no load to cut"
        slips.append(cut(made, load, *SCOPES[number % len(SCOPES)]))
        open_again(made, operators)
        print(f"  {number + 1}/{count}: {slips[-1][0]:.3f} s", file=sys.stderr, flush=True)
    return slips


async def row_costs(settings: Settings, count: int = 2_000) -> tuple[float, float]:
    """Microseconds of one reading of the row, and of one look at what was read."""
    source = PostgresCutRowSource(conninfo_file(settings.secrets, "gateway"))
    await source.read()
    began = time.perf_counter()
    for _ in range(count):
        await source.read()
    read = (time.perf_counter() - began) / count
    rows = ReadCutOffs(source, partial(vault_key, settings.vault_key_file), lambda: 0.0)
    await rows.standing()
    began = time.perf_counter()
    for _ in range(count):
        await rows.standing()
    looked = (time.perf_counter() - began) / count
    await source.close()
    return read * 1e6, looked * 1e6


def measure(made: Ground, *, count: int, gateways: int, asking: int) -> dict[str, object]:
    """All trials, on one stack."""
    thumbprint = issue(made)
    key = made.register(1, certificate=thumbprint)
    made.populate(kind_by_place)
    now = datetime.now(UTC)
    codes = [made.code(number * 10).code for number in range(CARDS)]
    bodies = [
        json.dumps(eligibility_request(c, ["PHAR"], now.date(), created=now.isoformat())).encode()
        for c in codes
    ]
    places = [made.settings]
    places += [replace(made.settings, port=free_port()) for _ in range(gateways - 1)]
    with ExitStack() as stack:
        stack.enter_context(made.vault())
        for place in places:
            # Each its own port; all are called by the name of the first.
            there = replace(made, settings=place)
            stack.enter_context(served(there, "rempart", "gateway", "run"))
        read, looked = asyncio.run(row_costs(made.settings))
        load = Load(places, bodies)
        load.bearer = token(made, key)
        stack.enter_context(callers(load, asking))
        began = time.monotonic()
        slips = trials(made, load, key, count)
        elapsed = time.monotonic() - began
    return {
        "slip_s_max": round(max(started for started, _ in slips), 3),
        "slip_trials": len(slips),
        "slip_s_median": round(statistics.median(started for started, _ in slips), 3),
        "slip_after_said_s_max": round(max(said for _, said in slips), 3),
        "gateways": gateways,
        "callers": asking,
        "answers_per_s": round(load.answers / elapsed),
        "cut_per_s": round(load.refused / elapsed),
        "slowest_reply_s": round(load.slowest, 3),
        "orders_left": load.orders,
        "row_read_us": round(read),
        "row_look_us": round(looked, 1),
        "fsync": True,
    }


def main() -> None:
    """Measure, and print one line of JSON last."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--gateways", type=int, default=3)
    parser.add_argument("--callers", type=int, default=9)
    chosen = parser.parse_args()
    with ground(CARDS * 10, port=free_port()) as made:
        figures = measure(
            made, count=chosen.trials, gateways=chosen.gateways, asking=chosen.callers
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
