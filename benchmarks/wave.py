"""How soon a wave is seen, and how often one is seen that is none, by the size of the platform.

    .venv/bin/python -m benchmarks.wave

Arithmetic alone: narrowings come by chance, one by one, at a multiple of the honest pace; a hundred
thefts come evenly over some days. Counts the part of the time that a wave lasts without any theft,
and the thefts that find none, so that they read in full. Medians over runs.
"""

import json
import random
import sys
from statistics import median

from rempart.domain.budget import DAY
from rempart.domain.surroundings import FALLS_AMONG, FALLS_HONEST, Wave

SIZES = (450, 20_000, 200_000)
PACES = (1, 2, 3)
SPANS = (21, 60)
THEFTS, RUNS, YEAR = 100, 40, 365
SAMPLES = 24
"""Looks a day."""


def honest(chance: random.Random, accounts: int, pace: float, days: int) -> list[int]:
    """Moments at which honest accounts are narrowed."""
    found, at = [], 0.0
    while (at := at + chance.expovariate(accounts * FALLS_HONEST * pace)) < days * DAY:
        found.append(int(at))
    return found


def part_of_year(chance: random.Random, accounts: int, pace: float) -> float:
    """The part of a year, without a theft, that a wave lasts."""
    wave, falls, lasting = Wave(), honest(chance, accounts, pace, YEAR), 0
    for look in range(YEAR * SAMPLES):
        at = look * DAY // SAMPLES
        while falls and falls[0] <= at:
            wave.note(falls.pop(0), accounts=accounts)
        lasting += wave.here(at)
    return lasting / (YEAR * SAMPLES)


def in_full(chance: random.Random, accounts: int, days: int) -> int:
    """Of the thefts, those that begin while no wave lasts."""
    wave, read = Wave(), 0
    thefts = [(int(chance.random() * days * DAY), True) for _ in range(THEFTS)]
    for at, theft in sorted(thefts + [(at, False) for at in honest(chance, accounts, 1, days)]):
        read += theft and not wave.here(at)
        wave.note(at, accounts=accounts)
    return read


def main() -> None:
    """Count, and print one JSON object last."""
    chance = random.Random(20240201)
    told = {
        str(accounts): {
            "wave_share": {
                str(pace): round(
                    sum(part_of_year(chance, accounts, pace) for _ in range(RUNS)) / RUNS, 3
                )
                for pace in PACES
            },
            "thefts_in_full": {
                str(days): median(in_full(chance, accounts, days) for _ in range(RUNS))
                for days in SPANS
            },
        }
        for accounts in SIZES
    }
    sys.stdout.write(json.dumps({"least": FALLS_AMONG, "runs": RUNS, "accounts": told}) + "\n")


if __name__ == "__main__":
    main()
