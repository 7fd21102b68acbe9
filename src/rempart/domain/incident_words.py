"""The words of incidents: closed lists, and nothing that a command would wait for at its start."""

from collections.abc import Mapping
from enum import IntEnum

from rempart.domain.containment import Authority, Why


class Origin(IntEnum):
    """What opened an incident."""

    GUARD = 1
    """A freeze on strong evidence."""
    OWNER = 2
    """An account's owner: "it was not me"."""
    PERSON = 3
    INSURER = 4
    """An insurer's alert, entered by a person."""
    OPERATOR = 5
    """Another operator's, likewise."""


OPENED_BY_FREEZE: Mapping[Authority, frozenset[Why]] = {
    # Whatever freezes by itself is strong: watching and narrowing come first, and open nothing.
    Authority.GUARD: frozenset(Why),
    Authority.OWNER: frozenset({Why.REPORTED}),
    Authority.OFFICER: frozenset({Why.REPORTED, Why.ALERT, Why.COMPROMISED}),
}
"""Which freezes open an incident by themselves: those that say that somebody else was there."""
ORIGINS: Mapping[Authority, Origin] = {
    Authority.GUARD: Origin.GUARD,
    Authority.OWNER: Origin.OWNER,
    Authority.OFFICER: Origin.PERSON,
}


class Did(IntEnum):
    """What somebody says of an incident."""

    OPENED = 1
    FACT = 2
    """What was seen, by whom, when."""
    FINDING = 3
    """Which accounts, since when at the earliest, until when."""
    NATURE = 4
    """Confidentiality, integrity, availability: each stated."""
    DECIDED = 5
    AWARE = 6
    """From when on it was known with a reasonable degree of certainty."""
    CLOCK = 7
    """A clock is answered: done, or not due."""
    CLOSED = 8
    NAMED = 9
    """A piece of what a finding names: it goes before it, and is in nobody's words."""


class Rest(IntEnum):
    """Whose the sessions are that a finding does not name."""

    OWNER = 1
    UNKNOWN = 2
    THIEF = 3


class Stated(IntEnum):
    """What is said of one of the three, confidentiality, integrity or availability."""

    UNKNOWN = 0
    NO = 1
    YES = 2


class Outcome(IntEnum):
    """What an incident came to."""

    BREACH = 1
    NO_BREACH = 2
    EXERCISE = 3
    """Ends an exercise, and nothing else."""
