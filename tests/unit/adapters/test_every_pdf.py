"""Every kind of PDF as an archive, a validator and a screen reader take it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from functools import cache
from itertools import pairwise

import pikepdf
import pytest

from tests.every_pdf import KINDS
from tests.heard import Spoken, hear
from tests.pdf_text import everything

title = "Every PDF"

EVERY = pytest.mark.parametrize("kind", KINDS)
FRENCH = re.compile(r"\b(le|les|des|est|une|vous|sur|pour|par|du|au)\b", re.IGNORECASE)
ENGLISH = re.compile(r"\b(the|and|of|is|was|were|your|you|by|this|to|when)\b", re.IGNORECASE)
NAME = "Mutuelle des Créneaux"
WHEN = {"letter": "27 novembre 2026", "professional": "27 novembre 2026", "sheet": "Éditée le"}
REACH = {
    "sheet": "01 00 00 00 00",
    "letter": "dpo@exemple.example",
    "professional": "01 00",
}


@cache
def made(kind: str, *, exercise: bool = False) -> bytes:
    return KINDS[kind](exercise=exercise)


@cache
def heard(kind: str, *, exercise: bool = False) -> Spoken:
    return hear(made(kind, exercise=exercise))


@EVERY
def test_it_says_what_it_conforms_to_and_its_title_is_shown(kind):
    with pikepdf.open(io.BytesIO(made(kind))) as document, document.open_metadata() as meta:
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert meta["pdfuaid:part"] == "1"
        assert bool(document.Root.MarkInfo.Marked)
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
    assert heard(kind).lang == "fr-FR"
    assert len(heard(kind).title) > 5


@EVERY
def test_what_is_searched_for_personal_data_is_its_words(kind):
    """What the trap reads: its pages and what it says of itself, compressed or not."""
    mark = b"Carte de tiers payant" if kind == "sheet" else b"EXERCICE"
    assert mark in everything(made(kind, exercise=True))
    assert heard(kind).title.encode() in everything(made(kind))


@EVERY
def test_nothing_is_on_paper_only(kind):
    """Attack: a line that a screen reader never meets."""
    assert heard(kind).alone == []


@EVERY
def test_headings_go_down_one_step_at_a_time_and_are_bookmarks(kind):
    spoken = heard(kind)
    levels = [int(each["/S"][2]) for each in spoken.elements if each["/S"][:2] == "/H"]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(spoken.bookmarks) == len(levels)
    first = next(each.text for each in spoken.pieces if "/H1" in each.tags)
    assert spoken.bookmarks[0] == first.replace("\u00a0", " ") or spoken.bookmarks[0] == first


@EVERY
def test_each_table_has_heads_and_each_cell_names_its_own(kind):
    kinds = [each["/S"] for each in heard(kind).elements]
    assert kinds.count("/Table") == kinds.count("/THead")
    for each in heard(kind).elements:
        said = {name: value for part in each.get("/A", []) for name, value in part.items()}
        if each["/S"] == "/TH":
            assert said["/Scope"] == "/Column"
        elif each["/S"] == "/TD":
            assert len(said["/Headers"]) == 1
        elif each["/S"] == "/Figure":
            assert len(each["/Alt"]) > 5


@EVERY
def test_each_passage_is_in_its_language(kind):
    spoken = heard(kind)
    assert {each.lang for each in spoken.pieces} == {"fr-FR", "en-GB"}
    for each in spoken.pieces:
        strange = FRENCH if each.lang == "en-GB" else ENGLISH
        assert strange.search(each.text.replace(NAME, "")) is None, each


@EVERY
def test_when_it_was_made_and_whom_to_reach_are_said(kind):
    text = heard(kind).text
    assert WHEN.get(kind, "établi le").lower() in text.lower()
    assert REACH.get(kind, "Inès Beffroi") in text


@EVERY
def test_an_exercise_is_heard_as_one(kind):
    """Attack: a mark that only eyes can see."""
    mark = "spécimen" if kind == "sheet" else "EXERCICE"
    assert mark in heard(kind, exercise=True).text
    assert mark not in heard(kind).text


@EVERY
def test_no_plural_is_left_to_the_reader(kind):
    assert re.search(r"\w\((s|x|es|nt)\)", heard(kind).text) is None


@pytest.mark.parametrize("flavour", ["2a", "ua1"])
def test_an_independent_validator_agrees(flavour, tmp_path):
    """On all of them at once: a validator takes seconds to start."""
    vera = shutil.which("verapdf")
    if vera is None:
        pytest.skip("no verapdf on the path: see CONTRIBUTING.md")
    for kind in KINDS:
        for exercise in (False, True):
            (tmp_path / f"{kind}-{exercise}.pdf").write_bytes(made(kind, exercise=exercise))
    with pikepdf.open(tmp_path / "letter-False.pdf") as broken:
        del broken.Root.StructTreeRoot
        broken.save(tmp_path / "broken.pdf")
    files = sorted(map(str, tmp_path.glob("*.pdf")))
    command = [vera, "-f", flavour, "--format", "text", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    verdicts = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}
    assert verdicts.pop(str(tmp_path / "broken.pdf")) == "FAIL"
    assert verdicts == {each: "PASS" for each in files if "broken" not in each}, done.stdout
