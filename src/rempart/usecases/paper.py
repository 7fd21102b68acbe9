"""A paper that a breach asks for, as data: parts of items, in French and in English.

An item is what was asked, and what is said of it. ``value`` is the same for a machine: a count, a
moment (microseconds), a digest, a code. What only a person can judge is ``asked``, and the facts
stand beside it; nothing is ever put in their place. The document and the JSON are one and the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from rempart.domain.paris import civil
from rempart.usecases.incident_labels import EXERCISE, both

Said = tuple[str, str]
"""French, English; the same twice is what a person has said."""
Value = int | str | dict[str, int] | None
UNSAID: Said = ("pas encore dit", "not stated yet")
SEASONS: dict[bool, Said] = {
    True: (" (heure d'été)", " (summer time)"),
    False: (" (heure d'hiver)", " (winter time)"),
}
COLUMNS: Said = ("Rubrique · Item", "Ce qui est établi · What is established")


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing."""

    code: str
    label: Said
    said: tuple[Said, ...] = ()
    value: Value = None
    asked: Said | None = None

    def __repr__(self) -> str:
        return "Item(…)"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Several, under a heading; ``mark`` says that it is an exercise, where it is."""

    code: str
    heading: Said
    items: tuple[Item, ...]
    columns: Said = COLUMNS
    mark: str = ""

    def __repr__(self) -> str:
        return "Part(…)"


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it; ``made`` is a moment, ``by`` the operator."""

    format: Literal["rempart/paper/1"] = "rempart/paper/1"
    kind: Literal["insurer", "cnil", "complaint"]
    incident: int
    exercise: bool
    mark: str
    made: int
    by: str
    title: Said
    about: tuple[Said, ...]
    parts: tuple[Part, ...]

    def __repr__(self) -> str:
        return f"Paper({self.kind}, incident={self.incident})"

    def to_json(self) -> bytes:
        """The text of the file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"

    @property
    def left(self) -> list[Item]:
        """What a person has still to say."""
        return [item for part in self.parts for item in part.items if item.asked is not None]

    def item(self, code: str) -> Item:
        """The first of this code."""
        return next(item for part in self.parts for item in part.items if item.code == code)


def paper(
    kind: Literal["insurer", "cnil", "complaint"],
    *,
    incident: int,
    exercise: bool,
    made: int,
    by: str,
    title: Said,
    about: tuple[Said, ...],
    parts: tuple[Part, ...],
) -> Paper:
    """A paper; that it is of an exercise stands on each part of it, however it is torn apart."""
    mark = both(EXERCISE) if exercise else ""
    return Paper(
        kind=kind,
        incident=incident,
        exercise=exercise,
        mark=mark,
        made=made,
        by=by,
        title=(f"{EXERCISE[0]} – {title[0]}", f"{EXERCISE[1]} – {title[1]}") if exercise else title,
        about=about,
        parts=tuple(msgspec.structs.replace(each, mark=mark) for each in parts),
    )


def part(code: str, heading: Said, items: Iterable[Item], columns: Said = COLUMNS) -> Part:
    """A part of what comes."""
    return Part(code=code, heading=heading, items=tuple(items), columns=columns)


def within(label: Said) -> Said:
    """What stands within a sentence, from what begins a line elsewhere."""
    french, english = label
    return french[:1].lower() + french[1:], english[:1].lower() + english[1:]


def alike(text: str) -> Said:
    """What is the same in both languages: a name, a figure, what somebody has said."""
    return text, text


def moment(at: int) -> Said:
    """A moment in Paris, to the minute; of the hour that autumn tells twice, which of the two."""
    when = civil(at)
    twice = when.replace(fold=0).utcoffset() != when.replace(fold=1).utcoffset()
    french, english = SEASONS[bool(when.dst())] if twice else ("", "")
    return f"{when:%d/%m/%Y %H:%M}{french}", f"{when:%Y-%m-%d %H:%M}{english}"


def headed(label: Said) -> Said:
    """What begins a line of a table, from what stands within a sentence elsewhere."""
    french, english = label
    return french[:1].upper() + french[1:], english[:1].upper() + english[1:]


def at(code: str, label: Said, when: int, missing: Said = UNSAID) -> Item:
    """A moment, or what is said where there is none."""
    return Item(code=code, label=label, said=(moment(when) if when else missing,), value=when)


def told(code: str, label: Said, *said: Said, value: Value = None) -> Item:
    """What is established."""
    return Item(code=code, label=label, said=said, value=value)


def asked(code: str, label: Said, question: Said, *facts: Said, value: Value = None) -> Item:
    """What a person is asked, with the facts beside it."""
    return Item(code=code, label=label, said=facts, value=value, asked=question)


def several(count: int, french: Said, english: Said) -> Said:
    """A number and its noun, each as one and as many."""
    return (
        f"{figure(count)} {french[count > 1]}",
        f"{count:,} {english[count != 1]}",
    )


def figure(count: int) -> str:
    """A number as French writes it: whole, and in groups of three that no line parts."""
    return f"{count:,}".replace(",", "\u00a0")


def counted(counts: Mapping[str, int], words: Mapping[str, Said]) -> Iterator[Said]:
    """Each with how many people it was of, the most first; a name without words stays itself."""
    for name, count in sorted(counts.items(), key=lambda it: (-it[1], it[0])):
        french, english = words.get(name, alike(name))
        yield f"{french} : {figure(count)}", f"{english}: {count:,}"
