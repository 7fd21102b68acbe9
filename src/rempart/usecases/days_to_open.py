"""Which days are opened by an incident, which by two operators, and which by nobody yet.

It is known before the first one is opened, so that no opening is written in vain: what two
operators have confirmed is verified here as the vault will verify it again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rempart.domain.errors import SetUpRefused
from rempart.usecases.confirm_together import check_confirmed, digest_of
from rempart.usecases.open_tables import DAYS_MAX, PURPOSE, days_of


@dataclass(frozen=True, slots=True)
class Agreed:
    """A statement of two operators, their words of it, and its first and last day."""

    statement: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether it opens a day."""
        return self.first <= day <= self.last


def agreed(
    statements: Mapping[str, str],
    words: Mapping[str, str],
    *,
    operators: Mapping[bytes, str],
    now: int,
) -> list[Agreed]:
    """Statements, each with its own words, whichever were given together; both by the names of
    their files. ``operators`` are those whom this installation trusts; ``now`` is in microseconds.

    Raises:
        SetUpRefused: one is not what it should be, or not confirmed by two; its file is named.
    """
    said = {name: _object(name, text) for name, text in words.items()}
    found, digests = [], set[str]()
    for name, text in statements.items():
        statement = _object(name, text)
        digests.add(digest := digest_of(statement).hex())
        own = {each: word for each, word in said.items() if word.get("digest") == digest}
        try:
            check_confirmed(
                statement, [*own.values()], purpose=PURPOSE, operators=operators, now=now
            )
            first, last = days_of(statement)
        except SetUpRefused as refusal:
            raise SetUpRefused(f"{name}: {refusal}") from None
        found.append(Agreed(text, tuple(words[each] for each in own), first, last))
    if strange := [name for name, word in said.items() if word.get("digest") not in digests]:
        raise SetUpRefused(f"{strange[0]}: it confirms none of the statements that were given")
    return found


def _object(name: str, text: str) -> dict[str, object]:
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise SetUpRefused(f"{name}: it is not JSON that we know")
    return said


def left_shut(
    days: Iterable[date], of_incident: Callable[[date], bool], given: Sequence[Agreed]
) -> list[date]:
    """Days that nobody opens yet, in order."""
    wanted = sorted({*days})
    return [day for day in wanted if not (of_incident(day) or any(a.holds(day) for a in given))]


def to_ask_for(days: Iterable[date]) -> list[list[date]]:
    """Days in as few statements as hold them: each is about a window that people can judge."""
    found: list[list[date]] = []
    for day in sorted(days):
        if not found or (day - found[-1][0]).days >= DAYS_MAX:
            found.append([])
        found[-1].append(day)
    return found
