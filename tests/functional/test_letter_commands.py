"""The insurer's side of a breach, by the commands that people type."""

from __future__ import annotations

import base64
import csv
import json
import re
from pathlib import Path

import pytest

from rempart.adapters.keys.file import KeyFile
from rempart.bootstrap.insurer import InsurerFolder
from tests.functional.test_sheet_command import Insurer
from tests.letters import DECIDED
from tests.pdf_text import texts
from tests.received_dossiers import handle, line, vault, write_dossier

title = "An insurer answers a breach, by command"

HEADER = "reference;prenom;nom;adresse;cp;ville;birth_date;nir"
PERSONAL = ("NOMSECRET", "PRENOMSECRET", "RUESECRETE", "REF-SECRET", "199999999999999")
LETTER = """
name = "Mutuelle d’Exemple"
address = ["1 rue de l’Exemple"]
dpo = "Camille Exemple"
reach = ["01 00 00 00 00"]
to = ["{prenom} {nom}", "{adresse}", "{cp} {ville}"]
"""


@pytest.fixture(scope="module")
def insurer(tmp_path_factory) -> Insurer:
    """An insurer with a real dossier, an exercise, and a file of its own."""
    work = tmp_path_factory.mktemp("letters")
    insurer = Insurer(work).begin()
    said = insurer("dossier-key")
    key = bytes.fromhex(_hex(said))
    keys = InsurerFolder.open(work / "insurer", KeyFile(work / "insurer" / "insurer.key")).keys
    people = [f"REF-SECRET{n}" for n in range(5)]
    lines = [line(handle(keys, each), "undecided" if n == 4 else "breached")
             for n, each in enumerate(people)]  # fmt: skip
    write_dossier(work / "real" / "0001", lines, recipient=key)
    write_dossier(work / "drill" / "0001", lines, recipient=key, exercise=True, incident=7)
    write_dossier(work / "other" / "0001", lines[:2], recipient=key, signer=vault("autre.example"))
    for name in ("rempart.example", "autre.example"):
        (work / f"{name}.pub").write_text(vault(name).vkey + "\n")
    rows = [
        f"{each};PRENOMSECRET;NOMSECRET;{n} RUESECRETE;75000;PARIS;1980-02-30;199999999999999"
        for n, each in enumerate(people[:4])
    ]
    (work / "members.csv").write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    (work / "insurer" / "letter.toml").write_text(LETTER, "utf-8")
    return insurer


def _hex(said: str) -> str:
    (found,) = re.findall(r'^key = "(.+)"$', said, re.MULTILINE)
    return base64.b64decode(found).hex()


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


KEYS = ("--key", "rempart.example.pub", "--key", "autre.example.pub", "--members", "members.csv")


def decide(insurer: Insurer, out: str, form: str, *received: str) -> str:
    """Ask what is proposed, and fill the form in as a person would."""
    said = insurer("letters", *received, *KEYS, "--out", out)
    path = insurer.work / out / form
    text = path.read_text("utf-8")
    for name in ("tell", "ground", "reason", "by"):
        text = text.replace(f'\n{name} = ""', f"\n{name} = {json.dumps(DECIDED[name])}")
    for language in ("fr", "en"):
        said_done = json.dumps(DECIDED["measures"][language])
        text = text.replace(f"{language} = []", f"{language} = {said_done}")
    path.write_text(text, "utf-8")
    return said


def test_dossiers_of_two_operators_are_opened_as_one_list(insurer, tmp_path):
    here = insurer.copied(tmp_path)
    said = here("open", "real/0001", "other/0001", *KEYS, "--out", "opened.csv")
    assert "personnes · people       5" in said
    assert "absents · not in file    1" in said
    opened = table(here.work / "opened.csv")
    assert [each["reference"] for each in opened] == [f"REF-SECRET{n}" for n in range(5)]
    assert opened[0]["breach_sources"].count("breached") == 2
    assert opened[4]["nom"] == ""
    assert (here.work / "opened.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("manifest.note", "refused: bad/0001: it has no manifest: it is not whole"),
        ("report.json", "integrity-broken: bad/0001: report.json is not there"),
    ],
)
def test_a_dossier_that_does_not_hold_writes_nothing(insurer, tmp_path, spoil, told):
    here = insurer.copied(tmp_path)
    (here.work / "real").rename(here.work / "bad")
    (here.work / "bad" / "0001" / spoil).unlink()
    said = here(
        *("open", "other/0001", "bad/0001", *KEYS, "--out", "opened.csv"),
        exit_code=3 if "integrity" in told else 2,
    )
    assert told in said
    assert not list(here.work.glob("*opened*"))


