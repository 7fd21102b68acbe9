"""The issuer's words, as its file says them."""

import tomllib

import pytest

from rempart.domain.coverage import Mode
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.letterhead import FOOTNOTES, Letterhead

WHOLE = {"name": "Mutuelle d’Exemple", "contact": "01 00 00 00 00"}


def test_what_is_left_out_is_ours():
    read = Letterhead.from_toml(WHOLE)
    assert (read.name, read.notes) == ("Mutuelle d’Exemple", ())
    assert read.footnotes == FOOTNOTES
    assert set(FOOTNOTES) == set(Mode)


def test_words_of_the_insurer_take_the_place_of_ours():
    said = 'name = "Œuvre"\ncontact = "x"\nnotes = ["Une", "Deux"]\n[modes]\nSMUT = "à Paris"\n'
    read = Letterhead.from_toml(tomllib.loads(said))
    assert read.notes == ("Une", "Deux")
    assert read.footnotes == {**FOOTNOTES, Mode.SMUT: "à Paris"}


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"contact": "x"}, "name: expected 1 to 60"),
        ({**WHOLE, "contact": ""}, "contact: expected 1 to 60"),
        ({**WHOLE, "contact": 7}, "contact: expected 1 to 60"),
        ({**WHOLE, "name": "x" * 61}, "name: expected 1 to 60"),
        ({**WHOLE, "name": "a\nb"}, "name: expected one line"),
        ({**WHOLE, "name": "Мутуель"}, "name: expected one line"),
        ({**WHOLE, "logo": "x"}, "name, contact, notes and modes alone"),
        ({**WHOLE, "notes": "x"}, "notes: expected at most 2"),
        ({**WHOLE, "notes": ["x"] * 3}, "notes: expected at most 2"),
        ({**WHOLE, "modes": []}, "modes: expected a table"),
        ({**WHOLE, "modes": {"XX": "x"}}, "expected TM, 100, PEC or SMUT"),
        ({**WHOLE, "modes": {"TM": ""}}, "TM: expected 1 to 60"),
    ],
)
def test_anything_else_is_refused_by_name(said, rule):
    with pytest.raises(MalformedIdentifier, match=rule):
        Letterhead.from_toml(said)
