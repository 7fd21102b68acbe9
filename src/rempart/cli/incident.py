"""``rempart incident``: from signal to case, and its clocks.

Reading needs no vault; saying something does, over its socket, by the vault's own user. Each thing
that is said is an entry of the ledger under a name; its words are kept apart, sealed.
"""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console

from rempart.bootstrap.contacts import check_registered
from rempart.bootstrap.incidents import incident_teller
from rempart.cli.asking import ask
from rempart.cli.civil_time import TIME, told
from rempart.cli.incident_contacts import contacts
from rempart.cli.incident_deliver import deliver, deliveries
from rempart.cli.incident_everything import files
from rempart.cli.incident_files import accept, dossiers
from rempart.cli.incident_finding import finding
from rempart.cli.incident_letters import letters
from rempart.cli.incident_papers import papers
from rempart.cli.incident_register import register
from rempart.cli.incident_scope import scope
from rempart.cli.incident_show import list_, show, then
from rempart.cli.incident_state import state
from rempart.config import Settings
from rempart.domain.clocks import Answer, laws
from rempart.domain.incident_checks import ENTERED
from rempart.domain.incident_words import Origin, Outcome, Rest, Stated
from rempart.domain.person import told as named
from rempart.domain.spoken import Spoken
from rempart.usecases.incident_labels import EXERCISE, OUTCOMES, both
from rempart.usecases.incident_messages import IncidentSaid, SayOfIncident
from rempart.usecases.tell_of_incident import folded

F = TypeVar("F", bound=Callable[..., Any])
STATED = click.Choice([named(each.name) for each in Stated])


@click.group()
def command() -> None:
    """Ouvrir, instruire, clore un incident ; ses horloges · incidents and their clocks."""


LOOKED_AT, MADE, SENT = (
    (list_, show, finding, register),
    (files, accept, state, scope, dossiers, papers, letters),
    (contacts, deliver, deliveries),
)
for each in (*LOOKED_AT, *MADE, *SENT):
    command.add_command(each)


by_option = click.option("--as", "by", required=True, help="Qui le dit · who says so")
source_option = click.option(
    "--source", default="", help="D'où on le tient ; une alerte en a une · an alert has one"
)
late_option = click.option("--late", default="", help="Les motifs du retard · why it is late")
number_argument = click.argument("number", type=int)
text_argument = click.argument("text", metavar="TEXTE")


def words_of(text: str) -> str:
    """What was typed, or what comes in where it is ``-``: a shell keeps what is typed."""
    return sys.stdin.read().strip() if text == "-" else text


def say(wanted: SayOfIncident, words: Spoken) -> IncidentSaid:
    """Have it kept and entered; tell where, and what comes next."""
    settings = Settings.from_environ()
    console = Console(highlight=False)
    with incident_teller(settings, ask) as tell:
        said = tell(wanted, words)
        now = tell.clock.now()
        incident = folded(tell.evidence, sandbox=tell.sandbox).find(said.incident)
    if incident.exercise:
        console.print(f"[bold magenta]{both(EXERCISE)}[/bold magenta]")
    console.print(f"incident {said.incident}  inscrit · entered: entrée · entry {said.ref}")
    console.print(then(incident, now))
    console.print(f"  ensuite · next: ./rempart incident show {said.incident}")
    return said


@command.command(name="open")
@text_argument
@click.option(
    "--from",
    "origin",
    type=click.Choice([named(each.name) for each in sorted(ENTERED)]),
    default=named(Origin.PERSON.name),
    show_default=True,
    help="Qui alerte · who raises it",
)
@click.option("--account", "accounts", multiple=True, help="Un compte en cause · an account in it")
@click.option("--exercise", is_flag=True, help="Exercice : marqué partout · marked everywhere")
@source_option
@by_option
def open_(
    *, text: str, origin: str, accounts: tuple[str, ...], exercise: bool, source: str, by: str
) -> None:
    """Ouvrir un incident, ou entrer une alerte · open one, or enter an alert."""
    wanted = SayOfIncident(
        0, "opened", by, b"", origin=origin, exercise=exercise, accounts=accounts
    )
    say(wanted, Spoken(text=words_of(text), source=source))


@command.command()
@number_argument
@text_argument
@click.option("--at", type=TIME, required=True, help="Quand, heure de Paris · when, Paris time")
@click.option("--source", required=True, help="D'où on le tient · who or what says so")
@by_option
def fact(*, number: int, text: str, at: int, source: str, by: str) -> None:
    """Noter un fait, sa source et son heure · a fact, its source and its time."""
    say(SayOfIncident(number, "fact", by, b"", at=at), Spoken(text=words_of(text), source=source))


