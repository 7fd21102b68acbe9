"""The letter to one insured person, of exactly what was read of them; checked before it is out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from rempart.domain.finding import Window
from rempart.domain.hidden import Hidden
from rempart.domain.letter import Element, Language, Letter, check
from rempart.domain.letter_doors import door_of, together
from rempart.domain.letter_sender import Sender
from rempart.domain.letter_to_insured import Door
from rempart.domain.letter_wording import DOUBT, Filled, Wording
from rempart.domain.notice import Decision
from rempart.domain.scope import Verdict
from rempart.domain.site import SiteKind

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
    something can still be read; ``gateway`` when one of its gateways was in other hands.
    """

    sender: Sender
    decision: Decision
    contained: Mapping[Source, int]
    gateway: Mapping[Source, tuple[Window, ...]] = field(default_factory=dict, repr=False)
    _wordings: dict[tuple[Door, ...], Wording] = field(default_factory=dict, repr=False)

    def __call__(self, one: Addressed) -> dict[Language, Letter]:
        """The letter in each language.

        Raises:
            MalformedIdentifier: it lacks an element of art. 34(2), which is named.
        """
        return {language: self._letter(one, language) for language in Language}

    def _letter(self, one: Addressed, language: Language) -> Letter:
        doubt = one.told.verdict is not Verdict.BREACHED
        values = self._values(one, language)
        letter = self._wording(one.told).letter(language, values, doubt=doubt)
        check(letter, self._needed(values, doubt=doubt))
        return letter

    def _wording(self, told: Told) -> Wording:
        """What happened by the doors of the worst readings; what was read by those of its own."""
        doors = tuple(
            self._door(told.of(verdict) or told)
            for verdict in (told.verdict, Verdict.BREACHED, Verdict.UNDECIDED)
        )
        if doors not in self._wordings:
            nature, sure, unsure = (self.sender.wordings[each] for each in doors)
            self._wordings[doors] = Wording(
                nature.rules,
                {
                    language: {
                        **parts,
                        Element.DATA: sure.parts[language][Element.DATA],
                        Element.DATA + DOUBT: unsure.parts[language][Element.DATA + DOUBT],
                    }
                    for language, parts in nature.parts.items()
                },
            )
        return self._wordings[doors]

    def _door(self, told: Told) -> Door:
        return together(self._doors(told).values())

    def _doors(self, told: Told) -> dict[Source, Door]:
        doors = self.decision.doors
        return {
            source: door_of(each, doors[source.name], self.gateway.get(source, ()))
            for source, each in told.readings.items()
        }

    def _accounts(self, worst: Told, language: Language) -> str:
        """The stolen accounts: none of those that only passed a gateway is among them."""
        doors = self._doors(worst)
        if Door.BOTH in doors.values():
            return account_words(frozenset(), 1, language)
        stolen = [it for source, it in worst.readings.items() if doors[source] is Door.ACCOUNT]
        kinds = frozenset[SiteKind]().union(*(each.kinds for each in stolen))
        return account_words(kinds, sum(each.accounts for each in stolen), language)

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
            "accounts": self._accounts(worst, language),
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
