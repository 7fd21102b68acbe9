"""The finding of an incident, whole: for its file, and for what a vault shows to a person.

An account is contained when the finding says, or else when it was frozen. A finding that was stated
account by account, or with a gateway's time, is that one.
"""

from dataclasses import replace

from rempart.domain.finding import NEVER, Finding, Suspect, Whose
from rempart.domain.incident import Found, Incident
from rempart.domain.incident_words import Rest

RESTS = {Rest.OWNER: Whose.OWNER, Rest.UNKNOWN: Whose.UNKNOWN, Rest.THIEF: Whose.THIEF}


def suspects_of(incident: Incident, found: Found) -> tuple[Suspect, ...]:
    """The accounts of a finding, each as all of them."""
    frozen = incident.contained()
    return tuple(
        _suspect(number, found, found.contained or frozen.get(number, 0))
        for number in sorted(found.accounts)
    )


def stated(incident: Incident) -> Finding | None:
    """The finding that stands, if one does and the ledger says whose its sessions are."""
    found = incident.found
    if found is None or found.named is None:
        return None
    if found.named.suspects or found.named.gateway:
        return found.named
    return replace(found.named, suspects=suspects_of(incident, found))


def _suspect(number: int, found: Found, contained: int) -> Suspect:
    return Suspect(
        number=number,
        stolen=found.earliest,
        contained=contained if contained >= found.earliest else NEVER,
        rest=RESTS[found.rest],
    )
