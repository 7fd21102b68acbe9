"""``rempart drill incident``: a theft of a thousand people, and every file that follows from it."""

import json
from datetime import UTC, date, datetime

import click
from rich.console import Console

from rempart.adapters.system import SystemClock
from rempart.drill.bars import bars
from rempart.drill.incident.figures import figures
from rempart.drill.incident.files import Files, files_of
from rempart.drill.incident.robbed import Robbed, robbed
from rempart.drill.incident.scale import day_of_theft, scale_for
from rempart.usecases.incident_labels import both

SEED = 20240201
INSURERS = 20


@click.command()
@click.option("--people", type=click.IntRange(min=20), default=1_000, show_default=True)
@click.option("--insurers", type=click.IntRange(1, 40), default=INSURERS, show_default=True)
@click.option("--seed", default=SEED, show_default=True, help="Graine · seed")
def command(*, people: int, insurers: int, seed: int) -> None:
    """Un vol, et tous ses papiers · a theft, and every file that follows."""
    console = Console(stderr=True, highlight=False)
    console.print(f"graine · seed {seed}")
    scale = scale_for(people, insurers)
    with bars(console) as tell, robbed(scale, seed=seed, theft=the_day(), tell=tell) as done:
        tell("fichiers · files", 0, 2)
        files = files_of(done, tell)
        tell("fichiers · files", 2, 2)
        said = figures(done, files, seed=seed)
    describe(console, done, files)
    click.echo(json.dumps(said))


def the_day() -> date:
    """The day of the theft."""
    return day_of_theft(datetime.fromtimestamp(SystemClock().now() / 1e6, UTC).date())


def describe(console: Console, done: Robbed, files: Files) -> None:
    """What was raised for the drill, and how the finding reasons."""
    console.print(
        "relevé pour l'exercice · raised for the drill:"
        f" budgets × {done.raised['budgets_times']:g},"
        f" compte restreint à · account narrowed at {done.raised['narrowed_at']:g} (20)"
    )
    counted: dict[tuple[str, str], int] = {}
    for account in files.proposed.accounts:
        for each in account.sessions:
            key = each.whose.name.lower(), both(each.reason.value)
            counted[key] = counted.get(key, 0) + each.answers
    for (whose, reason), answers in sorted(counted.items()):
        console.print(f"  {whose:<8} {answers:>6} réponses · answers   {reason}")
