"""A mailing: each person who is told has one letter, or a reason why none; in the file's order.

Nobody is lost: letters, those without an address, those who were told the same before, and those
whom the decision leaves out are together as many as the people, or this raises.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TextIO

from rempart.domain.breach_told import Told
from rempart.domain.errors import IntegrityBroken, MalformedIdentifier, MalformedRow
from rempart.domain.finding import Window
from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import BirthDate
from rempart.domain.letter import Language, Letter, flat
from rempart.domain.letter_sender import FILE, LINE_MAX, Sender, printable
from rempart.domain.notice import Decision, NoticeFacts, is_child
from rempart.usecases.exercise_mark import EXERCISE
from rempart.usecases.join_members import MemberRows
from rempart.usecases.letters_to_insured import Addressed, LettersToInsured
from rempart.usecases.merge_dossiers import Merged
from rempart.usecases.scope_list import WORDS
from rempart.usecases.told_before import told_of

BORN, RECIPIENT = "birth_date", ("recipient", "destinataire")
TO_PARENTS = "Aux parents, ou au représentant, de"
LEAST_LINES = 2
Watch = Callable[[int], object]


class Why(StrEnum):
    """Why somebody has no letter."""

    ABSENT = "absent"
    """No longer in the insurer's file."""
    NO_ADDRESS = "no-address"
    LETTERS = "letters"
    """Their address has letters that our font lacks, or a line that is too long."""


@dataclass(frozen=True, slots=True, repr=False)
class Unaddressed(Hidden):
    """Somebody to be told in another way."""

    reference: str
    why: Why


@dataclass(frozen=True, slots=True, repr=False)
class Posted(Hidden):
    """One letter, in each language; ``own`` are the columns that the address is made of."""

    number: str
    reference: str
    verdict: str
    child: bool
    to: tuple[str, ...]
    own: Sequence[str]
    letters: Mapping[Language, Letter]

    def printed(self) -> dict[str, Any]:
        """What a template prints."""
        return {
            "number": self.number,
            "to": self.to,
            "versions": [
                {
                    "lang": letter.language.value,
                    "subject": letter.subject,
                    "sections": [
                        {"title": each.title, "paragraphs": each.paragraphs}
                        for each in letter.sections
                    ],
                }
                for letter in self.letters.values()
            ],
        }


def facts_of(merged: Merged, members: TextIO, today: date, read: Watch) -> NoticeFacts:
    """What a decision is taken beside.

    Raises:
        MalformedRow: the file has no column ``reference``.
    """
    reports = [each.report for each in merged.dossiers]
    facts = NoticeFacts(
        contained=all(each.contained for each in reports),
        unnamed=sum(each.breached.unnamed + each.undecided.unnamed for each in reports),
        claims=sum(each.claims.touched for each in reports if each.claims is not None),
    )
    rows = MemberRows(merged.people, members)
    born, before = _place(rows.plain, BORN), 0
    for told, cells in rows:
        read(rows.read - before)
        before = rows.read
        facts.take(told, child=_child(cells, born, today))
    for told in rows.left.values():
        facts.take(told, child=False)
    facts.absent = len(rows.left)
    return facts


