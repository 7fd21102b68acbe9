"""A proposed finding, with the reason of each of its parts, in words."""

from dataclasses import dataclass, field
from enum import Enum

from rempart.domain.finding import NEVER, Finding, Whose
from rempart.domain.lines import Code
from rempart.domain.scope import Hole


class Reason(Enum):
    """Why a session is whose it is: French and English."""

    OWN_LINE = (
        "appareil ou réseau par où aucune carte n'est venue, des inconnus à la suite",
        "a device or network by which no card ever came, strangers one after another",
    )
    BOTH = (
        "la ligne du voleur et une autre dans la même session",
        "the thief's line and another one in one session",
    )
    STRANGE_LINE = (
        "appareil ou réseau sans passé sur ce compte",
        "a device or network without a past on this account",
    )
    LISTED = (
        "ligne du titulaire, mais des inconnus saisis : une liste le permet",
        "the owner's line, but strangers typed in: a list allows it",
    )
    SHARED_LINE = (
        "ligne du titulaire, où des indices de vol se trouvent aussi ; pas toujours une carte lue",
        "the owner's line, which bears signs of theft itself; not always a card read",
    )
    OWNERS = (
        "appareil et réseau au long passé, des cartes ou des habitués seulement",
        "device and network with a long past, cards or regulars only",
    )
    CARDS = (
        "ligne connue avant le vol, chaque réponse sur une carte, un téléphone ou une clé imprimée",
        "a line known before the theft, every answer by a card, a phone or a printed key",
    )


class Since(Enum):
    """How the earliest possible theft was found: French and English."""

    LINE = (
        "première question par une ligne qui est ou peut être celle du voleur",
        "first question by a line that is or may be the thief's",
    )
    CHANGE = (
        "un jour avant le début des indices, à mille contre un",
        "a day before the signs began, a thousand to one",
    )
    LOOK_BACK = ("rien ne le dit : quatre semaines avant", "nothing tells: four weeks before")
    HOLE = (
        "des entrées manquent : le vol peut y avoir commencé",
        "entries are missing: the theft may have begun among them",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InDoubt:
    """An account of the incident, by its number: when it was contained first, and when for good
    (``NEVER`` if it is open), microseconds; ``replayed`` if codes of cards were used elsewhere, so
    that a card which was read proves nothing. One that is not ``named`` by the incident is looked
    at, and left out unless it is concerned (``propose_finding``).
    """

    number: int
    first: int
    contained: int = NEVER
    replayed: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFound:
    """One session (pseudonym) in the time of the theft: whose, why, questions and answers in it;
    ``keyed`` are the answers in it that are the owner's all the same.
    """

    session: bytes = field(repr=False)
    account: int
    whose: Whose
    reason: Reason
    since: int
    until: int
    questions: int
    answers: int
    keyed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFound:
    """One account: the span of the theft, how its beginning was found, whether the owner's own
    lines are in doubt, and its sessions in their order.
    """

    number: int
    stolen: int
    contained: int
    how: Since
    apart: bool
    sessions: tuple[SessionFound, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFinding:
    """The finding, and why; ``codes`` are those of the thief's lines, wherever they come next, and
    ``holes`` what was not there to be read. In the ``hours`` of a campaign, both ends included,
    whoever asked like a list is concerned.
    """

    finding: Finding
    accounts: tuple[AccountFound, ...] = field(repr=False)
    codes: frozenset[Code] = field(repr=False)
    hours: tuple[int, int] | None = field(default=None, repr=False)
    holes: tuple[Hole, ...] = field(default=(), repr=False)
