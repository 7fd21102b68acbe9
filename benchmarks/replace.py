"""A card is replaced: how long its old code still opens, from the start of the insurer's command.

    .venv/bin/python -m benchmarks.replace [--rows N] [--cards N]

An insurer of N members, all of them taken in, and a vault that answers. Then the two commands that
people type, each a process of its own: ``rempart insurer replace`` on a file of ``--cards`` rows,
``rempart feed import`` of what it made; and each old code is shown again. Nothing stands for the
time that the file takes from the insurer to the operator.
"""

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from benchmarks.feed import AMC, admitted, half, write_members
from benchmarks.ground import Ground, ask, ground
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.insurer import InsurerFolder
from rempart.usecases.messages import CardShown, Refused


def lose(folder: Path, count: int) -> tuple[str, str]:
    """So many rows of the file, spread over it, as they are and with their next card."""
    header, *rows = (folder / "members.csv").read_text("utf-8").splitlines()
    lost = rows[:: max(1, len(rows) // count)][:count]
    place = header.split(";").index("cards")
    replaced = []
    for row in lost:
        cells = row.split(";")
        serial, until = cells[place].split(":")
        cells[place] = f"{int(serial) + 1}:{until}"
        replaced.append(";".join(cells))
    return "\n".join([header, *lost, ""]), "\n".join([header, *replaced, ""])


def codes_of(insurer: InsurerFolder, rows: str) -> list[CardShown]:
    """The codes of these rows."""
    with insurer.cards(datetime.now(UTC).date()) as issue:
        return [CardShown(card.code) for card in issue(StringIO(rows), rejected=fail)]


def fail(fault: Exception) -> None:
    """No row of this file is bad."""
    raise SystemExit(str(fault))


def command(made: Ground, *words: object) -> float:
    """``rempart WORDS``; how long it took."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "rempart", *map(str, words)],
        env=made.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return time.perf_counter() - start


def measure(rows: int, cards: int) -> dict[str, float | int]:
    """One replacement, on a throw-away installation."""
    with ground(0) as made:
        folder = made.settings.home / "insurer"
        key = made.register(1)
        insurer = admitted(made, folder)
        write_members(folder / "members.csv", rows)
        half("prepare", folder, made.environ)
        half("import", folder, made.environ)
        before, after = lose(folder, cards)
        old, new = codes_of(insurer, before), codes_of(insurer, after)
        (folder / "lost.csv").write_text(after, "utf-8")
        with made.vault(), Door(made.settings.vault_socket) as door:
            (token,) = made.sign_in(door, key, 1)

            def opened(shown: list[CardShown], name: str) -> int:
                asked = [door.ask(ask(token, f"{name}-{n}", each)) for n, each in enumerate(shown)]
                return sum(not isinstance(reply, Refused) for reply in asked)

            assert opened(old, "before") == cards, "every old code opens before"
            feed = folder / "lost.rpf"
            start = time.perf_counter()
            made_s = command(
                made, "insurer", "replace", folder / "lost.csv", "--folder", folder, "--out", feed
            )
            taken_s = command(made, "feed", "import", feed, "--amc", AMC.value)
            assert opened(old, "after") == 0, "no old code opens afterwards"
            dead = time.perf_counter() - start
            assert opened(new, "new") == cards, "every new code opens"
        return {
            "old_code_dead_s": round(dead, 3),
            "replace_s": round(made_s, 3),
            "import_s": round(taken_s, 3),
            "cards": cards,
            "rows": rows,
            "feed_bytes": feed.stat().st_size,
        }


def main() -> None:
    """Measure, and print one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--cards", type=int, default=1)
    asked = parser.parse_args()
    sys.stdout.write(json.dumps(measure(asked.rows, asked.cards)) + "\n")


if __name__ == "__main__":
    main()
