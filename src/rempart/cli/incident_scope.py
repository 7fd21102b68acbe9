"""``rempart incident scope``: who was read, of an incident's finding and the ledger."""

import click
from rich.console import Console

from rempart.bootstrap.case_claims import claims_of, keep_claims
from rempart.bootstrap.cases import keep_professionals, scope_case, scopes_of
from rempart.bootstrap.incidents import finding_for, incident_reader, with_sessions
from rempart.cli.card import euros
from rempart.cli.ledger_scope import show
from rempart.cli.watching import scope_progress
from rempart.config import Settings
from rempart.domain.finding import Finding
from rempart.domain.notice_to_owners import propose_to_owners
from rempart.usecases.claims_list import ClaimsTouched
from rempart.usecases.finding_of_case import left_out
from rempart.usecases.incident_labels import EXERCISE, both
from rempart.usecases.other_populations import populations
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import ScopeFile


def case_of(settings: Settings, number: int) -> tuple[Case, Finding]:
    """An incident, and its finding as it was stated, else as it is proposed; sessions placed.

    One that is an exercise says so first; then, which frozen accounts the finding does not hold, or
    holds contained before.
    """
    with incident_reader(settings) as reading:
        case = reading.case(number)
    if case.incident.exercise:
        Console(stderr=True).print(f"[bold magenta]{both(EXERCISE)}[/bold magenta]")
    finding = finding_for(settings, case)
    if names := left_out(case, finding):
        click.echo(
            "gelés, et absents du constat, ou depuis lui · frozen, and not in the finding, or since"
            f": {', '.join(names)}\n"
            f"  ensuite · next: ./rempart incident accept {number} --again --as …, ou · or found",
            err=True,
        )
    return with_sessions(settings, case, finding), finding


def tell_unsigned(count: int) -> None:
    """Say that the last entries are in no scope."""
    click.echo(
        f"{count} entrées sans signature, pas jugées : le coffre tourne-t-il ? puis la même"
        " commande · entries nobody has signed, not judged: does the vault run? then the same",
        err=True,
    )


def keep_beside(
    settings: Settings, case: Case, finding: Finding, scope: ScopeFile
) -> ClaimsTouched:
    """Put owners of accounts and their claims beside a scope, and tell them; the claims."""
    number, claims = case.incident.ref, claims_of(settings, case, finding)
    others = populations(case, finding, claims.claims)
    listed = keep_professionals(settings, number, scope.number, others)
    said, place = keep_claims(settings, number, scope, claims)
    whole, unopened = said.whole, said.unopened.touched
    click.echo(f"professionnels · owners    {len(others.professionals)}  {listed}")
    proposal = propose_to_owners(others.facts)
    click.echo(f"  art. 34, proposé · proposed: {proposal.tell.value}")
    for french, english in proposal.reasons:
        click.echo(f"  - {french} · {english}")
    click.echo(f"factures · claims          {whole.touched}  {place}")
    if whole.touched:
        click.echo(
            f"  lues ou envoyées par le voleur · by the thief {whole.breached},"
            f" indécises · undecided {whole.undecided}"
            f" (après l'arrêt · after containment {whole.late})\n"
            f"  envoyées · sent {whole.sent}, relues · told again {whole.told} ×,"
            f" demandé · asked {euros(whole.asked)}, dû · owed {euros(whole.owed)}"
        )
    if whole.late:
        click.echo(
            "  le gel n'arrête pas le dépôt : changez le certificat · the freeze does not stop the"
            " intake: change the certificate"
        )
    if unopened:
        click.echo(f"  sans la clé du juge, organisme inconnu · not opened, whose: {unopened}")
    click.echo("références d'organismes    0, aucune réponse n'en montre · no answer shows any")
    return claims


@click.command()
@click.argument("number", type=int)
def scope(number: int) -> None:
    """Qui a été lu, selon le constat ; les autres populations · who was read."""
    settings = Settings.from_environ()
    case, finding = case_of(settings, number)
    with scope_progress() as heard:
        said = scope_case(settings, case, finding, tell_unsigned, heard=heard)
    show(said)
    keep_beside(settings, case, finding, said)
    click.echo(f"fichier · file             {scopes_of(settings, number).file(said.number)}")
    if case.incident.found is None:
        click.echo("constat proposé, que personne n'a dit · proposed, and nobody has stated it")
        click.echo(f"  ensuite · next: ./rempart incident accept {number} --as …")
    else:
        click.echo(f"  ensuite · next: ./rempart incident dossiers {number} --as …")
