"""``rempart incident register``: the register of all incidents, as PDF, CSV or JSON."""

import csv
import io
import json
from functools import partial
from pathlib import Path

import click

from rempart.adapters.documents.register import register_pdf
from rempart.adapters.durable import write_whole
from rempart.adapters.private_files import write_private
from rempart.bootstrap.case_claims import claims_beside
from rempart.bootstrap.cases import scopes_of
from rempart.bootstrap.contacts import read_contacts
from rempart.bootstrap.incidents import incident_reader
from rempart.config import Settings
from rempart.usecases.claims_file import ClaimsFile
from rempart.usecases.register_incidents import COLUMNS, WrittenRegister, written

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--pdf", type=FILE, help="À imprimer, à montrer · to print and to show")
@click.option("--csv", "table", type=FILE, help="Une ligne par incident · a line an incident")
@click.option("--json", "data", type=FILE, help="Tout · everything")
@click.option("--exercises", is_flag=True, help="Celui des exercices · that of exercises")
def register(*, pdf: Path | None, table: Path | None, data: Path | None, exercises: bool) -> None:
    """Le registre des incidents (RGPD 33(5)) · the register of incidents."""
    settings = Settings.from_environ()
    operator, contact = keeper(settings)
    with incident_reader(settings) as reading:
        kept = written(
            reading.register(),
            operator=operator,
            contact=contact,
            exercise=exercises or settings.sandbox,
            scope=lambda number: scopes_of(settings, number).last(),
            claims=partial(claims_of, settings),
        )
    if pdf is not None:
        write_whole(pdf, register_pdf(kept), mode=0o600)
    if table is not None:
        write_private(table, as_csv(kept))
    if data is not None:
        write_private(data, json.dumps(kept.to_json(), ensure_ascii=False, indent=2))
    if kept.exercise:
        click.echo("EXERCICES · EXERCISES")
    click.echo(f"incidents au registre · in the register: {len(kept.incidents)}")
    for path in (pdf, table, data):
        if path is not None:
            click.echo(f"  écrit · written: {path}")


def claims_of(settings: Settings, number: int) -> ClaimsFile | None:
    """The claims beside an incident's last scope."""
    scopes = scopes_of(settings, number)
    last = scopes.last()
    return None if last is None else claims_beside(scopes.file(last.number), last)


def keeper(settings: Settings) -> tuple[str, str]:
    """Who keeps it, and whom to ask: by the contact book, where there is one."""
    if not settings.contacts_file.exists():
        return settings.log_origin, ""
    said = read_contacts(settings.contacts_file).operator
    return f"{said.name}, SIREN {said.siren}", f"{said.dpo}, {said.dpo_email}, {said.dpo_phone}"


def as_csv(kept: WrittenRegister) -> str:
    """One line an incident; a cell that a spreadsheet would run as a formula is quoted."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";", lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([[inert(cell) for cell in row] for row in kept.rows()])
    return text.getvalue().rstrip("\n")


def inert(cell: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula."""
    runs = isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{cell}" if runs else cell
