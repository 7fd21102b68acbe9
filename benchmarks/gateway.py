"""The gateway: answers a second over mutual TLS, beside the same server without protection.

    .venv/bin/python -m benchmarks.gateway [--records N] [--requests N]

One gateway worker, one vault, PostgreSQL and the load share the machine. The load is a small Go
program (``benchmarks/loader``) with the software's certificate, on kept connections: 2,000 cards in
turn, each question under a new idempotency key. The comparison answers the same requests from a
plain table, with one select. Needs Go.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import cpu
from benchmarks.ground import Ground, ground, kind_by_place
from rempart.adapters.identity.assertions import JWK
from rempart.adapters.identity.certificates import issue_client, issue_server, make_authority
from rempart.adapters.postgres.connections import connect
from rempart.adapters.system import SystemClock
from rempart.drill.cut.slips import token_of
from rempart.drill.processes import free_port, port_answers
from rempart.drill.software import Credentials, eligibility_request

IN_FLIGHT = 64
CARDS = 2_000
FHIR = "/fhir/CoverageEligibilityRequest"
PLAIN = """
CREATE SCHEMA plain;
CREATE TABLE plain.rights (code text PRIMARY KEY, until text NOT NULL, mode text NOT NULL);
INSERT INTO plain.rights SELECT md5(i::text), '2030-12-31', 'TM' FROM generate_series(1, %s) AS i;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one run of the load saw."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_us: float


def issue(made: Ground) -> bytes:
    """Certificates of the gateway and of the software; its thumbprint."""
    tls, now = made.settings.tls, SystemClock().now()
    tls.mkdir()
    servers, clients = make_authority("bench", now=now), make_authority("bench PS", now=now)
    (tls / "authority.pem").write_bytes(servers.certificate)
    (tls / "clients.pem").write_bytes(clients.certificate)
    issue_server(servers, ["localhost", "127.0.0.1"], now=now).write(tls, "gateway")
    issued = issue_client(clients, "bench.example", now=now)
    certificate, key = issued.write(tls, "software")
    both = tls / "software-both.pem"
    both.write_bytes(certificate.read_bytes() + key.read_bytes())
    return issued.thumbprint


@contextmanager
def served(made: Ground, *module: str) -> Iterator[int]:
    """A gateway's process, listening; its number."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module], env=made.environ, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 30
        while not port_answers(made.settings):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{module} did not start")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def token(made: Ground, key: JWK) -> str:
    """Sign in as the software, over mutual TLS."""
    tls = made.settings.tls
    credentials = Credentials(
        client_id="STRUCT:BENCH-0000",
        key=key,
        certificate=tls / "software.pem",
        certificate_key=tls / "software.key",
    )
    # Twice the load with the same bodies: what is sealed serves one question, once.
    return token_of(
        made.settings.base_url,
        credentials,
        authorities=tls / "authority.pem",
        clock=SystemClock(),
    )


def loader(made: Ground) -> Path:
    """The load generator, built."""
    go = shutil.which("go")
    if go is None:
        raise SystemExit("Go is needed to build the load generator: apt-get install golang-go")
    built = made.settings.home / "loader"
    source = Path(__file__).with_name("loader")
    subprocess.run([go, "build", "-o", str(built), "."], cwd=source, check=True)
    return built


def under_load(made: Ground, program: Path, bearer: str, requests: int) -> Rate:
    """Ask, with the software's certificate."""
    tls, home = made.settings.tls, made.settings.home
    options = {
        "url": made.settings.base_url + FHIR,
        "certificate": str(tls / "software-both.pem"),
        "authorities": str(tls / "authority.pem"),
        "bearer": bearer,
        "bodies": str(home / "requests.jsonl"),
        "requests": str(requests),
        "connections": str(IN_FLIGHT),
    }
    before = os.times()
    done = subprocess.run(
        [str(program), *(f"-{name}={value}" for name, value in options.items())],
        capture_output=True,
        text=True,
        check=True,
    )
    after, said = os.times(), json.loads(done.stdout)
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return Rate(
        per_second=said["answered"] / said["seconds"],
        p50_ms=round(said["p50_ms"], 1),
        p99_ms=round(said["p99_ms"], 1),
        errors=said["errors"],
        cpu_us=used / requests * 1e6,
    )


def measure(made: Ground, requests: int) -> dict[str, object]:
    """Protected, then not, in one run."""
    thumbprint = issue(made)
    key = made.register(1, certificate=thumbprint)
    made.populate(kind_by_place)
    codes = [made.code(number * 10).code for number in range(CARDS)]
    with connect("owner", made.settings) as connection:
        for statement in PLAIN.split(";")[:-1]:
            connection.execute(statement.replace("%s", str(made.records)))
        connection.cursor().executemany(
            "INSERT INTO plain.rights VALUES (%(code)s, '2030-12-31', 'TM')",
            [{"code": code} for code in codes],
        )
    now = datetime.now(UTC)
    asked = [
        eligibility_request(code, ["PHAR"], now.date(), created=now.isoformat()) for code in codes
    ]
    lines = "".join(json.dumps(request) + "\n" for request in asked)
    (made.settings.home / "requests.jsonl").write_text(lines)
    program = loader(made)

    with made.vault() as vault, served(made, "rempart", "gateway", "run") as gateway:
        bearer = token(made, key)
        under_load(made, program, bearer, requests // 10)
        spent = [cpu.seconds_of(gateway), cpu.seconds_of(vault.pid)]
        ours = under_load(made, program, bearer, requests)
        spent = [
            cpu.seconds_of(pid) - was for pid, was in zip((gateway, vault.pid), spent, strict=True)
        ]
    with served(made, "benchmarks.unprotected"):
        bearer = token(made, key)
        under_load(made, program, bearer, requests // 10)
        bare = under_load(made, program, bearer, requests)
    return {
        "answers_per_s": round(ours.per_second),
        "p50_ms": ours.p50_ms,
        "p99_ms": ours.p99_ms,
        "unprotected_ratio": round(ours.per_second / bare.per_second, 2),
        "records": made.records,
        "fsync": True,
        "errors": ours.errors + bare.errors,
        "unprotected_per_s": round(bare.per_second),
        "unprotected_p99_ms": bare.p99_ms,
        "cpu_us_gateway": round(spent[0] / requests * 1e6, 1),
        "cpu_us_vault": round(spent[1] / requests * 1e6, 1),
        "cpu_us_load": round(ours.cpu_us, 1),
    }


def main() -> None:
    """Measure, and print one line of JSON last."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=60_000)
    chosen = parser.parse_args()
    with ground(chosen.records, port=free_port()) as made:
        figures = measure(made, chosen.requests)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
