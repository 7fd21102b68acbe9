"""Every parameter of honest practice, in one place: who asks how much, when, and about whom.

Volumes, hours and shares of *tiers payant* are the orders of magnitude of French practice; every
other number carries its reason. Nothing here was fitted to what the guard tolerates: what is
unpleasant in practice (one site in twenty without a reader, insurers that print no new card, a
seaside pharmacy in August) is there because it happens.

Two worlds share the practice and differ by the cards: ``DAY_ONE``, nobody has a signed card yet
and the platform remembers nothing; ``CRUISE``, a year later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rempart.domain.site import SiteKind

Hours = tuple[tuple[float, float, float], ...]
"""From, to, in hours of the day, and the weight of the stretch."""

SHOP: Hours = ((9.0, 12.5, 0.42), (14.0, 17.0, 0.26), (17.0, 19.5, 0.32))
PRACTICE: Hours = ((8.0, 12.0, 0.5), (14.0, 19.0, 0.5))
MORNING: Hours = ((8.0, 12.5, 1.0),)
WEEKDAYS = (1.1, 1.0, 0.95, 1.0, 1.0, 0.0, 0.0)
"""Monday is the busiest, Wednesday the quietest where adults are seen."""


class Course(NamedTuple):
    """A series of care: its weight among the visits of series, how long it lasts, days between."""

    weight: float
    shortest: int
    longest: int
    every: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How one trade works.

    ``joined`` x ``asks`` is the trade's share of *tiers payant*: part of the sites never do it,
    part of the patients of the others pay themselves. ``patients`` is per practitioner on an
    ordinary day: eight sites in ten lie between. Visits are ``strangers`` (no habit of coming),
    ``series``, and for the rest regulars, who come ``visits`` times a year on average, unevenly
    (``uneven``: shape of a gamma, small is uneven). ``near`` is the part of the regulars who live
    in the same district. ``families``: after how many visits a question on a relative follows.
    """

    kind: SiteKind
    sites: int
    joined: float
    asks: float
    patients: tuple[float, float]
    strangers: float
    visits: float
    practitioners: tuple[int, ...] = (1,)
    accounts: tuple[int, ...] = ()
    series: float = 0.0
    courses: tuple[Course, ...] = ()
    uneven: float = 0.8
    near: float = 0.6
    families: float = 0.02
    aged: float = 2.0
    week: tuple[float, ...] = WEEKDAYS
    hours: Hours = PRACTICE
    weekend: Hours = MORNING
    flu: float = 1.0
    august: float = 0.7
    leave: int = 0
    mobile: float = 0.0
    unequipped: float = 0.04
    products: tuple[tuple[str, int], ...] = (("one-practice 3.1", 1),)


