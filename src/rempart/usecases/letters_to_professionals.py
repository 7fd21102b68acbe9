"""Letters to professionals whose accounts were stolen, or may have been: of what was exposed.

CSV, a line a person, as the operator knows them; ``until`` is empty where the account is not
contained yet, ``address_1`` to ``address_5`` may be missing, ``account`` may stay and is not looked
at: nobody is written to by the name of an account. ``used`` is ``surely`` where it is missing, or
``perhaps``: then the letter accuses nobody. Where a column ``exercise`` says EXERCICE, every letter
is marked. A bad line is named, and nobody is written to before every line is good.

    name;fields;since;until;used;address_1
    Dr Camille Exemple;login+claims;2026-11-03T09:12:00+01:00;2026-11-03T11:05:00+01:00;perhaps;…
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from rempart.domain.breach_words import PLACE, day_words, when_words
from rempart.domain.errors import MalformedIdentifier, MalformedRow
from rempart.domain.hands import Hands
from rempart.domain.hidden import Hidden
from rempart.domain.letter import Element, Language, Letter, check
from rempart.domain.letter_sender import LINE_MAX, printable
from rempart.domain.letter_to_professional import BANK, FIELDS, OURS, RULES
from rempart.domain.letter_wording import Filled, Wording
from rempart.domain.paris import moment
from rempart.usecases.exercise_mark import COLUMN, EXERCISE
from rempart.usecases.letters_to_insured import RUNNING

NEEDED = ("name", "fields", "since", "until")
ACCOUNT, USED = "account", "used"
SURELY, PERHAPS = Hands.SURELY.name.lower(), Hands.PERHAPS.name.lower()
ADDRESS = tuple(f"address_{n}" for n in range(1, 6))
SINCE = {
    Language.FRENCH: "Votre compte est bloqué depuis le {}.",
    Language.ENGLISH: "Your account has been blocked since {}.",
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Professional(Hidden):
    """Whom to write to; times in microseconds, ``until`` 0 where it is not contained."""

    name: str
    fields: tuple[str, ...]
    since: int
    until: int
    address: tuple[str, ...]
    exercise: bool = False
    doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Operator(Hidden):
    """Who writes, and what was done, by language."""

    name: str
    dpo: str
    reach: tuple[str, ...]
    measures: Mapping[Language, tuple[str, ...]]


def read_professionals(stream: TextIO) -> Iterator[Professional]:
    """The people of a CSV.

    Raises:
        MalformedRow: a column or a cell is not what it should be; no value is quoted.
    """
    rows = csv.reader(stream, delimiter=";", strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        _check_header(names)
        for cells in rows:
            if cells:
                if len(cells) != len(names):
                    rule = f"expected {len(names)} cells, found {len(cells)}"
                    raise MalformedRow(rows.line_num, "row", rule)
                yield _professional(
                    rows.line_num, dict(zip(names, map(str.strip, cells), strict=True))
                )
    except csv.Error:
        raise MalformedRow(rows.line_num, "row", "a quote is left open") from None


def _check_header(names: Sequence[str]) -> None:
    for name in NEEDED:
        if names.count(name) != 1:
            raise MalformedRow(1, name, "column is missing, or stands twice")
    if set(names) - {*NEEDED, *ADDRESS, COLUMN, ACCOUNT, USED}:
        raise MalformedRow(1, "row", "a column is not known")


def _professional(line: int, row: Mapping[str, str]) -> Professional:
    address = tuple(row[name] for name in ADDRESS if row.get(name))
    for text, column in ((row["name"], "name"), *((each, "address") for each in address)):
        if not 0 < len(text) <= LINE_MAX or not printable(text):
            raise MalformedRow(line, column, f"expected 1 to {LINE_MAX} Latin letters")
    fields = tuple(dict.fromkeys(filter(None, row["fields"].split("+"))))
    if not fields or set(fields) - set(FIELDS):
        raise MalformedRow(line, "fields", f"expected one or more of {'+'.join(FIELDS)}")
    since, until = _moment(line, "since", row["since"]), 0
    if row["until"]:
        until = _moment(line, "until", row["until"])
        if until < since:
            raise MalformedRow(line, "until", "before since")
    if row.get(COLUMN, "") not in {"", EXERCISE}:
        raise MalformedRow(line, COLUMN, f"expected {EXERCISE}, or nothing")
    used = row.get(USED, SURELY)
    if used not in {SURELY, PERHAPS}:
        raise MalformedRow(line, USED, f"expected {SURELY} or {PERHAPS}")
    return Professional(
        name=row["name"],
        fields=fields,
        since=since,
        until=until,
        address=address,
        exercise=bool(row.get(COLUMN)),
        doubt=used == PERHAPS,
    )


def _moment(line: int, column: str, text: str) -> int:
    try:
        return moment(datetime.fromisoformat(text))
    except ValueError:
        raise MalformedRow(line, column, "expected a time as 2026-11-03T09:12+01:00") from None


@dataclass(frozen=True)
class LettersToProfessionals:
    """The writing."""

    operator: Operator

    def __call__(self, one: Professional, number: str) -> dict[Language, Letter]:
        """The letter in each language.

        Raises:
            MalformedIdentifier: it lacks an element of art. 34(2), which is named.
        """
        return {language: self._letter(one, number, language) for language in Language}

    def _letter(self, one: Professional, number: str, language: Language) -> Letter:
        operator, place = self.operator, PLACE[language]
        measures = operator.measures.get(language, ())
        if not measures:
            raise MalformedIdentifier("measures", f"{language.value}: what was done is missing")
        data = tuple(FIELDS[each][place] for each in FIELDS if each in one.fields)
        stopped = SINCE[language].format(day_words(one.until, language))
        values: Mapping[str, Filled] = {
            "operator": operator.name,
            "when": _when(one, language),
            "data": data,
            "bank": BANK[language] if "bank_account" in one.fields else "",
            "stopped": stopped if one.until else RUNNING[language],
            "measures": measures,
            "dpo": operator.dpo,
            "reach": ", ".join(operator.reach),
            "number": number,
        }
        letter = Wording(RULES, OURS).letter(language, {"": values}, doubt=one.doubt)
        needed = {
            Element.NATURE: [str(values["when"])],
            Element.DATA: list(data),
            Element.MEASURES: [str(values["stopped"]), *measures],
            Element.CONTACT: [operator.dpo, *operator.reach],
        }
        check(letter, needed)
        return letter


def _when(one: Professional, language: Language) -> str:
    if one.until:
        return when_words(one.since, one.until, language)
    return ("depuis le ", "since ")[PLACE[language]] + day_words(one.since, language)
