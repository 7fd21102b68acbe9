"""What guard and budgets cost: the same questions to a vault with them and to one without.

    .venv/bin/python -m benchmarks.guard [--records N] [--questions N] [--rounds N]

Both vaults serve the same table, in turn, in one run; each round asks both. A part of the questions
is about people whom their site has met before, as in practice.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import msgspec

from benchmarks import cpu, load
from benchmarks.ground import Ground, ask, ground, kind_by_place, wait_for
from rempart.adapters.vaultdoor.client import Door

SITES = 200
IN_FLIGHT = 160
PANEL = 400
"""People whom a site's questions are about."""
encode = msgspec.msgpack.Encoder().encode


@contextmanager
def serving(made: Ground, module: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A vault of this installation."""
    process = subprocess.Popen([sys.executable, "-m", *module], env=made.environ)
    try:
        wait_for(made.settings.vault_socket, process)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def questions(made: Ground, tokens: list[bytes], count: int, chance: random.Random) -> list[bytes]:
    """Each site asks about its own people: every other one by card, the rest typed."""
    codes: dict[int, object] = {}
    bodies = []
    for number in range(count):
        site = number % SITES
        member = (site * PANEL + chance.randrange(PANEL)) * 10 % made.records
        if number % 2:
            shown = codes.get(member) or codes.setdefault(member, made.code(member))
        else:
            shown = made.typed(member + 1 + chance.randrange(9))
        bodies.append(encode(ask(tokens[site], f"q{number}/{chance.random()}", shown)))  # type: ignore[arg-type]
    return bodies


def one(made: Ground, module: list[str], count: int, seed: int) -> tuple[float, int]:
    """CPU microseconds an answer of the vault and its server, and errors."""
    with serving(made, module) as vault:
        with Door(made.settings.vault_socket) as door:
            tokens = made.sign_in(door, KEYS[0], SITES)
        bodies = questions(made, tokens, count, random.Random(seed))
        load.run(made.settings.vault_socket, bodies[: count // 4], in_flight=IN_FLIGHT)
        server, own = cpu.seconds_of_server(made.postmaster), cpu.seconds_of(vault.pid)
        answers = load.run(made.settings.vault_socket, bodies[count // 4 :], in_flight=IN_FLIGHT)
        used = cpu.seconds_of(vault.pid) - own + cpu.seconds_of_server(made.postmaster) - server
    return used / max(1, answers.answered) * 1e6, answers.errors


KEYS: list = []  # type: ignore[type-arg]
WITH, WITHOUT = ["rempart", "vault", "run"], ["benchmarks.unguarded"]


def measure(made: Ground, count: int, rounds: int) -> dict[str, object]:
    """Medians over rounds."""
    KEYS.append(made.register(SITES))
    made.populate(kind_by_place)
    costs: dict[str, list[float]] = {"with": [], "without": []}
    errors = 0
    for each in range(rounds):
        for name, module in (("without", WITHOUT), ("with", WITH)):
            cost, failed = one(made, module, count, each)
            costs[name].append(cost)
            errors += failed
    with_guard, without = median(costs["with"]), median(costs["without"])
    return {
        "guard_share": round(1 - without / with_guard, 3),
        "cpu_us_with": round(with_guard, 1),
        "cpu_us_without": round(without, 1),
        "rounds": rounds,
        "records": made.records,
        "errors": errors,
    }


def main() -> None:
    """Measure, and print one line of JSON last."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with ground(chosen.records) as made:
        print(json.dumps(measure(made, chosen.questions, chosen.rounds)))


if __name__ == "__main__":
    main()
