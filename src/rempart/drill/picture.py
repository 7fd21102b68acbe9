"""``rempart drill picture``: the charts of one account, in honest days and then in a thief's hands.

The picture of ``docs/explanation/guard.md`` is made by this command, from the same seed.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import click

from rempart.domain.watch import FREEZE, NARROW, WATCH
from rempart.drill.campaign import WORLDS
from rempart.drill.in_process import InProcess
from rempart.drill.loot import setting_for
from rempart.drill.peace import open_platform
from rempart.drill.theft import Variant
from rempart.drill.thieves import found
from rempart.drill.traffic import day
from rempart.drill.trial import STARTS, WARM_UP
from rempart.drill.world import make_mixed_world

SEED = 7
HONEST_DAYS = 5
WIDTH, HEIGHT, LEFT, TOP = 860, 300, 76, 16
HIGHEST = 50.0


@dataclass(frozen=True, slots=True)
class Point:
    """The highest of an account's strangers' charts after one of its questions."""

    day: int
    level: float
    theft: bool


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", default=SEED, show_default=True)
def command(file: Path, seed: int) -> None:
    """Dessiner les courbes d'un compte · draw the charts of an account (SVG)."""
    points = follow(seed)
    file.write_text(drawn(points))
    stolen = sum(point.theft for point in points)
    click.echo(f"{len(points)} questions, dont · of which {stolen} du voleur · a thief's")


def follow(seed: int) -> list[Point]:
    """A pharmacy's account: days of its own, then the list of 2024 amid its work."""
    world = make_mixed_world(
        mix={"pharmacy": 6, "doctor": 6},
        days=WARM_UP + HONEST_DAYS + 3,
        seed=seed,
        params=WORLDS["cruise"],
        starts=STARTS,
    )
    platform = InProcess(world, owners_lift=False)
    open_platform(platform)
    for each in range(WARM_UP):
        platform.play(day(world, each))
    struck = WARM_UP + HONEST_DAYS
    setting = setting_for(world, _variant(), run=0, day=struck)
    (attack,) = _variant().attacks(setting)
    account = setting.accounts[0].number
    points, theirs = [], next(attack, None)
    for each in range(WARM_UP, struck + 1):
        for asked in day(world, each):
            while theirs is not None and theirs.at <= asked.at:
                outcome = platform.ask(theirs)
                points.append(_point(platform, account, each, theft=True))
                try:
                    theirs = attack.send(outcome)
                except StopIteration:
                    theirs = None
            platform.ask(asked)
            if asked.account == account:
                points.append(_point(platform, account, each, theft=False))
    return points


def _variant() -> Variant:
    (mixed,) = [v for v in found()["leaked-list"].variants if v.name == "leaked-list-mixed"]
    return replace(mixed, kinds=mixed.kinds[:1])


def _point(platform: InProcess, account: int, each: int, *, theft: bool) -> Point:
    level = platform.guard.watch.trails.states[account].strangeness
    return Point(each - WARM_UP, min(HIGHEST, level), theft)


def drawn(points: list[Point]) -> str:
    """The picture: levels question after question, and the thresholds that they cross."""
    count = len(points)
    path = " ".join(
        f"{'L' if place else 'M'}{_x(place, count)} {_y(point.level)}"
        for place, point in enumerate(points)
    )
    marks = "".join(
        f"<circle cx='{_x(place, count)}' cy='{_y(point.level)}' r='2.5'/>"
        for place, point in enumerate(points)
        if point.theft
    )
    thresholds = "".join(
        f"<path class='line' d='M{LEFT} {_y(level)}H{WIDTH - 8}'/>"
        f"<text x='4' y='{_y(level) + 4}'>{name} {level:g}</text>"
        for name, level in (("watch", WATCH), ("narrow", NARROW), ("freeze", FREEZE))
    )
    first = {point.day: place for place, point in reversed(list(enumerate(points)))}
    days = "".join(
        f"<path class='line' d='M{_x(place, count)} {TOP}V{HEIGHT - 24}'/>"
        f"<text x='{_x(place, count) + 4}' y='{HEIGHT - 6}'>jour · day {each + 1}</text>"
        for each, place in sorted(first.items())
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img'"
        " aria-label='Niveau des courbes d’un compte, question après question : bas pendant cinq"
        " jours honnêtes, puis franchissant les seuils en quelques questions d’un voleur'>"
        "<style>svg{background:#fbfaf7}text{font:12px system-ui,sans-serif;fill:#1d2430}"
        ".line{stroke:#c9c6bd;stroke-dasharray:4 3}.level{stroke:#0a6e5c;fill:none;"
        "stroke-width:1.4}circle{fill:#b3402a}</style>"
        f"{thresholds}{days}<path class='level' d='{path}'/>{marks}</svg>\n"
    )


def _x(place: int, count: int) -> float:
    return round(LEFT + (WIDTH - LEFT - 8) * place / max(1, count), 1)


def _y(level: float) -> float:
    return round(HEIGHT - 24 - (HEIGHT - 24 - TOP) * level / HIGHEST, 1)
