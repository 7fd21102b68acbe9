"""The finding of an incident as a file, for whoever computes from the ledger who was read.

An account is contained when the finding says, or else when it was frozen. A finding that was stated
whole, account by account, is that one.
"""

import json
from typing import Any

from rempart.domain.errors import ForbiddenTransition, IntegrityBroken
from rempart.domain.finding import Finding
from rempart.domain.incident_words import Did
from rempart.domain.paris import civil
from rempart.domain.person import told
from rempart.usecases.read_incidents import Case


def finding_of(case: Case) -> dict[str, Any]:
    """Accounts by number, with the earliest theft and containment; whose sessions are known.

    Raises:
        ForbiddenTransition: nothing was found yet.
        IntegrityBroken: the words that name the sessions are gone or changed.
    """
    found = case.incident.found
    if found is None:
        raise ForbiddenTransition("nothing was found yet: rempart incident found")
    last = [each for each in case.statements if each.told.did is Did.FINDING][-1]
    if last.words is None:
        raise IntegrityBroken("the words of this finding are gone or changed")
    if last.words.finding:
        return dict(json.loads(last.words.finding))
    frozen, accounts = case.incident.contained(), []
    for number in sorted(found.accounts):
        contained = found.contained or frozen.get(number, 0)
        at = {"contained": _exact(contained)} if contained >= found.earliest else {}
        said = {"number": number, "stolen": _exact(found.earliest)}
        accounts.append({**said, **at, "rest": told(found.rest.name)})
    return {
        "account": accounts,
        "sessions": {
            "thief": sorted(each.hex() for each in last.words.thief),
            "owner": sorted(each.hex() for each in last.words.owner),
        },
    }


def left_out(case: Case, finding: Finding) -> list[str]:
    """Names of accounts that were frozen in this incident, and that the finding does not hold: one
    that was frozen since it was stated, or that somebody has left out.
    """
    held = {each.number for each in finding.suspects}
    frozen = dict.fromkeys(each.account for each in case.incident.frozen)
    return [case.names.get(number, f"n° {number}") for number in frozen if number not in held]


def _exact(at: int) -> str:
    """To the microsecond: what was read in the last one counts."""
    return civil(at).isoformat(timespec="microseconds")
