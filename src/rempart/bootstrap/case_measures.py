"""Protections as they stood before a theft, for the papers of its incident."""

from rempart.bootstrap.measures import reading
from rempart.config import Settings
from rempart.domain.errors import Refusal
from rempart.usecases.breach_items import MeasureSaid
from rempart.usecases.measures_told import state_name


def measures_before(settings: Settings, at: int) -> list[MeasureSaid]:
    """What was attested last before a moment (microseconds); nothing where nothing was."""
    try:
        with reading(settings) as read:
            said = read.at(at)
    except Refusal:
        return []
    return [
        MeasureSaid(
            code=each.code,
            french=each.french,
            english=each.english,
            state=state_name(each.state),
            at=said.attestation.at,
            entry=said.attestation.ref,
        )
        for each in said.measures
    ]
