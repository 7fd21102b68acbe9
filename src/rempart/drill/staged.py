"""Stage an honest scene at some sites of a country at work, and count whom the guard wrongs."""

from datetime import date
from random import Random

from rempart.domain.containment import Authority, Stage
from rempart.drill.figures import Peace
from rempart.drill.in_process import REFUSED
from rempart.drill.peace import announce
from rempart.drill.scenes import Scene
from rempart.drill.traffic import day
from rempart.drill.trial import WARM_UP, Country

STARTS = date(2026, 11, 23)
"""So that the first of January falls four days after the warm-up."""
NEW_YEAR = frozenset({"january-2", "late-feed"})
NEW_YEAR_DAY = WARM_UP + 4
SITES = 30
"""Sites at which a scene is staged at once, where there are as many of its kinds."""
LONGEST = 40


def play_scene(country: Country, scene: Scene) -> Peace:
    """Let a scene happen, with all the country's traffic around it. Writes into the world."""
    world, platform = country.world, country.platform
    platform.officers_lift = True
    first = NEW_YEAR_DAY + 1 if scene.name in NEW_YEAR else WARM_UP + 1
    chance = Random(f"{world.seed}/{scene.name}")  # noqa: S311 - to be drawn again alike
    fitting = [site.number for site in world.sites if site.kind in scene.kinds]
    chosen = chance.sample(fitting, min(SITES, len(fitting)))
    for site in chosen:
        scene.stage(world, site, first)
    announce(platform, chosen)
    for each in range(WARM_UP, first):
        platform.play(day(world, each))
    return _measure(country, set(chosen), first, min(scene.days + 1, LONGEST))


def _measure(country: Country, sites: set[int], first: int, days: int) -> Peace:
    world, platform = country.world, country.platform
    before, questions, refused = len(platform.moves), 0, 0
    for each in range(first, min(first + days, world.days)):
        for asked in day(world, each):
            outcome = platform.ask(asked)
            if asked.site in sites:
                questions += 1
                refused += outcome in REFUSED
    accounts = {account.number for account in world.accounts if account.site in sites}
    moves = [
        moved.move
        for moved in platform.moves[before:]
        if moved.move.authority is Authority.GUARD and moved.move.account in accounts
    ]
    return Peace(
        accounts=len(accounts),
        days=days,
        questions=questions,
        refused=refused,
        wrongly_narrowed=sum(move.target is Stage.NARROWED for move in moves),
        wrongly_frozen=sum(move.target >= Stage.FROZEN for move in moves),
        watched=sum(move.target is Stage.WATCHED for move in moves),
    )
