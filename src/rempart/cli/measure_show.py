"""Measures on a terminal: what is not in force first, in plain sight; a picture over time."""

from collections.abc import Mapping, Sequence
from datetime import date

from rich.console import Console
from rich.markup import escape

from rempart.cli.civil_time import told
from rempart.domain.attestation import Change
from rempart.domain.day_ranges import ranges
from rempart.domain.measure import STATES, Fact, Label, Measure, Seen, State, catalogue
from rempart.usecases.draw_measures import MARKS, picture, ruler
from rempart.usecases.incident_labels import EXERCISE, both
from rempart.usecases.measures_told import why_of
from rempart.usecases.read_measures import AttestedMeasure, MeasuresAt, MeasuresBetween

STYLES: Mapping[State, str] = {
    State.NOT_IN_FORCE: "bold red",
    State.PARTLY: "yellow",
    State.NOT_VERIFIED: "magenta",
    State.IN_FORCE: "green",
}
"""In the order in which they are read: what is missing comes first."""
MARGIN, LEAST = 24, 20
"""Columns before the picture, and the fewest of it."""


def line(measure: Measure, seen: Seen) -> str:
    """One check as it was made."""
    facts = facts_of(measure.facts, seen.facts, seen.why)
    return f"{marked(seen.state)} {measure.french} · {measure.english}  [dim]{escape(facts)}[/dim]"


def marked(state: State) -> str:
    """Its mark and its name, in its colour."""
    return f"[{STYLES[state]}]{MARKS[state]} {STATES[state][0]:<14}[/{STYLES[state]}]"


def facts_of(labels: Mapping[str, Label], facts: Mapping[str, Fact], why: str) -> str:
    """What was seen, in words; or why nothing was."""
    known = [name for name in labels if name in facts]
    told_ = [f"{both(labels[name])} : {fact_of(facts[name])}" for name in known]
    return ", ".join([*told_, *([both(why_of(why))] if why else [])])


def fact_of(fact: Fact) -> str:
    """A fact as it is read."""
    if isinstance(fact, bool):
        return "oui · yes" if fact else "non · no"
    return str(fact)


def counted(states: Sequence[State]) -> str:
    """How many of each."""
    return "   ".join(
        f"[{style}]{both(STATES[state])} {states.count(state)}[/{style}]"
        for state, style in STYLES.items()
    )


def title(console: Console, words: str) -> None:
    """A heading."""
    console.print(f"\n[bold]{words}[/bold]")


def show_at(console: Console, said: MeasuresAt, proven: int | None) -> None:
    """Everything of one moment."""
    attested = said.attestation
    console.print(f"[bold]Protections · protections, {told(said.asked)}[/bold]")
    console.print(
        f"attestées · attested {told(attested.at)} ({age(said.age)})"
        f"  entrée · entry {attested.ref}, édition · edition {attested.edition}"
    )
    gaps(console, said.without)
    if not said.sound:
        console.print(
            "[bold red]PREUVES PERDUES OU CHANGÉES : les états sont ceux du registre"
            " · EVIDENCE GONE OR CHANGED: states are the ledger's[/bold red]"
        )
    console.print(counted([each.state for each in said.measures]))
    for state in STYLES:
        those = [each for each in said.measures if each.state is state]
        if those:
            title(console, both(STATES[state]))
        for each in those:
            measure(console, each, attested.edition)
    asked_for(console, said)
    title(console, "Preuves · proof")
    under = (
        "pas encore signée · not signed yet"
        if proven is None
        else f"{proven} entrées signées · signed entries"
    )
    console.print(f"  inscrite sous · entered under: {under}")
    console.print(f"  ./rempart ledger prove {attested.ref} --with-detail")
    console.print(f"  SHA-256  {attested.evidence.hex()}")


def measure(console: Console, each: AttestedMeasure, edition: int) -> None:
    """One measure: what it is, against what, since when it is seen so, what bears it out."""
    console.print(
        f"  [{STYLES[each.state]}]{MARKS[each.state]}[/{STYLES[each.state]}]"
        f" {each.french} · {each.english}  [dim]{each.code}[/dim]"
    )
    console.print(f"      contre · against: {both(each.against)}", style="dim")
    facts = facts_of(catalogue(edition).find(each.code).facts, each.facts, each.why)
    console.print(f"      vu ainsi depuis · so since {told(each.since)}  {escape(facts)}")


