"""A letter about a breach, in one language, and the check that nothing is missing in it.

GDPR art. 34(2), with art. 33(3)(b) to (d): in clear words the nature of the breach, who can be
asked, the likely consequences, and the measures, also against them. Each is an *element*, a section
of the letter in this order; a letter that lacks one is refused, and the element is named.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.hidden import Hidden

Paragraph = str | tuple[str, ...]
"""A text, or the items of a list."""
HOLE = re.compile(r"\{(\w*)\}")
WORD = re.compile(r"\w+")


class Language(StrEnum):
    """French first, English beside it."""

    FRENCH = "fr"
    ENGLISH = "en"


class Element(StrEnum):
    """What a letter must hold."""

    NATURE = "nature"
    DATA = "data"
    CONSEQUENCES = "consequences"
    MEASURES = "measures"
    ADVICE = "advice"
    CONTACT = "contact"


LAW: Mapping[Element, str] = {
    Element.NATURE: "the nature of the breach",
    Element.DATA: "the nature of the breach, what was read",
    Element.CONSEQUENCES: "the likely consequences",
    Element.MEASURES: "the measures taken",
    Element.ADVICE: "the measures against its effects, what the person can do",
    Element.CONTACT: "name and contact of the data protection officer",
}
WORDS_MIN: Mapping[Element, int] = {
    Element.NATURE: 15,
    Element.DATA: 5,
    Element.CONSEQUENCES: 15,
    Element.MEASURES: 5,
    Element.ADVICE: 15,
    Element.CONTACT: 5,
}
"""Below this a section says nothing, whatever it is called."""


@dataclass(frozen=True, slots=True, repr=False)
class Section(Hidden):
    """One element."""

    element: Element
    title: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """All of it as one text."""
        return " ".join(flat(self.paragraphs))


@dataclass(frozen=True, slots=True, repr=False)
class Letter(Hidden):
    """A letter in one language, without sender and address."""

    language: Language
    subject: str
    sections: tuple[Section, ...]


def flat(paragraphs: Sequence[Paragraph]) -> list[str]:
    """Paragraphs as lines; the items of a list as one."""
    return [each if isinstance(each, str) else _listed(each) for each in paragraphs]


def _listed(items: Sequence[str]) -> str:
    """Items as a sentence; those that are sentences stay so."""
    *others, last = items
    ended = [each if each.endswith((".", "!")) else f"{each} ;" for each in others]
    return " ".join([*ended, last if last.endswith((".", "!")) else f"{last}."])


def lacking(element: Element, language: Language, rule: str) -> MalformedIdentifier:
    """How a letter is refused."""
    return MalformedIdentifier(
        "letter", f"art. 34(2), {LAW[element]} ({element.value}, {language.value}): {rule}"
    )


def check(letter: Letter, needed: Mapping[Element, Sequence[str]]) -> None:
    """Return if every element is there once, says something, and holds what it must say.

    Raises:
        MalformedIdentifier: one is missing; it is named. What the letter says is not quoted.
    """
    for element in Element:
        found = [each for each in letter.sections if each.element is element]
        if len(found) != 1:
            raise lacking(element, letter.language, "the section is missing, or stands twice")
        text = found[0].text
        if len(WORD.findall(text)) < WORDS_MIN[element]:
            raise lacking(element, letter.language, f"expected {WORDS_MIN[element]} words or more")
        if HOLE.search(text):
            raise lacking(element, letter.language, "a placeholder was not filled")
        if not all(each and each in text for each in needed.get(element, ())):
            raise lacking(element, letter.language, "it does not say what it must")
    if not letter.subject.strip():
        raise lacking(Element.NATURE, letter.language, "the letter has no subject")
