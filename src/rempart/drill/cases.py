"""Situations that a practice software must handle, each played with people of the waiting room.

A situation asks one question or several; the outcome of the last is what it shows, a row of
``docs/reference/outcomes.md``. ``rempart ask --case NAME`` plays one, ``docs/howto/sandbox.md``
lists them all.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta

from rempart.domain.errors import SetUpRefused
from rempart.domain.hidden import Hidden
from rempart.domain.practice import daily_cap
from rempart.domain.site import SiteKind
from rempart.drill.software import PracticeSoftware, PrintedCard, QuestionRefused

Held = Mapping[str, str]
"""What somebody of the waiting room holds; ``opens`` is what their insurer knows beside."""


@dataclass(frozen=True, slots=True, repr=False)
class Phone(Hidden):
    """A phone that was enrolled for the card of this code; its own is ``late`` seconds old."""

    card: str
    late: int = 0


ShowPhone = Callable[[Phone], str]
"""What this phone shows, for the vault that is asked; the same screen each time."""


@dataclass(frozen=True, slots=True, repr=False)
class Asked(Hidden):
    """A question: what is shown, for which domain, how many days from today, under which key."""

    shown: str | PrintedCard | Phone = field(repr=False)
    domain: str = "PHAR"
    days: int = 0
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A situation: who asks, what, and the outcome that it shows."""

    name: str
    expects: str
    french: str
    english: str
    questions: Callable[[Sequence[Held]], list[Asked]]
    site: SiteKind = SiteKind.PHARMACY


def patient_card(person: Held, *, typed: bool = False) -> str | PrintedCard:
    """What this person shows: the code of their card, or the things printed on it."""
    if person["code"] and not typed:
        return person["code"]
    return printed(person)


def printed(person: Held) -> PrintedCard:
    """The things printed on this person's card."""
    return PrintedCard(**{each.name: person[each.name] for each in fields(PrintedCard)})


def outcome_of(
    case: Case,
    software: PracticeSoftware,
    people: Sequence[Held],
    today: date,
    phone: ShowPhone,
) -> str:
    """Play a situation; the code of its last outcome.

    Raises:
        SetUpRefused: nobody in the waiting room is in this situation.
    """
    outcome = ""
    for asked in case.questions(people):
        care_date = today + timedelta(days=asked.days)
        shown = phone(asked.shown) if isinstance(asked.shown, Phone) else asked.shown
        try:
            (told,) = software.ask(shown, [asked.domain], care_date, key=asked.key)
        except QuestionRefused as refusal:
            outcome = refusal.code
        else:
            outcome = told.refused or ("rights-open" if told.in_force else "rights-closed")
    return outcome


def someone(people: Sequence[Held], *, code: bool = True, opens: str = "", shut: str = "") -> Held:
    """The first with a code (or with an old card), for whom one domain is open, or shut.

    Raises:
        SetUpRefused: there is nobody.
    """
    for person in people:
        there = person.get("opens", "").split()
        wanted = (not opens or opens in there) and (not shut or shut not in there)
        if bool(person["code"]) is code and wanted:
            return person
    raise SetUpRefused("nobody in the waiting room is in this situation: run rempart demo --fresh")


def _card(people: Sequence[Held]) -> str:
    return someone(people, opens="PHAR")["code"]


def _printed(people: Sequence[Held], **changes: str) -> PrintedCard:
    return replace(printed(someone(people, opens="PHAR")), **changes)


def _mistyped(people: Sequence[Held]) -> PrintedCard:
    key = _printed(people).printed_key
    return _printed(people, printed_key=key[:-1] + ("0" if key[-1] != "0" else "1"))


def _damaged(people: Sequence[Held]) -> str:
    code = _card(people)
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def _twice(first: Asked, second: Asked) -> list[Asked]:
    """Two questions under one fresh key."""
    key = secrets.token_urlsafe(16)
    return [replace(first, key=key), replace(second, key=key)]


def _too_many(people: Sequence[Held]) -> list[Asked]:
    """One person more than a hearing-aid fitter may ask about in a day."""
    cap = daily_cap(SiteKind.HEARING)
    codes = [person["code"] for person in people if person["code"]][: cap + 1]
    return [Asked(code, "AUDI") for code in codes]


