"""``rempart alert list``: whom we listen to, what stands, what waits for a person."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rempart.adapters.alert_folders import cards_in
from rempart.bootstrap.alerts import READERS
from rempart.cli.asking import ask, moment
from rempart.config import Settings
from rempart.usecases.alert_messages import (
    AlertsShown,
    HeardShown,
    IssuedShown,
    ListAlerts,
    PublisherShown,
)


@click.command(name="list")
def show() -> None:
    """Qui l'on écoute, ce qui vaut, ce qui attend · publishers, what stands, what waits."""
    console, shown = Console(highlight=False), everything()
    readers = cards_in(Settings.from_environ().alerts / READERS)
    console.print(_publishers(shown.publishers) if shown.publishers else "personne n'est écouté")
    console.print(
        f"nous lisent · read ours: {escape(', '.join(card.name for card in readers)) or '—'}\n"
    )
    for heard in shown.heard:
        _heard(console, heard)
    for issued in shown.issued:
        _issued(console, issued)


def everything() -> AlertsShown:
    """All pages as one."""
    first, all_ = 0, AlertsShown((), (), (), 0)
    while True:
        page = ask(ListAlerts(first))
        assert isinstance(page, AlertsShown)
        all_ = AlertsShown(
            (*all_.publishers, *page.publishers),
            (*all_.heard, *page.heard),
            (*all_.issued, *page.issued),
            page.total,
        )
        step = max(len(page.publishers), len(page.heard), len(page.issued))
        first += step
        if not step or first >= page.total:
            return all_


def _publishers(rows: tuple[PublisherShown, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("écouté · listened to", "depuis · since", "dernière · last", "tient · holds"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        since = f"{moment(row.since)}, {row.by}"
        table.add_row(escape(row.name), since, str(row.number or "—"), str(row.holds))
    return table


def _heard(console: Console, row: HeardShown) -> None:
    console.print(
        f"[yellow]reçue · heard[/yellow] {escape(row.publisher)} {row.ref}, {row.why},"
        f" {moment(row.at)} → {moment(row.until)}, entrée · entry {row.entry}"
    )
    if row.held:
        console.print(f"  restreints sur sa parole · narrowed on its word: {', '.join(row.held)}")
    if row.waiting:
        console.print(f"  [red]à voir · to look at[/red]: {', '.join(row.waiting)}")
        console.print(f"    ./rempart account narrow {row.waiting[0]} --why alert --as …")
    if row.more:
        console.print(f"  … et {row.more} autres · and {row.more} more")


def _issued(console: Console, row: IssuedShown) -> None:
    withdrawn = " retirée · withdrawn" if row.withdrawn else ""
    console.print(
        f"[cyan]publiée · issued[/cyan] {row.ref}{withdrawn}, {row.why},"
        f" {row.by or 'garde · guard'}, {moment(row.at)} → {moment(row.until)}:"
        f" {', '.join(row.accounts)}" + (f" … +{row.more}" if row.more else "")
    )
    if row.loosened and not row.withdrawn:
        console.print(
            f"  {row.loosened} n'est plus arrêté ici · is frozen here no more:"
            f" ./rempart alert withdraw {row.ref} --as …"
        )
