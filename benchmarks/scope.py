"""Scope a theft of any size: make a ledger of closed days, then say who was read.

    python -m benchmarks.scope --people 300000 --insurers 100

A thief's account reads ``people`` over ``days``; others ask as many questions as ``honest`` says.
Every day is closed by the product's own use case: written, read back, proven, signed. The scope is
the product's own command, in a process of its own. One line of JSON: seconds and peak memory.

``--keep FOLDER`` leaves the days there, and goes on from them the next time. ``--unproven`` writes
files of the same shape by SQL, which nobody signs, and measures the judging of them alone: for
sizes at which proving every entry in Python takes longer than one wants to wait. ``--one`` leaves
the thief out, and judges one honest account.
"""

import argparse
import json
import os
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from rich.progress import Progress

from rempart.adapters.memory.segments import MemoryHandles
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.adapters.segments.engine import opened
from rempart.adapters.segments.scope import DuckScope
from rempart.adapters.segments.shelf import FolderSegments
from rempart.adapters.segments.tables import FolderTables
from rempart.domain.budget import DAY
from rempart.domain.disclosure import (
    ENTRY_SIZE,
    Entry,
    EntryType,
    Fields,
    Outcome,
    Presence,
    QuestionDetail,
    encode,
    period_of,
)
from rempart.domain.finding import Finding, Suspect
from rempart.tlog.checkpoint import Checkpoint
from rempart.tlog.hashing import leaf_hash
from rempart.tlog.note import NoteKey
from rempart.tlog.tree import STORED_EVERY, WIDTH, CompactRange, Completed
from rempart.usecases.close_days import CloseDays
from rempart.usecases.ledger_view import StoredCheckpoint, StoredEntry

START = 1_793_491_200_000_000  # 2026-11-01
KEY = NoteKey("bench.example/ledger", bytes(range(32)))
THIEF, OWNER = sha256(b"thief").digest()[:16], sha256(b"owner").digest()[:16]
STOLEN = 1
ACCOUNTS = 20_000
SPREAD = 80_000_000_000
"""Microseconds of a day in which something is asked."""
WORDS = struct.Struct(">Q")


