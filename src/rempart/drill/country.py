"""Write a synthetic country: one member file per insurer, as its own information system would.

The same seed and the same day give the same bytes. Households are drawn one at a time and written
at once, so memory does not grow with the country (but for a counter per sex and month of birth).
Some humans are members of two insurers, under the same name, birth date and NIR: only the insurers
could tell.

Everybody is impossible on purpose: see ``rempart.drill.impossible``.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from rempart.domain import memberfile
from rempart.drill.insurers import THREE, SyntheticInsurer
from rempart.drill.people import Households, Person
from rempart.drill.renewals import Renewals
from rempart.drill.rights import Contract, Contracts

COLUMNS = (*memberfile.WRITTEN, "last_name", "first_name", "nir")
"""What the reader asks for, and what an insurer's export has besides; in the order of a row."""
DELIMITER = ";"
FILE_NAME = "members-{amc}.csv"

TWO_INSURERS = 0.015
"""Of households: one of its people is also covered elsewhere, by an employer or a parent."""
PROGRESS_EVERY = 1000


@dataclass(frozen=True, slots=True)
class InsurerFile:
    """An insurer of the country and its member file; ``rows`` counts beneficiaries."""

    insurer: SyntheticInsurer
    path: Path
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country as written."""

    directory: Path
    seed: int
    today: date
    files: tuple[InsurerFile, ...]

    @property
    def members(self) -> int:
        """Beneficiaries in all files; a human at two insurers counts twice."""
        return sum(file.rows for file in self.files)


def member_file(directory: Path, amc: str) -> Path:
    """Where the member file of an insurer stands."""
    return directory / FILE_NAME.format(amc=amc)


def write_country(
    directory: Path,
    *,
    members: int = 30_000,
    insurers: Sequence[SyntheticInsurer] = THREE,
    seed: int,
    today: date,
    on_progress: Callable[[int], None],
) -> Country:
    """Write exactly ``members`` rows, shared out by the insurers' shares.

    ``on_progress`` receives the number of rows written so far. Files take their names once all
    are complete, so a country cut short is not mistaken for one.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as opened:
        renewals = Renewals(seed, today)
        writers = [_Writer(insurer, directory, opened, renewals) for insurer in insurers]
        chance = Random(seed)  # noqa: S311 - to be drawn again alike, not to be secret
        _Population(writers, chance, today).populate(members, on_progress)
    return Country(
        directory=directory,
        seed=seed,
        today=today,
        files=tuple(writer.publish() for writer in writers),
    )


class _Writer:
    """The member file of one insurer, in the making."""

    def __init__(
        self, insurer: SyntheticInsurer, directory: Path, opened: ExitStack, renewals: Renewals
    ) -> None:
        self.insurer = insurer
        self._renewals = renewals
        self.rows = 0
        self._path = member_file(directory, insurer.amc)
        self._partial = self._path.with_suffix(".part")
        self._households = 0
        stream = opened.enter_context(self._partial.open("w", encoding="utf-8", newline=""))
        self._csv = csv.writer(stream, delimiter=DELIMITER, lineterminator="\n")
        self._csv.writerow(COLUMNS)

    def write(self, people: Iterable[Person], contract: Contract) -> None:
        """Write one row per beneficiary, under one member number."""
        insurer, formula = self.insurer, contract.formula
        self._households += 1
        number = insurer.number(self._households)
        for person in people:
            self.rows += 1
            self._csv.writerow(
                (
                    f"{insurer.convention}{self.rows:09d}",
                    number,
                    insurer.date(person.born),
                    person.rank,
                    contract.periods,
                    formula.code,
                    formula.domains,
                    contract.kind.name,
                    "yes" if contract.responsable else "no",
                    contract.cards,
                    insurer.convention,
                    formula.csr,
                    formula.profile or "",
                    self._renewals.draw(formula),
                    person.last_name,
                    person.first_name,
                    person.nir,
                )
            )

    def publish(self) -> InsurerFile:
        """Give the file its name."""
        self._partial.replace(self._path)
        return InsurerFile(self.insurer, self._path, self.rows)


class _Population:
    """Draws households and shares them out among the insurers."""

    def __init__(self, writers: Sequence[_Writer], chance: Random, today: date) -> None:
        self._writers = writers
        self._chance = chance
        self._contracts = Contracts(chance, today)
        self._households = Households(chance, today)
        self._total = sum(writer.insurer.share for writer in writers)
        self.written = 0

    def populate(self, members: int, on_progress: Callable[[int], None]) -> None:
        announced = 0
        households = iter(self._households)
        while self.written < members:
            self._settle(next(households), members)
            if self.written - announced >= PROGRESS_EVERY:
                announced = self.written
                on_progress(announced)
        on_progress(self.written)

    def _settle(self, household: list[Person], members: int) -> None:
        writer = self._furthest_behind(self._writers)
        self._write(writer, household[: members - self.written])
        others = [other for other in self._writers if other is not writer]
        if others and self.written < members and self._chance.random() < TWO_INSURERS:
            self._write(self._furthest_behind(others), household[-1:])

    def _write(self, writer: _Writer, people: list[Person]) -> None:
        writer.write(people, self._contracts.draw(people[0].born))
        self.written += len(people)

    def _furthest_behind(self, writers: Sequence[_Writer]) -> _Writer:
        due = (self.written + 1) / self._total
        return max(writers, key=lambda writer: due * writer.insurer.share - writer.rows)
