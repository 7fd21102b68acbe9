"""What a thief is, what he holds, and the pace he keeps; each thief has a file in ``thieves``.

An attack is a generator: it yields the next question, with its own moment, and is sent what the
vault answered. It ends when the thief has done, or gives up: after thirty refusals in a row.

Worst cases are assumed throughout: the thief works through the owner's own machine (same device,
same network) unless a variant says otherwise; he knows who still holds an old card, so he wastes no
question on a printed key that he lacks; only those who changed insurer since 2024 escape him.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from rempart.domain.disclosure import Outcome, Presence
from rempart.domain.site import SiteKind
from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.registry import WorldAccount
from rempart.drill.traffic import Asked

Attack = Generator[Asked, Outcome, None]

MOSTLY_RETURN = (SiteKind.PHARMACY, SiteKind.DOCTOR, SiteKind.AUXILIARY)
"""Kinds of sites where nearly everybody has been before."""
STALE = 0.25
"""Of what was stolen in 2024: insurer or contract changed since. Some 11 % do in a year."""
PATIENCE = 30
"""Refusals in a row after which a thief gives up."""
WORKDAY = 10 * 3600
DAY = 86_400_000_000
DAYTIME, NIGHT, LUNCH = ((8.5, 19.0),), ((22.0, 24.0), (0.0, 6.0)), ((12.5, 14.0),)
ALWAYS = ((0.0, 24.0),)

Windows = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What the platform must hold a thief to, in distinct people read; ``None`` is no goal.

    ``median`` and ``worst`` are over runs, ``total`` over all stolen accounts of one run,
    ``per_day`` over the days of one. He must be ``narrowed_within`` and ``frozen_within`` so many
    misses, and found within ``found_days`` in ``found_share`` of the runs.
    """

    median: int | None = None
    worst: int | None = None
    total: int | None = None
    per_day: int | None = None
    narrowed_within: int | None = None
    frozen_within: int | None = None
    found_days: int | None = None
    found_share: float = 1.0


class Stolen(NamedTuple):
    """What a thief holds about somebody; ``person`` is ``NOBODY`` where it opens nothing now."""

    person: int
    amc: int
    contract: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Setting:
    """Where and when a thief strikes, and with what.

    ``risk`` is what a thief who has read our code computes for himself: how much of the threshold
    would be used once a question is asked.
    """

    world: World
    accounts: tuple[WorldAccount, ...]
    chance: Random
    starts: int
    ends: int
    loot: Sequence[Stolen] = ()
    risk: Callable[[Asked], float] | None = None

    @property
    def day(self) -> int:
        """The day on which it starts."""
        return self.world.day_of(self.starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to steal: at which kinds of sites, with how many accounts, for how many days.

    ``owner_works`` says whether the owner's questions go on meanwhile, otherwise the account asks
    nothing else; ``scene`` names an honest scene that the site is in, ``locum`` that the account is
    the one which the scene opens; ``fake`` a site that is made for the theft. ``cards`` says whose
    cards the loot is about; ``stale`` how much of it is out of date; ``near`` whether it is sorted
    by distance; ``wanted`` how long a list must be at least; ``insurers`` whether it is of all
    insurers. ``in_process`` and ``on_stack`` say on which engines it is played: the real stack
    plays the first day of a theft.
    """

    name: str
    attacks: Callable[[Setting], list[Attack]]
    kinds: tuple[SiteKind, ...] = MOSTLY_RETURN
    accounts: int = 1
    days: int = 30
    goal: Goal | None = None
    owner_works: bool = False
    scene: str | None = None
    locum: bool = False
    fake: bool = False
    cards: str = "old"
    stale: float = STALE
    near: bool = False
    wanted: int = 1_500
    insurers: bool = False
    windows: Windows | None = None
    in_process: bool = True
    on_stack: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Thief:
    """A thief: a name, a sentence in French and in English, and the ways he has.

    ``lowered`` says, in both languages, what would lower what he gets, where that is not done.
    """

    name: str
    sentence: tuple[str, str]
    variants: tuple[Variant, ...]
    lowered: tuple[str, str] = ("", "")
    in_process: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A question every so many seconds on average, within hours of the day."""

    every: float
    windows: Windows = ALWAYS

    def after(self, world: World, at: int, chance: Random) -> int:
        """The moment of the next question."""
        at += max(1, int(self.every * (0.5 + chance.random()) * 1e6))
        return self.within(world, at)

    def within(self, world: World, at: int) -> int:
        """The first moment from ``at`` on that lies within the hours."""
        day = world.day_of(at)
        for each in (day, day + 1):
            midnight = world.midnight(each)
            for opens, closes in sorted(self.windows):
                if at < midnight + int(closes * 3600e6):
                    return max(at, midnight + int(opens * 3600e6))
        raise AssertionError("no hours of the day")


def times_normal(setting: Setting, account: WorldAccount, times: float, windows: Windows) -> Pace:
    """So many times the questions of the site's normal day, within the hours."""
    normal = max(5.0, setting.world.practice(account.site).mean)
    seconds = min(WORKDAY, sum(closes - opens for opens, closes in windows) * 3600)
    return Pace(every=seconds / (normal * times), windows=windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """An account in a thief's hand: how his questions look from outside."""

    account: WorldAccount
    presence: Presence = Presence.LEGACY
    network: int | None = None
    device: int | None = None

    def question(self, at: int, stolen: Stolen, day: int) -> Asked:
        """A question about somebody of the loot."""
        account = self.account
        network = account.network(day) if self.network is None else self.network
        device = account.device(0, day) if self.device is None else self.device
        return Asked(
            at, account.site, account.number, stolen.person, stolen.amc, self.presence,
            stolen.contract, network, device,
        )  # fmt: skip


def refusals(before: int, outcome: Outcome) -> int:
    """Refusals in a row, once this is answered; not being found is no refusal."""
    return 0 if outcome in (Outcome.OPENED, Outcome.MISSED) else before + 1


def go_through(
    setting: Setting, hand: Hand, loot: Iterable[Stolen], pace: Pace, *, starts: int | None = None
) -> Attack:
    """Ask about everybody of the loot, at a pace, until the end or until it is no use."""
    world, chance, refused = setting.world, setting.chance, 0
    at = pace.within(world, setting.starts if starts is None else starts)
    for stolen in loot:
        if at >= setting.ends:
            return
        outcome = yield hand.question(at, stolen, world.day_of(at))
        refused = refusals(refused, outcome)
        if refused >= PATIENCE:
            return
        at = pace.after(world, at, chance)


def unknown(setting: Setting) -> Stolen:
    """Somebody invented: nobody lies under a number and a birth date drawn at random."""
    insurer = setting.chance.choice(setting.world.insurers)
    return Stolen(NOBODY, insurer.amc, 1_000_000 + int(setting.chance.random() * 9_000_000))
