"""Family sheets by the command that people type; and what is left when it dies."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from rempart.adapters.keys.file import Passphrase
from rempart.bootstrap.sheet_bench import Order
from tests.insurers import row
from tests.sheets import NAMED

title = "Family sheets, by command"

ROOT = Path(__file__).parent.parent.parent
LETTERHEAD = 'name = "Mutuelle d’Exemple"\ncontact = "01 00 00 00 00"\n'
PERSONAL = ("REF-SECRET", "NOMSECRET", "778899", "1963-02-31", "31/02/1963")


class Insurer:
    """An insurer's folder and its command line, with no platform anywhere."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.said = ""

    def begin(self, *words: str, **how: object) -> Insurer:
        self("init", "99990001", "--sandbox", *words, **how)
        (self.work / "insurer" / "sheet.toml").write_text(LETTERHEAD, "utf-8")
        return self

    def copied(self, work: Path) -> Insurer:
        """This insurer as it is, in another folder."""
        shutil.copytree(self.work, work, dirs_exist_ok=True)
        return Insurer(work)

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "rempart", "insurer", *words],
            cwd=self.work,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *words: str, exit_code: int = 0, typed: str = "") -> str:
        process = self.start(*words)
        said, _ = process.communicate(typed, timeout=120)
        self.said += said
        assert process.returncode == exit_code, said
        return said

    def sheets(self, out: str, *words: str, **how: object) -> str:
        return self(
            "cards", "members.csv", "--out", out, "--sheets", "--processes", "2", *words, **how
        )


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Insurer:
    return Insurer(tmp_path_factory.mktemp("begun")).begin()


@pytest.fixture
def insurer(begun, tmp_path) -> Insurer:
    return begun.copied(tmp_path)


@pytest.fixture(scope="module")
def made(begun, tmp_path_factory) -> Insurer:
    """An insurer with packs of 9 sheets in ``cards``."""
    insurer = begun.copied(tmp_path_factory.mktemp("made"))
    written(insurer, *crowd(4))
    insurer.sheets("cards", "--pack", "9")
    return insurer


def written(insurer: Insurer, *rows: str) -> None:
    (insurer.work / "members.csv").write_text("\n".join([NAMED, *rows, ""]), "utf-8")