def asked_for(console: Console, said: MeasuresAt) -> None:
    """What the law and the CNIL ask, each with the marks of the measures that answer it."""
    asked = catalogue(said.attestation.edition)
    title(console, "RGPD, art. 32(1) · GDPR art. 32(1)")
    for letter, label in asked.article.items():
        answer(
            console, f"{letter}) {both(label)}", [m for m in said.measures if letter in m.article]
        )
    title(console, "CNIL, grandes bases, 30/04/2025 (dit par nous · in our words)")
    for name, label in asked.cnil.items():
        answer(console, both(label), [m for m in said.measures if name in m.cnil])


def answer(console: Console, words: str, those: Sequence[AttestedMeasure]) -> None:
    """One demand, and what answers it; whatever is missing by its name."""
    states = [each.state for each in those]
    console.print(f"  {words}")
    console.print(f"      {counted(states)}")
    missing = [each.code for each in those if each.state is State.NOT_IN_FORCE]
    if missing:
        console.print(f"      manque · missing: [red]{', '.join(missing)}[/red]")


def age(microseconds: int) -> str:
    """How old an attestation was."""
    minutes = microseconds // 60_000_000
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    span = f"{days} j {hours} h" if days else f"{hours} h {minutes:02}"
    return f"{span} avant · before"


def gaps(console: Console, days: Sequence[date]) -> None:
    """Days on which nothing was attested; nothing is said of them."""
    for first, last in ranges(days):
        span = f"{first}" if first == last else f"{first} → {last}"
        console.print(
            f"[bold red]PAS D'ATTESTATION · NO ATTESTATION  {span}[/bold red]"
            f"  {(last - first).days + 1} j : rien n'en est dit · nothing is said of it"
        )


def show_between(console: Console, said: MeasuresBetween) -> None:
    """A picture, what changed, what is not known."""
    console.print(f"[bold]Protections, {told(said.since)} → {told(said.until)}[/bold]")
    console.print(f"attestations · attestations: {len(said.within)}")
    gaps(console, said.without)
    draw(console, said)
    for heading, those in (
        ("Gagnées · gained", [each for each in said.changes if each.gained]),
        ("PERDUES · LOST", [each for each in said.changes if each.lost]),
        ("Sans qu'on sache · not known", [each for each in said.changes if each.unknown]),
    ):
        title(console, f"{heading} ({len(those)})")
        for each in those:
            change(console, said, each)
    if said.broken:
        entries = ", ".join(map(str, said.broken))
        console.print(
            f"\n[bold red]PREUVES PERDUES OU CHANGÉES · EVIDENCE GONE OR CHANGED[/bold red]"
            f"  entrées · entries {entries}"
        )


def change(console: Console, said: MeasuresBetween, each: Change) -> None:
    """One change: between which two attestations, and which incident was open."""
    before, after = (
        "—" if state is None else both(STATES[state]) for state in (each.before, each.after)
    )
    console.print(f"  {each.code}  {before} → [bold]{after}[/bold]")
    gap = f", {each.gap} j sans attestation · days without" if each.gap else ""
    console.print(
        f"      entre · between {told(each.since)} et · and {told(each.at)}"
        f" (entrée · entry {each.ref}){gap}"
    )
    for incident in said.in_reaction(each):
        mark = f"{both(EXERCISE)}  " if incident.exercise else ""
        console.print(
            f"      {mark}pendant l'incident {incident.ref}, ouvert {told(incident.opened)}"
            f" · while incident {incident.ref} was open"
        )


def draw(console: Console, said: MeasuresBetween) -> None:
    """A row a measure: what its worst was, day by day."""
    drawn = picture(said, width=max(LEAST, console.width - MARGIN))
    title(
        console,
        f"{drawn.first} → {drawn.last}, {drawn.days} j par colonne · day(s) a column",
    )
    styles = {mark: STYLES[state] for state, mark in MARKS.items()}
    if drawn.incidents.strip():
        console.print(f"{'incident':<{MARGIN}}[bold red]{drawn.incidents}[/bold red]")
    for code, row in drawn.rows.items():
        cells = "".join(f"[{styles[c]}]{c}[/{styles[c]}]" if c in styles else c for c in row)
        console.print(f"{code:<{MARGIN}}{cells}")
    console.print(f"{'mois · month':<{MARGIN}}{ruler(drawn)}", style="dim")
    legend = "  ".join(f"{MARKS[state]} {both(STATES[state])}" for state in STYLES)
    console.print(f"{legend}  (vide · blank) pas d'attestation · no attestation", style="dim")
