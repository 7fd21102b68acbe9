"""Let a country work for months without a thief, and count whom the guard wrongs."""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import date

from rempart.domain.allowance import Allowance, Over, Reason
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage
from rempart.domain.guard import Move
from rempart.domain.surroundings import Wave
from rempart.drill.figures import Peace
from rempart.drill.honest import Honest
from rempart.drill.in_process import InProcess
from rempart.drill.landscape import World
from rempart.drill.traffic import day
from rempart.drill.world import make_world

BY = "drill"


def opening(world_starts: int, *, days: int = 92) -> Allowance:
    """What an operator decides for the first weeks: what is typed counts like a card."""
    return Allowance(
        over=Over.EVERYBODY,
        number=0,
        factor=1,
        typed=True,
        since=world_starts,
        until=world_starts + days * DAY,
        reason=Reason.OPENING,
        by=BY,
    )


ANNOUNCED = 2.0
"""Times the ordinary day from which on a site tells the operator beforehand: a vaccination day, a
season by the sea.
"""


def announce(platform: InProcess, sites: Collection[int] | None = None) -> None:
    """The dated exceptions that sites ask for: twice the caps on each day known to be so busy."""
    world = platform.world
    for (site, each), mood in world.agenda.moods.items():
        if mood.factor >= ANNOUNCED and (sites is None or site in sites):
            platform.allow(
                Allowance(
                    over=Over.SITE,
                    number=site,
                    factor=2,
                    typed=False,
                    since=world.midnight(each),
                    until=world.midnight(each + 1),
                    reason=Reason.EVENT,
                    by=BY,
                )
            )


def open_platform(platform: InProcess) -> None:
    """Let a platform know what it would: whom sites saw, or that it has just opened; and what
    sites announce.
    """
    world = platform.world
    platform.remember()
    announce(platform)
    if not world.honest.remembers:
        for span in range(0, world.days + 1, 92):
            platform.allow(opening(world.midnight(span)))


def keep_peace(
    params: Honest, *, sites: int, days: int, warm_up: int, seed: int, starts: date,
    told: Callable[[int], None], persons: float = 0.0, wave: bool = False,
) -> Peace:  # fmt: skip
    """Play ``warm_up`` days, then measure ``days``; ``told`` of each day that has passed.

    ``persons`` is the share of people who sign in (``InProcess``); ``wave``: on every measured day
    the platform believes that accounts are being stolen one after another.
    """
    world = make_world(sites=sites, days=warm_up + days, seed=seed, params=params, starts=starts)
    platform = InProcess(world, officers_lift=True, persons=persons)
    open_platform(platform)
    for each in range(warm_up):
        platform.play(day(world, each))
        platform.mark()
        told(each)
    platform.outcomes.clear()
    platform.refused.clear()
    before = len(platform.moves)
    for each in range(warm_up, warm_up + days):
        if wave:
            waves = platform.guard.watch.waves
            (waves.touch(0) or waves.put(0, Wave())).until = world.midnight(each + 1)
        platform.play(day(world, each))
        platform.mark()
        told(each)
    return _counted(platform, before, days)


def _counted(platform: InProcess, before: int, days: int) -> Peace:
    tightened = [
        moved.move
        for moved in platform.moves[before:]
        if moved.move.authority is Authority.GUARD and moved.move.target > moved.move.current
    ]
    harmed = [move for move in tightened if move.target >= Stage.NARROWED]
    refusals = Counter[str]()
    for (account, outcome), count in platform.refused.items():
        refusals[f"{_called(platform.world, account)} {outcome.name.lower()}"] += count
    return Peace(
        accounts=len(platform.world.accounts),
        persons=sum(map(platform.person, platform.world.accounts)),
        days=days,
        questions=sum(platform.outcomes.values()),
        refused=sum(refusals.values()),
        wrongly_narrowed=len(harmed),
        wrongly_frozen=sum(move.target >= Stage.FROZEN for move in harmed),
        watched=sum(move.target is Stage.WATCHED for move in tightened),
        reasons=Counter(move.why.name.lower() for move in tightened),
        harmed=Counter(_of_whom(platform.world, move) for move in harmed),
        harmed_accounts=len({move.account for move in harmed}),
        refusals=refusals,
        refused_accounts=len({account for account, _ in platform.refused}),
    )


def _of_whom(world: World, move: Move) -> str:
    return f"{_called(world, move.account)} {move.why.name.lower()}"


def _called(world: World, number: int) -> str:
    """Kind of site and usage of an account."""
    account = world.accounts[number - 1]
    return f"{world.sites[account.site - 1].kind.value} {account.usage}"
