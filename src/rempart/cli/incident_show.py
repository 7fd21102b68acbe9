"""``rempart incident list`` and ``show``: where incidents stand, what runs, what is missing."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rempart.bootstrap.incidents import incident_reader
from rempart.cli.card import euros
from rempart.cli.civil_time import left, told
from rempart.cli.incident_words import STYLES, missing
from rempart.config import Settings
from rempart.domain.clocks import Clock, State, next_due
from rempart.domain.incident import Incident
from rempart.domain.incident_words import Did
from rempart.domain.person import told as named
from rempart.usecases.deed_spans import by_alert_alone
from rempart.usecases.incident_labels import (
    EXERCISE,
    KINDS,
    OF_THREE,
    ORIGINS,
    OUTCOMES,
    STATED,
    STATES,
    both,
    opened_by,
    whose,
)
from rempart.usecases.read_incidents import Case, Register, Statement
from rempart.usecases.tell_unserved import Unserved, what_of


@click.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Clos compris · closed ones too")
def list_(everything: bool) -> None:
    """Les incidents, et ce qui court · incidents, and what runs."""
    console = Console(highlight=False)
    with incident_reader(Settings.from_environ()) as reading:
        register = reading.register()
    rows = [each.incident for each in register.cases]
    rows = [each for each in rows if everything or not each.closed]
    if not rows:
        console.print("aucun incident ouvert · no incident is open")
    else:
        console.print(table_of(rows, register.now))
    warn(console, register)


def warn(console: Console, register: Register) -> None:
    """What does not agree with the ledger."""
    lost = [ref for case in register.cases for ref in case.silent]
    if lost:
        console.print(
            f"[bold red]PAROLES PERDUES OU CHANGÉES[/bold red] : entrées {lost}"
            " · [bold red]WORDS GONE OR CHANGED[/bold red]: ./rempart ledger verify"
        )
    if register.unentered:
        console.print(
            f"{register.unentered} parole(s) gardée(s) mais pas inscrites : redites-les"
            " · kept and not entered: say the same again"
        )


def table_of(rows: list[Incident], now: int) -> Table:
    """A row an incident."""
    table = Table(box=None, pad_edge=False)
    for heading in ("n°", "ouvert · opened", "par · by", "comptes · accounts", "ensuite · next"):
        table.add_column(heading, overflow="fold")
    for each in rows:
        number, opener = Text(str(each.ref), "bold"), Text("\n".join(ORIGINS[each.origin]))
        if each.exercise:
            opener.append(f"\n{both(EXERCISE)}", "bold magenta")
        table.add_row(
            number,
            told(each.opened),
            opener,
            str(len(each.accounts)),
            then(each, now),
        )
    return table


def then(incident: Incident, now: int) -> Text:
    """What is to be done first."""
    if incident.outcome is not None:
        return Text(f"clos · closed : {both(OUTCOMES[incident.outcome])}", "dim")
    if incident.aware is None:
        return Text(
            "personne n'a dit depuis quand nous savons · nobody said since when we know", "red"
        )
    first = next_due(incident.clocks(now))
    if first is None or first.due is None:
        return Text("rien ne court · nothing runs", "green")
    style = STYLES[first.state]
    return Text(f"{first.rule.code}\n{told(first.due)}, {left(first.due, now)}", style)


@click.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Tout d'un incident · everything of one."""
    console = Console(highlight=False)
    with incident_reader(Settings.from_environ()) as reading:
        case, now = reading.case(number), reading.clock.now()
    heading(console, case)
    clocks(console, case, now)
    accounts(console, case)
    said(console, case)
    deeds(console, case)
    unserved(console, case)
    if case.incident.outcome is None:
        for command in missing(case.incident):
            console.print(f"[bold]à dire · to be said[/bold]: ./rempart incident {escape(command)}")


def title(console: Console, words: str) -> None:
    """A part of the case."""
    console.print(f"\n[bold]{words}[/bold]")


def heading(console: Console, case: Case) -> None:
    """Its number, what opened it, what it came to."""
    incident = case.incident
    if incident.exercise:
        console.print(f"[bold magenta]══ {both(EXERCISE)} ══[/bold magenta]")
    console.print(
        f"[bold]incident {incident.ref}[/bold]  {told(incident.opened)}"
        f"  {both(opened_by(incident))}"
    )
    if incident.outcome is not None:
        console.print(f"clos · closed {told(incident.closed)} : {both(OUTCOMES[incident.outcome])}")
    if incident.aware is not None:
        console.print(f"nous savons depuis · aware since  [bold]{told(incident.aware)}[/bold]")
    for name, stated in zip(OF_THREE, incident.nature, strict=True):
        console.print(f"  {both(name):<36}{both(STATED[stated])}")


def clocks(console: Console, case: Case, now: int) -> None:
    """Each with its law, its end, and how long is left: what ends first comes first."""
    title(console, "Horloges · clocks (heure de Paris · Paris time)")
    if case.incident.aware is None:
        console.print("  rien ne court : dites depuis quand nous savons", style="red")
        console.print("  nothing runs: say since when we know", style="dim red")
        return
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(overflow="fold")
    for each in sorted(case.clocks, key=urgency):
        state = Text(both(STATES[each.state]), STYLES[each.state])
        state.append(f"\n{each.rule.code}\n{both(whose(each))}", "dim")
        law = Text(each.rule.french)
        law.append(f"\n{each.rule.english}\n{each.rule.law}", "dim")
        if not each.rule.verified:
            law.append(" – texte à relire · read it again", "dim italic")
        table.add_row(state, law, until(each, now))
    console.print(table)


