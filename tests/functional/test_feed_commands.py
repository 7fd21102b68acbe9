"""The way of a member file, by the commands that people type; and what is left when they die."""

from __future__ import annotations

import csv
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.ground import Ground, ground
from rempart.adapters.keys.file import KeyFile
from rempart.adapters.postgres.connections import connect
from rempart.adapters.system import SystemChance
from rempart.bootstrap.importer import platform_key
from rempart.bootstrap.insurer import make_folder
from rempart.bootstrap.keyrings import rights_keyring
from rempart.bootstrap.registrar import registrar
from rempart.domain.identifiers import AMCNumber, MemberNumberRule
from rempart.domain.insurer import InsurerProfile
from rempart.usecases.platform_keys import ensure_version
from rempart.usecases.ports import Insurer
from tests.insurers import HEADER, row
from tests.postgres_servers import roomy

title = "From the insurer's file to the platform, by command"

AMC = "99990007"
PERSONAL = ("REF-SECRET", "NOMSECRET", "778899", "1963-02-31", "19630231")


@pytest.fixture(scope="module")
def installation() -> Iterator[Ground]:
    with ground(0, within=roomy()) as made:
        yield made


@pytest.fixture
def work(installation, tmp_path, monkeypatch) -> Path:
    """A folder to type in, and an empty store."""
    monkeypatch.chdir(tmp_path)
    with connect("owner", installation.settings) as owner:
        owner.execute("TRUNCATE sealed.person, sealed.lock, sealed.feed, registry.insurer")
    return tmp_path


class Rempart:
    """The command line, in processes of their own."""

    def __init__(self, made: Ground) -> None:
        self.environ = made.environ | {"COLUMNS": "100"}
        self.said: list[str] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "rempart", *words],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *words: str, exit_code: int = 0) -> str:
        process = self.start(*words)
        said, _ = process.communicate(timeout=120)
        self.said.append(said)
        assert process.returncode == exit_code, f"{words}: {said}"
        return said


@pytest.fixture
def rempart(installation, work) -> Rempart:
    return Rempart(installation)


def written(path: Path, *rows: str) -> str:
    path.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    return str(path)


def line_of(said: str, word: str) -> str:
    (line,) = [line for line in said.splitlines() if word in line]
    return line


def admitted(rempart: Rempart, folder: str = "insurer") -> None:
    """An insurer that two operators have let in."""
    rempart("feed", "key")
    said = rempart("insurer", "init", AMC, "--sandbox", "--platform", "platform.json")
    fingerprint = line_of(said, "fingerprint").split("fingerprint")[1].strip()
    confirmations = []
    for name in ("alix", "basile"):
        if not Path(f"{name}.key").exists():
            rempart("operator", "init", name)
        if not (Path(rempart.environ["REMPART_HOME"]) / "operators" / f"{name}.pub").exists():
            rempart("operator", "trust", f"{name}.pub")
        rempart(
            *("operator", "sign", f"{folder}/bundle.json", "--key", f"{name}.key"),
            *("--fingerprint", fingerprint.upper(), "--out", f"{name}.json"),
        )
        confirmations += ["--confirm", f"{name}.json"]
    rempart("operator", "register", f"{folder}/bundle.json", *confirmations)


@pytest.fixture
def insurer(rempart, installation) -> Rempart:
    """An insurer let in by the commands that operators type."""
    operators = installation.settings.home / "operators"
    for key in operators.glob("*.pub"):
        key.unlink()
    admitted(rempart)
    return rempart


@pytest.fixture
def let_in(rempart, installation, work) -> Rempart:
    """The same without its ceremony, for the chapters that are about what follows."""
    settings, folder = installation.settings, work / "insurer"
    profile = InsurerProfile(
        amc=AMCNumber.parse(AMC),
        sandbox=True,
        member_number_rule=MemberNumberRule(),
        declared=True,
        legacy_until=None,
        platform=platform_key(settings),
    )
    bundle = make_folder(folder, profile, KeyFile(folder / "insurer.key"))
    ensure_version([rights_keyring(settings)], f"outer/{AMC}/", SystemChance())
    with registrar(settings) as registry:
        registry.register_insurer(
            Insurer(amc=int(AMC), bundle=bundle.to_json(), sandbox=True), confirmations=[]
        )
    return rempart


