"""``rempart drill all``: every thief, in both worlds, beside months of peace."""

import json
import time
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from rempart.drill.bars import bars
from rempart.drill.campaign import FULL, QUICK, Result, Scale, campaign, summary
from rempart.drill.figures import Peace
from rempart.drill.report import write_report
from rempart.drill.stack.command import stack_table
from rempart.drill.stack.seen import Stacked

SEED = 20240201


@click.command()
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="HTML et JSON")
@click.option("--quick", is_flag=True, help="Deux voleurs, un jour · two thieves, one day")
@click.option("--seed", default=SEED, show_default=True, help="Graine · seed")
@click.option("--seeds", default=1, show_default=True, help="Combien de graines · how many seeds")
@click.option("--runs", type=click.IntRange(min=1), help="Par voleur · a thief")
@click.option("--sites", type=click.IntRange(min=60), help="Lieux du pays en paix · sites in peace")
@click.option("--months", type=click.FloatRange(min=0.1), help="Mois de paix · months of peace")
@click.option("--stack/--no-stack", default=None, help="Sur les vrais programmes · for real too")
@click.option("--thief", multiple=True, help="Ces variantes seulement · these variants alone")
def command(
    *,
    report: Path | None,
    quick: bool,
    seed: int,
    seeds: int,
    runs: int | None,
    sites: int | None,
    months: float | None,
    stack: bool | None,
    thief: tuple[str, ...],
) -> None:
    """Attaquer un pays synthétique · attack a synthetic country."""
    scale = QUICK if quick else FULL
    scale = replace(
        scale,
        runs=runs or scale.runs,
        peace_sites=sites or scale.peace_sites,
        months=months or scale.months,
        thieves=frozenset(thief) or scale.thieves,
        stack=scale.stack if stack is None else stack,
    )
    console = Console(stderr=True)
    said = {}
    for each in range(seed, seed + seeds):
        began = time.monotonic()
        results = played(scale, each, console)
        said = summary(results)
        show(results, console)
        said |= {"seed": each, "seconds": round(time.monotonic() - began)}
        if report is not None:
            write_report(report / (str(each) if seeds > 1 else "."), results, said)
        if seeds > 1:
            click.echo(json.dumps(said))
    if report is not None:
        console.print(f"rapport · report: {report.resolve()}/index.html")
    if seeds == 1:
        click.echo(json.dumps(said))


def played(scale: Scale, seed: int, console: Console) -> dict[str, Result]:
    """Everything, with a bar a task."""
    with bars(console) as tell:
        return {task.name: result for task, result in campaign(scale, seed=seed, tell=tell)}


def show(results: dict[str, Result], console: Console) -> None:
    """What everything came to, as a table."""
    table = Table(title="Personnes lues · people read")
    for heading in ("voleur · thief", "médiane", "pire · worst", "2024", "arrêté · held", "but"):
        table.add_column(heading, justify="left" if heading.startswith("voleur") else "right")
    for world, suffix in (("cruise", ""), ("day-one", "-day-one")):
        thieves = results[f"thieves-{world}"]
        assert isinstance(thieves, list)
        for reached in thieves:
            figures = reached.to_json()
            met = figures["goal_met"]
            table.add_row(
                reached.variant.name + suffix,
                f"{figures['people_read_median']:g}",
                str(figures["people_read_max"]),
                f"{figures['people_in_2024_median']:g}",
                f"{figures['contained']}/{figures['accounts']}",
                "" if met is None else ("[green]oui[/green]" if met else "[red]non[/red]"),
            )
    console.print(table)
    if isinstance(stack := results.get("stack-cruise"), Stacked):
        console.print(stack_table(stack.thefts))
    for world in ("cruise", "day-one"):
        peace = results[f"peace-{world}"]
        assert isinstance(peace, Peace)
        console.print(
            f"paix · peace, {world}: {peace.account_months} mois-compte · account-months,"
            f" {peace.wrongly_narrowed} restreints à tort · wrongly narrowed,"
            f" {peace.refused} refus · refused / {peace.questions}"
        )
        scenes = results.get(f"scenes-{world}", {})
        assert isinstance(scenes, dict)
        for name, each in scenes.items():
            console.print(
                f"  {name}: {each.accounts} comptes, {each.questions} questions,"
                f" {each.wrongly_narrowed + each.wrongly_frozen} restreints · narrowed,"
                f" {each.refused} refus · refused"
            )
