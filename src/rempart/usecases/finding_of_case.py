"""The finding of an incident as a file, for whoever computes from the ledger who was read.

By ``domain/stated_finding.py``, with the words that persons said: they are there without a vault.
"""

import json
from typing import Any

from rempart.domain.errors import ForbiddenTransition, IntegrityBroken
from rempart.domain.finding import Finding
from rempart.domain.incident_words import Did
from rempart.domain.stated_finding import suspects_of
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
    suspects = suspects_of(case.incident, found)
    return Finding(suspects=suspects, thief=last.words.thief, owner=last.words.owner).to_json()


def left_out(case: Case, finding: Finding) -> list[str]:
    """Names of accounts that were frozen in this incident, and that the finding does not hold: one
    that was frozen since it was stated, or that somebody has left out.
    """
    held = {each.number for each in finding.suspects}
    frozen = dict.fromkeys(each.account for each in case.incident.frozen)
    return [case.names.get(number, f"n° {number}") for number in frozen if number not in held]
