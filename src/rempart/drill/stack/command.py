"""``rempart drill stack``: one day of each thief on the real stack, or of those that are named."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from rempart.drill.bars import bars
from rempart.drill.report import STYLE
from rempart.drill.stack.every import SCALE, stacked
from rempart.drill.stack.page import write_stack
from rempart.drill.stack.seen import OnStack

SEED = 20240201


@click.command()
@click.option("--thief", multiple=True, help="Ceux-ci seulement · these alone")
@click.option("--seed", default=SEED, show_default=True, help="Graine · seed")
@click.option("--past", type=click.IntRange(min=0), help="Jours d'avant · days before")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="HTML et JSON")
def command(*, thief: tuple[str, ...], seed: int, past: int | None, report: Path | None) -> None:
    """Un jour de chaque voleur sur les vrais programmes · one day of each on the real stack."""
    scale = replace(
        SCALE,
        thieves=frozenset(thief) or None,
        past=SCALE.past if past is None else past,
    )
    console = Console(stderr=True)
    with bars(console) as tell:
        result = stacked(scale, seed=seed, tell=tell)
    console.print(stack_table(result.thefts))
    said = {**result.to_json(), "seed": seed}
    if report is not None:
        write_stack(report, result, said, STYLE)
    click.echo(json.dumps(said))


def stack_table(thefts: Sequence[OnStack]) -> Table:
    """What each theft came to."""
    table = Table(title="Sur les vrais programmes · on the real stack")
    for heading in ("voleur · thief", "lues · read", "2024", "questions", "≠", "s", "but · goal"):
        table.add_column(heading, justify="left" if heading.startswith("voleur") else "right")
    for theft in thefts:
        said = theft.to_json()
        met, otherwise = said["goal_met"], said["decided_otherwise"]
        table.add_row(
            theft.variant,
            str(said["people_read_max"]),
            f"{said['people_in_2024_median']:g}",
            str(said["questions"]),
            "–" if otherwise is None else str(otherwise),
            f"{said['seconds']:.0f}",
            "" if met is None else ("[green]oui[/green]" if met else "[red]non[/red]"),
        )
    return table
