"""What a receipt says in the incident: ``insurers-33-2`` is done for that insurer, and when."""

from collections.abc import Sequence

from rempart.domain.spoken import Spoken
from rempart.usecases.follow_deliveries import Standing
from rempart.usecases.incident_messages import SayOfIncident

CLOCK = "insurers-33-2"
WORDS = "dossier remis, accusé de réception signé · dossier delivered, receipt signed"
READ_OUT = 16
"""Characters of the manifest's digest that stand as the receipt's number."""


def to_enter(found: Sequence[Standing]) -> list[Standing]:
    """The first receipt of each insurer, where none of its reports was entered: it is told once."""
    entered = {each.place.amc for each in found if each.delivery.entered is not None}
    first: dict[str, Standing] = {}
    for each in found:
        amc = each.place.amc
        if each.delivery.received is None or amc in entered:
            continue
        earliest = first.get(amc)
        if earliest is None or each.delivery.received < (earliest.delivery.received or 0):
            first[amc] = each
    return list(first.values())


def said_of(standing: Standing, *, by: str, late: str = "") -> tuple[SayOfIncident, Spoken]:
    """What is said of a receipt, in codes and in words."""
    assert standing.found is not None, "only what was received is said"
    assert standing.delivery.received is not None, "only what was received is said"
    wanted = SayOfIncident(
        standing.found.manifest.incident,
        "clock",
        by,
        b"",
        clock=CLOCK,
        answer="done",
        at=standing.delivery.received,
        amc=int(standing.place.amc),
    )
    reference = standing.found.digest[:READ_OUT]
    return wanted, Spoken(text=WORDS, reference=reference, late=late)
