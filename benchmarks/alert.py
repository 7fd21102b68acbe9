"""Alerts between operators: from one's ``alert publish`` to the other's account, narrowed.

    .venv/bin/python -m benchmarks.alert [--trials N] [--every SECONDS]

Two whole installations on this machine, each with its own PostgreSQL and vault; the first serves
its folder over HTTPS, the courier of the second fetches it. Each trial starts the command as an
officer would, Python's own start included, and looks at the second vault until the account is
narrowed.
Ends with one line of JSON.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ground import Ground, ground
from rempart.adapters.alert_folders import card_at
from rempart.adapters.identity.certificates import issue_server, make_authority
from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.client import Door
from rempart.config import Settings
from rempart.drill.processes import free_port, port_answers
from rempart.usecases.messages import Accounts, Contain, Standings

GOAL = 10.0
"""Seconds, at the worst."""
PATIENCE = 30.0
AS = ("--as", "nadia")


@dataclass(slots=True)
class Pair:
    """Two operators who have exchanged their cards: the first warns, the second listens."""

    first: Ground
    second: Ground
    port: int
    authority: Path

    def environ(self, of: Ground) -> dict[str, str]:
        """The environment of an operator's commands."""
        return {**of.environ, "REMPART_ALERT_PORT": str(self.port), "COLUMNS": "200"}

    def run(self, of: Ground, *words: str | Path, code: int = 0) -> str:
        """``rempart WORDS`` at one operator; what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "rempart", *map(str, words)],
            env=self.environ(of),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def process(self, of: Ground, *words: str, log: Path | None = None) -> Iterator[None]:
        """A process of one operator, for as long as the block lasts."""
        with ExitStack() as stack:
            out = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
            process = subprocess.Popen(
                [sys.executable, "-m", "rempart", *words],
                env={**self.environ(of), "PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=out,
            )
            try:
                yield
            finally:
                process.terminate()
                process.wait(30)

    def serving(self) -> bool:
        """Whether the first one's folder is served."""
        return port_answers(self.first.settings, self.port)

    def exchange(self) -> None:
        """What two humans do once: hand cards over, read fingerprints out, admit and subscribe."""
        cards = {}
        for of, name in ((self.first, "Operateur A"), (self.second, "Operateur B")):
            self.run(of, "alert", "init", name, "--url", f"https://localhost:{self.port}/alerts")
            cards[name] = of.settings.alerts / "card.json"
        for verb, of, name, more in (
            ("admit", self.first, "Operateur B", ()),
            ("subscribe", self.second, "Operateur A", ("--authority", self.authority, *AS)),
        ):
            fingerprint = card_at(cards[name]).fingerprint
            self.run(of, "alert", verb, cards[name], "--fingerprint", fingerprint, *more)


@contextmanager
def pair(sites: int) -> Iterator[Pair]:
    """Two installations of the same sites, their vaults up, their cards not yet exchanged."""
    with ExitStack() as stack:
        first, second = (stack.enter_context(ground(0)) for _ in range(2))
        for each in (first, second):
            each.register(sites)
            stack.enter_context(each.vault())
        made = Pair(
            first, second, free_port(), first.settings.home / "tls" / "alerts-authority.pem"
        )
        give_tls(first.settings, made.authority)
        yield made


def give_tls(settings: Settings, authority: Path) -> None:
    """A certificate for the folder's server, of an authority of its own."""
    now = SystemClock().now()
    settings.tls.mkdir(exist_ok=True)
    made = make_authority("alerts", now=now)
    issue_server(made, ["localhost"], now=now).write(settings.tls, "alerts")
    authority.write_bytes(made.certificate)


def freeze(of: Ground, names: Sequence[str]) -> None:
    """An officer freezes accounts."""
    with Door(of.settings.vault_socket) as door:
        for name in names:
            door.ask(Contain(name, "frozen", "compromised", "nadia"))


def stage(door: Door, name: str) -> str:
    """Where an account stands."""
    found = door.ask(Standings(client_id=name))
    assert isinstance(found, Accounts)
    return found.accounts[0].stage


def until(door: Door, name: str, wanted: str) -> float:
    """The moment at which an account was seen there."""
    end = time.perf_counter() + PATIENCE
    while stage(door, name) != wanted:
        if time.perf_counter() > end:
            raise SystemExit(f"{name} is not {wanted} after {PATIENCE:.0f} s")
        time.sleep(0.01)
    return time.perf_counter()


def trial(made: Pair, door: Door, name: str) -> tuple[float, float]:
    """Seconds from the start of the command, and from its end, to the account narrowed."""
    began = time.perf_counter()
    made.run(made.first, "alert", "publish", name, "--why", "compromised", *AS)
    published = time.perf_counter()
    narrowed = until(door, name, "NARROWED")
    return narrowed - began, max(0.0, narrowed - published)


def main() -> None:
    """Run the trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--every", default="2")
    asked = parser.parse_args()
    names = [f"STRUCT:BENCH-{number:04d}" for number in range(asked.trials)]
    os.environ["REMPART_ALERT_ACCOUNTS"] = str(asked.trials)
    os.environ["REMPART_ALERT_ACCOUNTS_ALL"] = str(asked.trials)
    with pair(asked.trials) as made:
        made.exchange()
        freeze(made.first, names)
        with (
            made.process(made.first, "alert", "serve"),
            made.process(made.second, "alert", "run", "--every", asked.every),
            Door(made.second.settings.vault_socket) as door,
        ):
            while not made.serving():
                time.sleep(0.05)
            results = []
            for name in names:
                # Or each would begin where the courier's last turn has ended.
                time.sleep(random.uniform(0, float(asked.every)))
                results.append(trial(made, door, name))
                print(f"  {results[-1][0]:.2f} s, {results[-1][1]:.2f} s", file=sys.stderr)
    whole, after = zip(*results, strict=True)
    said = {
        "alert": {
            "trials": asked.trials,
            "every": float(asked.every),
            "seconds_median": round(statistics.median(whole), 2),
            "seconds_worst": round(max(whole), 2),
            "after_publication_median": round(statistics.median(after), 2),
            "after_publication_worst": round(max(after), 2),
            "goal": GOAL,
            "reached": max(whole) < GOAL,
        }
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
