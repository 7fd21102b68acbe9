"""``rempart drill tradeoff``: what a thief who knows the rules reads below each level of watching,
and how many honest accounts would be watched there.

Watching refuses nothing, but a person looks: a lower level is bought with that person's time. The
picture of ``docs/explanation/guard.md`` is made by this command.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from math import sqrt
from pathlib import Path
from statistics import median

import click
from rich.console import Console

from rempart.domain.charts import Trail
from rempart.domain.watch import WATCH
from rempart.drill.bars import bars
from rempart.drill.campaign import LONGEST, WORLDS
from rempart.drill.in_process import InProcess
from rempart.drill.isolated import isolated
from rempart.drill.peace import open_platform
from rempart.drill.runs import Run
from rempart.drill.thieves.knows_the_rules import below
from rempart.drill.traffic import day
from rempart.drill.trial import STARTS, WARM_UP, Country
from rempart.drill.world import make_world

LEVELS = (4.0, 6.0, 8.0, WATCH, 14.0, 20.0)
MONTH = 30
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BELOW = 640, 320, 64, 24, 40, 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Bargain:
    """A level, the honest account-months in a thousand that reach it, and the people whom a thief
    just below it reads in thirty days; ``day_max`` on his best day.
    """

    level: float
    watched: float
    read_median: float
    read_max: int
    day_max: int


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", default=20240201, show_default=True)
@click.option("--sites", default=300, show_default=True, type=click.IntRange(min=60))
@click.option("--months", default=4, show_default=True, type=click.IntRange(min=1))
@click.option("--runs", default=50, show_default=True, type=click.IntRange(min=1))
def command(file: Path, seed: int, sites: int, months: int, runs: int) -> None:
    """Dessiner ce que coûte de surveiller plus tôt · draw the price of watching sooner (SVG)."""
    with bars(Console(stderr=True)) as tell:
        reached = honest_levels(seed, sites, months, partial(tell, "peace"))
        country = Country.at_work(WORLDS["cruise"], sites=sites, seed=seed, days=LONGEST)
        bargains = []
        for place, level in enumerate(LEVELS, start=1):
            bargains.append(bargain(level, reached, careful_runs(country, level, runs)))
            tell("thieves", place, len(LEVELS))
    file.write_text(drawn(bargains))
    told = {"seed": seed, "account_months": len(reached), "runs": runs}
    click.echo(json.dumps(told | {"levels": [asdict(each) for each in bargains]}))


def honest_levels(
    seed: int, sites: int, months: int, told: Callable[[int, int], None]
) -> list[float]:
    """The highest level that the charts of each honest account reach, month after month."""
    days = WARM_UP + MONTH * months
    world = make_world(sites=sites, days=days, seed=seed, params=WORLDS["cruise"], starts=STARTS)
    platform = InProcess(world, officers_lift=True)
    open_platform(platform)
    trails, reached = platform.guard.watch.trails.states, dict[tuple[int, int], float]()
    for each in range(days):
        month = (each - WARM_UP) // MONTH
        for asked in day(world, each):
            platform.ask(asked)
            if month >= 0 and (trail := trails.get(asked.account)) is not None:
                key = month, asked.account
                reached[key] = max(level_of(trail), reached.get(key, 0.0))
        platform.mark()
        told(each + 1, days)
    return list(reached.values())


def level_of(trail: Trail) -> float:
    """The highest of the charts that watch an account."""
    return max(trail.strangeness, trail.one_insurer, trail.misses, trail.replays)


def careful_runs(country: Country, level: float, runs: int) -> list[Run]:
    """He stays below a level, so many times."""
    return isolated(lambda: [country.run(below(level), run) for run in range(runs)])


def bargain(level: float, reached: list[float], runs: list[Run]) -> Bargain:
    """What is paid and what is had at a level."""
    return Bargain(
        level=level,
        watched=round(1000 * sum(each >= level for each in reached) / len(reached), 2),
        read_median=median(run.read for run in runs),
        read_max=max(run.read for run in runs),
        day_max=max(max(run.by_day.values(), default=0) for run in runs),
    )


def drawn(bargains: list[Bargain]) -> str:
    """The curve: honest accounts watched across (square roots), people read upwards, a bar up to
    the worst run.
    """
    widest = max(each.watched for each in bargains) or 1.0
    highest = max(each.read_max for each in bargains) or 1

    def across(watched: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * sqrt(watched / widest), 1)

    def up(read: float) -> float:
        return round(HEIGHT - BELOW - (HEIGHT - BELOW - TOP) * read / highest, 1)

    marks = "".join(
        f"<path class='bar' d='M{across(each.watched)} {up(each.read_median)}"
        f"V{up(each.read_max)}'/><circle cx='{across(each.watched)}' cy='{up(each.read_median)}'"
        f" r='{4 if each.level == WATCH else 3}'/><text x='{across(each.watched) + 6}'"
        f" y='{up(each.read_median) - 6}'>{each.level:g}</text>"
        for each in bargains
    )
    path = " ".join(
        f"{'L' if place else 'M'}{across(each.watched)} {up(each.read_median)}"
        for place, each in enumerate(bargains)
    )
    scale = "".join(
        f"<text x='{LEFT - 8}' y='{up(read) + 4}' text-anchor='end'>{read:g}</text>"
        for read in (0, highest / 2, highest)
    ) + "".join(
        f"<text x='{across(watched)}' y='{HEIGHT - BELOW + 16}' text-anchor='middle'>"
        f"{watched:.0f}</text>"
        for watched in sorted({each.watched for each in bargains})
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'"
        " aria-label='Plus le niveau de surveillance est bas, moins lit un voleur prudent et plus"
        " de comptes honnêtes sont surveillés'>"
        "<style>svg{background:#fbfaf7}text{font:12px system-ui,sans-serif;fill:#1d2430}"
        ".axis{stroke:#c9c6bd}.bar{stroke:#b3402a;stroke-width:1.2}.level{stroke:#0a6e5c;"
        "fill:none;stroke-width:1.4}circle{fill:#0a6e5c}</style>"
        f"<path class='axis' d='M{LEFT} {TOP}V{HEIGHT - BELOW}H{WIDTH - RIGHT}' fill='none'/>"
        f"{scale}<path class='level' d='{path}'/>{marks}"
        f"<text x='4' y='14'>personnes lues en 30 jours · people read in 30 days</text>"
        f"<text x='{WIDTH - RIGHT}' y='{HEIGHT - 8}' text-anchor='end'>mois-compte honnêtes"
        " surveillés, sur mille · honest account-months watched, of 1,000</text></svg>\n"
    )
