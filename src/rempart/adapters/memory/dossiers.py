"""Dossiers in memory: the reference of ``DossierEngine`` and ``DossierShelf``."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from rempart.adapters.memory.deliveries import MemoryDossier
from rempart.domain.budget import DAY
from rempart.domain.named import Affected, Of, named
from rempart.domain.scope import Facts, Verdict
from rempart.usecases.close_days import date_of
from rempart.usecases.daily_table import Whose
from rempart.usecases.dossier_file import ChangeSaid, InsurerReport, PartSaid, read_report
from rempart.usecases.dossier_manifest import MANIFEST, REPORT
from rempart.usecases.dossier_ports import OfOne, Wanted
from rempart.usecases.exercise_mark import ending, heading
from rempart.usecases.members_list import HEADER
from rempart.usecases.scope_list import WORDS, domain_words, field_words, people_in, presence_words


@dataclass(slots=True)
class MemoryDossiers:
    """``listed`` is the text of a scope's list, ``before`` that of an earlier one."""

    listed: str = field(repr=False)
    before: str = field(default="", repr=False)
    handles: dict[tuple[int, bytes], bytes] = field(default_factory=dict, repr=False)
    kinds: Mapping[int, str] = field(default_factory=dict, repr=False)

    def days(self) -> Sequence[Wanted]:
        """The days whose tables are needed."""
        both = [*people_in(self.listed), *people_in(self.before)]
        days = {(facts.first // DAY, who.period) for who, facts in both if in_part(facts)}
        return [Wanted(date_of(day).isoformat(), period) for day, period in sorted(days)]

    def people(self, wanted: Wanted) -> Mapping[bytes, int]:
        """Pseudonyms first read on a day, with their insurer."""
        return {
            who.person: who.amc
            for text in (self.listed, self.before)
            for who, facts in people_in(text)
            if in_part(facts) and (date_of(facts.first // DAY).isoformat(), who.period) == wanted
        }

    def take(self, period: int, rows: Iterable[Whose]) -> None:
        """Take rows of tables."""
        self.handles |= {(period, row.pseudonym): row.handle for row in rows}

    def counted(self, kinds: Mapping[int, str], before: Mapping[int, str]) -> Sequence[OfOne]:
        """Every insurer that has somebody in a part, now or in the list before."""
        self.kinds = kinds
        now, old = self._named(self.listed), self._named(self.before)
        return [
            OfOne(
                amc=amc,
                breached=_part(_of(now, amc, Verdict.BREACHED)),
                undecided=_part(_of(now, amc, Verdict.UNDECIDED)),
                accounts=frozenset[int]().union(
                    *(each.accounts for of, each in now.items() if of.amc == amc)
                ),
                pseudonyms=sum(each.pseudonyms for of, each in now.items() if of.amc == amc),
                change=_change(now, old, amc, before[amc]) if amc in before else None,
            )
            for amc in sorted({of.amc for of in now} | {of.amc for of in old if of.handle})
        ]

    def members(self, amc: int, *, exercise: bool = False) -> Iterator[bytes]:
        """The list of an insurer's people."""
        mark = ending(exercise=exercise)
        yield f"{heading(HEADER, exercise=exercise)}\n".encode()
        people = [(of, each) for of, each in self._named(self.listed).items() if of.handle]
        ordered = sorted(people, key=lambda it: (-it[1].verdict, it[0].handle))
        for of, each in ordered:
            if of.amc == amc:
                yield f"{self._line(of, each)}{mark}\n".encode()

    def _line(self, of: Of, each: Affected) -> str:
        kinds = {self.kinds.get(number, "") for number in each.accounts} - {""}
        return (
            f"{WORDS[each.verdict]};{of.handle.hex()};{field_words(each.fields)};"
            f"{domain_words(each.domains)};{presence_words(each.presences)};"
            f"{len(each.accounts)};{'+'.join(sorted(kinds))};{each.first};{each.last};"
            f"{each.answers};{each.entry}"
        )

    def _named(self, text: str) -> dict[Of, Affected]:
        return named(people_in(text), self.handles)


def in_part(facts: Facts) -> bool:
    """Whether somebody is breached, or undecided."""
    return facts.verdict is not Verdict.CLEARED


def _of(people: Mapping[Of, Affected], amc: int, verdict: Verdict) -> list[tuple[Of, Affected]]:
    return [(of, p) for of, p in people.items() if of.amc == amc and p.verdict is verdict]


def _part(people: Sequence[tuple[Of, Affected]]) -> PartSaid:
    fields, domains, presences = Counter[str](), Counter[str](), Counter[str]()
    for _, each in people:
        fields.update(field_words(each.fields).split("+"))
        domains.update(domain_words(each.domains).split("+"))
        presences.update(presence_words(each.presences).split("+"))
    return PartSaid(
        people=sum(1 for of, _ in people if of.handle),
        unnamed=sum(1 for of, _ in people if not of.handle),
        answers=sum(each.answers for _, each in people),
        fields={word: count for word, count in fields.items() if word},
        domains={word: count for word, count in domains.items() if word},
        presences={word: count for word, count in presences.items() if word},
        first=min((each.first for _, each in people), default=0),
        last=max((each.last for _, each in people), default=0),
    )


def _change(
    now: Mapping[Of, Affected], old: Mapping[Of, Affected], amc: int, before: str
) -> ChangeSaid:
    def part(people: Mapping[Of, Affected], verdict: Verdict) -> set[bytes]:
        return {of.handle for of, _ in _of(people, amc, verdict) if of.handle}

    breached, was = part(now, Verdict.BREACHED), part(old, Verdict.BREACHED)
    undecided, had_been = part(now, Verdict.UNDECIDED), part(old, Verdict.UNDECIDED)
    return ChangeSaid(
        before=before,
        breached_new=len(breached - was),
        breached_gone=len(was - breached),
        undecided_new=len(undecided - had_been),
        undecided_gone=len(had_been - undecided),
    )


@dataclass(slots=True)
class MemoryDossierShelf:
    """Files by insurer, number and name."""

    files: dict[tuple[int, int, str], bytes] = field(default_factory=dict, repr=False)
    notes: dict[tuple[int, int], str] = field(default_factory=dict, repr=False)
    summed: bytes | None = field(default=None, repr=False)

    def keep_sum(self, text: bytes) -> None:
        """Keep which reports stand for the last scope."""
        self.summed = text

    def sum(self) -> bytes | None:
        """What was kept last."""
        return self.summed

    def insurers(self) -> Iterator[int]:
        """Insurers that have a whole report."""
        yield from sorted({amc for amc, _ in self.notes})

    def last(self, amc: int) -> tuple[InsurerReport, str] | None:
        """The last whole report of an insurer, and the SHA-256 of its file."""
        numbers = self.numbers(amc)
        if not numbers:
            return None
        text = self.files[amc, numbers[-1], REPORT]
        return read_report(text), sha256(text).hexdigest()

    def numbers(self, amc: int) -> list[int]:
        """Numbers of an insurer's whole reports, in order."""
        return sorted(number for each, number in self.notes if each == amc)

    def dossier(self, amc: int, number: int) -> MemoryDossier:
        """One of them, as it lies there."""
        held = {key[2]: data for key, data in self.files.items() if key[:2] == (amc, number)}
        return MemoryDossier(held | {MANIFEST: self.notes[amc, number].encode()})

    def has(self, amc: int, number: int, name: str) -> bool:
        """Whether a file lies there."""
        return (amc, number, name) in self.files

    def forget(self, amc: int, number: int, name: str) -> None:
        """Take away a file."""
        self.files.pop((amc, number, name), None)

    def begin(self, amc: int, number: int) -> None:
        """Make room for a dossier."""
        for key in [key for key in self.files if key[:2] == (amc, number)]:
            del self.files[key]

    def put(self, amc: int, number: int, name: str, pieces: Iterable[bytes]) -> str:
        """Keep a file; its SHA-256."""
        data = self.files[amc, number, name] = b"".join(pieces)
        return sha256(data).hexdigest()

    def close(self, amc: int, number: int, note: str) -> None:
        """Put the manifest."""
        self.notes[amc, number] = note
