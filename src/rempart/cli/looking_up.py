"""Look somebody up in the public directory before they come in: the option, and what is said."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from rempart.domain.errors import SetUpRefused
from rempart.domain.extract import EXTRACT_DAYS
from rempart.usecases.contain_account import officer_named
from rempart.usecases.look_up_directory import LookedUp

F = TypeVar("F", bound=Callable[..., Any])

reason_option = click.option(
    "--outside-directory",
    "reason",
    help="Pourquoi, quoi qu'en dise l'annuaire · why, whatever the directory says",
)
by_option = click.option("--as", "by", help="Qui le décide · who decides that")


def outside_option(command: F) -> F:
    """Let an operator say why somebody comes in whatever the directory says, and who says so."""
    return reason_option(by_option(command))


def said_outside(reason: str | None, by: str | None) -> str:
    """The reason that is kept, under the name of who gives it; nothing where none is given.

    Raises:
        SetUpRefused: a reason without a name, or a name without a reason.
        MalformedIdentifier: the name is not one word.
    """
    if (reason is None) is not (by is None):
        raise SetUpRefused("--outside-directory and --as go together")
    return "" if reason is None or by is None else f"{officer_named(by)}: {reason}"


def tell(found: LookedUp) -> None:
    """Say what was found, in an extract of what age."""
    if found.extract is None:
        click.echo("annuaire : aucun extrait, rien n'est vérifié · directory: none, not looked up")
    else:
        day, age = found.extract.day, found.extract.age(datetime.now(UTC).date())
        click.echo(f"annuaire du · directory of {day}, {age} j · d")
        if age > EXTRACT_DAYS:
            click.echo(
                "cet extrait est vieux : rempart directory import · this extract is old", err=True
            )
    if found.outside:
        click.echo("hors annuaire, motif noté · outside of the directory, the reason is kept")
