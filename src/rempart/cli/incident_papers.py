"""``rempart incident papers``: what authority, prosecutor and public are told, drafted."""

from dataclasses import replace
from pathlib import Path

import click

from rempart.adapters.system import SystemClock
from rempart.bootstrap.case_claims import claims_beside
from rempart.bootstrap.case_measures import measures_before, measures_since
from rempart.bootstrap.cases import dossiers_folder, papers_folder, scopes_of
from rempart.bootstrap.contacts import read_contacts
from rempart.bootstrap.papers import Facts, digest_of, reports_in, scope_at, write_papers
from rempart.cli.incident_scope import case_of
from rempart.config import Settings
from rempart.domain.contacts import Contacts
from rempart.domain.finding import Finding
from rempart.usecases.check_papers import without_report
from rempart.usecases.read_incidents import Case

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OWN = frozenset({"cnil", "plainte"})
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("number", type=int)
@click.option("--scope", "scope_file", type=FILE, help="La portée, sinon la dernière · its scope")
@click.option("--reports", type=FOLDER, help="Les dossiers, sinon les siens · its dossiers")
@click.option("--contacts", "book", type=FILE, help="Le carnet · the contact book")
@click.option("--evidence", type=FILE, multiple=True, help="Une pièce de plus · one more file")
@click.option("--out", type=NEW_FOLDER, help="Où les écrire · where they go")
def papers(
    *,
    number: int,
    scope_file: Path | None,
    reports: Path | None,
    book: Path | None,
    evidence: tuple[Path, ...],
    out: Path | None,
) -> None:
    """CNIL, plainte, page publique : les projets · drafts for CNIL, prosecutor, public."""
    settings = Settings.from_environ()
    case, finding = case_of(settings, number)
    contacts = read_contacts(book or settings.contacts_file)
    facts = facts_of(settings, case, finding, contacts, scope=scope_file, reports=reports)
    more = [(each.name, digest_of(each)) for each in evidence]
    facts = replace(facts, evidence=[*facts.evidence, *more])
    drafted(facts, out or papers_folder(settings, number))


def facts_of(
    settings: Settings,
    case: Case,
    finding: Finding,
    contacts: Contacts,
    *,
    scope: Path | None = None,
    reports: Path | None = None,
) -> Facts:
    """What the papers of an incident are made of: its last scope and its dossiers, or others."""
    number = case.incident.ref
    scopes = scopes_of(settings, number)
    path = scope or scopes.file(max(scopes.numbers(), default=1))
    said, digest = scope_at(path)
    folder = reports or dossiers_folder(settings, number).folder
    told, notes = reports_in(folder, said, digest)
    return Facts(
        case=case,
        scope=said,
        digest=digest,
        contacts=contacts,
        reports=told.now,
        older=told.older,
        measures=measures_before(settings, finding.span[0]),
        gained=measures_since(settings, case.incident, case.until),
        evidence=notes,
        claims=claims_beside(path, said),
    )


def drafted(facts: Facts, out: Path) -> None:
    """Write every draft, and tell what is left to a person."""
    for each in write_papers(facts, out, now=SystemClock().now()):
        click.echo(f"écrit · written  {each.path}")
        # What an insurer has to say stands in its own draft.
        for item in each.left if each.path.stem in OWN else ():
            assert item.asked is not None, "what is left is asked"
            click.echo(f"    à dire · to be said  {item.label[0]} : {item.asked[0]}")
    for report in facts.older:
        click.echo(
            f"AMC {report.amc} : rapport {report.number}, de la portée {report.scope} et non de la"
            f" {facts.scope.number}, pas repris · of an older scope, not quoted"
        )
    for amc in without_report([*facts.reports, *facts.older], facts.scope, facts.claims):
        click.echo(f"AMC {amc} : aucun rapport · no report")
    if facts.older:
        number = facts.case.incident.ref
        click.echo(
            f"  ensuite · next: ./rempart incident dossiers {number} --as …, puis · then papers"
        )
    click.echo("des projets : rien n'est envoyé, rien n'est publié · drafts: nothing is sent")
