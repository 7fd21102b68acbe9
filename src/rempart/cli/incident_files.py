"""``rempart incident accept`` and ``dossiers``: from a proposed finding to insurers' dossiers."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from rempart.bootstrap.case_measures import measures_before
from rempart.bootstrap.cases import (
    Opening,
    Telling,
    agreed_in,
    dossiers_folder,
    make_dossiers,
    scope_case,
)
from rempart.bootstrap.contacts import read_contacts
from rempart.bootstrap.days import incident_key
from rempart.bootstrap.findings import proposing
from rempart.bootstrap.incidents import incident_reader, incident_teller
from rempart.bootstrap.papers import insurer_report_pdf
from rempart.cli.asking import ask
from rempart.cli.incident_scope import case_of, keep_beside, tell_unsigned
from rempart.cli.ledger_scope import show
from rempart.cli.watching import scope_progress
from rempart.config import Settings
from rempart.domain.contacts import Contacts
from rempart.domain.day_ranges import ranges
from rempart.domain.errors import ForbiddenTransition, SetUpRefused
from rempart.domain.finding import Finding
from rempart.usecases.contain_account import officer_named
from rempart.usecases.days_to_open import to_ask_for
from rempart.usecases.dossier_file import InsurerReport
from rempart.usecases.read_incidents import Case
from rempart.usecases.state_finding import stated

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
by_option = click.option("--as", "by", required=True, help="Qui le dit · who says so")
number_argument = click.argument("number", type=int)
key_option = click.option(
    "--key", type=FILE, help="La clé d'incident, pour les jours clos · the incident key"
)
book_option = click.option("--contacts", "book", type=FILE, help="Le carnet · the contact book")
statement_option = click.option(
    "--statement",
    "statements",
    type=FILE,
    multiple=True,
    help="Ce que deux opérateurs confirment, par 92 jours · two operators', for 92 days each",
)
words_option = click.option(
    "--confirm", "words", type=FILE, multiple=True, help="Deux pour chacune · two for each"
)


def opening_of(
    by: str, key: Path | None, statements: tuple[Path, ...], words: tuple[Path, ...]
) -> Opening:
    """Who opens the tables, with what.

    Raises:
        UsageError: statements without words, or words without them.
        MalformedIdentifier: who opens them gives no word for a name.
        SetUpRefused, KeyMissing: a file is not what it should be.
    """
    if bool(statements) != bool(words):
        raise click.UsageError("--statement et · and --confirm × 2")
    said, confirmed = ({str(each): _text(each) for each in some} for some in (statements, words))
    return Opening(
        by=officer_named(by),
        private=incident_key(key) if key else None,
        agreed=agreed_in(Settings.from_environ(), said, confirmed) if statements else (),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise SetUpRefused(f"{path.name} is no text that we can read") from None


@click.command()
@number_argument
@by_option
@click.option("--again", is_flag=True, help="À la place du constat dit · instead of the stated one")
def accept(*, number: int, by: str, again: bool) -> None:
    """Faire sien le constat proposé · state the proposed finding as one's own."""
    entry = accepted(Settings.from_environ(), number, by, again=again)
    click.echo(f"constat inscrit · finding entered: entrée · entry {entry}")
    click.echo(f"  ensuite · next: ./rempart incident scope {number}")


def accepted(settings: Settings, number: int, by: str, *, again: bool = False) -> int:
    """State what is proposed, ``again`` instead of what was stated; its entry.

    Raises:
        ForbiddenTransition: a person has stated a finding: theirs stands, unless it is ``again``.
    """
    with incident_reader(settings) as reading:
        case = reading.case(number)
        if case.incident.found is not None and not again:
            raise ForbiddenTransition("a finding was stated: --again, or found, changes it")
        now = case.incident.closed or reading.clock.now()
        with proposing(settings, reading.evidence) as propose:
            finding = propose(case.incident, now=now).finding
    with incident_teller(settings, ask) as tell:
        return tell(*stated(finding, case.names, incident=number, by=by)).ref


