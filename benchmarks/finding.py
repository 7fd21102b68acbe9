"""Propose a finding over a ledger of any size: closed days, and the freezes that follow them.

    python -m benchmarks.finding --entries 3000000

Thirty days of questions that accounts ask by lines of their own, 5,000 each, and on the last one a
thief's, who goes through a list at ten of them by one device and network; five are frozen. Files of
the shape of closed days are written by SQL, signed by nobody, some 100 bytes an entry. Then, in a
process of its own, the finding is proposed by the product's use case and reader, which look at
whoever asked about strangers in the same hours as well. One line of JSON: seconds, and peak memory.
``digest_seconds`` is what it takes besides to hash all files, as believing them does.

``--keep FOLDER`` leaves the days there, and goes on from them the next time.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import Progress

from benchmarks.scope import SPREAD, START, peak_kib
from rempart.adapters.segments.engine import opened, quoted
from rempart.adapters.segments.questions import DuckQuestions
from rempart.adapters.segments.shelf import FolderSegments
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import (
    NOBODY,
    Entry,
    EntryType,
    QuestionDetail,
    encode,
    encode_codes,
    period_of,
)
from rempart.domain.finding import Whose
from rempart.domain.guard import Move
from rempart.usecases.find_elsewhere import ByHand, by_hand
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.propose_finding import ProposeFinding

DAYS, EACH = 30, 5_000
"""Of the ledger; questions that each account asks over them."""
ROBBED, FROZEN, PEOPLE = 10, 5, 15
"""Accounts, how many of them were stopped, and whom he asks about at each."""
LASTS = 8
"""So much of the last day, one part in eight, the thief takes; from its middle on."""


@dataclass(frozen=True)
class Size:
    """Entries in a day of the ledger, and accounts that ask them."""

    rows: int
    accounts: int

    @property
    def every(self) -> int:
        """Of the thief's hours on the last day, one entry in so many is his."""
        return self.rows // LASTS // (ROBBED * PEOPLE)


# One detail record of each, as text: byte n is characters 2n + 1 and 2n + 2 (``QuestionDetail``).
WRITTEN = """
COPY (
    WITH lines AS (
        SELECT i, hash(i, {day}) AS chance, {begun} + i * {step} AS moment,
               {last} AND i >= {half} AND i < {half} + {every} * {his}
                   AND (i - {half}) % {every} = 0 AS thief
        FROM range({rows}) AS r(i)
    ), asked AS (
        SELECT *, (CASE WHEN thief THEN 1 + (i - {half}) // {every} % {robbed}
                   ELSE 1 + chance % {accounts} END)::UINTEGER AS number,
               CASE WHEN thief OR chance // {accounts} % 100 < 3 THEN 1 ELSE 4 END AS shown
        FROM lines
    ), told AS (
        SELECT *, printf('%08x', number) AS hex,
               CASE WHEN thief THEN '0000000700000008'
                    ELSE printf('%08x%08x', 1000000 + number, 2000000 + number) END AS line,
               md5(concat(number, thief, moment // {session})) AS session_hex
        FROM asked
    )
    SELECT ({day}::UBIGINT * {rows} + i)::UBIGINT AS idx, 1::UTINYINT AS type,
           2611::USMALLINT AS period, moment::BIGINT AS moment, number,
           (1 + chance % 4000000000)::UINTEGER AS person_no,
           unhex(md5(concat(chance, 'p'))) AS person, unhex(md5(hex)) AS account,
           unhex(md5(hex)) AS site, unhex(session_hex) AS session,
           (90000000 + chance % 100)::UINTEGER AS amc, 1::USMALLINT AS domain,
           shown::UTINYINT AS presence, 1::UTINYINT AS outcome, 7::UINTEGER AS fields,
           18446744073709551615::UBIGINT AS cites,
           unhex(concat('05', md5(concat(chance, 's')), md5(concat(chance, 'r')),
                        md5(concat(chance, 'q')), '0000', hex, hex, '0100', '00000000', '0000',
                        '00', line[9:], line[:8], 'ffff', md5(concat(chance, 'b')),
                        CASE WHEN shown = 1 THEN 'ffffffffffffffffffff'
                             ELSE '0014001400140014000a' END, '00000000')) AS detail,
           NULL::BLOB AS leaf
    FROM told ORDER BY number, account, idx
) TO {file} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)
"""