@dataclass(slots=True, kw_only=True)
class MailLetters:
    """One mailing; ``pack`` is how many letters a file holds, ``before`` what was told already, by
    reference. Memory: the dossiers' people.
    """

    merged: Merged
    sender: Sender
    decision: Decision
    today: date
    pack: int
    before: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    posted: int = 0
    told_before: int = 0
    left_out: int = 0
    unaddressed: list[Unaddressed] = field(default_factory=list, repr=False)

    def __call__(self, members: TextIO, read: Watch = lambda _: None) -> Iterator[Posted]:
        """Each letter.

        Raises:
            MalformedRow: a column that the address is made of is not in the file.
            MalformedIdentifier: a letter lacks an element of art. 34(2), which is named.
        """
        rows = MemberRows(self.merged.people, members)
        columns = _columns(rows.plain, self.sender.columns)
        born, instead = _place(rows.plain, BORN), _places(rows.plain, RECIPIENT)
        write = LettersToInsured(
            self.sender,
            self.decision,
            {each.source: each.report.contained for each in self.merged.dossiers},
            {
                each.source: tuple(Window(*window) for window in each.report.gateway)
                for each in self.merged.dossiers
            },
        )
        seen = 0
        for told, cells in rows:
            read(rows.read - seen)
            seen = rows.read
            reference = cells[rows.place].strip()
            if not self.decision.tell.takes(told.verdict):
                self.left_out += 1
                continue
            own = {name: cells[at].strip() for name, at in columns.items()}
            child = _child(cells, born, self.today)
            other = "".join(cells[at].strip() for at in instead)
            to = self._to(own, child, other)
            if isinstance(to, Why):
                self.unaddressed.append(Unaddressed(reference, to))
                continue
            name = self.sender.recipient(own)[0] if child or other else ""
            number = self._number()
            letters = write(Addressed(number, told, name))
            if self.before.get(reference) == told_of(letters):
                self.told_before += 1
                continue
            self.posted += 1
            yield Posted(
                number, reference, WORDS[told.verdict], child, to, [*own.values()], letters
            )
        self._finish(rows.left)

    def _to(self, own: Mapping[str, str], child: bool, instead: str) -> tuple[str, ...] | Why:
        """The lines of an address: as the file says, else to the parents of a child."""
        found = self.sender.recipient(own)
        if len(found) < min(LEAST_LINES, len(self.sender.to)):
            return Why.NO_ADDRESS
        first = (instead,) if instead else (TO_PARENTS,) if child else ()
        whole = (*first, *(found[1:] if instead else found))
        if any(len(each) > LINE_MAX or not printable(each) for each in whole):
            return Why.LETTERS
        return whole

    def _number(self) -> str:
        """Of the next letter: its pack and its place in it."""
        return f"{self.posted // self.pack + 1:05d}-{self.posted % self.pack + 1:04d}"

    def _finish(self, left: Mapping[str, Told]) -> None:
        for reference, told in left.items():
            if self.decision.tell.takes(told.verdict):
                self.unaddressed.append(Unaddressed(reference, Why.ABSENT))
            else:
                self.left_out += 1
        others = len(self.unaddressed) + self.told_before + self.left_out
        if self.posted + others != len(self.merged.people):
            raise IntegrityBroken("letters and people are not as many")


def merge_header(sender: Sender) -> list[str]:
    """Columns of the merge file: ours, the address, then the letter by section and language."""
    ours = ["number", "exercise", "verdict", "child", "reference"]
    parts = ["subject", "nature", "data", "consequences", "measures", "advice", "contact"]
    said = [f"{part}_{language}" for language in Language for part in parts]
    return [*ours, *(name for name in sender.columns if name != "reference"), *said]


def merge_row(one: Posted, sender: Sender, *, exercise: bool) -> list[str]:
    """One person's line of it: each cell is one line of text."""
    said = [
        text
        for letter in one.letters.values()
        for text in (letter.subject, *(" ".join(flat(it.paragraphs)) for it in letter.sections))
    ]
    own = [cell for name, cell in zip(sender.columns, one.own, strict=True) if name != "reference"]
    ours = [one.number, EXERCISE if exercise else "", one.verdict, "1" if one.child else ""]
    return [*ours, one.reference, *own, *said]


def _columns(names: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    for name in wanted:
        if names.count(name) != 1:
            raise MalformedRow(1, name[:32], f"column of {FILE} is missing, or stands twice")
    return {name: names.index(name) for name in wanted}


def _place(names: Sequence[str], name: str) -> int | None:
    return names.index(name) if name in names else None


def _places(names: Sequence[str], wanted: Sequence[str]) -> list[int]:
    return [at for at, name in enumerate(names) if name in wanted]


def _child(cells: Sequence[str], born: int | None, today: date) -> bool:
    if born is None:
        return False
    try:
        return is_child(BirthDate.parse(cells[born].strip()).value, today)
    except MalformedIdentifier:
        return False
