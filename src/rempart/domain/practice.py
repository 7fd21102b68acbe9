"""What honest practice looks like: the one file from which every cap and every prior follows.

Each row is a belief about the busiest honest site of a kind, with its source or its reason; the
budgets are arithmetic on it, and the guard starts from it before a site has a past of its own.
Volumes are orders of magnitude of French practice (patients a day and professional, share billed
in tiers payant); where a range is known, the top of it stands here.

* **busiest** = professionals under one roof × patients a day each, all in tiers payant.
* **a day's cap** = 2 × busiest: a ceiling above the busiest honest day, not a target.
* **seven days** = 5.25 caps: seven open days at *busiest* are three and a half; half as much again.
* **twenty-eight days** = 21 caps: the same, four times. By the sea in August nobody comes twice.
* **one person's day** = 3 × what goes through one pair of hands, as one person's days are less even
  than those of five under one roof. A software may ask for the whole site.
* **presence**: who knows what is printed without the card being read gets less of the cap. A site
  without a scanner types everything, so *declared* keeps 0.8 of it; cards without printed key are
  an eighth of what is shown once cards are out, at most 0.3 of it.

A cap alone cannot hold a busy pharmacy to fifteen people: the guard does (``guard.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import ceil

from rempart.domain.disclosure import Presence
from rempart.domain.site import SiteKind


class Usage(IntEnum):
    """How an account is used, chosen when it is registered: its class of budget, and what the guard
    expects of it.
    """

    STANDARD = 0
    """A professional, or the practice software of a site, in front of the patient."""
    BACK_OFFICE = 1
    """Bills from files: nobody is present, nothing is scanned."""
    HOME_CARE = 2
    """Rounds at home or in a home for the elderly, questions grouped afterwards."""
    LOCUM = 3
    """Stands in for somebody, for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The busiest honest site of a kind.

    ``strangers`` is the share of people whom a site of this kind has not seen for twelve months,
    at the top of what its peers see; ``half`` in how many days it has met half of the others.
    """

    professionals: int
    patients: int
    strangers: float
    half: int

    @property
    def busiest(self) -> int:
        """People on the busiest honest day."""
        return self.professionals * self.patients


def _practice(professionals: int, patients: int, strangers: float, half: int) -> Practice:
    return Practice(professionals=professionals, patients=patients, strangers=strangers, half=half)


PRACTICES: Mapping[SiteKind, Practice] = {
    # 20-25 patients a day and doctor; four in five have named this doctor as theirs.
    SiteKind.DOCTOR: _practice(5, 25, 0.15, 80),
    # 120-200 a day; most come every month, passers-by are one in eight.
    SiteKind.PHARMACY: _practice(1, 200, 0.15, 60),
    # 80-180 a day and site; half come once a year or less.
    SiteKind.LABORATORY: _practice(1, 180, 0.45, 180),
    # 60-120 a day; mostly once in a life for one reason.
    SiteKind.IMAGING: _practice(1, 120, 0.65, 400),
    # 15-30 a day and professional, the same for weeks.
    SiteKind.AUXILIARY: _practice(4, 30, 0.10, 45),
    # 10-15 a day.
    SiteKind.MIDWIFE: _practice(3, 15, 0.25, 120),
    # 10-15 a day and dentist.
    SiteKind.DENTIST: _practice(4, 15, 0.25, 180),
    # 2-6 agreements a day, sale days of three times that; glasses are renewed every two years.
    SiteKind.OPTICIAN: _practice(1, 18, 0.60, 700),
    # 1-3 agreements a day, fitted over months.
    SiteKind.HEARING: _practice(1, 6, 0.40, 300),
    # Hundreds a day; admissions and consultations of a large one.
    SiteKind.HOSPITAL: _practice(1, 750, 0.60, 180),
    # Several professions under one roof, sixteen people in a large one, whose desk types all.
    SiteKind.HEALTH_CENTRE: _practice(16, 25, 0.25, 120),
    # 20-50 journeys a day and firm, the same patients for weeks of treatment.
    SiteKind.TRANSPORT: _practice(1, 50, 0.25, 60),
    # 20-40 deliveries a day.
    SiteKind.DEVICES: _practice(1, 40, 0.30, 45),
}

SHARE: Mapping[Presence, float] = {
    Presence.FRESH: 1.0,
    Presence.CARD: 1.0,
    Presence.KNOWN: 0.9,
    Presence.DECLARED: 0.8,
    Presence.LEGACY: 0.3,
}
"""Of a cap, what questions of this presence, or a weaker one, may use."""

WINDOWS: Mapping[int, float] = {1: 1.0, 7: 5.25, 28: 21.0}
"""Days to caps."""


def newness(kind: SiteKind, tenure: int) -> float:
    """Share of people new to a site that has taken part for ``tenure`` days."""
    practice = PRACTICES[kind]
    unmet: float = 0.5 ** (tenure / practice.half)
    return practice.strangers + (1 - practice.strangers) * unmet


HANDS: Mapping[Usage, int] = {
    # A counter or a desk, three minutes each, all day.
    Usage.STANDARD: 150,
    Usage.LOCUM: 150,
    # One a minute, from files.
    Usage.BACK_OFFICE: 300,
    # A round by car; three times that is a home of eighty, on a day without a reader.
    Usage.HOME_CARE: 50,
}
"""People whom one person asks about on the busiest day, wherever they work."""
AT_THE_SITE = frozenset({Usage.STANDARD, Usage.LOCUM})
"""Bounded by who comes there, too."""
UNEVEN = 3

NEW_SITE_DAYS = 90
NEW_SITE_TYPED = 20
"""People a day whom a new site may ask about on what was printed before there were keys: a firm of
ambulances that opens has no reader, and grows with nothing.
"""
NEW_SITE_KEYED = 100
"""The same, with the printed keys of all beyond those: a nurse who opens and sees the eighty
residents of a home. No list of 2024 holds a key: who does has the cards before them, or copies of
them, each of which opens one person by its code as well.
"""
NEW_SITE_PER_PROOF = 4
"""One more for so many people proven by card over the last 28 days."""

# Few sites can be at least this busy and still have too small a cap to live with.
CAP_MIN = 24

LEGACY_SHARE = 0.15
"""Of questions, on cards without printed key, before the platform has seen enough of its own."""


def daily_cap(kind: SiteKind) -> int:
    """Distinct people a day for a site of this kind."""
    return max(CAP_MIN, 2 * PRACTICES[kind].busiest)


def own_cap(kind: SiteKind, usage: Usage, *, desk: bool = False) -> int:
    """Distinct people a day for one person who signs in at a site of this kind.

    A professional has their own patients; at a ``desk``, one asks for everybody's under that roof.
    """
    hands, practice = HANDS[usage], PRACTICES[kind]
    if usage in AT_THE_SITE:
        hands = min(hands, practice.busiest if desk else practice.patients)
    return max(CAP_MIN, UNEVEN * hands)


def cap(daily: int, presence: Presence, days: int) -> int:
    """Distinct people of this presence or weaker over so many days, of a daily cap."""
    return ceil(daily * SHARE[presence] * WINDOWS[days])
