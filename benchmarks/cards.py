"""The cards of a membership: codes in a table by one process, then family sheets by several.

    .venv/bin/python -m benchmarks.cards [--codes N] [--processes P]

Each part is the command that an insurer types, in a process of its own, timed from start to end:
``rempart insurer cards --no-images`` (parse, sign, write the table), and ``--sheets`` (plan, sign,
draw every QR and DataMatrix, set PDF/A pages, hash them, put them on disk). Families have one to
six members, 2.8 on average, and their rows are shuffled over the whole file. ``peak_mb`` is that of
the largest process; ``million_minutes`` scales the time to a million codes, ``…_cpu_minutes`` the
CPU time to two cores that have nothing else to do.
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

    def per_million(self, codes: int) -> dict[str, float]:
        """Minutes for a million codes: as it went, and on two free cores."""
        minutes = 1e6 / codes / 60
        return {
            "million_minutes": round(self.wall * minutes, 1),
            "million_cpu_minutes": round(self.cpu / 2 * minutes, 1),
        }


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


def measure(codes: int, processes: int) -> dict[str, float | int]:
    """Both parts, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        families = write_members(folder / "members.csv", codes)
        run("init", "99990001", folder=folder)
        (folder / "insurer" / "sheet.toml").write_text('name = "Exemple"\ncontact = "01"\n')
        table = run("cards", "members.csv", "--out", "t", "--no-images", folder=folder)
        told = ("--sheets", "--processes", str(processes))
        sheets = run("cards", "members.csv", "--out", "s", *told, folder=folder)
        manifest = json.loads((folder / "s" / "print" / "manifest.json").read_text())
        assert manifest["codes"] == codes, "everybody has a code"
        assert manifest["pages"] == families, "everybody fits a page"
        return {
            "codes": codes,
            "seconds": round(table.wall, 1),
            "codes_per_s": round(codes / table.wall),
            "peak_mb": round(table.peak),
            **table.per_million(codes),
            "sheets": families,
            "sheets_seconds": round(sheets.wall, 1),
            "sheets_per_s": round(families / sheets.wall, 1),
            "sheet_codes_per_s": round(codes / sheets.wall),
            "sheets_peak_mb": round(sheets.peak),
            **{f"sheets_{name}": figure for name, figure in sheets.per_million(codes).items()},
            "processes": processes,
            "pdf_mb": round(sum(pack["bytes"] for pack in manifest["packs"]) / 1e6),
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