@dataclass
class Country:
    """Who is read, by whom, and when; the same for the same arguments."""

    people: int
    insurers: int
    days: int
    honest: int

    def day(self, day: int) -> Iterator[tuple[Entry, bytes]]:
        """The questions of one day, in the order of their time; a multiple of 256 of them."""
        stolen = range(day * self.people // self.days, (day + 1) * self.people // self.days)
        honest = self.honest // self.days
        total = -(-(len(stolen) + honest) // WIDTH) * WIDTH
        begun = START + day * DAY
        for place in range(total):
            at = begun + place * SPREAD // total
            # The thief's questions lie among the others'.
            nth = place * len(stolen) // total
            if (place + 1) * len(stolen) // total > nth:
                yield self.question(at, STOLEN, THIEF, stolen[nth], place)
            else:
                seed = int.from_bytes(sha256(b"%d %d" % (day, place)).digest()[:8], "big")
                account = 2 + seed % ACCOUNTS
                yield self.question(at, account, OWNER, seed % (2 * self.people), place)

    def question(
        self, at: int, account: int, session: bytes, person: int, place: int
    ) -> tuple[Entry, bytes]:
        """One question, opened."""
        period = period_of(at)
        chance = sha256(b"%d %d" % (at, place)).digest()
        detail = QuestionDetail(chance[:16], chance[16:], chance[8:24], software=account).encode()
        entry = Entry(
            type=EntryType.QUESTION,
            period=period,
            at=at,
            person=sha256(b"%d %d" % (period, person)).digest()[:16],
            account=sha256(WORDS.pack(account)).digest()[:16],
            session=session,
            amc=90_000_000 + person % self.insurers,
            domain=1 + account % 12,
            presence=Presence.LEGACY,
            outcome=Outcome.OPENED,
            fields=Fields.RIGHTS,
            detail_digest=sha256(detail).digest(),
        )
        return entry, detail


@dataclass
class OneDay:
    """A ledger of which one day at a time is here, and the tree of all; days of 256 · n entries."""

    tree: CompactRange = field(default_factory=CompactRange)
    rows: list[StoredEntry] = field(default_factory=list, repr=False)
    nodes: dict[int, dict[int, bytes]] = field(default_factory=dict, repr=False)
    note: str = ""

    def take(self, day: Iterator[tuple[Entry, bytes]]) -> None:
        """The next day, instead of the one before; signed."""
        self.rows = []
        for entry, detail in day:
            body = encode(entry)
            assert len(body) == ENTRY_SIZE
            index = self.tree.size
            self.rows.append(StoredEntry(index=index, body=body, detail=detail))
            self.tree.append(leaf_hash(body))
        for each in self.tree.completed():
            self.nodes.setdefault(each.level, {})[each.index] = each.hash
        head = Checkpoint(origin=KEY.origin, size=self.tree.size, root=self.tree.root())
        self.note = KEY.sign(head.to_text())

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[StoredEntry]:
        """What is here of them."""
        del end
        return iter(self.rows[first - self.rows[0].index :] if self.rows else ())

    def subtrees(self) -> Iterator[Completed]:
        """Nothing reads them here."""
        return iter(())

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """The last one."""
        return iter([StoredCheckpoint(size=self.tree.size, note=self.note)])

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """The last one."""
        return StoredCheckpoint(size=self.tree.size, note=self.note)

    def leaf_hashes(self, first: int, end: int) -> Sequence[bytes]:
        """None: every day ends where a subtree does."""
        raise AssertionError(f"leaves {first} to {end} were asked for")

    def subtree_hashes(self, level: int, first: int, end: int) -> Sequence[bytes]:
        """Stored hashes of one level."""
        assert level % STORED_EVERY == 0
        row = self.nodes.get(level, {})
        return [row[index] for index in range(first, end) if index in row]


def make(folder: Path, country: Country) -> float:
    """Close every day that is not there yet; seconds."""
    began, ledger, shelf = time.monotonic(), OneDay(), FolderSegments(folder / "segments")
    keys = MemoryKeys({f"pseudonym/{2600 + month:04d}": b"k" * 32 for month in range(1, 13)})
    close = CloseDays(
        ledger=ledger,
        shelf=shelf,
        tables=FolderTables(folder / "tables"),
        handles=MemoryHandles(),
        keys=keys,
        chance=MemoryChance(),
        signer=KEY,
        incident=X25519PrivateKey.from_private_bytes(b"i" * 32).public_key().public_bytes_raw(),
    )
    done = len(shelf.notes())
    with Progress(disable=not sys.stderr.isatty()) as bars:
        for day in bars.track(range(country.days), description="jours · days"):
            ledger.take(country.day(day))
            if day >= done:
                (closed,) = close(now=START + (day + 1) * DAY + 2 * 3_600_000_000)
                assert closed.end == ledger.tree.size
    return time.monotonic() - began


UNPROVEN = """
COPY (
    SELECT i AS idx, 1::UTINYINT AS type, 2611::USMALLINT AS period,
           {begun} + i * {step} AS moment,
           (CASE WHEN i % {share} < {stolen} THEN 1 ELSE 2 + hash(i) % {accounts} END)::UINTEGER
               AS number,
           (1 + CASE WHEN number = 1 THEN {first} + i // {share} * {stolen} + i % {share}
                     ELSE hash(i, 1) % (2 * {people}) END)::UINTEGER AS person_no,
           unhex(md5(person_no::VARCHAR)) AS person, unhex(md5(number::VARCHAR)) AS account,
           unhex('{nobody}') AS site,
           unhex(CASE WHEN number = 1 THEN '{thief}' ELSE '{owner}' END) AS session,
           (90000000 + person_no % {insurers})::UINTEGER AS amc,
           (1 + number % 12)::USMALLINT AS domain, 1::UTINYINT AS presence,
           1::UTINYINT AS outcome, 7::UINTEGER AS fields,
           18446744073709551615::UBIGINT AS cites, NULL::BLOB AS detail, NULL::BLOB AS leaf
    FROM range({rows}) AS r(i) ORDER BY number, account, idx
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)
"""


def make_unproven(folder: Path, country: Country) -> float:
    """Files of the shape of closed days, written by SQL and signed by nobody; seconds.

    Of each ``share`` questions of a day, ``stolen`` are the thief's.
    """
    began, day_people = time.monotonic(), country.people // country.days
    share = 1 + country.honest // country.people
    (folder / "segments").mkdir(parents=True, exist_ok=True)
    with opened([folder / "segments"], folder, memory="8GB") as engine:
        for day in range(country.days):
            file = folder / "segments" / f"2026-11-{day + 1:02d}.parquet"
            if file.exists():
                continue
            values = {
                "begun": START + day * DAY,
                "step": SPREAD // (day_people * share),
                "share": share,
                "stolen": 1,
                "accounts": ACCOUNTS,
                "first": day * day_people,
                "people": country.people,
                "insurers": country.insurers,
                "nobody": bytes(16).hex(),
                "thief": THIEF.hex(),
                "owner": OWNER.hex(),
                "rows": day_people * share,
                "file": file,
            }
            engine.execute(UNPROVEN.format(**values))
    return time.monotonic() - began


def judge(folder: Path) -> None:
    """Judge the thief's account over files that nobody signed; one line of JSON."""
    shelf, theft = FolderSegments(folder / "segments"), Suspect(number=STOLEN, stolen=START)
    days = sorted(path.stem for path in shelf.folder.glob("*.parquet"))
    with TemporaryDirectory(dir=folder) as scratch:
        engine = DuckScope(shelf, Path(scratch), Path(scratch) / "people.csv")
        began = time.monotonic()
        judged = engine.judge(
            days, Finding(suspects=(theft,), thief=frozenset({THIEF})), size=2**62, clears=True
        )
        seconds = time.monotonic() - began
        listed = engine.made.stat().st_size
    used = resource.getrusage(resource.RUSAGE_SELF)
    line = {
        "breached": sum(each.breached for each in judged.insurers),
        "touched": sum(1 for each in judged.insurers if each.breached),
        "list_mb": round(listed / 1e6),
        "judge_seconds": round(seconds, 1),
        "judge_cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(peak_kib() / 1024),
    }
    print(json.dumps(line))


def peak_kib() -> int:
    """The most memory that this program has had; ``ru_maxrss`` is also that of who began it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def judged(folder: Path) -> dict[str, object]:
    """The judging, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.scope", "--judge", str(folder)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    line: dict[str, object] = json.loads(done.stdout)
    return line


def scope(folder: Path, country: Country) -> dict[str, object]:
    """Run the product's command; seconds, peak memory in MB, and what it says."""
    theft, out = folder / "finding.json", folder / "case"
    moment = f"2026-11-{country.days:02d}T23:59:59Z"
    account = {"number": STOLEN, "stolen": "2026-11-01T00:00:00Z", "contained": moment}
    said = {"account": [account], "sessions": {"thief": [THIEF.hex()], "owner": []}}
    theft.write_text(json.dumps(said))
    (folder / "vault.pub").write_text(KEY.verifier.vkey + "\n")
    words = ["ledger", "scope", "--finding", str(theft), "--out", str(out)]
    words += ["--days", str(folder / "segments"), "--key", str(folder / "vault.pub")]
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "rempart", *words], check=True, stdout=sys.stderr)
    seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = json.loads((out / f"scope-{len(list(out.glob('*.json'))):04d}.json").read_text())
    assert (made["breached"], made["undecided"]) == (country.people, 0)
    return {
        "breached": made["breached"],
        "touched": sum(1 for each in made["insurers"] if each["breached"]),
        "entries": int(made["checkpoint"].split("\n")[1]),
        "scope_seconds": round(seconds, 1),
        "scope_cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(used.ru_maxrss / 1024),
    }


