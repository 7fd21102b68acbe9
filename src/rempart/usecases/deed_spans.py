"""From when to when an account's deeds are looked at: its own theft, and its own containment.

What an owner did before, and does again once the account is given back, is no deed of a breach. Nor
is what an account did that another operator's alert alone names, until a finding holds it.
"""

import json

from rempart.domain.finding import NEVER, finding_of
from rempart.domain.incident import Incident
from rempart.domain.spoken import Spoken
from rempart.domain.stated_finding import suspects_of

Span = tuple[int, int]
"""Microseconds, both ends included."""


def by_alert_alone(incident: Incident) -> frozenset[int]:
    """Accounts that nothing but another operator's alert names: nobody has stopped them here."""
    return frozenset(incident.alerted) - {each.account for each in incident.frozen}


def spans_of(incident: Incident, finding: Spoken | None, whole: Span) -> dict[int, Span]:
    """Of each account of an incident, but for those of an alert alone; ``finding`` are the words of
    the one that stands. One that it does not hold, or does not say to be contained, is looked at
    until it was frozen, within the ``whole``.
    """
    since, until = whole
    frozen, alone = incident.contained(), by_alert_alone(incident)
    named = [each for each in incident.accounts if each not in alone]
    spans = {number: (since, frozen.get(number, until)) for number in named}
    suspects = suspects_of(incident, incident.found) if incident.found is not None else ()
    if finding is not None and finding.finding:
        suspects = finding_of(json.loads(finding.finding)).suspects
    for each in suspects:
        end = spans.get(each.number, whole)[1] if each.contained == NEVER else each.contained
        spans[each.number] = each.stolen, end
    return spans