@command.command()
@number_argument
@text_argument
@click.option("--account", "accounts", multiple=True, required=True, help="Compte volé · stolen")
@click.option("--earliest", type=TIME, required=True, help="Vol possible dès · theft possible from")
@click.option("--contained", type=TIME, default=0, help="Arrêté à · contained at")
@click.option(
    "--rest",
    type=click.Choice([named(each.name) for each in Rest]),
    default=named(Rest.UNKNOWN.name),
    show_default=True,
    help="À qui, les sessions non nommées · whose the unnamed sessions are",
)
@click.option("--thief", multiple=True, help="Session du voleur · a thief's session (hex)")
@click.option("--owner", multiple=True, help="Session du titulaire · the owner's session (hex)")
@by_option
def found(
    *,
    number: int,
    text: str,
    accounts: tuple[str, ...],
    earliest: int,
    contained: int,
    rest: str,
    thief: tuple[str, ...],
    owner: tuple[str, ...],
    by: str,
) -> None:
    """Dire le constat : comptes, sessions, dates · the finding."""
    wanted = SayOfIncident(
        *(number, "finding", by, b""),
        accounts=accounts,
        earliest=earliest,
        contained=contained,
        rest=rest,
    )
    words = Spoken(text=words_of(text), thief=sessions(thief), owner=sessions(owner))
    say(wanted, words)


def sessions(typed: tuple[str, ...]) -> frozenset[bytes]:
    """Pseudonyms of sessions, from hexadecimal."""
    try:
        return frozenset(bytes.fromhex(each) for each in typed)
    except ValueError:
        raise click.BadParameter("une session : 32 chiffres hexadécimaux · 32 hex digits") from None


@command.command()
@number_argument
@click.argument("confidentiality", type=STATED)
@click.argument("integrity", type=STATED)
@click.argument("availability", type=STATED)
@text_argument
@by_option
def nature(
    *, number: int, confidentiality: str, integrity: str, availability: str, text: str, by: str
) -> None:
    """Dire ce qui est atteint, les trois · what is hit, each of the three."""
    stated = (confidentiality, integrity, availability)
    say(SayOfIncident(number, "nature", by, b"", stated=stated), Spoken(text=words_of(text)))


@command.command()
@number_argument
@text_argument
@by_option
def decide(*, number: int, text: str, by: str) -> None:
    """Noter une décision, et pourquoi · a decision, and why."""
    say(SayOfIncident(number, "decided", by, b""), Spoken(text=words_of(text)))


@command.command()
@number_argument
@text_argument
@click.option(
    "--at", type=TIME, required=True, help="Depuis quand nous savons · since when we know"
)
@late_option
@by_option
def aware(*, number: int, text: str, at: int, late: str, by: str) -> None:
    """Dire depuis quand nous savons, et pourquoi : les horloges partent · clocks start."""
    wanted = SayOfIncident(number, "aware", by, b"", at=at)
    say(wanted, Spoken(text=words_of(text), late=late))
    Console(highlight=False).print(f"  horloges depuis · clocks run from {told(at)}")


@command.command()
@number_argument
@click.argument("code", type=click.Choice([rule.code for rule in laws()]))
@click.argument("answer", type=click.Choice([named(each.name) for each in Answer]))
@text_argument
@click.option("--at", type=TIME, default=0, help="Quand cela fut fait · when it was done")
@click.option(
    "--amc", type=click.IntRange(0, 99_999_999), default=0, help="Un assureur · an insurer"
)
@click.option("--reference", default="", help="N° de récépissé · the receipt's number")
@late_option
@by_option
def clock(
    *,
    number: int,
    code: str,
    answer: str,
    text: str,
    at: int,
    amc: int,
    reference: str,
    late: str,
    by: str,
) -> None:
    """Répondre à une horloge : faite, ou sans objet · answer a clock."""
    if amc:
        check_registered(Settings.from_environ(), amc)
    wanted = SayOfIncident(number, "clock", by, b"", clock=code, answer=answer, at=at, amc=amc)
    say(wanted, Spoken(text=words_of(text), late=late, reference=reference))


@command.command()
@number_argument
@text_argument
@click.option("--outcome", type=click.Choice([named(each.name) for each in Outcome]), required=True)
@by_option
@click.confirmation_option(
    prompt="Un incident clos ne se rouvre pas ; clore · closed is for good; close"
)
def close(*, number: int, text: str, outcome: str, by: str) -> None:
    """Clore, et dire ce que c'était · close, and say what it was."""
    say(SayOfIncident(number, "closed", by, b"", outcome=outcome), Spoken(text=words_of(text)))
    label = OUTCOMES[Outcome[outcome.upper().replace("-", "_")]]
    click.echo(f"  {both(label)}")
    click.echo(
        "  ses entrées s'effacent à leur terme : ./rempart ledger hold pour les garder"
        " · its entries go at their term: ./rempart ledger hold to keep them"
    )
