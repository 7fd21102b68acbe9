"""``rempart cutoff list``: what is cut or will be, and what waits for a vault."""

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rempart.bootstrap.cut_offs import orders_left
from rempart.cli.asking import ask, moment
from rempart.config import Settings
from rempart.usecases.cut_off_messages import CutOffsShown, ListCutOffs


@click.command(name="list")
def command() -> None:
    """Ce qui est coupé ou le sera · what is cut, or will be."""
    console, settings = Console(highlight=False), Settings.from_environ()
    left = orders_left(settings)
    for order in left:
        wanted = order.wanted
        console.print(
            f"[red]ordre en attente du coffre[/red] · [red]waits for the vault[/red]:"
            f" {wanted.scope} {wanted.what}, {moment(order.asked)}, {wanted.by}"
        )
    shown = ask(ListCutOffs())
    assert isinstance(shown, CutOffsShown)
    console.print(table_of(shown) if shown.cut_offs else "rien n'est coupé · nothing is cut")
    if shown.total > len(shown.cut_offs):
        rest = shown.total - len(shown.cut_offs)
        console.print(f"… et {rest} autres · and {rest} more")


def table_of(shown: CutOffsShown) -> Table:
    """A row a cut-off: its number, what it cuts, when, why, who opens it again."""
    table = Table(box=None, pad_edge=False)
    headings = ("n°", "coupé · cut", "dès · jusqu'à · from, until", "motif · why", "par · by")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in shown.cut_offs:
        until = moment(row.until) if row.until else "—"
        table.add_row(
            Text(str(row.ref)),
            Text(f"{row.scope} {row.what}", "red" if row.stands else "yellow"),
            Text(f"{moment(row.since)}\n{until}"),
            Text(row.why),
            Text(f"{row.by or row.authority}{' (×2)' if row.two else ''}"),
        )
    return table
