"""``rempart directory``: take the public directory's extract in, every day."""

from datetime import UTC, datetime
from pathlib import Path

import click

from rempart.bootstrap.people import extract_file, follower
from rempart.cli.person import FRENCH
from rempart.cli.watching import lines_in, progress, rejects
from rempart.config import Settings
from rempart.usecases.follow_directory import FollowOptions

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Suivre l'annuaire public · follow the public directory."""


@command.command("import")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Dire sans rien faire · say, and do nothing")
@click.option("--all-or-nothing", is_flag=True, help="Rien si une ligne est fausse · or nothing")
@click.option("--confirm", is_flag=True, help="Bien plus petit, ou bien des départs · much smaller")
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def import_(
    *, file: Path, dry_run: bool, all_or_nothing: bool, confirm: bool, rejected: Path | None
) -> None:
    """Suspendre qui n'y figure plus · suspend who is no longer listed."""
    options = FollowOptions(dry_run=dry_run, all_or_nothing=all_or_nothing, confirmed=confirm)
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
    done = "à blanc · dry run" if dry_run else "pris · taken in"
    click.echo(f"lignes · rows            {report.rows}, {done}")
    click.echo(f"refusées · rejected      {report.bad}")
    click.echo(f"sous contrat · contracted {report.contracted}")
    for why, count in sorted(report.out.items()):
        click.echo(f"suspendus · suspended    {count}  {FRENCH[why]}")
