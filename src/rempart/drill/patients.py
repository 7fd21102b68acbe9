"""Patients drawn from the member files of a synthetic country: what each has in hand.

Codes and printed keys are not here: they come from ``rempart insurer cards``, which only the
insurer's keys can make; ``reference`` and the serial of a card join the two.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import TextIO

from rempart.domain.coverage import Domain, InForce, RightsRecord, rights_on
from rempart.domain.hidden import Hidden
from rempart.domain.member_cells import LiveCard, Rights, read_cards, read_rights
from rempart.drill.country import DELIMITER, FILE_NAME
from rempart.usecases.issue_cards import IssuedCard


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Patient(Hidden):
    """What is printed on somebody's card, as printed, and the truth to hold an answer against.

    ``cards`` are those the patient may show; one ``before_rempart`` has neither code nor printed
    key. ``record`` is what the insurer knows; the patient does not bring it.
    """

    amc: str
    reference: str
    member_number: str
    birth_date: str
    birth_rank: str
    cards: tuple[LiveCard, ...]
    record: RightsRecord


def sample_patients(directory: Path, n: int, *, seed: int = 0) -> list[Patient]:
    """Draw ``n`` distinct rows over all insurers, each as likely as any other; all if fewer.

    Reads every file once and keeps ``n`` rows in memory (reservoir sampling).

    Raises:
        FileNotFoundError: no member file in ``directory``.
    """
    chance = Random(seed)  # noqa: S311 - a sample to be drawn again alike, not a secret
    kept: list[tuple[str, dict[str, str]]] = []
    for seen, row in enumerate(_rows(directory)):
        if seen < n:
            kept.append(row)
        elif (place := int(chance.random() * (seen + 1))) < n:
            kept[place] = row
    return [_patient(amc, row) for amc, row in kept]


def _rows(directory: Path) -> Iterator[tuple[str, dict[str, str]]]:
    before, after = FILE_NAME.split("{amc}")
    paths = sorted(directory.glob(f"{before}*{after}"))
    if not paths:
        raise FileNotFoundError("no member file in this directory")
    for path in paths:
        amc = path.name.removeprefix(before).removesuffix(after)
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter=DELIMITER):
                yield amc, row


def _patient(amc: str, row: dict[str, str]) -> Patient:
    rights = read_rights(
        row["periods"], row["formula"], row["domains"], row["contract"], row["responsable"]
    )
    assert isinstance(rights, Rights), "a synthetic row is well formed"
    return Patient(
        amc=amc,
        reference=row["reference"],
        member_number=row["member_number"],
        birth_date=row["birth_date"],
        birth_rank=row["birth_rank"],
        cards=read_cards(row["cards"]),
        record=rights.record,
    )


def patients_of(
    amc: str, stream: TextIO, cards: Sequence[IssuedCard], today: date
) -> list[dict[str, str]]:
    """What the people of a member file hold: a code and printed key, or an old card.

    ``cards`` are those issued from the same rows; a row whose card has ended is left out. ``opens``
    is what their insurer knows and no card proves: the domains in force on that day.
    """
    issued = {card.reference: card for card in cards if card.until >= today}
    people: list[tuple[int, dict[str, str]]] = []
    for row in csv.DictReader(stream, delimiter=DELIMITER):
        patient = _patient(amc, row)
        card = issued.get(patient.reference)
        old = any(c.serial.before_rempart and c.until >= today for c in patient.cards)
        if card is None and not old:
            continue
        held = {
            "code": card.code if card else "",
            "amc": amc,
            "member_number": patient.member_number,
            "birth_date": patient.birth_date,
            "birth_rank": patient.birth_rank,
            "printed_key": card.printed_key if card else "",
            "opens": " ".join(opens := open_domains(patient.record, today)),
        }
        people.append((-len(opens) if card else 0, held))
    # Those for whom most is open come first, so that a first question meets an open right.
    return [held for _, held in sorted(people, key=itemgetter(0))]


def open_domains(record: RightsRecord, today: date) -> list[str]:
    """The domains in which rights are in force."""
    return [
        domain.name
        for domain in Domain
        if isinstance(
            rights_on(record, domain=domain, care_date=today, known_at=today, card_ends=None),
            InForce,
        )
    ]
