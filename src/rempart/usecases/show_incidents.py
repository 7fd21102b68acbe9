"""Show where incidents stand, from the vault's own fold: no word of what persons said is in it."""

from collections.abc import Callable

from rempart.domain.clocks import State, next_due
from rempart.domain.incident import Incident, Incidents
from rempart.domain.person import told
from rempart.usecases.incident_messages import IncidentShown, IncidentsShown

SHOWN = 50
"""Incidents on one page: with the longest names, it still fits a frame."""


def shown(incidents: Incidents, name: Callable[[int], str], now: int) -> IncidentsShown:
    """The newest; ``name`` is that of an account, by its number."""
    everything = incidents.all()
    newest = reversed(everything[-SHOWN:])
    return IncidentsShown(tuple(_shown(each, name, now) for each in newest), len(everything))


def _shown(incident: Incident, name: Callable[[int], str], now: int) -> IncidentShown:
    found = incident.clocks(now)
    first = None if incident.closed else next_due(found)
    return IncidentShown(
        ref=incident.ref,
        opened=incident.opened,
        origin=told(incident.origin.name),
        exercise=incident.exercise,
        account=name(incident.accounts[0]) if incident.accounts else "",
        accounts=len(incident.accounts),
        aware=incident.aware or 0,
        stated=tuple(told(each.name) for each in incident.nature),
        clock="" if first is None else first.rule.code,
        due=0 if first is None else first.due or 0,
        late=sum(each.state is State.LATE for each in found),
        outcome="" if incident.outcome is None else told(incident.outcome.name),
        closed=incident.closed,
    )
