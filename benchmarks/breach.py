"""A breach of 2024's size: from signed closed days to the scope, and to every insurer's dossier.

    python -m benchmarks.breach --people 33000000 --honest 7000000 --insurers 100

The ledger is made first and not timed: accounts in a thief's hands read ``people`` over ``days``,
others ask ``honest`` questions more, about a fourth part of the country that he never reads too.
Each day is closed by the product's own use case: written, read back, proven, signed, its table
sealed. Then, by the clock: ``rempart ledger scope`` (signatures verified, files hashed), and the
product's use cases from its list to 100 dossiers: tables opened, people named, joined, counted,
lists sealed, reports written, for machines and as PDF, manifests signed, the sum asserted. Each is
a process of its own. At last one dossier is opened with its insurer's key, and counted.

``--keep FOLDER`` leaves the days there, and goes on from them the next time. One line of JSON.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from rich.console import Console
from rich.progress import Progress

from benchmarks.scope import ACCOUNTS, KEY, OWNER, SPREAD, START, THIEF, OneDay, peak_kib
from rempart.adapters.dossier_shelf import DossierFolder
from rempart.adapters.memory.segments import MemoryHandles
from rempart.adapters.memory.world import MemoryChance, MemoryKeys
from rempart.adapters.segments.dossiers import dossiers_of
from rempart.adapters.segments.scope_folder import ScopeFolder
from rempart.adapters.segments.shelf import FolderSegments
from rempart.adapters.segments.tables import FolderTables
from rempart.bootstrap.papers import insurer_report_pdf
from rempart.domain.budget import DAY
from rempart.domain.contacts import Contacts, InsurerContact, OperatorContact
from rempart.domain.disclosure import (
    Entry,
    EntryType,
    Fields,
    Outcome,
    Presence,
    QuestionDetail,
    period_of,
)
from rempart.domain.identifiers import AMCNumber
from rempart.domain.incident import Found, Incident
from rempart.domain.incident_words import Origin
from rempart.sealing.stream import open_stream
from rempart.tlog.tree import WIDTH
from rempart.usecases.close_days import CloseDays
from rempart.usecases.daily_table import SHARES, share_of
from rempart.usecases.incident_ports import Named
from rempart.usecases.make_dossiers import MEMBERS, MakeDossiers, OfCase
from rempart.usecases.name_people import NamePeople
from rempart.usecases.pseudonyms import PERSON, pseudonym
from rempart.usecases.read_incidents import Case

STOLEN = 100
"""Accounts in a thief's hands: numbers 1 to 100."""
FIRST = 90_000_000
PRIVATE = bytes(range(32))
PUBLIC = X25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
MONTHLY = f"pseudonym/{period_of(START):04d}"
SECRETS = {MONTHLY: b"k" * 32, SHARES: b"s" * 32}
HANDLE = 47


@cache
def account_of(number: int) -> bytes:
    """The pseudonym of an account."""
    return sha256(b"account %d" % number).digest()[:16]


def handle_of(person: int) -> bytes:
    """The insurer's reference of a person, of the length that real ones have."""
    return (sha256(b"%d" % person).digest() * 2)[:HANDLE]


