"""From the freeze on: the incident that opened by itself, its finding, its scope.

Each is made by the product's own commands' code; nobody states anything.
"""

import time
from dataclasses import dataclass

from rempart.bootstrap.cases import scope_case, scopes_of
from rempart.bootstrap.incidents import incident_reader
from rempart.domain.proposed_finding import ProposedFinding
from rempart.drill.incident.robbed import Robbed
from rempart.usecases.propose_finding import ProposeFinding
from rempart.usecases.read_incidents import Case
from rempart.usecases.scope_file import ScopeFile
from rempart.usecases.scope_list import WORDS


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Files:
    """What came out, and how many seconds after the thief had given up."""

    case: Case
    proposed: ProposedFinding
    scope: ScopeFile
    parts: dict[str, set[bytes]]
    finding_seconds: float
    seconds: float


def files_of(robbed: Robbed) -> Files:
    """Everything that follows by itself.

    Raises:
        AssertionError: no incident has opened: nobody was frozen.
    """
    settings = robbed.ground.settings
    with incident_reader(settings) as reading:
        cases = [each for each in reading.register().cases if each.incident.frozen]
        assert cases, "nobody was frozen: no incident has opened"
        case, began = cases[-1], time.monotonic()
        proposed = ProposeFinding(reading.evidence)(case.incident, now=case.until)
        finding_seconds = time.monotonic() - began
    scope = scope_case(settings, case, proposed.finding)
    listed = scopes_of(settings, case.incident.ref).list_of(scope.number).read_text("utf-8")
    return Files(
        case=case,
        proposed=proposed,
        scope=scope,
        parts=parts_of(listed),
        finding_seconds=finding_seconds,
        seconds=time.monotonic() - robbed.at,
    )


def parts_of(listed: str) -> dict[str, set[bytes]]:
    """The people of a scope's list, by pseudonym, in each of its parts."""
    found: dict[str, set[bytes]] = {word: set() for word in WORDS.values()}
    for line in listed.splitlines()[1:]:
        verdict, _, _, person, *_ = line.split(";")
        found[verdict].add(bytes.fromhex(person))
    return found
