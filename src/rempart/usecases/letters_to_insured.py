"""The letter to one insured person, of exactly what was read of them; checked before it is out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rempart.domain.breach_told import Reading, Source, Told
from rempart.domain.breach_words import (
    account_words,
    data_words,
    day_words,
    held_words,
    joined,
    when_words,
)
from rempart.domain.hidden import Hidden
from rempart.domain.letter import Element, Language, Letter, check
from rempart.domain.letter_sender import Sender
from rempart.domain.letter_wording import DOUBT, Filled
from rempart.domain.notice import Decision
from rempart.domain.scope import Verdict

ABOUT = {
    Language.FRENCH: "Cette lettre concerne {}. « Vous » veut dire cette personne.",
    Language.ENGLISH: "This letter is about {}. “You” means this person.",
}
HOLE = {
    Language.FRENCH: "Une partie du registre de ces réponses manque. D’autres lectures ne peuvent "
    "donc pas être exclues.",
    Language.ENGLISH: "A part of the register of these answers is missing. Other readings cannot "
    "be excluded.",
}
RUNNING = {
    Language.FRENCH: "Tout n’est pas encore bloqué. Nous vous écrirons de nouveau.",
    Language.ENGLISH: "Not everything is blocked yet. We will write to you again.",
}
SINCE = {
    Language.FRENCH: "Plus rien ne peut être lu de cette façon depuis le {}.",
    Language.ENGLISH: "Nothing more can be read in this way since {}.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Addressed(Hidden):
    """A person to write to: their number in this mailing, and what was read of them; ``about`` is
    what they are called, where the letter goes to somebody else.
    """

    number: str
    told: Told
    about: str = ""


@dataclass(frozen=True)
class LettersToInsured:
    """The writing. ``contained`` is the last containment (microseconds) of each source, 0 where
    something can still be read.
    """

    sender: Sender
    decision: Decision
    contained: Mapping[Source, int]

    def __call__(self, one: Addressed) -> dict[Language, Letter]:
        """The letter in each language.

        Raises:
            MalformedIdentifier: it lacks an element of art. 34(2), which is named.
        """
        return {language: self._letter(one, language) for language in Language}

    def _letter(self, one: Addressed, language: Language) -> Letter:
        doubt = one.told.verdict is not Verdict.BREACHED
        values = self._values(one, language)
        letter = self.sender.wordings[self.decision.door].letter(language, values, doubt=doubt)
        check(letter, self._needed(values, doubt=doubt))
        return letter

    def _values(self, one: Addressed, language: Language) -> dict[str, Mapping[str, Filled]]:
        worst = one.told.of(one.told.verdict) or one.told
        values: dict[str, Mapping[str, Filled]] = {"": self._common(one, worst, language)}
        if sure := one.told.of(Verdict.BREACHED):
            values[Element.DATA] = _data(sure, language)
        if unsure := one.told.of(Verdict.UNDECIDED):
            values[Element.DATA + DOUBT] = _data(unsure, language)
        return values

    def _common(self, one: Addressed, worst: Told, language: Language) -> Mapping[str, Filled]:
        return {
            **self._fixed[language],
            "when": when_words(worst.first, worst.last, language),
            "operators": self._operators(worst.readings, language),
            "accounts": account_words(
                worst.kinds, sum(each.accounts for each in worst.readings.values()), language
            ),
            "stopped": self._stopped(one.told.readings, language),
            "number": one.number,
            "about": ABOUT[language].format(one.about) if one.about else "",
            "hole": "" if all(it.whole for it in one.told.readings.values()) else HOLE[language],
        }

    @cached_property
    def _fixed(self) -> Mapping[Language, Mapping[str, Filled]]:
        return {
            language: {
                "insurer": self.sender.name,
                "dpo": self.sender.dpo,
                "reach": ", ".join(self.sender.reach),
                "measures": self.decision.measures[language],
            }
            for language in Language
        }

    def _operators(self, readings: Mapping[Source, Reading], language: Language) -> str:
        names = self.decision.operators
        return joined(
            [names.get(origin, origin) for origin in sorted({it.operator for it in readings})],
            language,
        )

    def _stopped(self, readings: Mapping[Source, Reading], language: Language) -> str:
        last = [self.contained.get(source, 0) for source in readings]
        if not all(last):
            return RUNNING[language]
        return SINCE[language].format(day_words(max(last), language))

    def _needed(
        self, values: Mapping[str, Mapping[str, Filled]], *, doubt: bool
    ) -> Mapping[Element, list[str]]:
        """What each section must say of this person."""
        common = values[""]
        data = [
            item
            for part in (Element.DATA.value, Element.DATA + DOUBT)
            for name in ("data", "held")
            for item in _texts(values.get(part, {}).get(name, ()))
        ]
        return {
            Element.NATURE: [
                *_texts(common["when"]),
                *_texts(common["about"]),
                *_texts(common["hole"] if doubt else ()),
            ],
            Element.DATA: data,
            Element.MEASURES: _texts(common["stopped"]) + _texts(common["measures"]),
            Element.CONTACT: [self.sender.dpo, *self.sender.reach],
        }


def _texts(value: Filled) -> list[str]:
    return ([value] if value else []) if isinstance(value, str) else list(value)


def _data(told: Told, language: Language) -> Mapping[str, Filled]:
    return {
        "when": when_words(told.first, told.last, language),
        "data": data_words(told.fields, told.domains, language),
        "held": held_words(told.presences, language),
    }
