"""``rempart ask``: ask the demo's gateway as a practice software would."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache

import click
from rich.console import Console

from rempart.adapters.system import SystemClock
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.domain.site import SiteKind
from rempart.drill.cases import CASES, Case, Phone, ShowPhone, outcome_of, patient_card
from rempart.drill.phone import show_card
from rempart.drill.software import PracticeSoftware, Told
from rempart.drill.stage import Stage, waiting

DAY = click.DateTime(["%Y-%m-%d"])
SECOND = 1_000_000


@click.command()
@click.option(
    "--as",
    "kind",
    type=click.Choice([kind.value for kind in SiteKind]),
    default=SiteKind.PHARMACY.value,
    show_default=True,
    help="Le lieu qui demande · the site that asks",
)
@click.option("--domain", default="PHAR", show_default=True)
@click.option("--patient", type=click.IntRange(min=1), default=1, help="Sa place · their seat")
@click.option("--typed", is_flag=True, help="Taper ce qui est imprimé · type what is printed")
@click.option("--on", "day", type=DAY, help="Date des soins · date of care")
@click.option(
    "--case",
    "name",
    type=click.Choice([*CASES, "all"]),
    help="Une situation de recette, sans les autres options · a test situation, alone",
)
def command(
    *, kind: str, domain: str, patient: int, typed: bool, day: datetime | None, name: str | None
) -> None:
    """Interroger en logiciel métier, avec la carte d'un patient de la salle d'attente."""
    stage, console = Stage(Settings.from_environ()), Console(highlight=False, soft_wrap=True)
    people, today = waiting(stage), datetime.now(UTC).date()
    if name is not None:
        played = CASES.values() if name == "all" else [CASES[name]]
        ended = [play(case, stage, people, today, console) for case in played]
        if not all(ended):
            raise SystemExit(1)
        return
    if patient > len(people):
        raise SetUpRefused(f"the waiting room has {len(people)} people")
    with software_of(stage, SiteKind(kind)) as software:
        shown = patient_card(people[patient - 1], typed=typed)
        for told in software.ask(shown, [domain], day.date() if day else today):
            print_told(told, console)


def software_of(stage: Stage, kind: SiteKind) -> PracticeSoftware:
    """The practice software of a site of the demo."""
    return PracticeSoftware(
        stage.settings.base_url,
        stage.credentials(kind),
        authorities=stage.settings.tls / "authority.pem",
        clock=SystemClock(),
        vault=vault_key(stage.settings.vault_key_file),
    )


def play(
    case: Case, stage: Stage, people: Sequence[Mapping[str, str]], today: date, console: Console
) -> bool:
    """Play a situation; whether it ended as it should."""
    with software_of(stage, case.site) as software:
        outcome = outcome_of(case, software, people, today, phone_of(stage, software))
    if outcome == case.expects:
        console.print(f"[green]{outcome:<17}[/green] {case.name} : {case.french} · {case.english}")
        return True
    console.print(f"[red]{outcome:<17}[/red] {case.name} : attendu · expected {case.expects}")
    return False


def phone_of(stage: Stage, software: PracticeSoftware) -> ShowPhone:
    """A phone, played with the keys of its card's insurer, which this sandbox holds."""

    @cache
    def show(phone: Phone) -> str:
        made = SystemClock().now() // SECOND - phone.late
        return show_card(stage.settings.home, phone.card, software.presence_key(), made=made)

    return show


def print_told(told: Told, console: Console) -> None:
    """An answer, for a person."""
    if told.refused:
        console.print(f"[yellow]refusé · refused: {told.refused}[/yellow]")
    elif told.in_force:
        until = told.until or "sans fin connue"
        console.print(
            f"[bold]La réponse[/bold]   [green]droits ouverts · in force[/green]"
            f"  {told.domain}  mode {told.mode}  jusqu'au {until}  référence {told.reference}"
        )
    else:
        console.print(f"[bold]La réponse[/bold]   droits fermés · closed  {told.reference}")