# How many sites a trade has in France, its patients a day, its share and its hours
# are domain facts. Strangers and visits a year: somebody on a long treatment sees a pharmacy every
# month and a dentist twice a year; glasses change every two years or more; a scan is rarely had
# twice a year at the same place; a laboratory lives on yearly check-ups and a few monthly ones.
RHYTHMS: Mapping[str, Rhythm] = {
    "doctor": Rhythm(
        kind=SiteKind.DOCTOR, sites=55_000, joined=0.33, asks=0.30, patients=(20, 25),
        practitioners=(70, 18, 8, 3, 1), strangers=0.07, visits=4.5, uneven=1.0, near=0.75,
        families=0.04, week=(1.15, 1.0, 0.9, 0.95, 1.0, 0.4, 0.0), flu=1.4, leave=5,
        products=(("medi-file 9.2", 40), ("cabinet-net 4.0", 30), ("doc-clair 2.7", 20),
                  ("hebdo-med 1.1", 10)),
    ),
    "pharmacy": Rhythm(
        kind=SiteKind.PHARMACY, sites=20_000, joined=0.97, asks=0.95, patients=(80, 110),
        accounts=(50, 30, 20), strangers=0.11, visits=7.0, near=0.75, families=0.06, aged=3.0,
        week=(1.12, 1.0, 0.98, 0.98, 1.05, 0.75, 0.0), hours=SHOP, weekend=SHOP, flu=1.4,
        unequipped=0.02,
        products=(("officine-plus 4.2", 38), ("pharma-vue 11.0", 30), ("apothi 7.5", 17),
                  ("comptoir 3.3", 15)),
    ),
    "laboratory": Rhythm(
        kind=SiteKind.LABORATORY, sites=4_200, joined=0.95, asks=0.84, patients=(80, 150),
        accounts=(30, 45, 25), strangers=0.32, visits=2.0, uneven=0.5, near=0.4, families=0.02,
        aged=2.5, week=(1.1, 1.05, 1.0, 1.0, 1.0, 0.55, 0.0),
        hours=((7.0, 8.5, 0.42), (8.5, 12.0, 0.43), (14.0, 18.0, 0.15)),
        weekend=((7.0, 9.5, 0.7), (9.5, 12.0, 0.3)), flu=1.15,
        products=(("bio-trame 6.1", 55), ("labo-suite 12.4", 45)),
    ),
    "imaging": Rhythm(
        kind=SiteKind.IMAGING, sites=1_500, joined=0.9, asks=0.78, patients=(60, 120),
        accounts=(30, 45, 25), strangers=0.5, visits=0.8, uneven=1.0, near=0.2,
        week=(1.0, 1.0, 1.0, 1.0, 0.95, 0.3, 0.0), hours=((8.0, 12.5, 0.5), (13.0, 19.0, 0.5)),
        products=(("ris-image 5.0", 60), ("radio-fil 2.2", 40)),
    ),
    # Insulin and the very old daily for years; dressings and injections for weeks.
    "nurse": Rhythm(
        kind=SiteKind.AUXILIARY, sites=100_000, joined=0.88, asks=0.85, patients=(15, 30),
        practitioners=(80, 14, 4, 2), strangers=0.05, visits=2.5, uneven=1.0, near=0.8,
        series=0.88, courses=(Course(0.55, 250, 1400, 1.0), Course(0.3, 8, 30, 1.5),
                              Course(0.15, 60, 200, 3.5)),
        aged=4.0, week=(1.05, 1.0, 1.0, 1.0, 1.05, 0.8, 0.65),
        hours=((6.0, 9.0, 0.42), (9.0, 12.0, 0.28), (16.0, 20.0, 0.3)),
        weekend=((6.5, 12.0, 0.7), (16.5, 19.5, 0.3)), flu=1.1, august=0.9, mobile=0.7,
        unequipped=0.06,
        products=(("tournee 8.3", 45), ("inf-mobile 5.1", 35), ("soin-fil 2.0", 20)),
    ),
    # Ten to thirty sessions, twice a week.
    "physio": Rhythm(
        kind=SiteKind.AUXILIARY, sites=90_000, joined=0.7, asks=0.71, patients=(15, 22),
        practitioners=(70, 20, 7, 3), strangers=0.03, visits=3.0, uneven=1.0, near=0.7,
        series=0.9, courses=(Course(0.75, 35, 110, 3.5), Course(0.25, 150, 700, 4.0)),
        week=(1.0, 1.0, 1.0, 1.0, 1.0, 0.1, 0.0),
        hours=((8.0, 12.5, 0.45), (13.5, 20.0, 0.55)), leave=4,
        products=(("kine-pro 4.4", 50), ("cabinet-net 4.0", 30), ("soin-fil 2.0", 20)),
    ),
    "midwife": Rhythm(
        kind=SiteKind.MIDWIFE, sites=7_500, joined=0.7, asks=0.6, patients=(10, 15),
        strangers=0.1, visits=1.6, uneven=1.5, series=0.6, aged=0.0,
        courses=(Course(0.7, 120, 260, 21.0), Course(0.3, 7, 21, 3.0)), mobile=0.2, leave=5,
        products=(("cabinet-net 4.0", 60), ("doc-clair 2.7", 40)),
    ),
    "dentist": Rhythm(
        kind=SiteKind.DENTIST, sites=36_000, joined=0.5, asks=0.4, patients=(10, 15),
        practitioners=(65, 25, 7, 3), strangers=0.12, visits=2.2, uneven=1.5, near=0.6,
        families=0.06, aged=1.0, week=(1.0, 1.0, 0.9, 1.0, 0.95, 0.2, 0.0),
        hours=((9.0, 12.5, 0.45), (14.0, 19.0, 0.55)), leave=5,
        products=(("denta-clic 6.0", 55), ("odonto 3.8", 45)),
    ),
    "optician": Rhythm(
        kind=SiteKind.OPTICIAN, sites=13_000, joined=0.95, asks=0.95, patients=(2, 6),
        accounts=(70, 30), strangers=0.35, visits=0.45, uneven=3.0, near=0.4, families=0.1,
        aged=1.3, week=(0.2, 1.0, 1.1, 0.9, 1.0, 1.5, 0.0),
        hours=((9.5, 12.5, 0.35), (14.0, 19.0, 0.65)),
        weekend=((9.5, 12.5, 0.4), (14.0, 19.0, 0.6)), august=0.8,
        products=(("optique-net 10.1", 50), ("visu-shop 4.9", 30), ("lunettia 2.5", 20)),
    ),
    "hearing": Rhythm(
        kind=SiteKind.HEARING, sites=7_000, joined=0.95, asks=0.95, patients=(1, 3),
        strangers=0.2, visits=1.2, uneven=1.5, near=0.3, aged=5.0,
        hours=((9.0, 12.5, 0.5), (14.0, 18.0, 0.5)), august=0.6,
        products=(("audio-suite 3.0", 70), ("cosi-mut 1.9", 30)),
    ),
    # Outpatients and stays in working hours, emergencies day and night.
    "hospital": Rhythm(
        kind=SiteKind.HOSPITAL, sites=3_000, joined=0.7, asks=0.7, patients=(250, 800),
        accounts=(0, 0, 25, 30, 25, 20), strangers=0.35, visits=2.5, uneven=0.4, near=0.15,
        aged=2.5, week=(1.1, 1.05, 1.0, 1.0, 0.95, 0.22, 0.18),
        hours=((0.0, 8.0, 0.06), (8.0, 12.0, 0.47), (12.0, 17.0, 0.38), (17.0, 24.0, 0.09)),
        weekend=((0.0, 8.0, 0.15), (8.0, 20.0, 0.65), (20.0, 24.0, 0.2)), flu=1.2, august=0.85,
        products=(("gap-hopital 14.2", 60), ("sih-sud 7.7", 40)),
    ),
    "health-centre": Rhythm(
        kind=SiteKind.HEALTH_CENTRE, sites=2_500, joined=0.9, asks=0.8, patients=(80, 250),
        accounts=(10, 30, 30, 30), strangers=0.22, visits=3.0, near=0.5, families=0.06,
        week=(1.1, 1.0, 1.05, 0.95, 1.0, 0.4, 0.0), flu=1.3,
        products=(("centre-soins 5.5", 100),),
    ),
    # Dialysis three times a week for years, radiotherapy daily for weeks.
    "transport": Rhythm(
        kind=SiteKind.TRANSPORT, sites=5_500, joined=0.6, asks=0.6, patients=(20, 50),
        accounts=(70, 30), strangers=0.18, visits=2.5, uneven=0.8, near=0.4, series=0.6,
        courses=(Course(0.55, 200, 1200, 2.3), Course(0.45, 15, 50, 1.4)), aged=3.0,
        week=(1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.15), hours=((6.0, 12.0, 0.5), (12.0, 20.0, 0.5)),
        weekend=((7.0, 18.0, 1.0),), august=0.9, mobile=0.3, unequipped=0.1,
        products=(("trans-regul 3.6", 70), ("ambu-net 2.1", 30)),
    ),
    # Oxygen, beds, pumps: a delivery a month for years.
    "devices": Rhythm(
        kind=SiteKind.DEVICES, sites=3_000, joined=0.8, asks=0.8, patients=(20, 40),
        accounts=(60, 40), strangers=0.08, visits=3.0, near=0.2, series=0.75,
        courses=(Course(1.0, 90, 1500, 29.0),), aged=3.0, august=0.9, unequipped=0.15,
        products=(("mat-med 4.0", 100),),
    ),
}  # fmt: skip

