"""Protections: what each is for, what law asks for it, and who can see whether it is there.

The catalogue is ``measures/EDITION.toml``. An edition is never changed once something was attested
under it: another one follows. What a check found is a ``Seen``: a state, and numbers or short codes
that bear it out, never anything of a person.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rempart.domain.errors import MalformedIdentifier

EDITION = 1
"""The edition under which is attested today."""
Label = tuple[str, str]
"""French, English."""
Fact = int | str
"""A number, yes or no (``bool``), or a short code: a digest, a version, a name of a closed list."""


class State(IntEnum):
    """Whether a protection is there, as its check found it."""

    IN_FORCE = 1
    PARTLY = 2
    NOT_IN_FORCE = 3
    NOT_VERIFIED = 4
    """The check could not be made, or nothing here can make one. It says nothing of the thing."""


STATES: Mapping[State, Label] = {
    State.IN_FORCE: ("en vigueur", "in force"),
    State.PARTLY: ("en partie", "partly"),
    State.NOT_IN_FORCE: ("PAS EN VIGUEUR", "NOT IN FORCE"),
    State.NOT_VERIFIED: ("non vérifiée", "not verified"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One protection. ``promise`` is one of the seven, 0 for none; ``article`` are letters of GDPR
    art. 32(1), ``cnil`` names of what the CNIL expects; ``facts`` are what its check may tell.
    """

    code: str
    french: str
    english: str
    against: Label
    promise: int
    article: tuple[str, ...]
    cnil: tuple[str, ...]
    seen: Literal["check", "nowhere", "elsewhere"]
    facts: Mapping[str, Label] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the check of one protection found; ``why`` is a code, where it could not be made."""

    state: State
    facts: Mapping[str, Fact] = field(default_factory=dict)
    why: str = ""


def seen(whole: bool, part: bool = False, /, **facts: Fact) -> Seen:
    """In force if ``whole`` holds, partly if ``part`` does, otherwise not."""
    state = State.IN_FORCE if whole else State.PARTLY if part else State.NOT_IN_FORCE
    return Seen(state, facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One edition; ``article`` and ``cnil`` say in our words what is asked."""

    edition: int
    since: date
    article: Mapping[str, Label]
    cnil: Mapping[str, Label]
    measures: tuple[Measure, ...]

    def find(self, code: str) -> Measure:
        """The measure of a code.

        Raises:
            MalformedIdentifier: there is none.
        """
        for measure in self.measures:
            if measure.code == code:
                return measure
        raise MalformedIdentifier("measure", "no measure has this code")


@cache
def catalogue(edition: int = EDITION) -> Catalogue:
    """One edition.

    Raises:
        MalformedIdentifier: this version of the house does not know it.
    """
    path = files("rempart.domain").joinpath(f"measures/{edition}.toml")
    if not path.is_file():
        raise MalformedIdentifier("edition", "no edition of measures has this number")
    said = tomllib.loads(path.read_text("utf-8"))
    return Catalogue(
        edition=said["edition"],
        since=said["since"],
        article=_labels(said["article"]),
        cnil=_labels(said["cnil"]),
        measures=tuple(_measure(each) for each in said["measure"]),
    )


def _measure(said: Mapping[str, Any]) -> Measure:
    return Measure(
        **{name: said[name] for name in ("code", "french", "english", "seen")},
        against=_label(said["against"]),
        promise=said.get("promise", 0),
        article=tuple(said["article"]),
        cnil=tuple(said.get("cnil", ())),
        facts=_labels(said.get("facts", {})),
    )


def _labels(said: Mapping[str, str]) -> dict[str, Label]:
    return {name: _label(text) for name, text in said.items()}


def _label(text: str) -> Label:
    french, english = text.split(" · ")
    return french, english


def packed(states: Sequence[State]) -> bytes:
    """States in the order of the catalogue, a byte each."""
    return bytes(states)


def unpacked(data: bytes, edition: int) -> dict[str, State]:
    """What ``packed`` made, by code.

    Raises:
        MalformedIdentifier: not one state a measure of this edition.
    """
    measures = catalogue(edition).measures
    try:
        states = [State(each) for each in data]
        return {m.code: state for m, state in zip(measures, states, strict=True)}
    except ValueError:
        raise MalformedIdentifier("states", "expected one state a measure of its edition") from None