@click.command()
@number_argument
@by_option
@key_option
@book_option
@click.option("--final", is_flag=True, help="Rapport final · the final report")
@statement_option
@words_option
def dossiers(
    *,
    number: int,
    by: str,
    key: Path | None,
    book: Path | None,
    final: bool,
    statements: tuple[Path, ...],
    words: tuple[Path, ...],
) -> None:
    """Un dossier par organisme : ses personnes, en poignées · one an insurer, by handles."""
    settings, opening = Settings.from_environ(), opening_of(by, key, statements, words)
    case, finding = case_of(settings, number)
    if case.incident.found is None:
        raise ForbiddenTransition("nobody has stated a finding: rempart incident accept, or found")
    reports = made(settings, case, finding, opening, book=book, final=final)
    Console(highlight=False).print(table_of(reports))
    folder = dossiers_folder(settings, number).folder
    click.echo(f"dossiers                   {folder}")
    click.echo(f"  ensuite · next: ./rempart incident deliver {folder}")


def made(
    settings: Settings,
    case: Case,
    finding: Finding,
    opening: Opening,
    *,
    book: Path | None,
    final: bool,
) -> list[InsurerReport]:
    """Scope, then every insurer's dossier, with what is being done in sight."""
    with scope_progress() as heard:
        scope = scope_case(settings, case, finding, tell_unsigned, heard=heard)
    show(scope)
    claims = keep_beside(settings, case, finding, scope)
    contacts = read_contacts(book or settings.contacts_file)
    read = {int(each.amc) for each in scope.insurers if each.breached or each.undecided}
    touched = sorted(read | {*claims.insurers})
    for amc in (each for each in touched if not sealed_for(contacts, each)):
        click.echo(
            f"AMC {amc:08d} : hors du carnet ou sans clé, sa liste sera en clair"
            " · not in the book or without a key, its list will lie in clear",
            err=True,
        )
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        days = progress.add_task("jours · days", total=None)
        done = progress.add_task("dossiers", total=len(touched))
        return make_dossiers(
            settings,
            case,
            scope,
            opening,
            claims=claims,
            contacts=contacts,
            ask=ask,
            readable=partial(
                insurer_report_pdf,
                case=case,
                contacts=contacts,
                measures=measures_before(settings, finding.span[0]),
            ),
            final=final,
            telling=Telling(
                sealed=lambda amc, number: progress.console.print(
                    f"AMC {amc:08d} : liste du rapport {number} scellée"
                    f" · list of report {number} sealed"
                ),
                shut=lambda shut: tell_shut(progress.console, case.incident.ref, shut),
                day=lambda _: progress.advance(days),
                report=lambda _: progress.advance(done),
            ),
        )


def tell_shut(console: Console, number: int, shut: Sequence[date]) -> None:
    """Which days nobody opens, and what to type for each window of them."""
    console.print(
        "jours que ni l'incident ni deux opérateurs n'ouvrent"
        " · days that neither the incident nor two operators open:",
        soft_wrap=True,
    )
    for place, days in enumerate(to_ask_for(shut), 1):
        runs = ((f"{first}", f"{last}") for first, last in ranges(days))
        console.print(", ".join("–".join(dict.fromkeys(run)) for run in runs), soft_wrap=True)
        until = f"--until {days[-1]} " if len(days) > 1 else ""
        asks = f"./rempart ledger ask-table {days[0]} {until}--why incident-{number}"
        console.print(f"  {asks} --out demande-{place}.json", soft_wrap=True)
    console.print(
        "deux opérateurs confirment chacune, puis la même commande avec · two operators confirm"
        " each, then the same command with: --statement demande-1.json --confirm … --confirm …",
        soft_wrap=True,
    )


def sealed_for(contacts: Contacts, amc: int) -> bool:
    """Whether the list of an insurer's people can be sealed to it."""
    contact = contacts.of(amc)
    return contact is not None and bool(contact.key)


def table_of(reports: list[InsurerReport]) -> Table:
    """A row an insurer."""
    table = Table(box=None, pad_edge=False)
    for heading in (
        "AMC",
        "rapport · report",
        "lues · breached",
        "indécises",
        "sans nom · unnamed",
        "factures · claims",
    ):
        table.add_column(heading, justify="left" if heading == "AMC" else "right")
    for each in reports:
        unnamed = each.breached.unnamed + each.undecided.unnamed
        table.add_row(
            f"{each.amc} {each.name}",
            f"{each.number} {each.phase}",
            str(each.breached.people),
            str(each.undecided.people),
            str(unnamed),
            "–" if each.claims is None else str(each.claims.touched),
        )
    return table