# The country.
INSURERS = 48
LARGE = 20
LARGE_SHARE = 0.53
"""The twenty largest of some 455 hold 53 %; each of the others here stands for fifteen or so."""
AT_HOME = 0.7
"""Of the members of a small insurer: live in its home places; 0.6 once homes share their people."""
DISTRICT = 4_000
"""People of a small town and its surroundings, or of a quarter."""
FAVOURITE = (0.10, 0.7, 0.4)
"""Part of a district that one local mutuelle or big employer covers: lognormal, and its top."""
EMPLOYER_BLOCK = 40
"""Households that an employer enrols in one go, at most: their numbers follow each other."""
KNOWN_IN_TIME, KNOWN_IN_DAYS = 0.8, 0.95
"""Of new members: the feed has them when they begin; within three days. The others wait for an
employer's declaration, up to three weeks."""

# A site.
ACQUAINTED = 0.5
"""Of series of care: begun by somebody who came before."""
RELATIVES = 0.5
"""Of the relatives of a regular: come to the same place."""
GROWTH = (0.15, 300.0)
"""A site that opens: the part of its patients of the first day, and days until it has all."""
EVENING, EVENING_EVERY = 20.9 * 3600, 20.0
"""Who bills the day in one go: from when on, and seconds between two questions."""
INSISTS = 0.55
"""The card is right and nobody is found: asked again, twice at most."""
SPOILT_RETRIED = 0.6
"""The same while a release spoils everything: people give up sooner."""
OFFICE_AGAIN, OFFICE_STRANGERS = 0.33, 0.4
"""A billing office: files of the day that it asks about again, as many of the group's other
houses; of those, people that this one has never had."""

