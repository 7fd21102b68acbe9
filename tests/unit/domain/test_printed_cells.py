"""Names for print, and how a birth date is printed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.identifiers import BirthDate
from rempart.domain.printed_cells import NAME_SIZE_MAX, read_name
from rempart.domain.sheet import PEOPLE_MAX, pages_of, printed_birth_date


@pytest.mark.parametrize(
    "name",
    [
        "",
        "MARTIN",
        "D’Artagnan",
        "O'Brien",
        "Jean-Émile",
        "Ÿves",
        "ŒDIPE",
        "Łukasz",
        "Ștefan",
        "Martin (née Dupont)",
        "St. Clair, Jr",
    ],
)
def test_names_of_civil_papers_are_read(name):
    assert read_name(name, "last_name") == name


def test_letters_are_composed_and_spaces_single():
    decomposed = unicodedata.normalize("NFD", "  Zoé   Noëlle ")
    assert len(decomposed) > 14
    assert read_name(decomposed, "first_name") == "Zoé Noëlle"


@pytest.mark.parametrize(
    "text",
    ["7", "Ада", "A\u202eB", "A\u200bB", "A\x00", "=A", "-A", "A" * 41, "A\udcff", "A<b>", "A😀"],
)
def test_what_a_font_may_lack_or_a_reader_may_obey_is_refused(text):
    with pytest.raises(MalformedIdentifier) as refusal:
        read_name(text, "last_name")
    assert refusal.value.kind == "last_name"
    assert text not in refusal.value.rule


def test_the_longest_name_is_read():
    assert len(read_name("A" * NAME_SIZE_MAX, "last_name")) == NAME_SIZE_MAX


@given(st.from_regex(r"(18|19|20|21)[0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01])", fullmatch=True))
def test_a_birth_date_typed_as_printed_is_the_same_date(digits):
    born = BirthDate.parse(digits)
    assert BirthDate.parse(printed_birth_date(born)) == born


@given(st.integers(1, 100))
def test_pages_are_as_many_as_needed(people):
    assert (pages_of(people) - 1) * PEOPLE_MAX < people <= pages_of(people) * PEOPLE_MAX
