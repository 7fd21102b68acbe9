"""``rempart incident papers``: what authority, prosecutor and public are told, drafted."""

from pathlib import Path

import click

from rempart.adapters.system import SystemClock
from rempart.bootstrap.cases import read_contacts
from rempart.bootstrap.papers import Facts, digest_of, reports_in, scope_at, write_papers
from rempart.cli.incident_scope import case_of
from rempart.config import Settings
from rempart.usecases.check_papers import without_report

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OWN = frozenset({"cnil", "plainte"})
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("number", type=int)
@click.option("--scope", "scope_file", type=FILE, required=True, help="La portée · its scope")
@click.option("--reports", type=FOLDER, help="Le dossier des dossiers · the folder of dossiers")
@click.option("--contacts", type=FILE, required=True, help="Le carnet, TOML · the contact book")
@click.option("--evidence", type=FILE, multiple=True, help="Une pièce de plus · one more file")
@click.option("--out", type=NEW_FOLDER, required=True, help="Où les écrire · where they go")
def papers(
    *,
    number: int,
    scope_file: Path,
    reports: Path | None,
    contacts: Path,
    evidence: tuple[Path, ...],
    out: Path,
) -> None:
    """CNIL, plainte, page publique : les projets · drafts for CNIL, prosecutor, public."""
    scope, digest = scope_at(scope_file)
    told, notes = reports_in(reports) if reports else ([], [])
    facts = Facts(
        case=case_of(Settings.from_environ(), number),
        scope=scope,
        digest=digest,
        contacts=read_contacts(contacts),
        reports=told,
        evidence=[*notes, *((each.name, digest_of(each)) for each in evidence)],
    )
    for each in write_papers(facts, out, now=SystemClock().now()):
        click.echo(f"écrit · written  {each.path}")
        # What an insurer has to say stands in its own draft.
        for item in each.left if each.path.stem in OWN else ():
            assert item.asked is not None, "what is left is asked"
            click.echo(f"    à dire · to be said  {item.label[0]} : {item.asked[0]}")
    for amc in without_report(told, facts.scope) if reports else ():
        click.echo(f"AMC {amc} : aucun rapport · no report")
    click.echo("des projets : rien n'est envoyé, rien n'est publié · drafts: nothing is sent")
