"""``rempart doctor``: examine this installation."""

import click
from rich.console import Console

from rempart.bootstrap.doctor import facts
from rempart.cli.nouns import REFUSED
from rempart.config import Instance, Settings
from rempart.usecases.examine_setup import examine, worst
from rempart.usecases.findings import Level

MARKS = {
    Level.SOUND: "[green]✓[/green]",
    Level.WARNING: "[yellow]![/yellow]",
    Level.FAILURE: "[red]✗[/red]",
}


@click.command()
def command() -> None:
    """Examiner l'installation ; en production, échoue si elle n'est pas sûre · examine it."""
    settings, console = Settings.from_environ(), Console(highlight=False, soft_wrap=True)
    console.print(f"instance {settings.instance}, {settings.home}")
    findings = examine(facts(settings))
    for finding in findings:
        console.print(f"{MARKS[finding.level]} {finding.french} · {finding.english}")
    if worst(findings) is Level.FAILURE:
        raise SystemExit(REFUSED)
    if worst(findings) is Level.WARNING and settings.instance is not Instance.PRODUCTION:
        console.print(
            "[dim]Une production échouerait pour une part de cela"
            " · production would fail for some of this[/dim]"
        )
