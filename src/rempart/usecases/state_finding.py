"""State a whole finding of an incident: each account with its own span, sessions, gateways.

The ledger gets what all accounts have in common, and the digest of the rest.
"""

import json
from collections.abc import Mapping

from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import NEVER, Finding
from rempart.domain.incident import Incident
from rempart.domain.spoken import Spoken
from rempart.usecases.incident_labels import Label, both
from rempart.usecases.incident_messages import SayOfIncident

ACCEPTED: Label = (
    "constat proposé par le registre seul, accepté",
    "proposed from the ledger alone, accepted",
)
PROPOSED = both(ACCEPTED)


def check_kind(incident: Incident, *, exercise: bool) -> None:
    """Return if a finding whose file says whether it is of an ``exercise`` may be stated here.

    Raises:
        MalformedIdentifier: it is of one, and the incident is none.
    """
    if exercise and not incident.exercise:
        raise MalformedIdentifier("exercise", "this finding is of one, and the incident is none")


def stated(
    finding: Finding, names: Mapping[int, str], *, incident: int, by: str, text: str = PROPOSED
) -> tuple[SayOfIncident, Spoken]:
    """What is said to state it; ``names`` are those of accounts, by number.

    Raises:
        MalformedIdentifier: an account has no name here.
    """
    missing = [each.number for each in finding.suspects if each.number not in names]
    if missing:
        raise MalformedIdentifier("account", f"nobody has the number {missing[0]}")
    earliest, contained = finding.span
    wanted = SayOfIncident(
        incident,
        "finding",
        by,
        b"",
        accounts=tuple(names[each.number] for each in finding.suspects),
        earliest=earliest,
        contained=0 if contained == NEVER else contained,
        gateway=bool(finding.gateway),
    )
    return wanted, Spoken(text=text, finding=json.dumps(finding.to_json(), sort_keys=True))