# Scenes.
RESIDENTS, ROUND_EVERY, ROUND_READ = 80, 28, 0.6
"""A nursing home: its residents, days between rounds, new cards of which the list has the code."""
CAMPAIGN = 3.0, 0.5
"""A vaccination day: times the people of a Saturday, and strangers among them."""
SEASIDE = 2.0, 3.0, 0.7
"""August by the sea: times the people, from and to, and strangers."""
DUTY_EVENING, DUTY_MORNING, DUTY_SUNDAY, DUTY_STRANGERS = 25.0, 8.0, 70.0, 0.8
"""A pharmacy on duty: people after closing, before opening, on a Sunday; strangers."""
LOCUM_DAYS, LOCUM_PART = 21, 0.85
ROLLED_BACK = 6 * 3600.0
LATE_DAYS = 3
CARDS_A_DAY = 0.004
"""Of an insurer's cards: renewed or replaced on a day, one a year each and some lost."""
EVENING_QUESTIONS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How often a scene happens by itself, per site and year unless said otherwise."""

    # Some 7,500 EHPAD for 20,000 pharmacies; a contract lasts about six years.
    ehpad_served: float = 0.3
    ehpad_gained: float = 0.06
    ehpad_nurse: float = 0.02
    # A turn comes every ten days in the country, twice a year in a city; Sundays the same.
    duty_nights: float = 12.0
    duty_sundays: float = 4.0
    # Flu and Covid campaigns, where a pharmacy opens a day for them.
    vaccination_saturdays: float = 0.5
    # Of hospitals: billing moved to one office of the group, which works in the evening.
    back_office: float = 0.2
    # Of nurses: bill in the evening by habit; and evenings a year of the others.
    evening_habit: float = 0.15
    evenings: float = 6.0
    # Of practices with one practitioner and of pharmacies: a locum of three weeks.
    locum: float = 0.35
    # Sites that open, of all, a year: 3 % of the self-employed are in their first year.
    new_practice: float = 0.03
    # Per product and year: a release that spoils what is typed until it is rolled back.
    bad_release: float = 0.3
    # Per insurer and year, outside January.
    late_feed: float = 1.5
    # Of insurers, each January: the first feed of the year comes late.
    late_january: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Honest:
    """A world of honest practice."""

    name: str
    new_cards: float
    """Of people: hold a signed card with a printed key."""
    remembers: bool
    """The platform has run for a year: sites have seen people, some by card."""
    adoption: float = 2.0
    """Cards are printed insurer by insurer: concentration of the beta law of their shares. At 2,
    one insurer in fourteen has printed fewer than half, two in three more than nine in ten."""
    unread: float = 0.062
    """Median share of new cards that an equipped site does not read: forgotten, known by file, a
    cracked telephone. With the sites without a reader and broken mornings: 1 in 7."""
    unread_spread: float = 0.7
    broken_days: float = 0.012
    """Of days: the reader of a site is down, everything is typed. Three or four a year."""
    typing: tuple[float, float] = (0.01, 0.04)
    """Mistyped questions, site by site."""
    retried: float = 0.93
    """After a mistyped question; otherwise the patient pays, or the card is put aside."""
    retry_right: float = 0.8
    household: float = 0.55
    """Of relatives, once one relative is asked about: each next one too."""
    again_today: float = 0.03
    """The bill is made up at the end, or the page was closed."""
    again_this_week: float = 0.05
    """What was out of stock, the result to hand over, the second half of the prescription."""
    stranger_local: float = 0.6
    """Strangers who live in the same place: passers-by, people who changed their minds."""
    site_spread: float = 0.5
    """Lognormal spread of the share of strangers between sites: a station, a village."""
    passing: float = 0.03
    """Of sites: in a station, a shopping centre or a resort, with three to six times the strangers
    of their trade; more than one pharmacy in fifty is in a shopping centre alone."""
    day_spread: float = 0.35
    """The same between days of a site: market day, a coach, a fair."""
    volume_spread: float = 0.18
    """Lognormal spread of the number of visits between days of a site, beside chance."""
    busy_day: float = 0.012
    """Of days: twice the strangers' share and half as many people again."""
    moves: float = 0.09
    """Regulars who leave a site in a year, each replaced: one household in nine moves a year."""
    changes_new_year: float = 0.07
    changes_in_year: float = 0.04
    """Contracts that end for another insurer: most on 1 January; the others at any time, half of
    them on the first of a month, since the law of 14 July 2019 allows it."""
    group_switch: float = 0.06
    """Each 1 January, of districts: their big employer or local mutuelle hands its members over to
    another insurer. Group contracts go to tender every five to ten years, half of favourites are
    employers."""
    group_follows: float = 0.7
    """Of those members: move that day; retired people and other employers stay."""
    old_card_shown: float = 0.2
    """In the month after a change: the old card is still in the wallet."""
    renewal: float = 0.5
    """Of holders at an insurer whose January feed is late: show a card the feed lacks."""
    shore: float = 0.35
    """Of sites in a seaside department: really on the shore."""
    device_days: tuple[int, int] = (450, 1500)
    """A computer, or its certificate, is replaced."""
    network_days: tuple[int, int] = (300, 2500)
    """A line or a box is replaced."""
    backup_network: float = 0.01
    """Of days: the line is down, the site is on a telephone."""
    rhythms: Mapping[str, Rhythm] = field(default_factory=lambda: RHYTHMS, repr=False)
    rates: Rates = Rates()


DAY_ONE = Honest(name="day-one", new_cards=0.0, remembers=False)
CRUISE = Honest(name="cruise", new_cards=0.875, remembers=True)
"""75 % of questions by card, the rest typed, half of it without a key: 87.5 % of people hold a new
card, and six in seven of those are read."""
