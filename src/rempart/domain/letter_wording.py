"""The wording of a letter: parts with placeholders, one's own or ours, checked before any is sent.

A part is a list of paragraphs. A paragraph that is ``{data}`` or ``{measures}`` alone becomes a
list; one that comes out empty is left out. Of ``_doubt`` parts those are told of whom it is not
known who read what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden
from rempart.domain.letter import (
    HOLE,
    WORD,
    WORDS_MIN,
    Element,
    Language,
    Letter,
    Paragraph,
    Section,
    lacking,
)

Filled = str | tuple[str, ...]
Parts = Mapping[str, tuple[str, ...]]
SUBJECT, DOUBT = "subject", "_doubt"
LISTS = ("data", "measures")
PARAGRAPHS_MAX, PARAGRAPH_MAX = 12, 1_000
CANNOT_BE_EXCLUDED: Mapping[Language, str] = {Language.FRENCH: "exclu", Language.ENGLISH: "exclude"}
"""What the wording for those in doubt must say, in one of its forms."""


TITLES: Mapping[Language, Mapping[str, str]] = {
    Language.FRENCH: {
        Element.NATURE: "Ce qui s’est passé",
        Element.CONSEQUENCES: "Ce qui peut arriver",
        Element.MEASURES: "Ce qui a été fait",
        Element.ADVICE: "Ce que vous pouvez faire",
        Element.CONTACT: "À qui parler",
    },
    Language.ENGLISH: {
        Element.NATURE: "What happened",
        Element.CONSEQUENCES: "What may follow",
        Element.MEASURES: "What has been done",
        Element.ADVICE: "What you can do",
        Element.CONTACT: "Whom to talk to",
    },
}
"""Of every letter; that of what was read is its own."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a kind of letter is made of: the placeholders that each part must have, of those that it
    may have; titles of sections by language, the one for those in doubt where it differs.
    """

    needed: Mapping[str, frozenset[str]]
    known: frozenset[str]
    titles: Mapping[Language, Mapping[str, str]]

    def check(self, language: Language, parts: Parts) -> None:
        """Return if letters can be made of ``parts``.

        Raises:
            MalformedIdentifier: an element is missing, says nothing, or lacks a placeholder.
        """
        for part, needed in self.needed.items():
            self._check(language, part, parts.get(part, ()), needed)
        for part in parts:
            if part not in self.needed:
                raise MalformedIdentifier("letter", f"{language.value}: a part is not known")

    def _check(
        self, language: Language, part: str, said: Sequence[str], needed: frozenset[str]
    ) -> None:
        text = " ".join(said)
        element = element_of(part)
        holes = set(HOLE.findall(text))
        if missing := needed - holes:
            raise lacking(element, language, f"{{{min(missing)}}} is missing in {part}")
        if holes - self.known:
            raise lacking(element, language, f"a placeholder of {part} is not known")
        if any(f"{{{name}}}" in each and each != f"{{{name}}}" for name in LISTS for each in said):
            raise lacking(element, language, f"a list of {part} is not a paragraph of its own")
        words = len(WORD.findall(HOLE.sub("", text)))
        # What is filled in makes the rest of a section that must have placeholders.
        least = 2 if part.startswith(SUBJECT) or needed else WORDS_MIN[element]
        if words < least and part != Element.MEASURES:
            raise lacking(element, language, f"{part} says nothing")
        doubt = CANNOT_BE_EXCLUDED[language]
        if part == Element.NATURE + DOUBT and doubt not in text.lower():
            raise lacking(element, language, f"{part} does not say that it cannot be excluded")


def element_of(part: str) -> Element:
    """The element that a part belongs to; a subject tells the nature."""
    name = part.removesuffix(DOUBT)
    return Element.NATURE if name == SUBJECT else Element(name)


@dataclass(frozen=True, slots=True, repr=False)
class Wording(Hidden):
    """The parts of each language, checked."""

    rules: Rules
    parts: Mapping[Language, Parts]

    def __post_init__(self) -> None:
        for language in Language:
            self.rules.check(language, self.parts.get(language, {}))

    def letter(
        self, language: Language, values: Mapping[str, Mapping[str, Filled]], *, doubt: bool
    ) -> Letter:
        """A letter. ``values`` are those of each part, by ``""`` for every other; ``doubt`` is
        whether its subject, and what happened, are told as that.
        """
        parts, ending = self.parts[language], DOUBT if doubt else ""

        def filled(part: str) -> tuple[Paragraph, ...]:
            return fill(parts[part], {**values[""], **values.get(part, {})})

        sections = []
        for element in Element:
            names = [element.value]
            if element is Element.NATURE and element + ending in parts:
                names = [element + ending]
            if element is Element.DATA and element + DOUBT in parts:
                names = [name for name in (element.value, element + DOUBT) if name in values]
            said: list[Paragraph] = []
            for each in (each for name in names for each in filled(name)):
                # A sentence is said once; a list stands under each that announces it.
                if not isinstance(each, str) or each not in said:
                    said.append(each)
            titles = self.rules.titles[language]
            title = titles.get(names[0], titles[element])
            sections.append(Section(element, title, tuple(said)))
        (subject,) = filled(SUBJECT + (ending if SUBJECT + ending in parts else ""))
        return Letter(language, str(subject), tuple(sections))


def fill(paragraphs: Sequence[str], values: Mapping[str, Filled]) -> tuple[Paragraph, ...]:
    """Paragraphs with their values."""
    made: list[Paragraph] = []
    for each in paragraphs:
        alone = HOLE.fullmatch(each)
        value = values.get(alone[1]) if alone else None
        said = value if isinstance(value, tuple) else HOLE.sub(lambda it: str(values[it[1]]), each)
        if said:
            made.append(said)
    return tuple(made)


def parts_of(said: Mapping[str, object], language: Language, ours: Parts) -> Parts:
    """The insurer's own parts over ours.

    Raises:
        MalformedIdentifier: a part is no list of paragraphs.
    """
    own = {}
    for part, value in said.items():
        rows = [value] if isinstance(value, str) else value
        if not isinstance(rows, list) or len(rows) > PARAGRAPHS_MAX:
            raise MalformedIdentifier("letter", f"{language.value}: expected lists of paragraphs")
        if not all(isinstance(row, str) and 0 < len(row) <= PARAGRAPH_MAX for row in rows):
            rule = f"expected paragraphs of 1 to {PARAGRAPH_MAX} characters"
            raise MalformedIdentifier("letter", f"{language.value}: {rule}")
        own[part] = tuple(" ".join(row.split()) for row in rows)
    return {**ours, **own}
