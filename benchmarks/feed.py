"""The way of a member file: prepared at the insurer, taken in by the platform.

    .venv/bin/python -m benchmarks.feed [--rows N]

Each half is one process of its own, timed from its first line to its last commit: reading and
checking the CSV, sealing two locks a member, the state of the last feed, the sealed file on disk;
then verifying the whole feed, the outer layer, the rows and two indexes in PostgreSQL, durable by
batches. ``peak_rss_mb`` is the larger of the two processes.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.ground import Ground, ground
from rempart.adapters.keys.file import KeyFile
from rempart.bootstrap.importer import importer, platform_key
from rempart.bootstrap.insurer import InsurerFolder, make_folder
from rempart.bootstrap.keyrings import rights_keyring
from rempart.bootstrap.registrar import registrar
from rempart.config import Settings
from rempart.domain.identifiers import AMCNumber, MemberNumberRule
from rempart.domain.insurer import InsurerProfile
from rempart.usecases.ports import Insurer
from rempart.usecases.prepare_feed import PrepareOptions, Watch

AMC = AMCNumber("99990001")
HEADER = (
    "reference;nom;nir;member_number;birth_date;birth_rank;periods;formula;domains;"
    "contract;responsable;cards;convention;csr\n"
)
GRIDS = (
    "PHAR=TM LABO=100 RADL=TM AUXM=TM SVIL=TM DENT=TM DEPR=PEC OPTI=PEC AUDI=PEC HOSP=100",
    "PHAR=TM LABO=TM SVIL=TM HOSP=TM",
    "PHAR=100 LABO=100 RADL=100 AUXM=100 SVIL=100 SAGE=100 DENT=100 OPTI=PEC HOSP=100 TRAN=100",
)


def write_members(path: Path, rows: int) -> None:
    """A member file of people who cannot exist: their birth days are no days."""
    chance = random.Random(rows)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(HEADER)
        for number in range(rows):
            year, month = 1930 + chance.randrange(95), 1 + chance.randrange(12)
            start = f"202{chance.randrange(4, 7)}-01-01"
            stream.write(
                f"REF-{number:09d};Fictive;1 99 99 99 999 999;{chance.randrange(10**9):09d};"
                f"{year}-{month:02d}-00;{1 + chance.randrange(2)};"
                f"{start}/2026-12-31@2023-12-{1 + chance.randrange(28):02d};"
                f"F{chance.randrange(300)};{GRIDS[chance.randrange(3)]};GROUP;yes;"
                f"{1 + chance.randrange(4)}:2026-12-31;SP;\n"
            )


def prepare(folder: Path) -> None:
    """The insurer's half, in this process."""
    insurer = InsurerFolder.open(folder, KeyFile(folder / "insurer.key"))
    start = time.perf_counter()
    report, _ = insurer.prepare(
        folder / "members.csv",
        out=folder / "feed.rpf",
        today=date(2026, 11, 24),
        options=PrepareOptions(),
        watch=Watch(),
    )
    tell(time.perf_counter() - start, report.sent)


def take_in(folder: Path) -> None:
    """The platform's half, in this process."""
    with importer(Settings.from_environ()) as take, (folder / "feed.rpf").open("rb") as stream:
        start = time.perf_counter()
        report = take(stream, amc=AMC)
        tell(time.perf_counter() - start, report.added)


def tell(seconds: float, rows: int) -> None:
    """What a half did, for the other process to read."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "seconds": seconds,
        "rows": rows,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss": usage.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")


def half(name: str, folder: Path, environ: dict[str, str]) -> dict[str, float]:
    """Run one half in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.feed", "--half", name, "--folder", str(folder)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    told = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(told, dict)
    return told


def admitted(made: Ground, folder: Path) -> InsurerFolder:
    """The insurer of the ground, with a folder of its own and its keys."""
    profile = InsurerProfile(
        amc=AMC,
        sandbox=True,
        member_number_rule=MemberNumberRule(),
        declared=True,
        legacy_until=None,
        platform=platform_key(made.settings),
    )
    bundle = make_folder(folder, profile, KeyFile(folder / "insurer.key"))
    with registrar(made.settings) as registry:
        insurer = Insurer(amc=int(AMC.value), bundle=bundle.to_json(), sandbox=True)
        registry.register_insurer(insurer, confirmations=[])
    return InsurerFolder.open(folder, KeyFile(folder / "insurer.key"))


def measure(rows: int) -> dict[str, float | int | bool]:
    """Both halves, on a throw-away installation."""
    with ground(0) as made:
        folder = made.settings.home / "insurer"
        admitted(made, folder)
        rights_keyring(made.settings).put(f"outer/{AMC.value}/1", os.urandom(32))
        write_members(folder / "members.csv", rows)
        prepared = half("prepare", folder, made.environ)
        taken = half("import", folder, made.environ)
        assert prepared["rows"] == taken["rows"] == rows, "everybody arrives"
        return {
            "prepare_per_s": round(rows / prepared["seconds"]),
            "members_per_s": round(rows / taken["seconds"]),
            "peak_rss_mb": round(max(prepared["rss"], taken["rss"])),
            "rows": rows,
            "prepare_cpu_us": round(prepared["cpu"] / rows * 1e6, 1),
            "import_cpu_us": round(taken["cpu"] / rows * 1e6, 1),
            "feed_mb": round((folder / "feed.rpf").stat().st_size / 1e6, 1),
            "fsync": True,
        }


def main() -> None:
    """Measure, and print one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--half", choices=["prepare", "import"])
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.half:
        {"prepare": prepare, "import": take_in}[asked.half](asked.folder)
    else:
        sys.stdout.write(json.dumps(measure(asked.rows)) + "\n")


if __name__ == "__main__":
    main()
