"""The cards of a membership: codes in a table by one process, then family sheets by several.

    .venv/bin/python -m benchmarks.cards [--codes N] [--processes P]

Each part is the command that an insurer types, in a process of its own, timed from start to end:
``rempart insurer cards --no-images`` (parse, sign, write the table), and ``--sheets`` (plan, sign,
draw every QR and DataMatrix, set PDF/A pages, hash them, put them on disk). Families have one to
six members, 2.8 on average, and their rows are shuffled over the whole file. ``peak_mb`` is that of
the largest process.

A command costs something before its first code (processes start, keys are opened, a first page is
set), and a million codes pay that once. So each is run twice, with N codes and with a tenth of N,
and a million lies on the line through both: ``million_minutes`` by the time that it took,
``…_cpu_minutes`` by its CPU time, that of all its processes, on two cores that have nothing else to
do. ``start_cpu_s`` is where that line begins.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HEADER = (
    "reference;nom;prenom;member_number;birth_date;birth_rank;periods;formula;domains;"
    "contract;responsable;cards;convention;csr\n"
)
SIZES = (1, 1, 2, 2, 2, 3, 3, 4, 4, 6)
"""Members of a family, each as likely: 2.8 on average."""
NAMES = ("Fictive", "Imaginaire-Supposé", "D’Invention", "Sansnom", "Quidam")
GRID = "PHAR=TM LABO=100 RADL=TM AUXM=TM SVIL=TM DENT=TM DEPR=PEC OPTI=PEC AUDI=PEC HOSP=100"


def write_members(path: Path, rows: int) -> int:
    """A member file of people who cannot exist; how many families."""
    chance = random.Random(rows)
    lines: list[str] = []
    families = 0
    while len(lines) < rows:
        families += 1
        for _ in range(min(chance.choice(SIZES), rows - len(lines))):
            year, month = 1930 + chance.randrange(95), 1 + chance.randrange(12)
            lines.append(
                f"REF-{len(lines):09d};{NAMES[families % 5]};Noé;{families:09d};"
                f"{year}-{month:02d}-00;1;2026-01-01/2026-12-31@2025-12-01;F1;{GRID};"
                f"GROUP;yes;1:2026-12-31;SP;R66\n"
            )
    chance.shuffle(lines)
    path.write_text(HEADER + "".join(lines), "utf-8")
    return families


class Used(NamedTuple):
    """What a command used: seconds, seconds of CPU, MB of its largest process."""

    wall: float
    cpu: float
    peak: float


class Made(NamedTuple):
    """One run of both commands, over ``codes`` cards on ``sheets`` pages."""

    codes: int
    sheets: int
    table: Used
    printed: Used
    pdf_mb: float


def run(*words: str, folder: Path) -> Used:
    """Run a command of ``rempart insurer``."""
    # GNU time is not everywhere: a process of ours waits for it, and knows what its child used.
    waiter = (
        "import json, resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_maxrss, used.ru_utime + used.ru_stime)"
    )
    command = [sys.executable, "-m", "rempart", "insurer", *words]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", waiter, *command],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    wall = time.perf_counter() - start
    kib, cpu = map(float, done.stdout.split())
    return Used(wall, cpu, kib / 1024)


def make(codes: int, processes: int) -> Made:
    """Both parts, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        families = write_members(folder / "members.csv", codes)
        run("init", "99990001", folder=folder)
        (folder / "insurer" / "sheet.toml").write_text('name = "Exemple"\ncontact = "01"\n')
        table = run("cards", "members.csv", "--out", "t", "--no-images", folder=folder)
        told = ("--sheets", "--processes", str(processes))
        printed = run("cards", "members.csv", "--out", "s", *told, folder=folder)
        manifest = json.loads((folder / "s" / "print" / "manifest.json").read_text())
        assert manifest["codes"] == codes, "everybody has a code"
        assert manifest["pages"] == families, "everybody fits a page"
        pdf_mb = sum(pack["bytes"] for pack in manifest["packs"]) / 1e6
        return Made(codes, families, table, printed, pdf_mb)


def line(few: tuple[int, float], many: tuple[int, float]) -> tuple[float, float]:
    """Seconds before the first code, and for each: of the line through two runs."""
    each = (many[1] - few[1]) / (many[0] - few[0])
    return few[1] - each * few[0], each


def million(few: Made, many: Made, part: str) -> dict[str, float]:
    """What a million codes take."""
    one, other = getattr(few, part), getattr(many, part)
    start, each = line((few.codes, one.cpu), (many.codes, other.cpu))
    before, every = line((few.codes, one.wall), (many.codes, other.wall))
    return {
        "million_minutes": round((before + every * 1e6) / 60, 1),
        "million_cpu_minutes": round((start + each * 1e6) / 2 / 60, 1),
        "start_cpu_s": round(start, 1),
    }


def measure(codes: int, processes: int) -> dict[str, float | int]:
    """A tenth of it, then all."""
    few, many = make(codes // 10, processes), make(codes, processes)
    table, printed = many.table, many.printed
    return {
        "codes": codes,
        "seconds": round(table.wall, 1),
        "codes_per_s": round(codes / table.wall),
        "peak_mb": round(table.peak),
        **million(few, many, "table"),
        "sheets": many.sheets,
        "sheets_seconds": round(printed.wall, 1),
        "sheets_per_s": round(many.sheets / printed.wall, 1),
        "sheet_codes_per_s": round(codes / printed.wall),
        "sheets_peak_mb": round(printed.peak),
        **{f"sheets_{name}": figure for name, figure in million(few, many, "printed").items()},
        "processes": processes,
        "pdf_mb": round(many.pdf_mb),
    }


def main() -> None:
    """Measure, and print one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    sys.stdout.write(json.dumps(measure(asked.codes, asked.processes)) + "\n")


if __name__ == "__main__":
    main()
