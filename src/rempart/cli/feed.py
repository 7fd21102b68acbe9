"""``rempart feed``: take insurers' blind feeds in, and erase who ended long ago."""

from pathlib import Path

import click

from rempart.adapters.system import SystemClock
from rempart.bootstrap.importer import eraser, importer, platform_key
from rempart.bootstrap.insurer import write_json
from rempart.cli.watching import progress, rejects
from rempart.config import Settings
from rempart.domain.identifiers import AMCNumber
from rempart.domain.insurer import b64, grouped
from rempart.usecases.import_members import ImportOptions, ImportReport, Observer

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Prendre le fichier d'un assureur · take an insurer's feed in."""


@command.command()
@click.option("--out", type=NEW_FILE, default=Path("platform.json"), show_default=True)
def key(out: Path) -> None:
    """La clé à donner aux assureurs · the key for insurers."""
    public = platform_key(Settings.from_environ())
    write_json(out, {"format": 1, "feed_key": b64(public)})
    click.echo(f"clé · key                {out}")
    click.echo(f"empreinte · fingerprint  {grouped(public)}")


@command.command("import")
@click.argument("file", type=FILE)
@click.option("--amc", required=True, help="N° AMC de l'assureur · the insurer's AMC number")
@click.option("--dry-run", is_flag=True, help="Dire sans rien faire · say, and do nothing")
@click.option("--all-or-nothing", is_flag=True, help="Une seule transaction · one transaction")
@click.option("--full", is_flag=True, help="Fermer les absents · close who is absent")
@click.option("--confirm-closing", is_flag=True, help="Plus de 2 % d'absents · over 2 % absent")
@click.option("--rejects", "rejected", type=NEW_FILE, help="Lignes refusées, en CSV · bad rows")
def import_(
    *,
    file: Path,
    amc: str,
    dry_run: bool,
    all_or_nothing: bool,
    full: bool,
    confirm_closing: bool,
    rejected: Path | None,
) -> None:
    """Prendre le flux FILE, ou le reprendre · take FILE in."""
    number = AMCNumber.parse(amc)
    options = ImportOptions(
        dry_run=dry_run,
        all_or_nothing=all_or_nothing,
        close_absent=full,
        confirm_closing=confirm_closing,
    )
    with (
        rejects(rejected) as faults,
        importer(Settings.from_environ()) as take_in,
        file.open("rb") as stream,
        progress() as bars,
    ):
        check = bars.add_task("vérification · verifying", total=file.stat().st_size)
        rows = bars.add_task("prise en compte · taking in", total=None, start=False)

        def begun(total: int) -> None:
            bars.update(check, completed=file.stat().st_size)
            bars.update(rows, total=total)
            bars.start_task(rows)

        observer = Observer(
            verified=lambda size: bars.advance(check, size),
            begun=begun,
            taken=lambda count: bars.advance(rows, count),
            rejected=faults.add,
        )
        report = take_in(stream, amc=number, options=options, observer=observer)
    show(report, dry_run=dry_run)


def show(report: ImportReport, *, dry_run: bool) -> None:
    """What a feed did, a line each."""
    if report.already:
        click.echo(f"flux {report.sequence} déjà pris · feed {report.sequence} already imported")
        return
    done = "à blanc · dry run" if dry_run else "pris · imported"
    click.echo(f"flux · feed              {report.sequence}, {report.rows} lignes · rows, {done}")
    if report.resumed_at:
        click.echo(f"repris à · resumed at    {report.resumed_at}")
    for count, words in (
        (report.added, "nouveaux · added"),
        (report.changed, "changés · changed"),
        (report.reopened, "rouverts · reopened"),
        (report.closed, "fermés · closed"),
        (report.unchanged, "inchangés · unchanged"),
        (report.unknown, "inconnus · unknown"),
        (report.rejected, "refusés · rejected"),
    ):
        click.echo(f"{words:<25}{count}")


@command.command()
def erase() -> None:
    """Effacer qui est parti depuis longtemps · erase who ended long ago."""
    settings = Settings.from_environ()
    with eraser(settings) as erase_members, progress() as bars:
        bar = bars.add_task("effacement · erasing", total=None)
        done = erase_members(
            now=SystemClock().now(), progress=lambda count: bars.advance(bar, count)
        )
    months = settings.limits.lock_months
    click.echo(f"effacés · erased         {done.erased}, {months} mois · months")
    if done.waiting:
        click.echo(
            f"poignées · handles       {done.waiting}, jusqu'à la clôture de leurs derniers jours"
            " · until their last days are closed: ./rempart ledger close-days"
        )
