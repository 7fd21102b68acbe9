"""``rempart drill peace``: honest practice alone, under conditions of one's choice.

The same country as that of ``drill all`` in peace, where people sign in themselves and are held to
the cap of one pair of hands, or where a wave of thefts elsewhere has lowered the threshold of all.
"""

import json

import click
from rich.console import Console

from rempart.drill.bars import bars
from rempart.drill.campaign import WORLDS
from rempart.drill.every import SEED
from rempart.drill.peace import keep_peace
from rempart.drill.trial import STARTS, WARM_UP

MONTH = 30.4375


@click.command()
@click.option("--world", type=click.Choice(list(WORLDS)), default="cruise", show_default=True)
@click.option("--sites", type=click.IntRange(min=20), default=300, show_default=True)
@click.option("--months", type=click.FloatRange(min=0.03), default=4, show_default=True)
@click.option("--seed", default=SEED, show_default=True)
@click.option(
    "--persons", type=click.FloatRange(0, 1), default=0, show_default=True,
    help="Part qui s'identifie en personne · share who sign in themselves",
)  # fmt: skip
@click.option("--wave", is_flag=True, help="Une vague tout du long · a wave all along")
def command(
    *, world: str, sites: int, months: float, seed: int, persons: float, wave: bool
) -> None:
    """Laisser un pays travailler sans voleur · let a country work without a thief."""
    days, warm_up = max(1, round(months * MONTH)), WARM_UP if world == "cruise" else 0
    with bars(Console(stderr=True)) as tell:
        peace = keep_peace(
            WORLDS[world], sites=sites, days=days, warm_up=warm_up, seed=seed, starts=STARTS,
            told=lambda each: tell("peace", each + 1, warm_up + days), persons=persons, wave=wave,
        )  # fmt: skip
    click.echo(json.dumps(peace.to_json() | {"seed": seed, "wave": wave}))
