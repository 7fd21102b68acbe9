"""Receipts entered in their incident: the insurer is told, and its own clocks run from then."""

from pathlib import Path

from rich.console import Console

from rempart.bootstrap.deliveries import note_entered
from rempart.bootstrap.incidents import incident_teller
from rempart.cli.asking import ask
from rempart.config import Settings
from rempart.domain.errors import (
    ForbiddenTransition,
    KeyMissing,
    MalformedIdentifier,
    TemporarilyUnavailable,
)
from rempart.usecases.enter_receipts import said_of, to_enter
from rempart.usecases.follow_deliveries import Standing


def enter_received(
    console: Console, folder: Path, found: list[Standing], *, by: str, late: str
) -> None:
    """Enter each insurer's first receipt; without a vault, say how to do it later."""
    waiting = to_enter(found)
    if not waiting:
        console.print("rien à inscrire · nothing to enter")
        return
    try:
        _enter(console, folder, waiting, by=by, late=late)
    except (TemporarilyUnavailable, KeyMissing) as error:
        console.print(f"pas inscrit · not entered: {error}", style="yellow")
        console.print(
            f"  plus tard · later: ./rempart incident deliveries {folder} --enter --as {by}",
            soft_wrap=True,
            markup=False,
        )


def _enter(console: Console, folder: Path, waiting: list[Standing], *, by: str, late: str) -> None:
    with incident_teller(Settings.from_environ(), ask) as tell:
        for each in waiting:
            wanted, words = said_of(each, by=by, late=late)
            try:
                said = tell(wanted, words)
            except (ForbiddenTransition, MalformedIdentifier) as refusal:
                console.print(f"AMC {each.place.amc} : refusé · refused: {refusal}", style="red")
                continue
            assert each.found is not None, "only what was received is entered"
            note_entered(folder, each.found)
            console.print(f"AMC {each.place.amc} : inscrit · entered: entrée · entry {said.ref}")
