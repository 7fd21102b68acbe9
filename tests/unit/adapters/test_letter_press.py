"""Letters as their readers take them: by eye, by ear, from an archive."""

from __future__ import annotations

import io
import re
from datetime import date

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rempart.adapters.documents import letters
from rempart.adapters.documents.letters import LetterPress
from rempart.domain.breach_told import Told
from rempart.domain.letter import Language
from rempart.domain.scope import Verdict
from rempart.usecases.mail_letters import Posted
from tests.letters import ONE, reading, write
from tests.pdf_text import texts

title = "Letters as PDF"

TO = ("Zoé D’EXEMPLE", "1 rue #set[x] $y$", "75000 PARIS")


def press(*, exercise: bool = False) -> LetterPress:
    return LetterPress(
        name="Mutuelle d’Exemple",
        address=["1 rue de l’Exemple"],
        made_on=date(2026, 11, 27),
        exercise=exercise,
    )


def printed(number: str, verdict: Verdict = Verdict.BREACHED) -> dict:
    letters = dict(zip(Language, write(Told({ONE: reading(verdict)})), strict=True))
    return Posted(number, "R1", "", False, TO, (), letters).printed()


@pytest.fixture(scope="module")
def pdf() -> bytes:
    pages = [printed("00007-0001"), printed("00007-0002", Verdict.UNDECIDED)]
    return press().pdf(pages, pack=7)


def test_it_is_tagged_archivable_and_says_its_language(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "fr-FR"
        with document.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
            assert meta["dc:title"] == "Lettres – 00007"
        things = [each for each in document.objects if isinstance(each, pikepdf.Dictionary)]
    tags = [str(each.S) for each in things if each.get("/Type") == "/StructElem"]
    assert tags.count("/H1") == 4
    assert tags.count("/H2") == 4 * 6
    assert tags.count("/L") == 4 * 2
    assert {str(each.Lang) for each in things if "/Lang" in each} >= {"fr-FR", "en-GB"}


def test_it_reads_in_order_french_first_each_on_a_sheet_of_its_own(pdf):
    pages = texts(pdf)
    assert len(pages) == 4
    wanted = ["Mutuelle d’Exemple", *TO, "Quelqu’un a lu", "Ce qui s’est passé", "Ce qui a été lu"]
    wanted += ["Ce qui peut arriver", "Ce qui a été fait", "Ce que vous pouvez", "À qui parler"]
    places = [pages[0].index(each) for each in wanted]
    assert places == sorted(places)
    assert "Somebody has read" in pages[1]
    assert "exclu" in pages[2]
    assert "cannot be excluded" in pages[3]
    assert all(f"00007-000{1 + page // 2}" in text for page, text in enumerate(pages))


def test_every_sentence_of_the_letter_is_on_paper(pdf):
    pages = texts(pdf)
    for page, letter in zip(pages, write(Told({ONE: reading()})), strict=False):
        said = re.sub(r"\W", "", page)
        for section in letter.sections:
            for each in section.paragraphs:
                for text in [each] if isinstance(each, str) else each:
                    assert re.sub(r"\W", "", text) in said


def test_the_same_letters_are_the_same_bytes(pdf):
    pages = [printed("00007-0001"), printed("00007-0002", Verdict.UNDECIDED)]
    made = press()
    assert made.pdf(pages, pack=7) == pdf
    made.forget()
    assert made.pdf(pages, pack=7) == pdf


def test_an_exercise_says_so_on_every_page(pdf):
    drill = press(exercise=True).pdf([printed("00001-0001")], pack=1)
    assert all("EXERCICE · EXERCISE" in each for each in texts(drill))
    assert all(each.count("EXERCICE") >= 2 for each in texts(drill))
    assert not any("EXERCICE" in each for each in texts(pdf))
    with pikepdf.open(io.BytesIO(drill)) as document, document.open_metadata() as meta:
        assert str(meta["dc:title"]).startswith("EXERCICE")


def test_a_sign_that_the_font_lacks_is_told_and_stops_nothing():
    page = printed("00001-0001")
    page["versions"][0]["sections"][3]["paragraphs"] = (("Fait \N{CHECK MARK}",),)
    assert "Fait [U+2713]" in texts(press().pdf([page], pack=1))[0]


WORDS = st.lists(st.sampled_from(["il", "été", "lu", "peut-être", "informations"]), max_size=40)
SAID = st.one_of(WORDS.map(" ".join), st.lists(WORDS.map(" ".join), max_size=4))


@settings(max_examples=25)
@given(st.lists(st.lists(SAID, min_size=1, max_size=5), min_size=1, max_size=7), st.booleans())
def test_a_side_holds_what_it_was_sized_for(sections, exercise):
    """What is counted is never less than what is set: a letter stays on its two sides."""
    said = [{"title": "Titre", "paragraphs": each} for each in sections]
    versions = [{"lang": each, "subject": "Sujet", "sections": said} for each in ("fr", "en")]
    above = letters.ENVELOPE + exercise * letters.EXERCISE
    fits = above + letters.height(versions[0], letters.SIZES[-1]) <= letters.ROOM
    made = press(exercise=exercise).pdf(
        [{"number": "00001-0001", "to": TO, "versions": versions}], pack=1
    )
    if fits:
        assert len(texts(made)) == 2


def test_letters_are_as_large_as_their_side_bears():
    versions = printed("00001-0001")["versions"]
    assert [letters.size_of(each, at) for each, at in zip(versions, (71, 14), strict=True)] == [
        10.5,
        11.5,
    ]
    long = {"sections": [{"paragraphs": ["mot " * 2_000]}]}
    assert letters.size_of(long, 14) == 10.5
