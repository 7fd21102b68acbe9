"""Papers as documents: tagged, in two languages, with their fonts, the same each time, soon."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from time import process_time
from typing import Any

import pikepdf
import pytest

from rempart.adapters.documents.glyphs import RUN_MAX, glyphs, shown, typeset
from rempart.adapters.documents.paper import PaperPress
from rempart.bootstrap.papers import insurer_report_pdf, paper_pdf
from rempart.domain.errors import Refusal
from rempart.usecases.draft_cnil import operator_draft
from rempart.usecases.draft_cnil_insurer import insurer_draft
from rempart.usecases.draft_complaint import complaint
from rempart.usecases.paper import Paper
from rempart.usecases.report_insurer import insurer_paper
from tests.papers import (
    CONTACTS,
    NAMES,
    NOW,
    a_case,
    a_report,
    a_scope,
    digest_of,
    tags_of,
    text_of,
)

title = "Papers as documents"


@pytest.fixture(scope="module")
def press() -> PaperPress:
    return PaperPress()


def report(**more: Any) -> Paper:
    case = a_case(exercise=more.get("exercise", False))
    return insurer_paper(a_report(**more), case, CONTACTS)


def every_paper(**more: Any) -> list[Paper]:
    """One of each kind."""
    case = a_case(**more)
    scope = a_scope(case)
    return [
        insurer_paper(a_report(scope, **more), case, CONTACTS),
        operator_draft(case, scope, CONTACTS, now=NOW),
        insurer_draft(a_report(scope, **more), case, CONTACTS),
        complaint(case, scope, digest_of(scope), CONTACTS, now=NOW),
    ]


EVERY = pytest.mark.parametrize("place", range(4), ids=["insurer", "own", "cnil", "complaint"])


def fonts(document: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for page in document.pages:
        for font in page.Resources.Font.values():
            yield font.DescendantFonts[0].FontDescriptor


@EVERY
def test_a_document_is_tagged_archivable_and_the_same_each_time(press, place):
    paper = every_paper()[place]
    pdf = press.pdf(paper)
    assert paper_pdf(paper) == pdf == PaperPress().pdf(paper)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "fr-FR"
        assert all({"/FontFile2", "/FontFile3"} & set(each.keys()) for each in fonts(document))
        with document.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
            assert str(meta["dc:title"]) == f"{typeset(paper.title[0])} – incident 48213"


@EVERY
def test_a_screen_reader_finds_headings_and_tables_with_their_heads(press, place):
    paper = every_paper()[place]
    tags = tags_of(press.pdf(paper))
    assert tags.count("/H1") == 1
    assert tags.count("/H2") == len(paper.parts) == tags.count("/Table") == tags.count("/THead")
    assert tags.count("/TD") == 2 * sum(len(part.items) for part in paper.parts)


@EVERY
def test_everything_that_the_data_say_can_be_read(press, place):
    paper = every_paper()[place]
    text = "".join(text_of(press.pdf(paper)).split())
    for part in paper.parts:
        for item in part.items:
            for said in (item.label, *item.said, *([item.asked] if item.asked else [])):
                assert all("".join(typeset(each).split()) in text for each in said), said


def test_no_account_is_named_in_it(press):
    text = text_of(press.pdf(report())).lower()
    assert "mutuelle des créneaux" in text
    assert not [name for name in NAMES if name.lower() in text]


@EVERY
def test_an_exercise_says_so_on_every_page(press, place):
    pdf = press.pdf(every_paper(exercise=True)[place])
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = len(document.pages)
    assert pages > 1
    text = text_of(pdf)
    assert text.count("ce qui suit n’a pas eu lieu") == pages
    assert "EXERCICE" not in text_of(press.pdf(every_paper()[place]))


def test_a_sign_that_no_font_has_is_told_by_its_number(press):
    """Attack: a name with which nothing could be set."""
    assert "Mut [U+1F600] [U+4E2D]" in text_of(press.pdf(report(name="Mut 😀 中")))
    assert shown("é → e\u0301 \u202f") == "é -> é \u00a0"
    assert len(glyphs()) > 300


def test_what_is_too_long_for_a_line_is_broken(press):
    """Attack: a word as wide as ten pages."""
    runs = re.findall("m+", text_of(press.pdf(report(name="m" * 2_000))))
    assert sum(map(len, runs)) >= 2_000
    assert max(map(len, runs)) <= 2 * RUN_MAX


def test_source_of_the_typesetter_is_only_text(press):
    """Attack: a name that would be a command."""
    evil = '#panic("x") ] #read("register.py") $x$ \\ <a> @b'
    assert '#read("register.py")' in text_of(press.pdf(report(name=evil)))


def test_a_hundred_insurers_take_seconds(press):
    """By the processor's time: the machine may be busy."""
    press.pdf(report())
    start = process_time()
    for number in range(5):
        press.pdf(report(amc=f"{99990100 + number}", name=f"Mutuelle {number}"))
    assert (process_time() - start) / 5 < 0.3


def test_the_report_of_a_dossier_is_that_paper(press):
    assert insurer_report_pdf(a_report(), a_case(), CONTACTS) == press.pdf(report())


def test_a_report_of_another_incident_is_not_set():
    with pytest.raises(Refusal, match="of incident 3"):
        insurer_report_pdf(a_report(incident=3), a_case(), CONTACTS)
