"""Cut-offs: from the start of ``rempart cutoff set`` to the last answer that slipped through.

    .venv/bin/python -m benchmarks.cutoff [--trials N] [--gateways N] [--callers N]

The real stack on this machine: embedded PostgreSQL with fsync, one vault, several gateways, callers
over mutual TLS that never pause. Each trial starts the command as an operator would, Python's own
start included, and takes the moment at which the last caller read an answer; then opens again,
by two operators where it takes two. Every scope in turn.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from benchmarks.gateway import issue, served, token
from benchmarks.ground import AMC, PRODUCT, SITE, Ground, ground, kind_by_place
from rempart.adapters.postgres.connections import conninfo_file
from rempart.adapters.postgres.cut_row import PostgresCutRowSource
from rempart.adapters.system import SystemClock
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.drill.admission import operators, trust_operators
from rempart.drill.cut.restoring import open_again
from rempart.drill.cut.slips import Callers, Load, bodies_of, slips
from rempart.drill.processes import free_port
from rempart.drill.software import eligibility_request
from rempart.usecases.read_cut_offs import ReadCutOffs

SCOPES = (
    ("channel", "api"),
    ("site", SITE),
    ("insurer", AMC),
    ("rights", ""),
    ("platform", ""),
    ("presence", "card"),
    ("account", SITE),
    ("software", PRODUCT),
)
CARDS = 200


def tell(count: int, number: int, slip: float) -> None:
    """A line for each trial."""
    print(f"  {number}/{count}: {slip:.3f} s", file=sys.stderr, flush=True)


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


def measure(made: Ground, *, count: int, gateways: int, callers_at_once: int) -> dict[str, object]:
    """All trials, on one stack."""
    thumbprint = issue(made)
    key = made.register(1, certificate=thumbprint)
    made.populate(kind_by_place)
    now = datetime.now(UTC)
    codes = [made.code(number * 10).code for number in range(CARDS)]
    bodies = bodies_of(
        [eligibility_request(c, ["PHAR"], now.date(), created=now.isoformat()) for c in codes]
    )
    places = [made.settings]
    places += [replace(made.settings, port=free_port()) for _ in range(gateways - 1)]
    with ExitStack() as stack:
        stack.enter_context(made.vault())
        for place in places:
            # Each its own port; all are called by the name of the first.
            there = replace(made, settings=place)
            stack.enter_context(served(there, "rempart", "gateway", "run"))
        read, looked = asyncio.run(row_costs(made.settings))
        callers = Callers(
            ports=[place.port for place in places],
            certificate=made.settings.tls / "software.pem",
            key=made.settings.tls / "software.key",
            authorities=made.settings.tls / "authority.pem",
        )
        load = Load(callers, bodies)
        trust_operators(made.settings)
        began = time.monotonic()
        found = slips(
            load,
            made.environ,
            SCOPES,
            count=count,
            callers=callers_at_once,
            sign_in=partial(token, made, key),
            open_again=partial(open_again, made.settings, operators(made.settings), SystemClock()),
            told=partial(tell, count),
        )
        elapsed = time.monotonic() - began
    return {
        "slip_s_max": round(max(started for started, _ in found), 3),
        "slip_trials": len(found),
        "slip_s_median": round(statistics.median(started for started, _ in found), 3),
        "slip_after_said_s_max": round(max(said for _, said in found), 3),
        "gateways": gateways,
        "callers": callers_at_once,
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
            made, count=chosen.trials, gateways=chosen.gateways, callers_at_once=chosen.callers
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
