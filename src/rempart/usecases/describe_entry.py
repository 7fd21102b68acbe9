"""Describe an entry to a person: two or four short lines, pseudonyms by their first digits."""

from rempart.domain.coverage import Domain
from rempart.domain.disclosure import Entry, EntryType, Outcome

QUESTIONS = frozenset({EntryType.QUESTION, EntryType.REPEAT})


def describe(index: int, entry: Entry) -> list[str]:
    """Lines that say what happened, when, by which pseudonym, and what was shown."""
    moment = entry.time.isoformat(timespec="seconds")
    lines = [
        f"entrée · entry     {index}  {entry.type.name}  {moment}",
        f"compte · account   {entry.account.hex()[:12]}…  lieu · site {entry.site.hex()[:12]}…",
    ]
    if entry.type in QUESTIONS:
        domain = Domain(entry.domain).name if entry.domain else "—"
        shown = (entry.fields.name or "—").replace("|", ", ")
        lines.append(
            f"personne · person  {entry.person.hex()[:12]}…  AMC {entry.amc:08d}  {domain}"
        )
        lines.append(
            f"présence           {entry.presence.name}  issue · outcome"
            f" {Outcome(entry.outcome).name}  champs · fields {shown}"
        )
    return lines