CASES: Mapping[str, Case] = {
    case.name: case
    for case in (
        Case(
            name="open",
            expects="rights-open",
            french="carte lue, droits ouverts",
            english="card read, rights open",
            questions=lambda people: [Asked(_card(people))],
        ),
        Case(
            name="closed",
            expects="rights-closed",
            french="carte lue, domaine non couvert",
            english="card read, domain not covered",
            site=SiteKind.OPTICIAN,
            questions=lambda people: [Asked(someone(people, shut="OPTI")["code"], "OPTI")],
        ),
        Case(
            name="printed",
            expects="rights-open",
            french="saisie de la carte, clé imprimée comprise",
            english="the card typed in, its printed key included",
            questions=lambda people: [Asked(_printed(people))],
        ),
        Case(
            name="old-card",
            expects="rights-open",
            french="carte d'avant Rempart : ni code ni clé",
            english="a card from before Rempart: no code, no key",
            questions=lambda people: [Asked(printed(someone(people, code=False, opens="PHAR")))],
        ),
        Case(
            name="mistyped",
            expects="read-the-card",
            french="clé imprimée mal saisie",
            english="the printed key mistyped",
            questions=lambda people: [Asked(_mistyped(people))],
        ),
        Case(
            name="no-key",
            expects="read-the-card",
            french="clé imprimée oubliée : la carte en porte une",
            english="the printed key left out: the card has one",
            questions=lambda people: [Asked(_printed(people, printed_key=""))],
        ),
        Case(
            name="unknown",
            expects="read-the-card",
            french="numéro d'adhérent que l'organisme ne connaît pas",
            english="a member number that the insurer does not know",
            questions=lambda people: [Asked(_printed(people, member_number="99999999999"))],
        ),
        Case(
            name="damaged",
            expects="card-refused",
            french="code lu de travers, ou contrefait",
            english="a code misread, or forged",
            questions=lambda people: [Asked(_damaged(people))],
        ),
        Case(
            name="phone",
            expects="rights-open",
            french="code du moment, fait par le téléphone du patient",
            english="a code of the moment, made by the patient's phone",
            questions=lambda people: [Asked(Phone(_card(people)))],
        ),
        Case(
            name="phone-late",
            expects="card-refused",
            french="code du moment lu une minute trop tard",
            english="a code of the moment read a minute too late",
            questions=lambda people: [Asked(Phone(_card(people), late=90))],
        ),
        Case(
            name="phone-twice",
            expects="card-refused",
            french="code du moment lu une deuxième fois, pour une autre question",
            english="a code of the moment read again, for another question",
            questions=lambda people: [Asked(Phone(_card(people)))] * 2,
        ),
        Case(
            name="malformed",
            expects="malformed",
            french="rang de naissance impossible",
            english="a birth rank that cannot be",
            questions=lambda people: [Asked(_printed(people, birth_rank="0"))],
        ),
        Case(
            name="forbidden-domain",
            expects="forbidden-domain",
            french="une pharmacie interroge l'optique",
            english="a pharmacy asks about glasses",
            questions=lambda people: [Asked(_card(people), "OPTI")],
        ),
        Case(
            name="forbidden-date",
            expects="forbidden-date",
            french="soins d'il y a plus d'un an",
            english="care of more than a year ago",
            questions=lambda people: [Asked(_card(people), days=-400)],
        ),
        Case(
            name="retry",
            expects="rights-open",
            french="même question, même clé : gratuite, même référence",
            english="same question, same key: free, same reference",
            questions=lambda people: _twice(Asked(_card(people)), Asked(_card(people))),
        ),
        Case(
            name="key-reused",
            expects="key-reused",
            french="même clé pour une autre question",
            english="same key for another question",
            questions=lambda people: _twice(Asked(_card(people)), Asked(_card(people), days=-1)),
        ),
        Case(
            name="over-budget",
            expects="over-budget",
            french="un audioprothésiste et une personne de trop aujourd'hui",
            english="a hearing-aid fitter, and one person too many today",
            site=SiteKind.HEARING,
            questions=_too_many,
        ),
    )
}
