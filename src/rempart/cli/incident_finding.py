"""``rempart incident finding``: the finding that a person has stated, or one that is proposed."""

import json
from collections import Counter
from collections.abc import Mapping

import click
from rich.console import Console
from rich.markup import escape

from rempart.bootstrap.findings import proposing
from rempart.bootstrap.incidents import incident_reader
from rempart.cli.civil_time import told
from rempart.config import Settings
from rempart.domain.finding import NEVER, Whose
from rempart.domain.proposed_finding import AccountFound, ProposedFinding, Reason
from rempart.usecases.finding_of_case import finding_of
from rempart.usecases.incident_labels import both

WHOSE = {
    Whose.THIEF: ("voleur", "thief", "red"),
    Whose.UNKNOWN: ("en doute", "in doubt", "yellow"),
    Whose.OWNER: ("titulaire", "owner", "green"),
}

KEYED = (
    "d'entre elles, carte lue, téléphone ou clé imprimée : au titulaire",
    "of them, on a card, a phone or a printed key: the owner's",
)


@click.command()
@click.argument("number", type=int)
@click.option(
    "--propose", "proposed", is_flag=True, help="Du registre seul, sans personne · by itself"
)
def finding(number: int, proposed: bool) -> None:
    """Le constat, en fichier JSON · the finding, as a JSON file."""
    settings = Settings.from_environ()
    with incident_reader(settings) as reading:
        case = reading.case(number)
        if not proposed:
            said = finding_of(case)
        else:
            now = case.incident.closed or reading.clock.now()
            with proposing(settings, reading.evidence) as propose:
                proposal = propose(case.incident, now=now)
            console = Console(stderr=True, highlight=False)
            tell(console, proposal, case.names, stated=case.incident.found is not None)
            said = proposal.finding.to_json()
        mark = {"exercise": True} if case.incident.exercise else {}
    click.echo(json.dumps({**mark, **said}, indent=2))


def tell(
    console: Console, proposal: ProposedFinding, names: Mapping[int, str], *, stated: bool
) -> None:
    """What is missing; account after account, since when, and whose sessions, with the reasons."""
    for hole in proposal.holes:
        console.print(f"[bold red]TROU · HOLE[/bold red]  entrées {hole.first} à {hole.end - 1}")
    if stated:
        console.print(
            "[bold]une personne a dit le constat : c'est le sien qui vaut[/bold]"
            " · a person has stated the finding: theirs stands"
        )
    for each in proposal.accounts:
        tell_account(console, each, names.get(each.number, f"n° {each.number}"))


def tell_account(console: Console, found: AccountFound, name: str) -> None:
    """One account; sessions of a kind and a reason are counted together."""
    contained = "pas encore · not yet" if found.contained == NEVER else told(found.contained)
    console.print(
        f"[bold]{escape(name)}[/bold]  vol possible dès · theft possible from {told(found.stolen)},"
        f" arrêté · contained {contained}"
    )
    console.print(f"  {both(found.how.value)}", style="dim")
    sessions: Counter[tuple[Whose, Reason]] = Counter()
    answers: Counter[tuple[Whose, Reason]] = Counter()
    keyed: Counter[tuple[Whose, Reason]] = Counter()
    for each in found.sessions:
        sessions[each.whose, each.reason] += 1
        answers[each.whose, each.reason] += each.answers
        keyed[each.whose, each.reason] += each.keyed
    for whose, reason in sorted(sessions, key=lambda each: -each[0]):
        french, english, style = WHOSE[whose]
        kind = whose, reason
        console.print(
            f"  [{style}]{french} · {english}[/{style}]  {sessions[kind]} session(s),"
            f" {answers[kind]} réponse(s) · answers"
        )
        console.print(f"    {both(reason.value)}", style="dim")
        if keyed[kind]:
            console.print(f"    {keyed[kind]} {both(KEYED)}", style="green")
