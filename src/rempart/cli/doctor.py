"""``rempart doctor``: examine this installation."""

import click
from rich.console import Console

from rempart.bootstrap.doctor import facts
from rempart.config import Settings
from rempart.usecases.examine_setup import Level, examine, worst

MARKS = {
    Level.SOUND: "[green]✓[/green]",
    Level.WARNING: "[yellow]![/yellow]",
    Level.FAILURE: "[red]✗[/red]",
}


@click.command()
def command() -> None:
    """Examiner l'installation ; échoue si elle n'est pas sûre · fails where it is not safe."""
    settings, console = Settings.from_environ(), Console(highlight=False, soft_wrap=True)
    console.print(f"instance {settings.instance}, {settings.home}")
    findings = examine(facts(settings))
    for finding in findings:
        console.print(f"{MARKS[finding.level]} {finding.french} · {finding.english}")
    if worst(findings) is Level.FAILURE:
        raise SystemExit(2)