def stored(installation: Ground) -> tuple[int, int]:
    with connect("importer", installation.settings) as importer:
        (persons,) = importer.execute("SELECT count(*) FROM sealed.person").fetchone()
        (locks,) = importer.execute("SELECT count(*) FROM sealed.lock").fetchone()
    return persons, locks


def test_the_whole_way(insurer, installation, work):
    members = written(
        work / "members.csv",
        row("REF-SECRET", name="NOMSECRET", number="778899", born="1963-02-31"),
        row("R2", rank="x"),
        row("R3", number="3"),
    )
    said = insurer("insurer", "prepare", members, "--rejects", "bad.csv")
    assert "1, complet · full" in said
    assert "envoyés · sent           2" in said
    with Path("bad.csv").open() as rejects:
        assert list(csv.reader(rejects, delimiter=";")) == [
            ["line", "column", "rule"],
            ["3", "birth_rank", "expected one digit, 1 to 9"],
        ]
    feed = f"insurer/feed-{AMC}-00001.rpf"

    dry = insurer("feed", "import", feed, "--amc", AMC, "--dry-run")
    assert "à blanc · dry run" in dry
    assert stored(installation) == (0, 0)
    assert "nouveaux · added         2" in insurer("feed", "import", feed, "--amc", AMC)
    assert stored(installation) == (2, 4)
    again = insurer("feed", "import", feed, "--amc", AMC)
    assert again == "flux 1 déjà pris · feed 1 already imported\n"

    insurer("insurer", "cards", members, "--out", "cards")
    with Path("cards/index.csv").open() as index:
        cards = list(csv.DictReader(index, delimiter=";"))
    assert [card["reference"] for card in cards] == ["REF-SECRET", "R3"]
    assert sorted(path.name for path in Path("cards").iterdir()) == [
        "0000001.png",
        "0000001.svg",
        "0000002.png",
        "0000002.svg",
        "index.csv",
    ]
    assert Path("cards/index.csv").stat().st_mode & 0o777 == 0o600

    with connect("importer", installation.settings) as importer:
        handles = importer.execute("SELECT handle FROM sealed.person").fetchall()
    Path("handles.txt").write_text("\n".join(handle.hex() for (handle,) in handles) + "\nff\n")
    said = insurer(
        *("insurer", "open", "handles.txt", "--members", members, "--out", "dossier.csv")
    )
    assert "étrangers · not ours     1" in said
    with Path("dossier.csv").open() as dossier:
        opened = list(csv.DictReader(dossier, delimiter=";"))
    assert {each["reference"]: each["nom"] for each in opened} == {
        "REF-SECRET": "NOMSECRET",
        "R3": "Fictive",
    }
    with connect("importer", installation.settings) as importer:
        importer.execute(
            "UPDATE sealed.person SET last_end = '2024-01-05' WHERE handle = %s", handles[0]
        )
    said = insurer("feed", "erase")
    assert "effacés · erased         1, 27 mois" in said
    assert "poignées · handles       1, jusqu'à la clôture" in said
    assert stored(installation) == (1, 2)
    everything = "".join(insurer.said)
    assert not any(secret in everything for secret in PERSONAL)
    assert not any(card["printed_key"] in everything for card in cards)


