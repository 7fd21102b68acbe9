"""What everybody may read: never more than the scope says, nor than was done."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.clocks import Answer, Answered
from rempart.domain.disclosure import Fields
from rempart.usecases.notice import Block, Notice
from rempart.usecases.paper import figure
from rempart.usecases.public_words import SHOWN, for_professionals, public_page
from rempart.usecases.scope_file import InsurerSaid
from tests.papers import (
    CONTACTS,
    LAB,
    NAMES,
    NOW,
    OPERATOR,
    SHOP,
    a_case,
    a_claims_file,
    a_scope,
    some_claims,
)

title = "What everybody may read"


class Tags(HTMLParser):
    """The tags and texts of a fragment."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(**more: object) -> Notice:
    case = more.pop("case", None) or a_case()
    return public_page(case, a_scope(case, **more), CONTACTS)  # type: ignore[arg-type]


@given(breached=st.integers(0, 40_000_000), undecided=st.integers(0, 40_000_000))
def test_numbers_are_the_scopes_and_upper_bounds(breached, undecided):
    one = InsurerSaid("99990001", breached, undecided, 0)
    said = page(
        people=breached + undecided,
        breached=breached,
        undecided=undecided,
        cleared=0,
        insurers=(one,),
    ).to_text()
    for count in (breached, undecided):
        people = f"au plus {figure(count)} personne" if count else ": personne."
        assert people in said
    assert "environ" not in said


def test_nobody_is_cleared_by_a_ledger_with_a_hole():
    assert "personne d'autre" in page().to_text()
    told = page(clears=False).to_text()
    assert "personne d'autre" not in told
    assert "Entries of our ledger are missing" in told


def test_nothing_is_said_done_that_is_not():
    said = page().to_text()
    assert not [word for word in ("plainte", "CNIL", "ANSSI", "prévenus") if word in said]
    answers = {
        ("complaint", 0): Answered(Answer.DONE, NOW, 1),
        ("cnil-33-1", 0): Answered(Answer.NOT_DUE, 0, 1),
        ("insurers-33-2", 99990001): Answered(Answer.DONE, NOW, 1),
    }
    told = page(case=a_case(answers=answers)).to_text()
    assert "Une plainte est déposée." in told
    assert "CNIL" not in told
    assert "prévenus" not in told, "one of them was told, and not all"
    nothing = page(case=a_case(stopped=())).to_text()
    assert "Rien n'est encore inscrit." in nothing


def test_what_is_not_stopped_is_said_not_to_be():
    case = a_case()
    found = replace(case.incident.found, contained=0)  # type: ignore[type-var]
    still = replace(case, incident=replace(case.incident, found=found, frozen=()))
    assert "pas encore arrêté" in page(case=still).to_text()
    assert "pas encore arrêté" not in page().to_text()


def test_it_warns_of_false_calls_and_sends_people_to_their_insurer():
    said = page().to_text()
    assert "remboursement" in said
    assert "ni compte bancaire" in said
    assert "votre organisme complémentaire" in said


def test_what_was_told_of_claims_is_said_and_nothing_that_contradicts_it():
    """Whoever was told what an insurer owes has read an amount."""
    assert "ni somme remboursée" in page().to_text()
    case = a_case()
    told = public_page(case, a_scope(case), CONTACTS, a_claims_file()).to_text()
    assert "D'au plus 9 factures de soins" in told
    assert "la somme que l'organisme doit" in told
    assert "what the insurer owes" in told
    assert "remboursée." not in told
    assert "amount paid" not in told
    sent = some_claims(shown={}, undecided=43, sent=42)
    untold = a_claims_file(whole=sent, insurers={"": sent})
    assert public_page(case, a_scope(case), CONTACTS, untold).to_text() == page().to_text()


def test_neither_names_an_account_a_site_or_a_person_nor_repeats_words():
    for notice in (page(), for_professionals(a_case(), a_scope(), CONTACTS)):
        text = (notice.to_html() + notice.to_text()).lower()
        assert not [name for name in NAMES if name.lower() in text]


def test_every_field_is_told_in_words_that_are_not_of_the_trade():
    assert set(SHOWN) == set(Fields)
    said = page().to_text()
    assert not re.search("NIR|RIB|tiers payant ils|mode de|[Gg]el[ée]", said)


def test_when_it_was_known_is_said_in_plain_words():
    said = page().to_text()
    assert "nous savons le 27 novembre 2026 à 8 h 12, heure de Paris." in said
    assert "what we know on 27 November 2026 at 8:12, Paris time." in said
    assert "Au plus tôt depuis le 23 novembre 2026 à 18 h 00" in said
    assert "Nous avons bloqué 2 comptes." in said
    assert "2026-" not in said


def test_professionals_read_what_is_cut_and_whom_to_call():
    said = for_professionals(a_case(), a_scope(), CONTACTS).to_text()
    assert OPERATOR.desk in said
    assert "- Un organisme\n" in said
    assert SHOP not in said
    assert LAB not in said
    over = a_case(unserved=())
    assert "- Rien.\n" in for_professionals(over, a_scope(over), CONTACTS).to_text()


def test_an_exercise_says_so_before_and_after_in_both_languages():
    case = a_case(exercise=True)
    for notice in (page(case=case), for_professionals(case, a_scope(case), CONTACTS)):
        for text in (notice.to_html(), notice.to_text()):
            for language in (("suit", "précède"), ("what follows", "what stands above")):
                assert [text.count(each) for each in language] == [1, 1]
                assert text.index(language[0]) < text.index(language[1])
            assert text.count("EXERCICE : ce qui") == text.count("EXERCISE: what") == 2
    assert "EXERCI" not in page().to_html() + page().to_text()


def test_the_fragment_is_two_sections_that_run_nothing():
    """Attack: a name that is a script."""
    evil = "<script>alert(1)</script> & \"'"
    block = Block(heading=(evil, evil), lines=((evil, evil),), points=True)
    html = Notice(title=(evil, evil), exercise=True, blocks=(block,)).to_html()
    read = Tags(html)
    assert set(read.tags) == {"section", "h1", "h2", "p", "strong", "ul", "li"}
    assert read.texts.count(evil) == 6
    assert html.startswith('<section lang="fr">')
    assert '<section lang="en">' in html