@dataclass(frozen=True)
class Land:
    """Who is read, by whom, and when; the same for the same arguments."""

    people: int
    insurers: int
    days: int
    honest: int

    @property
    def size(self) -> int:
        """Everybody: a fifth of them no thief reads."""
        return self.people + self.people // 4

    def handles(self, amc: int) -> Iterator[bytes]:
        """Of everybody at an insurer: ``HandleSource``."""
        return (handle_of(person) for person in range(amc - FIRST, self.size, self.insurers))

    def name_until(self, at: int) -> None:
        """Nobody is erased here."""

    def day(self, day: int) -> Iterator[tuple[Entry, bytes]]:
        """The questions of one day, in the order of their time; a multiple of 256 of them."""
        stolen = range(day * self.people // self.days, (day + 1) * self.people // self.days)
        total = -(-(len(stolen) + self.honest // self.days) // WIDTH) * WIDTH
        for place in range(total):
            at, nth = START + day * DAY + place * SPREAD // total, place * len(stolen) // total
            # The thief's questions lie among the others'.
            if (place + 1) * len(stolen) // total > nth:
                yield self._question(at, 1 + nth % STOLEN, THIEF, stolen[nth], place)
            else:
                seed = int.from_bytes(sha256(b"%d %d" % (day, place)).digest()[:8], "big")
                account, person = STOLEN + 1 + seed % ACCOUNTS, seed // ACCOUNTS % self.size
                yield self._question(at, account, OWNER, person, place)

    def _question(
        self, at: int, account: int, session: bytes, person: int, place: int
    ) -> tuple[Entry, bytes]:
        chance = sha256(b"%d %d" % (at, place)).digest()
        detail = QuestionDetail(chance[:16], chance[16:], chance[8:24], software=account).encode()
        entry = Entry(
            type=EntryType.QUESTION,
            period=period_of(at),
            at=at,
            person=pseudonym(SECRETS[MONTHLY], PERSON, handle_of(person)),
            account=account_of(account),
            session=session,
            amc=FIRST + person % self.insurers,
            domain=1 + account % 12,
            presence=Presence.LEGACY,
            outcome=Outcome.OPENED,
            fields=Fields.RIGHTS,
            detail_digest=sha256(detail).digest(),
        )
        return entry, detail


def make(folder: Path, land: Land) -> None:
    """Close every day that is not there yet."""
    ledger, shelf = OneDay(), FolderSegments(folder / "segments")
    close = CloseDays(
        ledger=ledger,
        shelf=shelf,
        tables=FolderTables(folder / "tables"),
        handles=land,
        keys=MemoryKeys(dict(SECRETS)),
        chance=MemoryChance(),
        signer=KEY,
        incident=PUBLIC,
    )
    if (done := len(shelf.notes())) >= land.days:
        return
    with Progress(console=Console(stderr=True)) as bars:
        for day in bars.track(range(land.days), description="jours · days"):
            ledger.take(land.day(day))
            if day >= done:
                (closed,) = close(now=START + (day + 1) * DAY + 2 * 3_600_000_000)
                assert (closed.end, closed.table.unknown) == (ledger.tree.size, 0)


def scope(folder: Path, land: Land) -> None:
    """The product's command."""
    theft, until = folder / "finding.json", f"2026-11-{land.days:02d}T23:59:59Z"
    accounts = [
        {"number": 1 + nth, "stolen": "2026-11-01T00:00:00Z", "contained": until}
        for nth in range(STOLEN)
    ]
    said = {"account": accounts, "sessions": {"thief": [THIEF.hex()], "owner": []}}
    theft.write_text(json.dumps(said))
    (folder / "vault.pub").write_text(KEY.verifier.vkey + "\n")
    words = ["ledger", "scope", "--finding", f"{theft}", "--out", f"{folder / 'case'}"]
    words += ["--days", f"{folder / 'segments'}", "--key", f"{folder / 'vault.pub'}"]
    os.execv(sys.executable, [sys.executable, "-m", "rempart", *words])


def contacts(insurers: int) -> Contacts:
    """Everybody has a key."""
    book = {
        FIRST + n: InsurerContact(amc=AMCNumber(f"{FIRST + n}"), name=f"Mutuelle {n}", key=PUBLIC)
        for n in range(insurers)
    }
    names = ("name", "siren", "address", "dpo", "dpo_email", "dpo_phone", "desk")
    return Contacts(OperatorContact(**dict.fromkeys(names, "Bench")), book)


def case_of(until: int) -> Case:
    """The incident, as its readers see it."""
    numbers = tuple(range(1, STOLEN + 1))
    found = Found(accounts=numbers, earliest=START, contained=until)
    incident = Incident(
        ref=1, opened=until, origin=Origin.PERSON, exercise=False, accounts=numbers, found=found
    )
    named = {n: Named(n, f"compte-{n}", kind="pharmacy") for n in numbers}
    return Case(
        incident=incident,
        statements=(),
        clocks=(),
        accounts=tuple(named.values()),
        since=START,
        until=until,
        deeds=(),
        stopped=(),
        unserved=(),
        everybody=named,
    )


def dossiers(folder: Path, land: Land) -> None:
    """Name, join and write; one line of JSON."""
    began, scopes, until = time.monotonic(), ScopeFolder(folder / "case"), START + land.days * DAY
    made, keys, book, case = (
        scopes.last(),
        MemoryKeys(dict(SECRETS)),
        contacts(land.insurers),
        case_of(until),
    )
    assert made is not None
    with (
        Progress(console=Console(stderr=True)) as bars,
        scopes.scratch() as scratch,
        dossiers_of(scopes.list_of(made.number), {}, scratch) as engine,
    ):
        name = NamePeople(
            tables=FolderTables(folder / "tables"),
            handles=MemoryHandles(),
            keys=keys,
            share=partial(share_of, keys),
            private=PRIVATE,
        )
        opening = bars.add_task("jours · days", total=land.days)
        name(engine, lambda _: bars.advance(opening))
        named = time.monotonic()
        write = MakeDossiers(
            engine=engine,
            shelf=DossierFolder(folder / "dossiers"),
            contacts=book,
            signer=KEY,
            chance=MemoryChance(),
            readable=partial(insurer_report_pdf, case=case, contacts=book),
            now=until,
        )
        of = OfCase(
            incident=1,
            exercise=False,
            scope=made,
            digest=scopes.digest(made.number),
            stolen=START,
            contained=until,
            kinds={number: each.kind for number, each in case.everybody.items()},
        )
        writing = bars.add_task("dossiers", total=land.insurers)
        reports = write(of, told=lambda _: bars.advance(writing))
    line = {
        "dossiers": len(reports),
        "people_in_dossiers": sum(each.breached.people for each in reports),
        "unnamed": sum(each.breached.unnamed for each in reports),
        "dossiers_seconds": round(time.monotonic() - began, 1),
        "naming_seconds": round(named - began, 1),
        "dossiers_peak_mb": round(peak_kib() / 1024),
    }
    print(json.dumps(line))


def opened(folder: Path) -> int:
    """How many people the first insurer finds in its dossier, with its own key."""
    file = DossierFolder(folder / "dossiers").of(FIRST, 1) / "members.sealed"
    with file.open("rb") as stream:
        pieces = open_stream(stream.read, private=PRIVATE, purpose=MEMBERS)
        return sum(piece.count(b"\nbreached;") for piece in _whole_lines(pieces))


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    left = b""
    for piece in pieces:
        head, end, tail = (left + piece).rpartition(b"\n")
        yield head + end
        left = b"\n" + tail
    yield left


@dataclass
class Steps:
    """Parts of this program, each run in a process of its own."""

    words: list[str]
    peaks: list[float] = field(default_factory=list)

    def run(self, step: str) -> tuple[float, str]:
        """Seconds, and what it printed."""
        words = [sys.executable, "-m", "benchmarks.breach", *self.words, "--step", step]
        began = time.monotonic()
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            said = running.stdout.read()
            _, status, used = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode:
            raise SystemExit(f"{step}: {running.returncode}")
        self.peaks.append(used.ru_maxrss / 1024)
        return time.monotonic() - began, said


def measured(folder: Path, land: Land, steps: Steps) -> dict[str, object]:
    """Both halves, one after the other, on whatever days are there."""
    for name in ("case", "dossiers"):
        shutil.rmtree(folder / name, ignore_errors=True)
    steps.peaks.clear()
    scoped, _ = steps.run("scope")
    made, said = steps.run("dossiers")
    line: dict[str, object] = json.loads(said.splitlines()[-1])
    (last,) = (folder / "case").glob("scope-*.json")
    found = json.loads(last.read_text())
    assert (found["breached"], found["undecided"]) == (land.people, 0)
    assert line["people_in_dossiers"] == land.people
    assert opened(folder) == len(range(0, land.people, land.insurers))
    return {
        "breached": found["breached"],
        "cleared": found["cleared"],
        "touched": sum(1 for each in found["insurers"] if each["breached"]),
        "entries": int(found["checkpoint"].split("\n")[1]),
        "seconds": round(scoped + made, 1),
        "scope_seconds": round(scoped, 1),
        **line,
        "peak_mb": round(max(steps.peaks)),
    }


def main() -> None:
    """Make it, measure it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--people", type=int, default=300_000)
    parser.add_argument("--honest", type=int, default=70_000)
    parser.add_argument("--insurers", type=int, default=100)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only-make", action="store_true", help="measure another time")
    parser.add_argument("--step", choices=("make", "scope", "dossiers"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    land = Land(given.people, given.insurers, given.days, given.honest)
    if given.step:
        {"make": make, "scope": scope, "dossiers": dossiers}[given.step](given.keep, land)
        return
    with TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        words = [f"--people={land.people}", f"--honest={land.honest}", f"--keep={folder}"]
        steps = Steps([*words, f"--insurers={land.insurers}", f"--days={land.days}"])
        making, _ = steps.run("make")
        if given.only_make:
            return
        figures = measured(folder, land, steps)
        size = sum(path.stat().st_size for path in (folder / "segments").glob("*.parquet"))
    line = {"people": land.people, "insurers": land.insurers, "mb": round(size / 1e6)}
    print(json.dumps({**line, "making_seconds": round(making, 1), **figures}))


if __name__ == "__main__":
    main()
