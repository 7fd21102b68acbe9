"""Dossiers of any size: from the list of a scope and the tables of its days to every insurer's own.

    python -m benchmarks.dossiers --people 1000000 --insurers 100

The list and the sealed tables are made first and not timed. Then the product's own use cases, in a
process of its own: tables opened, people named, joined, counted, lists sealed, manifests signed,
the sum asserted. The report to be read is left out. One line of JSON.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from rich.progress import Progress

from rempart.adapters.dossier_shelf import DossierFolder
from rempart.adapters.memory.segments import MemoryHandles
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.adapters.segments.dossiers import dossiers_of
from rempart.adapters.segments.tables import FolderTables
from rempart.domain.budget import DAY
from rempart.domain.contacts import Contacts, InsurerContact, OperatorContact
from rempart.domain.identifiers import AMCNumber
from rempart.tlog.note import NoteKey
from rempart.usecases.close_days import date_of
from rempart.usecases.daily_table import Sealed, Whose, seal_table
from rempart.usecases.make_dossiers import MakeDossiers, OfCase
from rempart.usecases.name_people import NamePeople
from rempart.usecases.scope_file import InsurerSaid, ScopeFile
from rempart.usecases.scope_list import HEADER

START = 1_793_491_200_000_000  # 2026-11-01
KEY = NoteKey("bench.example/ledger", bytes(range(32)))
PRIVATE = bytes(range(32))
PUBLIC = X25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
SHARE = b"share" * 6
FIRST = 90_000_000


def people(count: int, insurers: int, day: int, days: int) -> Iterator[tuple[bytes, int, bytes]]:
    """Pseudonym, insurer and handle of whoever is read on a day."""
    for person in range(day * count // days, (day + 1) * count // days):
        digest = sha256(b"%d" % person).digest() * 2
        yield digest[:16], FIRST + person % insurers, digest[:47]


def make(folder: Path, count: int, insurers: int, days: int) -> None:
    """The list of a scope, and the sealed tables of its days."""
    tables = FolderTables(folder / "tables")
    with Progress() as progress, (folder / "scope-0001.csv").open("w") as listed:
        task = progress.add_task("people", total=2 * count)
        listed.write(f"{HEADER}\n")
        for day in range(days):
            at, name = START + day * DAY, date_of(START // DAY + day).isoformat()
            for pseudonym, amc, _ in people(count, insurers, day, days):
                listed.write(
                    f"breached;{amc};2611;{pseudonym.hex()};IN_FORCE+UNTIL+MODE;PHAR;LEGACY;"
                    f"{1 + pseudonym[0] % 100};{at};{at};1;{pseudonym[1]}\n"
                )
            rows = (Whose(*row) for row in people(count, insurers, day, days))
            tables.put(name, seal_table(name, rows, Sealed(PUBLIC, b"e" * 32, SHARE)))
            progress.advance(task, 2 * count // days)


def scope_of(count: int, insurers: int) -> ScopeFile:
    """What the scope says of them."""
    each = [len(range(number, count, insurers)) for number in range(insurers)]
    return ScopeFile(
        number=1,
        finding={},
        finding_digest="",
        checkpoint="bench",
        ranges=(),
        holes=(),
        clears=True,
        people=count,
        breached=count,
        undecided=0,
        cleared=0,
        insurers=tuple(InsurerSaid(f"{FIRST + n}", size, 0, 0) for n, size in enumerate(each)),
        attempts=(),
        unopened={},
        canaries={},
        unmet=(),
        list="",
    )


def contacts(insurers: int) -> Contacts:
    """Everybody has a key."""
    book = {
        FIRST + n: InsurerContact(amc=AMCNumber(f"{FIRST + n}"), name="Bench", key=PUBLIC)
        for n in range(insurers)
    }
    said = dict.fromkeys(
        ("name", "siren", "address", "dpo", "dpo_email", "dpo_phone", "desk"), "Bench"
    )
    return Contacts(OperatorContact(**said), book)


def measured(folder: Path, count: int, insurers: int) -> dict[str, float]:
    """The product's part, by this process."""
    started, scratch = time.perf_counter(), folder / "scratch"
    scratch.mkdir()
    with (
        Progress() as progress,
        dossiers_of(folder / "scope-0001.csv", {}, scratch) as engine,
    ):
        name = NamePeople(
            tables=FolderTables(folder / "tables"),
            handles=MemoryHandles(),
            keys=MemoryKeys(),
            share=lambda _: SHARE,
            private=PRIVATE,
        )
        opening = progress.add_task("days", total=len(engine.days()))
        name(engine, lambda _: progress.advance(opening))
        named = time.perf_counter()
        make = MakeDossiers(
            engine=engine,
            shelf=DossierFolder(folder / "dossiers"),
            contacts=contacts(insurers),
            signer=KEY,
            chance=MemoryChance(),
            readable=lambda _: b"%PDF",
            now=START + 30 * DAY,
        )
        case = OfCase(
            incident=1,
            exercise=True,
            scope=scope_of(count, insurers),
            digest="",
            stolen=START,
            contained=START + 30 * DAY,
            kinds=dict.fromkeys(range(1, 101), "pharmacy"),
        )
        making = progress.add_task("dossiers", total=insurers)
        reports = make(case, told=lambda _: progress.advance(making))
    assert sum(each.breached.people for each in reports) == count
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "naming_seconds": round(named - started, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "dossiers": len(reports),
    }


def main() -> None:
    """Make them, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=300_000)
    parser.add_argument("--insurers", type=int, default=100)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is not None:
        print(json.dumps(measured(given.folder, given.people, given.insurers)))
        return
    with TemporaryDirectory(prefix="rempart-dossiers-") as folder:
        make(Path(folder), given.people, given.insurers, given.days)
        words = [f"--people={given.people}", f"--insurers={given.insurers}", f"--in={folder}"]
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.dossiers", *words],
            stdout=subprocess.PIPE,
            check=True,
        )
        said = json.loads(ran.stdout.splitlines()[-1])
    print(json.dumps({"people": given.people, "insurers": given.insurers, **said}))


if __name__ == "__main__":
    main()
