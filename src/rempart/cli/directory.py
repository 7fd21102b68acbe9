"""``rempart directory``: take the public directory's extract in, every day."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from rempart.bootstrap.people import extract_file, follower
from rempart.cli.person import FRENCH
from rempart.cli.site import SITES_OUT
from rempart.cli.watching import lines_in, progress, rejects
from rempart.config import Settings
from rempart.usecases.follow_directory import FollowOptions, FollowReport

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Suivre l'annuaire public · follow the public directory."""


@command.command("import")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Dire sans rien faire · say, and do nothing")
@click.option("--all-or-nothing", is_flag=True, help="Rien si une ligne est fausse · or nothing")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="Le jour de l'extrait · its day (today)"
)
@click.option(
    "--confirm",
    type=click.IntRange(min=0),
    help="Combien seront suspendus, vérifié · how many will be out, looked at",
)
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def import_(  # noqa: PLR0917
    file: Path,
    dry_run: bool,
    all_or_nothing: bool,
    day: datetime | None,
    confirm: int | None,
    rejected: Path | None,
) -> None:
    """Suspendre qui n'y figure plus · suspend who is no longer listed."""
    options = FollowOptions(
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
        confirmed=confirm,
        day=day.date() if day else None,
    )
    with (
        rejects(rejected) as faults,
        follower(Settings.from_environ()) as follow,
        extract_file(file) as stream,
        progress() as bars,
    ):
        bar = bars.add_task("lecture · reading", total=lines_in(file))
        report = follow(
            stream,
            today=datetime.now(UTC).date(),
            options=options,
            rejected=faults.add,
            read=lambda count: bars.advance(bar, count),
        )
    show(report, dry_run=dry_run)


def show(report: FollowReport, *, dry_run: bool) -> None:
    """What an extract did, or would do; whom a dry run would put out, one by one."""
    done = "à blanc · dry run" if dry_run else "pris · taken in"
    click.echo(f"extrait du · of           {report.day}")
    click.echo(f"lignes · rows            {report.rows}, {done}")
    click.echo(f"refusées · rejected      {report.bad}")
    click.echo(f"sous contrat · contracted {report.contracted}")
    click.echo(f"lieux suivis · sites     {report.followed}")
    for whys, words, what in (
        (report.out, FRENCH, "suspendus · suspended   "),
        (report.sites_out, SITES_OUT, "lieux suspendus · sites "),
    ):
        for why, count in sorted(Counter(whys.values()).items()):
            click.echo(f"{what} {count}  {words[why]}")
        for name in sorted(whys) if dry_run else ():
            click.echo(f"  {name}\t{words[whys[name]]}")
    if report.doubt:
        click.echo(f"sera refusé · will be refused: {report.doubt}", err=True)
