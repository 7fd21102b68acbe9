"""``rempart insurer prepare``, ``replace``: the insurer's feed, of everybody or of a few."""

from datetime import date
from pathlib import Path

import click

from rempart.cli.insurer_where import FILE, NEW_FILE, Where, at_folder
from rempart.cli.watching import lines_in, progress, rejects
from rempart.usecases.prepare_feed import PrepareOptions, PrepareReport, Watch


@click.command()
@click.argument("file", type=FILE)
@at_folder
@click.option("--out", type=NEW_FILE, help="Le flux · the feed; feed-AMC-N.rpf")
@click.option("--full", is_flag=True, help="Tout le monde, pas les seuls changements · everybody")
@click.option(
    "--after", type=click.IntRange(0), help="Avec --full : dernier flux reçu · last taken"
)
@click.option("--confirm-closing", is_flag=True, help="Plus de 2 % de départs · over 2 % leave")
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def prepare(
    *,
    file: Path,
    where: Where,
    out: Path | None,
    full: bool,
    after: int | None,
    confirm_closing: bool,
    rejected: Path | None,
) -> None:
    """Changer FILE en flux aveugle · turn FILE into a feed."""
    options = PrepareOptions(full=full, after=after, confirm_closing=confirm_closing)
    make(file, where, out, options, rejected)


@click.command("replace")
@click.argument("file", type=FILE)
@at_folder
@click.option("--out", type=NEW_FILE, help="Le flux · the feed; feed-AMC-N.rpf")
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def replace_(*, file: Path, where: Where, out: Path | None, rejected: Path | None) -> None:
    """Remplacer des cartes : FILE n'a que ces lignes · replace cards: FILE has these rows alone."""
    make(file, where, out, PrepareOptions(only=True), rejected)


def make(
    file: Path, where: Where, out: Path | None, options: PrepareOptions, rejected: Path | None
) -> None:
    """The next feed, and what it holds."""
    insurer = where.opened()
    if finished := insurer.finish_interrupted():
        click.echo(f"terminé · finished: {finished}: à transmettre avant · send it first", err=True)
    with rejects(rejected) as faults, progress() as bars:
        bar = bars.add_task("lecture · reading", total=max(lines_in(file) - 1, 0))
        report, place = insurer.prepare(
            file,
            out=out,
            today=date.today(),  # noqa: DTZ011 - the day of the insurer's own calendar
            options=options,
            watch=Watch(read=lambda rows: bars.advance(bar, rows), rejected=faults.add),
        )
    show(report, place)


def show(report: PrepareReport, place: Path) -> None:
    """What a feed holds, a line each."""
    kind = "complet · full" if report.full else "différences · delta"
    click.echo(f"flux · feed              {report.sequence}, {kind}: {place}")
    click.echo(f"lus · read               {report.read}")
    click.echo(f"envoyés · sent           {report.sent}")
    click.echo(f"inchangés · unchanged    {report.unchanged}")
    click.echo(f"partis · closed          {report.closed}")
    for count, words in (
        (report.rejected, "refusés · rejected"),
        (report.without_lock, "sans verrou · no lock"),
        (report.printed_alike, "cartes jumelles · printed alike"),
        (report.withheld, "départs suspendus : lignes sans référence · closings withheld"),
    ):
        if count:
            click.echo(f"{words}: {count}")