def crowd(count: int = 60) -> list[str]:
    """Families of two whose rows stand apart."""
    return [
        row(
            f"R{n}",
            name=f"FICTIVE;{'Noé' if n < count // 2 else 'Ada'}",
            number=str(n % (count // 2)),
        )
        for n in range(count)
    ]


def packs(folder: Path) -> dict[str, str]:
    """Each file of a job but its lock, and its digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.*")
        if path.name != ".lock"
    }


@pytest.fixture(scope="module")
def whole(begun, tmp_path_factory) -> Insurer:
    """An insurer with ten packs in ``whole``, made by two processes that nothing disturbed."""
    insurer = begun.copied(tmp_path_factory.mktemp("whole"))
    written(insurer, *crowd())
    insurer.sheets("whole", "--pack", "3")
    return insurer


def test_packs_are_what_the_manifest_says(insurer):
    written(
        insurer,
        *crowd(),
        row("REF-SECRET", name="NOMSECRET;Zoé", number="778899", born="1963-02-31"),
        row("R7", name="FICTIVE;Noé", number="1"),
        "broken",
    )
    said = insurer.sheets("cards", "--pack", "10", "--rejects", "bad.csv")
    assert "feuilles · sheets        31" in said
    assert "codes                    61" in said
    assert "paquets · packs          4: cards/print" in said
    with (insurer.work / "bad.csv").open() as rejects:
        assert [line[:2] for line in csv.reader(rejects, delimiter=";")] == [
            ["line", "column"],
            ["63", "reference"],
            ["64", "row"],
        ]

    out = insurer.work / "cards"
    manifest = json.loads((out / "print" / "manifest.json").read_text())
    assert sorted(path.name for path in (out / "print").iterdir()) == [
        "manifest.json",
        *(f"pack-{number:05d}.pdf" for number in range(1, 5)),
    ]
    indexed = []
    for pack in manifest["packs"]:
        pdf = (out / "print" / pack["file"]).read_bytes()
        assert (len(pdf), hashlib.sha256(pdf).hexdigest()) == (pack["bytes"], pack["sha256"])
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert len(opened.pages) == pack["pages"]
        with (out / "index" / pack["file"].replace("pdf", "csv")).open() as index:
            indexed += list(csv.DictReader(index, delimiter=";"))
    assert (manifest["pages"], manifest["codes"]) == (31, 61)
    # A family is together although its rows stood apart.
    by_sheet: dict[str, list[str]] = {}
    for each in indexed:
        by_sheet.setdefault(each["sheet"], []).append(each["reference"])
    assert by_sheet["00001-0001"] == ["R0", "R30"]
    assert by_sheet["00004-0001"] == ["REF-SECRET"]

    told = insurer.said + "".join(path.as_posix() for path in out.rglob("*"))
    told += (out / "print" / "manifest.json").read_text() + (out / "job.json").read_text()
    assert not [secret for secret in PERSONAL if secret in told]
    assert not (out / "plan.sqlite").exists()


def test_killed_at_any_moment_it_goes_on_and_makes_the_same(whole, tmp_path):
    insurer = whole.copied(tmp_path)
    chance = random.Random(5)
    for _ in range(4):
        process = insurer.start(
            *("cards", "members.csv", "--out", "killed", "--sheets", "--pack", "3"),
            *("--processes", "2"),
        )
        time.sleep(0.5 + chance.random() * 1.2)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    insurer.sheets("killed", "--pack", "3")
    assert packs(insurer.work / "killed") == packs(insurer.work / "whole")


def test_one_process_or_several_make_the_same(whole, tmp_path):
    insurer = whole.copied(tmp_path)
    insurer.sheets("one", "--pack", "3", "--processes", "1")
    assert packs(insurer.work / "one") == packs(insurer.work / "whole")


def test_a_worker_that_dies_is_said_and_its_whole_packs_are_kept(insurer):
    written(insurer, *crowd(400))
    process = insurer.start(
        *("cards", "members.csv", "--out", "cards", "--sheets", "--pack", "2", "--processes", "2")
    )
    until(lambda: len(list((insurer.work / "cards").glob("index/*.json"))) > 2)
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "unavailable: a process that made packs died: start again" in said
    assert "déjà faits · kept" in insurer.sheets("cards", "--pack", "2")


def test_workers_end_with_the_process_that_gives_the_orders(insurer):
    written(insurer, *crowd(400))
    process = insurer.start(
        *("cards", "members.csv", "--out", "cards", "--sheets", "--pack", "2", "--processes", "2")
    )
    until(lambda: list((insurer.work / "cards").glob("index/*.json")))
    workers = workers_of(process.pid)
    assert len(workers) == 2
    process.kill()
    process.communicate()
    until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))


def until(holds: Callable[[], object]) -> None:
    """Return once it does; a minute is forever."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def workers_of(parent: int) -> list[int]:
    processes = [each for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [int(each.name) for each in processes if is_worker_of(each, parent)]


def is_worker_of(process: Path, parent: int) -> bool:
    try:
        _, _, after = (process / "stat").read_text().rpartition(")")
        command = (process / "cmdline").read_text()
    except OSError:
        return False
    return int(after.split()[1]) == parent and "spawn_main" in command


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("members", "packs of another file"),
        ("letterhead", "packs of another file"),
        ("pack", "packs of another file"),
        ("no letterhead", "write sheet.toml first"),
        ("bad letterhead", "sheet.toml is not TOML"),
        ("wrong letterhead", "name: expected 1 to 60 characters"),
    ],
)
def test_a_refusal_is_one_line_and_exits_with_2(made, tmp_path, change, told):
    insurer = made.copied(tmp_path)
    letterhead = insurer.work / "insurer" / "sheet.toml"
    words = ["--pack", "9"]
    out = "cards"
    match change:
        case "members":
            written(insurer, *crowd(6))
        case "letterhead":
            letterhead.write_text(LETTERHEAD + 'notes = ["x"]\n', "utf-8")
        case "pack":
            words = ["--pack", "8"]
        case "no letterhead":
            letterhead.unlink()
            out = "other"
        case "bad letterhead":
            letterhead.write_text("name = ")
            out = "other"
        case _:
            letterhead.write_text("contact = '1'")
            out = "other"
    said = insurer.sheets(out, *words, exit_code=2)
    assert told in said
    assert len(said.splitlines()) == 1


def test_a_passphrase_opens_the_keys_of_every_process(tmp_path):
    insurer = Insurer(tmp_path).begin("--passphrase", typed="a phrase\na phrase\n")
    written(insurer, *crowd(4))
    assert "codes                    4" in insurer.sheets(
        "cards", "--passphrase", typed="a phrase\n"
    )
    assert "a phrase" not in insurer.said


def test_an_order_does_not_print_its_passphrase(tmp_path):
    order = Order(
        folder=tmp_path,
        unlock=Passphrase("a phrase"),
        members=tmp_path,
        out=tmp_path,
        pages=1,
        made_on=None,
    )
    assert "a phrase" not in repr(order)
