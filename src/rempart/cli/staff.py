"""``rempart staff``: enrol the operator's people, insurers' and inspectors: two persons decide."""

import json
from pathlib import Path

import click

from rempart.adapters.system import SystemChance, SystemClock
from rempart.bootstrap.insurer import read_json
from rempart.bootstrap.people import entry_at, staff_registrar
from rempart.config import Settings
from rempart.domain.person import ENROLMENT_LIFE, Person, Role, told
from rempart.usecases.enrol_staff import STAFF, staff_statement

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
ROLES = click.Choice([told(role.name) for role in sorted(STAFF)])


@click.group()
def command() -> None:
    """Inscrire le personnel, à deux · enrol staff: two decide."""


@command.command()
@click.argument("login")
@click.option("--role", type=ROLES, required=True)
@click.option("--amc", type=int, default=0, help="L'assureur servi · the insurer served")
@click.option("--out", type=NEW_FILE, required=True, help="La demande · the statement")
def ask(login: str, role: str, amc: int, out: Path) -> None:
    """Écrire la demande d'inscription de LOGIN · write the statement."""
    now = SystemClock().now()
    statement = staff_statement(_person(login, role, amc), now=now, chance=SystemChance())
    out.write_text(json.dumps(statement, indent=1) + "\n", "utf-8")
    click.echo(f"à confirmer par deux opérateurs · for two operators to confirm: {out}")
    click.echo(f"chacun · each: rempart operator confirm {out} --key CLÉ --out CONFIRMATION")


@command.command()
@click.argument("statement", type=FILE)
@click.option("--confirm", "confirmations", type=FILE, multiple=True, help="Deux · two of them")
def enrol(statement: Path, confirmations: tuple[Path, ...]) -> None:
    """Inscrire, confirmé par deux opérateurs · enrol whom two operators confirm."""
    with staff_registrar(Settings.from_environ()) as enrol_staff:
        read = [read_json(path) for path in confirmations]
        _hand_over(enrol_staff.confirmed(read_json(statement), read))


@command.command()
@click.argument("login")
@click.option("--role", type=ROLES, required=True)
@click.option("--amc", type=int, default=0)
@click.option("--approved", type=int, required=True, help="L'entrée du registre · the entry")
def admit(login: str, role: str, amc: int, approved: int) -> None:
    """Inscrire LOGIN, approuvé dans le registre · enrol whom the ledger says was agreed to."""
    settings = Settings.from_environ()
    with staff_registrar(settings) as enrol_staff:
        entry = entry_at(settings, approved)
        _hand_over(enrol_staff.approved(_person(login, role, amc), entry))


def _hand_over(code: str) -> None:
    click.echo(f"code (une fois, {ENROLMENT_LIFE // 3600} h) · once")
    click.echo(code)


def _person(login: str, role: str, amc: int) -> Person:
    return Person(number=0, login=login, role=Role[role.upper().replace("-", "_")], amc=amc)
