"""Hold what open incidents need, before anything is erased: their entries outlive their term.

From the earliest possible theft, or four weeks before an incident that has no finding yet, to now.
What is closed is let go by a person (``rempart ledger release``), and by nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rempart.domain.incident import Incident
from rempart.domain.paris import civil
from rempart.usecases.read_incidents import since_of
from rempart.usecases.retain_entries import Hold, LedgerRetention


@dataclass(frozen=True, slots=True)
class HoldIncidents:
    """One hold an incident, by its number."""

    retention: LedgerRetention

    def __call__(self, incidents: Sequence[Incident], *, now: int) -> list[str]:
        """Hold what is open; the names of what was held, or held longer."""
        standing = {each.name: each for each in self.retention.holds()}
        changed = []
        for incident in incidents:
            if incident.closed:
                continue
            wanted = Hold(f"incident-{incident.ref}", civil(since_of(incident)), civil(now))
            before = standing.get(wanted.name)
            if before is not None:
                # Never less than it was: a finding that moves later lets nothing go.
                wanted = wanted._replace(since=min(wanted.since, before.since))
                self.retention.release(before.name)
            self.retention.hold(wanted)
            changed.append(wanted.name)
        return changed