def one_account(folder: Path) -> float:
    """Judge one honest account over all days; seconds, files believed."""
    shelf = FolderSegments(folder / "segments")
    days = sorted(path.stem for path in shelf.folder.glob("*.parquet"))
    theft = Finding(suspects=(Suspect(number=2 + ACCOUNTS // 2, stolen=START),))
    with TemporaryDirectory(dir=folder) as scratch:
        engine = DuckScope(shelf, Path(scratch), Path(scratch) / "people.csv")
        began = time.monotonic()
        engine.judge(days, theft, size=2**62, clears=True)
        return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--people", type=int, default=300_000)
    parser.add_argument("--insurers", type=int, default=100)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--honest", type=int, default=300_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--unproven", action="store_true")
    parser.add_argument("--one", action="store_true", help="one honest account alone")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.judge:
        judge(given.judge)
        return
    country = Country(given.people, given.insurers, given.days, given.honest)
    with TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        making = (make_unproven if given.unproven else make)(folder, country)
        figures: dict[str, object] = {}
        if not given.one:
            figures = judged(folder) if given.unproven else scope(folder, country)
        # Once to have the files at hand, as whoever asks a second time; then three times.
        accounts = [one_account(folder) for _ in range(4)]
        size = sum(path.stat().st_size for path in (folder / "segments").glob("*.parquet"))
    line = {
        "people": given.people,
        "insurers": given.insurers,
        "mb": round(size / 1e6),
        "making_seconds": round(making, 1),
        **figures,
        "one_account_first_seconds": round(accounts[0], 2),
        "one_account_seconds": round(median(accounts[1:]), 2),
        "cores": os.cpu_count(),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
