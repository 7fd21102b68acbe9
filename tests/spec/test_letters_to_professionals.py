"""Letters to the owners of stolen accounts: of exactly what was exposed of theirs."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from rempart.cli.incident_letters import letters
from rempart.domain.errors import MalformedIdentifier, MalformedRow, RempartError
from rempart.domain.letter import LAW, Element, Language
from rempart.domain.letter_to_professional import BANK, FIELDS, OURS, RULES
from rempart.domain.letter_wording import Wording, element_of
from rempart.usecases.letters_to_professionals import (
    LettersToProfessionals,
    Operator,
    read_professionals,
)
from tests.letters import text_of
from tests.pdf_text import texts
from tests.spec.test_letters import JARGON, SENTENCE

title = "Letters to the owners of stolen accounts"

HEADER = "name;fields;since;until;address_1"
WHEN = "2026-11-03T09:12:00+01:00;2026-11-03T11:05:00+01:00"
MEASURES = {Language.FRENCH: ("Vos sessions sont finies.",), Language.ENGLISH: ("Ended.",)}


def operator(**change):
    said = {"name": "Opérateur", "dpo": "Camille", "reach": ("01 00",), "measures": MEASURES}
    return Operator(**(said | change))


def read(*rows, header=HEADER):
    return list(read_professionals(io.StringIO("\n".join([header, *rows, ""]))))


def write(fields="login+site", when=WHEN, **change):
    (one,) = read(f"Dr Secret;{fields};{when};1 rue X")
    return list(LettersToProfessionals(operator(**change))(one, "P-0001").values())


@pytest.mark.parametrize("field", FIELDS)
def test_what_was_exposed_of_this_person_and_nothing_else(field):
    french, english = write(field)
    for other, (fr, en) in FIELDS.items():
        assert (fr in french.sections[1].text) == (other == field)
        assert (en in english.sections[1].text) == (other == field)
    assert (BANK[Language.FRENCH] in text_of(french)) == (field == "bank_account")
    assert "le 3 novembre 2026, entre 9 h 12 et 11 h 05" in french.sections[0].text
    assert "Dr Secret" not in text_of(french)


def test_an_account_that_is_not_contained_yet_is_told_as_that():
    french, english = write(when="2026-11-03T09:12:00+01:00;")
    assert "depuis le 3 novembre 2026 à 9 h 12" in french.sections[0].text
    assert "pas encore bloqué" in french.sections[3].text
    assert "Not everything is blocked" in english.sections[3].text


def attacked():
    for language in Language:
        for part, needed in RULES.needed.items():
            yield language, part, ()
            for hole in needed:
                said = tuple(each.replace(f"{{{hole}}}", "cela") for each in OURS[language][part])
                yield language, part, said


@pytest.mark.parametrize(("language", "part", "said"), list(attacked()))
def test_a_wording_that_lacks_an_element_is_refused_by_its_name(language, part, said):
    name = element_of(part)
    with pytest.raises(MalformedIdentifier, match=re.escape(LAW[name])):
        Wording(RULES, {**OURS, language: {**OURS[language], part: said}})


def test_a_letter_without_dpo_or_measures_is_refused():
    with pytest.raises(MalformedIdentifier, match=re.escape(LAW[Element.CONTACT])):
        write(dpo="")
    with pytest.raises(MalformedIdentifier, match="what was done is missing"):
        write(measures={Language.FRENCH: ("Fait.",)})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (f"Dr Secret;nir;{WHEN};x", "line 2, fields: expected one or more of login"),
        (f"Dr Secret;;{WHEN};x", "line 2, fields"),
        (f";login;{WHEN};x", "line 2, name"),
        (f"Dr Ж;login;{WHEN};x", "line 2, name"),
        ("Dr Secret;login;hier;;x", "line 2, since: expected a time"),
        ("Dr Secret;login;2026-11-03T09:12+01:00;2026-11-02T09:12+01:00;x", "line 2, until"),
        ("Dr Secret;login", "line 2, row: expected 5 cells, found 2"),
        ('"Dr Secret;login', "row: a quote is left open"),
    ],
)
def test_a_bad_line_is_named_and_never_quoted(row, told):
    with pytest.raises(MalformedRow, match=told) as refused:
        read(row)
    assert "Secret" not in str(refused.value)


def test_a_mark_is_that_of_an_exercise_or_none():
    header = f"{HEADER};exercise"
    (one, two) = read(f"A;login;{WHEN};x;EXERCICE", f"B;login;{WHEN};x;", header=header)
    assert (one.exercise, two.exercise) == (True, False)
    with pytest.raises(MalformedRow, match="line 2, exercise"):
        read(f"A;login;{WHEN};x;no", header=header)


def test_columns_are_named():
    with pytest.raises(MalformedRow, match="line 1, since: column is missing"):
        read(header="name;fields;until")
    with pytest.raises(MalformedRow, match="a column is not known"):
        read(header=f"{HEADER};iban")


@pytest.mark.parametrize("place", [0, 1], ids=list(Language))
def test_sentences_are_short_and_no_word_is_of_the_trade(place):
    letter = write("+".join(FIELDS))[place]
    lengths = [
        len(re.findall(r"[\w’-]+", each))
        for section in letter.sections
        for text in section.paragraphs
        if isinstance(text, str) and not text.endswith(":")
        for each in SENTENCE.findall(re.sub(r"\.(?=\w)", "", text))
    ]
    assert sum(lengths) / len(lengths) <= 13
    assert max(lengths) <= 26
    assert not JARGON.search(text_of(letter).replace("sessions", ""))


BOOK = """
[operator]
name = "Opérateur d'Exemple"
siren = "732829320"
address = "1 rue de l'Exemple, 00000 Exemple"
dpo = "Camille Exemple"
dpo_email = "dpo@op.example"
dpo_phone = "01 00 00 00 00"
desk = "01 00 00 00 24"
"""


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contacts.toml").write_text(BOOK, "utf-8")
    monkeypatch.setenv("REMPART_HOME", str(tmp_path))
    (tmp_path / "done.toml").write_text('fr = ["Vos sessions sont finies."]\nen = ["Ended all."]\n')
    row = f"Dr SECRET;login+bank_account;{WHEN};1 rue X"
    (tmp_path / "people.csv").write_text(f"{HEADER}\n{row}\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("by", ["--exercise", "the file itself"])
def test_by_command_a_pdf_and_a_merge_file_of_an_exercise_are_marked(home, by):
    words = ["people.csv", "--measures", "done.toml", "--out", "out"]
    if by == "--exercise":
        words.append(by)
    else:
        header, row = (home / "people.csv").read_text("utf-8").splitlines()
        (home / "people.csv").write_text(f"{header};exercise\n{row};EXERCICE\n", "utf-8")
    done = CliRunner().invoke(letters, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "SECRET" not in done.output
    assert {path.name for path in (home / "out").iterdir()} == {
        "EXERCICE-professionals.pdf",
        "EXERCICE-professionals.csv",
    }
    pages = texts((home / "out" / "EXERCICE-professionals.pdf").read_bytes())
    assert len(pages) == 2
    assert "Dr SECRET" in pages[0]
    assert all("EXERCICE" in each for each in pages)
    held = (home / "out" / "EXERCICE-professionals.csv").read_text("utf-8")
    assert FIELDS["bank_account"][0] in held


def test_by_command_nobody_is_written_to_before_every_line_is_good(home):
    with (home / "people.csv").open("a") as stream:
        stream.write("Dr SECRET;login\n")
    words = ["people.csv", "--measures", "done.toml", "--out", "out"]
    done = CliRunner().invoke(letters, words)
    assert isinstance(done.exception, RempartError)
    assert "line 3, row" in str(done.exception)
    assert "SECRET" not in str(done.exception)
    assert not (home / "out").exists()