def make(folder: Path, size: Size) -> float:
    """Write every day that is not there yet; seconds."""
    began, days = time.monotonic(), folder / "segments"
    days.mkdir(parents=True, exist_ok=True)
    with (
        Progress(disable=not sys.stderr.isatty()) as bars,
        opened([days], folder, memory="4GB") as engine,
    ):
        for day in bars.track(range(DAYS), description="jours · days"):
            file, draft = days / f"2026-11-{day + 1:02d}.parquet", days / "draft"
            if file.exists():
                continue
            values = {
                "day": day,
                "last": day == DAYS - 1,
                "begun": START + day * DAY,
                "step": SPREAD // size.rows,
                "half": size.rows // 2,
                "every": size.every,
                "his": ROBBED * PEOPLE,
                "rows": size.rows,
                "robbed": ROBBED,
                "accounts": size.accounts,
                "session": 300_000_000,
                "file": quoted(str(draft)),
            }
            engine.execute(WRITTEN.format(**values))
            draft.rename(file)
    return time.monotonic() - began


def freezes(first: int, at: int) -> Iterator[StoredEntry]:
    """What follows the last day: some of the accounts were stopped."""
    for nth in range(FROZEN):
        move = Move(1 + nth, Stage.NORMAL, Stage.FROZEN, Why.INSISTED, Authority.GUARD)
        detail = encode_codes(move.codes(site=1 + nth, at=at), salt=bytes(16))
        entry = Entry(
            type=EntryType.CONTAINMENT,
            period=period_of(at),
            at=at,
            person=NOBODY,
            detail_digest=sha256(detail).digest(),
        )
        yield StoredEntry(index=first + nth, body=encode(entry), detail=detail)


def propose(folder: Path, size: Size) -> None:
    """Propose the finding over files that nobody signed; one line of JSON."""
    shelf = FolderSegments(folder / "segments")
    days = sorted(path.stem for path in shelf.folder.glob("*.parquet"))
    frozen, entries = START + DAYS * DAY, len(days) * size.rows
    with TemporaryDirectory(dir=folder) as scratch:
        engine = DuckQuestions(shelf, Path(scratch))
        engine.add(freezes(entries, frozen), days=[])
        began, used = time.monotonic(), time.process_time()
        trail = engine.over(days, size=2**62)
        said = ByHand(tuple(range(1, FROZEN + 1)), frozen)
        incident = by_hand(said, trail.decided(), sandbox=False)
        proposal = ProposeFinding(trail)(incident, now=frozen + DAY)
        seconds, used = time.monotonic() - began, time.process_time() - used
    peak, began = peak_kib(), time.monotonic()
    for day in days:
        shelf.digest(day)
    hashed = time.monotonic() - began
    sessions = [each for account in proposal.accounts for each in account.sessions]
    thief = sum(each.answers for each in sessions if each.whose is Whose.THIEF)
    assert thief == ROBBED * PEOPLE, f"{thief} answers of a thief are found"
    assert {*range(1, ROBBED + 1)} <= {each.number for each in proposal.accounts}
    line = {
        "entries": entries,
        "accounts": size.accounts,
        "found": len(proposal.accounts),
        "propose_seconds": round(seconds, 1),
        "propose_cpu_seconds": round(used, 1),
        "peak_mb": round(peak / 1024),
        "digest_seconds": round(hashed, 1),
    }
    print(json.dumps(line))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--entries", type=int, default=3_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--propose", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    size = Size(given.entries // DAYS, max(ROBBED, given.entries // EACH))
    assert size.every > 0, f"a few thousand entries at least: {ROBBED * PEOPLE * LASTS * DAYS}"
    assert QuestionDetail._fields[11:13] == ("network", "device")
    if given.propose:
        propose(given.propose, size)
        return
    with TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        making = make(folder, size)
        words = ["--propose", str(folder), "--entries", str(given.entries)]
        program = [sys.executable, "-m", "benchmarks.finding", *words]
        done = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
        mb = sum(path.stat().st_size for path in (folder / "segments").glob("*.parquet")) / 1e6
    line = {"mb": round(mb), "making_seconds": round(making, 1), **json.loads(done.stdout)}
    print(json.dumps({**line, "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
