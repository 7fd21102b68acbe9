"""``rempart incident letters``: what tells professionals that their account was stolen."""

import csv
import io
from datetime import date
from pathlib import Path

import click

from rempart.adapters.documents.letters import LetterPress
from rempart.adapters.durable import write_whole
from rempart.adapters.private_files import write_private
from rempart.bootstrap.contacts import read_contacts
from rempart.bootstrap.insurer import read_toml
from rempart.config import Settings
from rempart.domain.contacts import OperatorContact
from rempart.domain.errors import SetUpRefused
from rempart.domain.letter import Element, Language, flat
from rempart.domain.notice import measures_of
from rempart.usecases.exercise_mark import EXERCISE
from rempart.usecases.letters_to_professionals import (
    LettersToProfessionals,
    Operator,
    Professional,
    read_professionals,
)
from rempart.usecases.mail_letters import Posted

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Written = list[tuple[Professional, Posted]]


@click.command()
@click.argument("file", type=FILE)
@click.option("--measures", type=FILE, required=True, help="Ce qui a été fait · what was done")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--exercise", is_flag=True, help="Filigrane partout · watermarked everywhere")
def letters(*, file: Path, measures: Path, out: Path, exercise: bool) -> None:
    """Lettres aux titulaires des comptes volés · letters to the owners of stolen accounts."""
    settings = Settings.from_environ()
    operator = read_contacts(settings.contacts_file).operator
    done = measures_of(read_toml(measures), needed=True)
    writing = LettersToProfessionals(
        Operator(
            name=operator.name,
            dpo=operator.dpo,
            reach=(operator.dpo_phone, operator.dpo_email, operator.address),
            measures={language: done[language] for language in Language},
        )
    )
    with file.open(encoding="utf-8-sig", newline="") as stream:
        written = written_to(list(read_professionals(stream)), writing)
    exercise = exercise or settings.sandbox or any(one.exercise for one, _ in written)
    if not written:
        raise SetUpRefused(f"{file.name} names nobody")
    pdf = press_of(operator, exercise=exercise).pdf([each.printed() for _, each in written], pack=1)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = f"{EXERCISE}-" if exercise else ""
    write_whole(out / f"{mark}professionals.pdf", pdf, mode=0o600)
    write_private(out / f"{mark}professionals.csv", as_csv(written, exercise=exercise))
    click.echo(f"lettres · letters        {len(written)}: {out}")


def written_to(people: list[Professional], writing: LettersToProfessionals) -> Written:
    """Each professional's letter, numbered."""
    written = []
    for place, one in enumerate(people, 1):
        number = f"P-{place:04d}"
        to = (one.name, *one.address)
        posted = Posted(number, "", "", False, to, (), writing(one, number))
        written.append((one, posted))
    return written


def press_of(operator: OperatorContact, *, exercise: bool) -> LetterPress:
    """The press of this operator, today."""
    today = date.today()  # noqa: DTZ011 - the day of the operator's own calendar
    return LetterPress(
        name=operator.name, address=[operator.address], made_on=today, exercise=exercise
    )


def as_csv(written: Written, *, exercise: bool) -> str:
    """A line a professional: name, address, and the letter by section and language."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\n")
    parts = ["subject", *(each.value for each in Element)]
    said = [f"{part}_{language}" for language in Language for part in parts]
    rows.writerow(["number", "exercise", "name", "address", *said])
    for one, posted in written:
        told = [
            cell
            for letter in posted.letters.values()
            for cell in (letter.subject, *(" ".join(flat(s.paragraphs)) for s in letter.sections))
        ]
        mark = EXERCISE if exercise else ""
        rows.writerow([posted.number, mark, one.name, ", ".join(one.address), *told])
    return text.getvalue().rstrip("\n")
