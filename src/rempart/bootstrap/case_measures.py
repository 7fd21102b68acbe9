"""Protections as they stood before a theft, for the papers of its incident."""

from rempart.bootstrap.measures import reading
from rempart.config import Settings
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.measures_told import measures_at


def measures_before(settings: Settings, at: int) -> list[MeasureSaid]:
    """What was attested last before a moment (microseconds); nothing where nothing was."""
    with reading(settings) as read:
        return [*measures_at(read, at)]