def test_the_whole_way_from_a_dossier_to_letters(insurer, tmp_path):
    here = insurer.copied(tmp_path)
    said = decide(here, "letters", "decision.toml", "real/0001")
    assert "proposition · proposal: everybody" in said
    made = ("letters", "real/0001", *KEYS, "--out", "letters", "--decision")
    words = (*made, "letters/decision.toml", "--processes", "1", "--pack", "3")
    said = here(*words)
    assert "lettres · letters        4" in said
    assert "sans adresse · to be told otherwise  1" in said
    out = here.work / "letters"
    assert [each["number"] for each in table(out / "merge.csv")] == [
        *("00001-0001", "00001-0002", "00001-0003"),
        "00002-0001",
    ]
    assert "nir" not in table(out / "merge.csv")[0]
    assert table(out / "unaddressed.csv") == [{"reference": "REF-SECRET4", "why": "absent"}]
    manifest = json.loads((out / "print" / "manifest.json").read_text())
    assert (manifest["letters"], len(manifest["packs"])) == (4, 2)
    assert json.loads((out / "decision.json").read_text())["by"] == DECIDED["by"]
    pages = texts((out / "print" / "pack-00002.pdf").read_bytes())
    assert "3 RUESECRETE" in pages[0]
    # A run that died before it was whole goes on with what it had made.
    (out / "print" / "manifest.json").unlink()
    (out / "print" / "pack-00002.pdf").unlink()
    assert "déjà faits · kept        1" in here(*words)
    assert json.loads((out / "print" / "manifest.json").read_text()) == manifest
    names = " ".join(str(path.relative_to(out)) for path in out.rglob("*"))
    assert not any(secret in here.said + names for secret in PERSONAL)


def test_of_an_exercise_every_file_and_page_says_so(insurer, tmp_path):
    here = insurer.copied(tmp_path)
    decide(here, "drilled", "EXERCICE-decision.toml", "drill/0001")
    out = here.work / "drilled"
    said = here(
        *("letters", "drill/0001", *KEYS, "--out", "drilled", "--processes", "1"),
        *("--decision", "drilled/EXERCICE-decision.toml"),
    )
    assert "EXERCICE · EXERCISE" in said
    names = {path.name for path in out.rglob("*") if path.is_file()} - {".lock", "job.json"}
    assert len(names) == 7
    assert all(name.startswith("EXERCICE-") for name in names)
    (pack,) = out.glob("print/*.pdf")
    assert all("EXERCICE" in page for page in texts(pack.read_bytes()))
    assert {each["exercise"] for each in table(out / "EXERCICE-merge.csv")} == {"EXERCICE"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("no key", "set-up-refused: a dossier is opened under its operator's key"),
        ("no letter", "set-up-refused: write letter.toml first"),
        ("own wording", "letter: art. 34(2), the likely consequences (consequences, fr)"),
        ("other report", "decision: reports: it was taken on other reports"),
    ],
)
def test_a_refusal_is_one_line_and_makes_no_letter(insurer, tmp_path, change, told):
    here = insurer.copied(tmp_path)
    keys, received = KEYS, ("real/0001",)
    (here.work / "decision.toml").write_text(
        "\n".join(f"{name} = {json.dumps(value)}" for name, value in DECIDED.items()
                  if isinstance(value, str)) + f'\nreports = ["{"b" * 64}"]\n', "utf-8"
    )  # fmt: skip
    decided = "decision.toml"
    if change in {"no letter", "own wording"}:
        decide(here, "letters", "decision.toml", *received)
        decided = "letters/decision.toml"
    if change == "no letter":
        (here.work / "insurer" / "letter.toml").unlink()
    if change == "own wording":
        letter = here.work / "insurer" / "letter.toml"
        letter.write_text(LETTER + '[fr]\nconsequences = "Rien."\n', "utf-8")
    if change == "no key":
        keys = KEYS[4:]
    said = here(*("letters", *received, *keys, "--out", "made", "--decision", decided), exit_code=2)
    assert told in said
    assert not list((here.work / "made").glob("**/*.pdf"))
    assert not any(secret in said for secret in PERSONAL)