def urgency(clock: Clock) -> tuple[bool, int]:
    """What ends first; what is answered, last."""
    return not clock.open, clock.due or 2**63


def until(clock: Clock, now: int) -> Text:
    """Its end; what is an aim is told as one."""
    if clock.done is not None:
        return Text(f"faite · done {told(clock.done)}\nentrée · entry {clock.ref}")
    if clock.due is None or clock.state is State.NOT_DUE:
        return Text("" if clock.ref is None else f"entrée · entry {clock.ref}", "dim")
    if clock.start is None:
        return Text(f"au plus tard · at the latest {told(clock.due)}", "dim")
    words = Text(f"avant · before {told(clock.due)}\n{left(clock.due, now)}", STYLES[clock.state])
    if clock.rule.aim:
        words.append("\nobjectif ; la loi : sans délai · aim; law: undue delay", "dim")
    return words


def accounts(console: Console, case: Case) -> None:
    """Which accounts, since when each was frozen; the finding."""
    title(console, "Comptes et constat · accounts and finding")
    frozen = {each.account: each for each in case.incident.frozen}
    for each in case.accounts:
        stop = frozen.get(each.number)
        since = (
            "" if stop is None else f"  arrêté · frozen {told(stop.at)} ({named(stop.why.name)})"
        )
        if stop is None and each.number in case.incident.alerted:
            since = "  nommé par une alerte · named by an alert"
        console.print(f"  {escape(each.name)}  {escape(each.site)}{since}")
    found = case.incident.found
    if found is not None:
        contained = told(found.contained) if found.contained else "pas encore · not yet"
        console.print(
            f"  vol possible dès · theft possible from {told(found.earliest)},"
            f" arrêté · contained {contained}"
        )


def said(console: Console, case: Case) -> None:
    """Everything that persons said, in the order in which the ledger has it."""
    title(console, "Dit par des personnes · said by persons")
    if not case.statements:
        console.print("  rien · nothing", style="dim")
    for each in case.statements:
        statement(console, each)


def statement(console: Console, each: Statement) -> None:
    """One: when and who, what, and the reasons of a delay."""
    at = each.told.number("at")
    of = f", du · of {told(at)}" if at and told(at) != told(each.told.at) else ""
    detail = ""
    if each.told.did is Did.CLOCK:
        detail = f" {each.told.codes['clock']!s}"
    console.print(
        f"  [bold]{both(KINDS[each.told.did])}{detail}[/bold]  {told(each.told.at)}  {each.told.by}"
        f"  [dim]entrée · entry {each.told.ref}{of}[/dim]"
    )
    if each.words is None:
        console.print(
            "    [bold red]paroles perdues ou changées · words gone or changed[/bold red]"
        )
        return
    for label, words in (
        ("", each.words.text),
        ("source : ", each.words.source),
        ("référence · reference: ", each.words.reference),
        ("motifs du retard · why late: ", each.words.late),
    ):
        if words:
            console.print(f"    {label}{escape(words)}")


def deeds(console: Console, case: Case) -> None:
    """What the accounts did besides asking, and how each is undone."""
    title(
        console,
        f"Fait par ces comptes · done by these accounts ({told(case.since)} → {told(case.until)})",
    )
    if case.incident.found is None:
        console.print("  sans constat : quatre semaines · no finding yet: four weeks", style="dim")
    if alone := len(by_alert_alone(case.incident)):
        console.print(
            f"  pas regardés, nommés par une alerte seulement : {alone} · named by an alert alone,"
            " not looked at",
            style="dim",
        )
    if not case.deeds:
        console.print("  rien que des questions · nothing but questions", style="dim")
    for each in case.deeds:
        what = f"n° {each.ref}" if each.cents or each.ruling else f"entrée · entry {each.ref}"
        owed = f"  {euros(each.cents)}" if each.cents else ""
        who = escape(case.names.get(each.account, ""))
        console.print(
            f"  {told(each.at)}  {who}  {each.kind.french} · {each.kind.english}  {what}{owed}"
        )
        console.print(f"    défaire · undo: {escape(each.undo(case.names))}", style="dim")


def unserved(console: Console, case: Case) -> None:
    """Who could not be served, from when to when: the cut is a breach of availability itself."""
    title(console, "Non servis · not served")
    for stop in case.stopped:
        over = told(stop.until) if stop.until else "encore · still"
        name = escape(case.names.get(stop.account, f"n° {stop.account}"))
        console.print(f"  {name}  {told(stop.since)} → {over}  arrêté · frozen")
    if not case.unserved:
        console.print("  aucune coupure · no cut-off", style="dim")
    for each in case.unserved:
        console.print(f"  {cut(each, case)}")


def cut(each: Unserved, case: Case) -> str:
    """One cut-off, and how many it kept from an answer."""
    over = told(each.until) if each.until else "encore · still"
    questions, sites = each.refused
    return (
        f"{escape(what_of(each.cut, case.everybody))}  {told(each.cut.since)} → {over}"
        f"  {named(each.cut.why.name)}  [dim]entrée · entry {each.cut.ref}[/dim]\n"
        f"    {questions} question(s) sans réponse, de {sites} lieu(x) · unanswered, sites"
    )
