"""The list of people of a scope: one line a person (``specs/scope.md``)."""

from collections.abc import Iterator, Mapping
from enum import IntEnum

from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Fields, Presence
from rempart.domain.scope import Facts, Verdict, Who
from rempart.usecases.exercise_mark import ending, heading

HEADER = "verdict;amc;period;person;fields;domains;presences;accounts;first;last;answers;entry"
WORDS = {verdict: verdict.name.lower() for verdict in Verdict}


def field_words(mask: int) -> str:
    """Names of the fields that an answer showed."""
    return "+".join(each.name or "" for each in Fields if each in Fields(mask))


def domain_words(mask: int) -> str:
    """Names of domains, one bit a code."""
    return _words(mask, Domain)


def presence_words(mask: int) -> str:
    """Names of presences, one bit a code."""
    return _words(mask, Presence)


def field_mask(words: str) -> int:
    """What ``field_words`` was made of."""
    return sum(Fields[word] for word in words.split("+") if word)


def domain_mask(words: str) -> int:
    """What ``domain_words`` was made of."""
    return sum(1 << Domain[word] for word in words.split("+") if word)


def presence_mask(words: str) -> int:
    """What ``presence_words`` was made of."""
    return sum(1 << Presence[word] for word in words.split("+") if word)


def _words(mask: int, names: type[IntEnum]) -> str:
    return "+".join(each.name for each in names if mask >> each & 1)


def people_in(text: str) -> Iterator[tuple[Who, Facts]]:
    """The people of a list, read back."""
    for line in text.splitlines()[1:]:
        cells = line.split(";")
        first, last, answers, entry = map(int, cells[8:12])
        yield (
            Who(int(cells[2]), int(cells[1]), bytes.fromhex(cells[3])),
            Facts(
                verdict=Verdict[cells[0].upper()],
                fields=Fields(field_mask(cells[4])),
                domains=domain_mask(cells[5]),
                presences=presence_mask(cells[6]),
                accounts=frozenset(map(int, cells[7].split("+"))),
                first=first,
                last=last,
                answers=answers,
                entry=entry,
            ),
        )


def lines(people: Mapping[Who, Facts], *, exercise: bool = False) -> Iterator[str]:
    """The lines, in their order, each with its end; those of an ``exercise`` say so."""
    mark = ending(exercise=exercise)
    yield f"{heading(HEADER, exercise=exercise)}\n"
    ordered = sorted(people.items(), key=lambda it: (-it[1].verdict, it[0].amc, *it[0][::2]))
    for who, facts in ordered:
        accounts = "+".join(map(str, sorted(facts.accounts)))
        yield (
            f"{WORDS[facts.verdict]};{who.amc:08d};{who.period};{who.person.hex()};"
            f"{field_words(facts.fields)};{domain_words(facts.domains)};"
            f"{presence_words(facts.presences)};{accounts};{facts.first};{facts.last};"
            f"{facts.answers};{facts.entry}{mark}\n"
        )
