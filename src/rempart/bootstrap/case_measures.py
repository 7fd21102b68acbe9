"""Protections as they stood before a theft, and what came since, for an incident's papers."""

from rempart.bootstrap.measures import reading
from rempart.config import Settings
from rempart.domain.incident import Incident
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.measures_told import measures_at, measures_gained


def measures_before(settings: Settings, at: int) -> list[MeasureSaid]:
    """What was attested last before a moment (microseconds); nothing where nothing was."""
    with reading(settings) as read:
        return [*measures_at(read, at)]


def measures_since(settings: Settings, incident: Incident, until: int) -> list[MeasureSaid]:
    """What came into force while an incident was open, until a moment (microseconds)."""
    with reading(settings) as read:
        return [*measures_gained(read, incident, until)]
