"""``rempart ledger``: close days, and open the table of one."""

import csv
import json
from datetime import datetime
from pathlib import Path

import click

from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.days import closing, incident_key, make_incident_key, tables_of
from rempart.cli.asking import ask, decided
from rempart.cli.watching import progress
from rempart.config import Settings
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.daily_table import open_table as opened_table
from rempart.usecases.open_tables import opening_statement
from rempart.usecases.table_messages import OpenTable, TableShare

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command(name="incident-key")
@click.option("--out", type=NEW_FILE, required=True, help="Où la garder · where to keep it")
def make_key(out: Path) -> None:
    """Créer la clé d'incident, à garder ailleurs · make the incident key, to keep elsewhere."""
    settings = Settings.from_environ()
    make_incident_key(settings, out)
    click.echo(f"clé · key                {out}   (emportez-la · take it away from here)")
    click.echo(f"publique · public        {settings.incident_key_file}")


@click.command(name="close-days")
def close_days() -> None:
    """Clore les jours finis, signés et vérifiés · close days that are over, signed and verified.

    Sous l'utilisateur du coffre, coffre ouvert ou non · as the vault's user, running or not.
    """
    with closing(Settings.from_environ()) as (close, signed), progress() as bars:
        bar = bars.add_task("entrées · entries", total=signed)
        done = close(now=SystemClock().now(), told=lambda more: bars.advance(bar, more))
    for day in done:
        unknown = f"  ({day.table.unknown} sans poignée · without handle)" * (day.table.unknown > 0)
        click.echo(f"clos · closed            {day.name}  {day.end - day.first} entrées{unknown}")
    if not done:
        click.echo("rien à clore · nothing to close")


@click.command(name="ask-table")
@click.argument("day", type=DAY)
@click.option("--until", type=DAY, help="Dernier jour · last day; 92 at most")
@click.option("--why", required=True, help="Votre référence · your reference")
@click.option("--out", type=NEW_FILE, required=True, help="La demande · the statement")
def ask_table(day: datetime, until: datetime | None, why: str, out: Path) -> None:
    """Écrire la demande d'ouvrir des tables, de DAY à --until, pour deux · write the statement."""
    now, chance = SystemClock().now(), SystemChance()
    last = (until or day).date()
    statement = opening_statement(day.date(), last, why, now=now, chance=chance)
    out.write_text(json.dumps(statement, indent=1) + "\n", "utf-8")
    click.echo(f"chacun · each: rempart operator confirm {out} --key CLÉ --out CONFIRMATION")
    name = day.date().isoformat()
    click.echo(f"puis · then: rempart ledger open-table {name} --statement {out} --confirm … ×2")


@click.command(name="open-table")
@click.argument("day", type=DAY)
@click.option("--statement", type=FILE, required=True)
@click.option("--confirm", "confirmations", type=FILE, multiple=True, help="Deux · two of them")
@click.option("--key", type=FILE, required=True, help="La clé d'incident · the incident key")
@click.option("--out", type=NEW_FILE, required=True, help="CSV : pseudonyme;AMC;poignée")
def open_table(
    day: datetime, statement: Path, confirmations: tuple[Path, ...], key: Path, out: Path
) -> None:
    """Ouvrir la table de DAY ; le registre l'écrit d'abord · open it; the ledger says so first."""
    name, private = day.date().isoformat(), incident_key(key)
    sealed = tables_of(Settings.from_environ()).get(name)
    said = tuple(path.read_text("utf-8") for path in confirmations)
    reply = ask(OpenTable(name, statement.read_text("utf-8"), said))
    decided(reply)
    if not isinstance(reply, TableShare):
        raise TemporarilyUnavailable("the vault gave no share: ask again")
    rows = opened_table(name, sealed, private=private, share=reply.share)
    with out.open("x", encoding="ascii", newline="") as stream:
        out.chmod(0o600)
        writer = csv.writer(stream, delimiter=";", lineterminator="\n")
        writer.writerow(("pseudonym", "amc", "handle"))
        writer.writerows((p.hex(), f"{amc:08d}", handle.hex()) for p, (amc, handle) in rows.items())
    click.echo(f"ouverte, entrée {reply.index} · opened, entry {reply.index}: {out}")
    click.echo(f"personnes · people: {len(rows)}")


COMMANDS = (make_key, close_days, ask_table, open_table)
