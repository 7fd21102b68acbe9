"""Whether an answer about somebody lies in a declared breach, as far as a vault can tell.

An answer of an account that an incident's finding holds to be stolen then is *breached* where all
of that time was the thief's, else *undecided*. Whose each session was stands in the words of the
finding, which no vault reads: nobody is cleared here, and the scope has the last word.
"""

from collections.abc import Iterable

from rempart.domain.disclosure import Entry
from rempart.domain.finding import NEVER, Finding, Suspect, Whose
from rempart.domain.incident import Found, Incident
from rempart.domain.incident_words import Outcome, Rest
from rempart.domain.scope import Verdict, outside, whose

RESTS = {Rest.OWNER: Whose.OWNER, Rest.UNKNOWN: Whose.UNKNOWN, Rest.THIEF: Whose.THIEF}


def is_told(incident: Incident, *, sandbox: bool) -> bool:
    """Whether whom it is about hears of it: no exercise, and not dismissed."""
    return incident.exercise is sandbox and incident.outcome in {None, Outcome.BREACH}


def verdict_of(entry: Entry, number: int, incidents: Iterable[Incident]) -> Verdict | None:
    """The worst that a finding says of an answer of this account (its number), if one does."""
    verdicts = [
        _judged(entry, _suspect(number, incident, incident.found))
        for incident in incidents
        if incident.found is not None and number in incident.found.accounts
    ]
    return max((each for each in verdicts if each is not None), default=None)


def _suspect(number: int, incident: Incident, found: Found) -> Suspect:
    """As ``usecases/finding_of_case.py`` has it: contained as was found, or else when frozen."""
    contained = found.contained or incident.contained().get(number, 0)
    return Suspect(
        number=number,
        stolen=found.earliest,
        contained=contained if contained >= found.earliest else NEVER,
        rest=RESTS[found.rest],
    )


def _judged(entry: Entry, suspect: Suspect) -> Verdict | None:
    if outside(suspect, entry.at):
        return None
    by = whose(Finding(suspects=(suspect,)), suspect, entry) or Whose.UNKNOWN
    return max(Verdict.UNDECIDED, Verdict(by))
