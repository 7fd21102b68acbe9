"""``rempart ask``: ask the demo's gateway as a practice software would."""

from collections.abc import Mapping
from datetime import UTC, datetime

import click
from rich.console import Console

from rempart.adapters.system import SystemClock
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.domain.site import SiteKind
from rempart.drill.software import PracticeSoftware, PrintedCard, Told
from rempart.drill.stage import Stage, waiting

DAY = click.DateTime(["%Y-%m-%d"])


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
def command(kind: str, domain: str, patient: int, typed: bool, day: datetime | None) -> None:
    """Interroger en logiciel métier, avec la carte d'un patient de la salle d'attente."""
    stage = Stage(Settings.from_environ())
    people, settings = waiting(stage), stage.settings
    if patient > len(people):
        raise SetUpRefused(f"the waiting room has {len(people)} people")
    with PracticeSoftware(
        settings.base_url,
        stage.credentials(SiteKind(kind)),
        authorities=settings.tls / "authority.pem",
        clock=SystemClock(),
    ) as software:
        care_date = (day or datetime.now(UTC)).date()
        shown = patient_card(people[patient - 1], typed=typed)
        for told in software.ask(shown, [domain], care_date):
            print_told(told, Console(highlight=False, soft_wrap=True))


def patient_card(person: Mapping[str, str], *, typed: bool = False) -> str | PrintedCard:
    """What this person shows: the code of their card, or the things printed on it."""
    if person["code"] and not typed:
        return person["code"]
    return PrintedCard(**{name: value for name, value in person.items() if name != "code"})


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