def test_a_refusal_is_one_line_and_exits_with_2(insurer, work):
    members = written(work / "members.csv", row("R1"))
    insurer("insurer", "prepare", members, "--out", "one.rpf")
    for words, told in (
        (("insurer", "prepare", members, "--out", "one.rpf"), "set-up-refused: one.rpf exists"),
        (("insurer", "init", AMC), "set-up-refused: this folder holds an insurer already"),
        (("insurer", "init", "123", "--folder", "x"), "malformed-identifier: AMC number"),
        (("insurer", "prepare", members, "--folder", "none"), "set-up-refused: there is no file"),
        (("feed", "import", "one.rpf", "--amc", "99990008"), "feed-refused: insurer: not reg"),
        (("feed", "import", "alix.key", "--amc", AMC), "feed-refused: sealed: not to this"),
        (("operator", "init", "alix"), "set-up-refused: alix.key exists already"),
        (
            ("operator", "register", "insurer/bundle.json", "--confirm", "alix.json"),
            "set-up-refused: two confirmations are needed",
        ),
        (
            (
                *("operator", "sign", "insurer/bundle.json", "--key", "alix.key"),
                *("--fingerprint", "0000", "--out", "x.json"),
            ),
            "set-up-refused: the fingerprint is not that of this bundle",
        ),
        (
            ("insurer", "prepare", "alix.json"),
            "malformed-row: line 1, reference: column is missing",
        ),
    ):
        said = insurer(*words, exit_code=2)
        assert said.startswith(f"rempart: {told}"), said
        assert len(said.splitlines()) == 1, said


def test_choices_are_changed_and_the_next_feed_says_them(let_in, work, installation):
    members = written(work / "members.csv", row("R1", cards="0:2030-12-31"))
    let_in("insurer", "prepare", members)
    let_in("feed", "import", f"insurer/feed-{AMC}-00001.rpf", "--amc", AMC)
    assert stored(installation) == (1, 0)
    said = let_in("insurer", "choose", "--legacy-until", "2030-06-30", "--no-declared")
    assert "anciennes · legacy       2030-06-30" in said
    let_in("insurer", "prepare", members)
    let_in("feed", "import", f"insurer/feed-{AMC}-00002.rpf", "--amc", AMC)
    assert stored(installation) == (1, 1)
    let_in("insurer", "choose", "--no-legacy")
    profile = json.loads(Path("insurer/profile.json").read_text())
    assert (profile["legacy_until"], profile["declared"]) == (None, False)
    let_in("insurer", "prepare", members)
    let_in("feed", "import", f"insurer/feed-{AMC}-00003.rpf", "--amc", AMC)
    assert stored(installation) == (1, 0)


def test_a_passphrase_opens_what_it_closed(rempart, work):
    def typed(*words: str, said: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rempart", "insurer", *words, "--passphrase"],
            env=rempart.environ,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )

    assert typed("init", AMC, said="a phrase\na phrase\n").returncode == 0
    assert not Path("insurer/insurer.key").exists()
    assert typed("card-key", said="a phrase\n").returncode == 0
    refused = typed("card-key", said="another\n")
    assert refused.returncode == 2
    assert "key-missing" in refused.stderr


# --- killed

ROWS = 6_000


def many(count: int = ROWS, formula: str = "F1") -> list[str]:
    return [row(f"R{n}", number=str(n), formula=formula) for n in range(count)]


def test_a_preparation_killed_at_any_moment_is_made_again_or_ended(let_in, work, installation):
    members = written(work / "members.csv", *many())
    chance = random.Random(3)
    for _ in range(5):
        process = let_in.start("insurer", "prepare", members)
        time.sleep(0.3 + chance.random() * 0.7)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    let_in("insurer", "prepare", members)
    feeds = sorted(Path("insurer").glob("*.rpf"))
    assert [feed.name for feed in feeds] == [
        f"feed-{AMC}-{number:05d}.rpf" for number in range(1, len(feeds) + 1)
    ]
    for feed in feeds:
        let_in("feed", "import", str(feed), "--amc", AMC)
    assert stored(installation) == (ROWS, 2 * ROWS)
    assert not list(Path("insurer").glob("*.partial"))


def test_two_imports_at_once_do_not_mix(let_in, work, installation):
    members = written(work / "members.csv", *many(2_000))
    let_in("insurer", "prepare", members, "--out", "feed.rpf")
    both = [let_in.start("feed", "import", "feed.rpf", "--amc", AMC) for _ in range(2)]
    told = [process.communicate()[0] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 2]), told
    if codes == [0, 2]:
        (refused,) = [said for said in told if said.startswith("rempart:")]
        assert refused.startswith("rempart: unavailable: another import")
    assert stored(installation) == (2_000, 4_000)
