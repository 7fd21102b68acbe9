"""``rempart drill cutoff``: a working day with everything cut from ten to six."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from rempart.drill.bars import bars
from rempart.drill.cut.figures import GOALS, met
from rempart.drill.cut.run import Scale, cut_day

SEED = 20240201
ROWS = (
    ("verdict_share", "verdicts hors ligne · offline verdicts"),
    ("class_a_share", "classes A et I engagées · class A and I bound"),
    ("guaranteed_share", "ventes optique et audition engagées · optical and hearing bound"),
    (
        "accepted_share",
        "factures acceptées une fois, au centime · claims accepted once, to the cent",
    ),
)
COUNTS = (
    ("sales_without_agreement", "ventes sans accord · sales without an agreement"),
    ("cards_believed_wrongly", "cartes crues à tort · cards believed wrongly"),
)
HERE = (
    ("bad_claims", "factures indues · claims that are not owed"),
    ("bad_paid", "dont payées · of which paid"),
)
"""Nobody knows how many came in 2024."""


@click.command()
@click.option("--patients", type=click.IntRange(min=100), default=5_400, show_default=True)
@click.option("--sales", type=click.IntRange(min=20), default=420, show_default=True)
@click.option("--members", type=click.IntRange(min=600), default=12_000, show_default=True)
@click.option("--trials", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--seed", default=SEED, show_default=True, help="Graine · seed")
def command(*, patients: int, sales: int, members: int, trials: int, seed: int) -> None:
    """Huit heures sans plateforme · eight hours without the platform."""
    console = Console(stderr=True)
    scale = Scale(patients=patients, sales=sales, members=members, trials=trials)
    with bars(console) as tell:
        figures = cut_day(scale, seed=seed, tell=tell)
    reached = met(figures)
    console.print(table_of(figures))
    click.echo(json.dumps({**figures, "goal_met": reached}))
    if not reached:
        sys.exit(1)


def table_of(figures: Mapping[str, Any]) -> Table:
    """The figures beside 2024's and the goals."""
    table = Table(title="Tout coupé de 10 h à 18 h · everything cut, ten to six")
    for heading in ("", "ici · here", "2024", "but · goal"):
        table.add_column(heading, justify="left" if not heading else "right")
    then = figures["in_2024"]
    for name, title in ROWS:
        table.add_row(title, f"{figures[name]:.2%}", f"{then[name]:.2%}", f"≥ {GOALS[name]:.1%}")
    for name, title in COUNTS:
        table.add_row(title, f"{figures[name]}", f"{then[name]}", "")
    for name, title in HERE:
        table.add_row(title, f"{figures[name]}", "", "0" if name == "bad_paid" else "")
    slip = f"{figures['slip_s_max']:.3f} s"
    table.add_row("dernière réponse après la coupure · last answer after a cut", slip, "", "< 1 s")
    return table
