"""From when to when an account's deeds are looked at: its own theft, and its own containment.

What an owner did before, and does again once the account is given back, is no deed of a breach.
"""

import json

from rempart.domain.finding import NEVER, finding_of
from rempart.domain.incident import Incident
from rempart.domain.spoken import Spoken

Span = tuple[int, int]
"""Microseconds, both ends included."""


def spans_of(incident: Incident, finding: Spoken | None, whole: Span) -> dict[int, Span]:
    """Of each account of an incident; ``finding`` are the words of the one that stands. An account
    that it does not hold is looked at until it was frozen, within the ``whole``.
    """
    since, until = whole
    frozen, found = incident.contained(), incident.found
    spans = {number: (since, frozen.get(number, until)) for number in incident.accounts}
    if found is not None:
        for number in found.accounts:
            end = found.contained or frozen.get(number, 0)
            spans[number] = found.earliest, end if end >= found.earliest else until
    if finding is not None and finding.finding:
        for each in finding_of(json.loads(finding.finding)).suspects:
            end = frozen.get(each.number, until) if each.contained == NEVER else each.contained
            spans[each.number] = each.stolen, end
    return spans
