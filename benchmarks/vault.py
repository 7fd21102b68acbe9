"""The vault alone: durable answers a second over its socket, beside bare selects.

    .venv/bin/python -m benchmarks.vault [--records N] [--seconds S] [--sealed]

One machine does everything: PostgreSQL, the vault, and the load. Half of the questions show a card
among 20,000 whose signature has been checked before, half type what is printed on any card. Codes
seen for the first time are measured apart. With ``--sealed``, each question comes sealed to the
vault, and the load has sealed it before. ``pgbench`` then reads single locks of the same table by
its index, prepared, with 8 clients, in the same run.
"""

import argparse
import json
import os
import random
import re
import subprocess
import time
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.conninfo import conninfo_to_dict

from benchmarks import cpu, load
from benchmarks.ground import Ground, ask_in, ground, kind_by_place
from rempart.adapters.postgres.connections import conninfo_file
from rempart.adapters.postgres.embedded_place import Runner
from rempart.adapters.postgres.embedded_programs import find_programs
from rempart.adapters.private_files import read_private
from rempart.adapters.vaultdoor.client import Door
from rempart.sealing.presence import SoftwareEnd, VaultEnd
from rempart.usecases.seal_presence import SealPresence, content_of, shown_in

SITES = 200
CARDS = 20_000
Session = tuple[bytes, SealPresence | None]
IN_FLIGHT = 160
SELECT = (
    "\\set r random(1, 2000000000)\n"
    # The next lock after a random index: one descent of the index, one row, as in the vault.
    "SELECT stored FROM sealed.lock WHERE index >= decode(md5(:r::text), 'hex')"
    " ORDER BY index LIMIT 1;\n"
)
encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Rate:
    """Operations a second, and CPU microseconds each, of everything that took part."""

    per_second: float
    cpu_us: float


def pgbench(made: Ground, seconds: int) -> Rate:
    """Point selects, as PostgreSQL's own benchmark makes them."""
    script = made.settings.home / "select.sql"
    script.write_text(SELECT)
    way = conninfo_to_dict(read_private(conninfo_file(made.settings.secrets, "vault")))
    environ = {
        **os.environ,
        "PGHOST": str(way["host"]),
        "PGPORT": str(way["port"]),
        "PGUSER": str(way["user"]),
        "PGPASSWORD": str(way["password"]),
    }
    program = str(find_programs(Runner(os.geteuid(), os.getegid())).path("pgbench"))
    options = ["-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", str(seconds), "-f", str(script)]
    before = cpu.seconds_of_server(made.postmaster)
    children = os.times()
    done = subprocess.run(
        [program, *options, str(way["dbname"])],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    after = os.times()
    used = cpu.seconds_of_server(made.postmaster) - before
    used += after.children_user + after.children_system
    used -= children.children_user + children.children_system
    count = int(re.search(r"transactions actually processed: (\d+)", done.stdout)[1])  # type: ignore[index]
    rate = float(re.search(r"tps = ([\d.]+)", done.stdout)[1])  # type: ignore[index]
    return Rate(rate, used / count * 1e6)


def questions(
    made: Ground, sessions: list[Session], count: int, chance: random.Random
) -> list[bytes]:
    """Encoded questions: every other one a card of the pool, the rest typed."""
    pool = [made.code(number * 10) for number in range(min(CARDS, made.records // 10))]
    bodies = []
    for number in range(count):
        if number % 2:
            shown = chance.choice(pool)
            bodies.append(encode(ask_in(sessions[number % SITES], f"q{number}", shown)))
        else:
            member = chance.randrange(made.records // 10) * 10 + chance.randrange(1, 10)
            bodies.append(
                encode(ask_in(sessions[number % SITES], f"q{number}", made.typed(member)))
            )
    return bodies


def first_seen(made: Ground, sessions: list[Session]) -> list[bytes]:
    """Each card of the pool once."""
    numbers = range(min(CARDS, made.records // 10))
    return [
        encode(ask_in(sessions[number % SITES], f"f{number}", made.code(number * 10)))
        for number in numbers
    ]


def unsealing(made: Ground, count: int = 20_000) -> float:
    """CPU microseconds that opening a sealed question adds, in this process and nothing else."""
    session, key = os.urandom(32), AESGCM(os.urandom(32))
    software, vault = SoftwareEnd(session, key), VaultEnd(session, key)
    things = [content_of(thing) for thing in (made.code(0), made.typed(1))]
    bound = {"key": b"q123456", "domain": b"PHAR", "care_date": b"2026-11-24"}
    values = [software.seal(things[number % 2], **bound) for number in range(count)]
    started = time.process_time()
    for value in values:
        shown_in(vault.open(value, **bound))
    return (time.process_time() - started) / count * 1e6


def measure(made: Ground, count: int, seconds: int, *, sealed: bool) -> dict[str, object]:
    """All figures of one run."""
    key = made.register(SITES)
    made.populate(kind_by_place)
    selects = [pgbench(made, seconds)]
    with made.vault() as vault:
        with Door(made.settings.vault_socket) as door:
            sessions = made.sessions(door, key, SITES, sealed=sealed)
        once = load.run(made.settings.vault_socket, first_seen(made, sessions), in_flight=IN_FLIGHT)
        bodies = questions(made, sessions, count, random.Random(1))
        server = cpu.seconds_of_server(made.postmaster)
        own, asked = cpu.seconds_of(vault.pid), time.process_time()
        answers = load.run(made.settings.vault_socket, bodies, in_flight=IN_FLIGHT)
        own, asked = cpu.seconds_of(vault.pid) - own, time.process_time() - asked
        server = cpu.seconds_of_server(made.postmaster) - server
    selects.append(pgbench(made, seconds))
    bare = Rate(
        sum(rate.per_second for rate in selects) / 2, sum(rate.cpu_us for rate in selects) / 2
    )
    each = 1e6 / answers.answered
    return {
        "answers_per_s": round(answers.per_second),
        "p50_ms": round(answers.latency(0.5), 1),
        "p99_ms": round(answers.latency(0.99), 1),
        "pgbench_ratio": round(answers.per_second / bare.per_second, 2),
        "cpu_ratio": round(bare.cpu_us / ((own + asked + server) * each), 2),
        "records": made.records,
        "sealed": sealed,
        "fsync": True,
        "errors": answers.errors + once.errors,
        "first_seen_answers_per_s": round(once.per_second),
        "pgbench_per_s": round(bare.per_second),
        "cpu_us_per_select": round(bare.cpu_us, 1),
        "cpu_us_vault": round(own * each, 1),
        "cpu_us_postgres": round(server * each, 1),
        "cpu_us_load": round(asked * each, 1),
        **({"cpu_us_unseal": round(unsealing(made), 1)} if sealed else {}),
    }


def main() -> None:
    """Measure, and print one line of JSON last."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=150_000)
    parser.add_argument("--seconds", type=int, default=8, help="of each pgbench run")
    parser.add_argument("--sealed", action="store_true", help="questions come sealed")
    chosen = parser.parse_args()
    with ground(chosen.records) as made:
        figures = measure(made, chosen.questions, chosen.seconds, sealed=chosen.sealed)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
