"""What was attested of protections, as the ledger tells it: when, which state each, what changed.

* An attestation is a ``DECISION`` that holds the edition of the catalogue, a state a measure, and
  the digest of the evidence, which lies elsewhere.
* It says what was seen at its moment. Until the next one, nothing was seen: a civil day of France
  without any is a gap, and no state is said to have lasted over it.
* A change lies between two attestations, and is dated by both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.errors import IntegrityBroken, MalformedIdentifier, SetUpRefused
from rempart.domain.incident import Incident
from rempart.domain.measure import EDITION, State, unpacked
from rempart.domain.paris import civil, moment

DIGEST_SIZE = 32
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What entry ``ref`` attests, at ``at`` (microseconds); states by the measure's code."""

    ref: int
    at: int
    edition: int
    states: Mapping[str, State]
    evidence: bytes = field(repr=False)

    @property
    def day(self) -> date:
        """Its civil day in France."""
        return civil(self.at).date()


def codes_of(edition: int, states: bytes, evidence: bytes) -> Codes:
    """How the ledger says it.

    Raises:
        MalformedIdentifier: no such edition, not a state a measure, or no digest.
    """
    if len(evidence) != DIGEST_SIZE:
        raise MalformedIdentifier("evidence", "expected a SHA-256")
    unpacked(states, edition)
    return {"measures": edition, "states": states, "evidence": evidence}


def attested_in(index: int, entry: Entry, detail: bytes) -> Attestation | None:
    """What an entry attests, if it does.

    Raises:
        IntegrityBroken: it attests what no vault would have written.
        SetUpRefused: a newer program has written it.
    """
    codes = decode_codes(detail) if entry.type is EntryType.DECISION else {}
    match codes:
        case {"measures": int(edition), "states": bytes(states), "evidence": bytes(evidence)}:
            pass
        case _:
            return None
    if edition > EDITION:
        raise SetUpRefused(f"entry {index}: measures of edition {edition}, newer than this program")
    try:
        said = unpacked(states, edition)
    except MalformedIdentifier as error:
        raise IntegrityBroken(f"entry {index}: {error}") from None
    return Attestation(ref=index, at=entry.at, edition=edition, states=said, evidence=evidence)


def last_at(attested: Iterable[Attestation], at: int) -> Attestation | None:
    """The last one at or before a moment."""
    upto = [each for each in attested if each.at <= at]
    return max(upto, key=lambda each: (each.at, each.ref), default=None)


def end_of(day: date) -> int:
    """The last microsecond of a civil day in France."""
    return start_of(day + ONE_DAY) - 1


def start_of(day: date) -> int:
    """The first microsecond of a civil day in France."""
    return moment(datetime.combine(day, time(0)))


def days_without(attested: Iterable[Attestation], first: date, last: date) -> list[date]:
    """Civil days from ``first`` to ``last``, both included, on which nothing was attested."""
    days = {each.day for each in attested}
    count = (last - first).days + 1
    return [day for n in range(count) if (day := first + n * ONE_DAY) not in days]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A state that changed between two attestations: ``before`` is none where the measure was new
    in its edition, ``after`` none where it went. ``gap`` counts days without any between the two.
    """

    code: str
    before: State | None
    after: State | None
    since: int
    at: int
    ref: int
    gap: int = 0

    @property
    def gained(self) -> bool:
        """Whether more is there than was."""
        return _weight(self.after) > _weight(self.before) and not self.unknown

    @property
    def lost(self) -> bool:
        """Whether less is there than was."""
        return _weight(self.after) < _weight(self.before) and not self.unknown

    @property
    def unknown(self) -> bool:
        """Whether one side was not verified: then nothing is said to be gained or lost."""
        return State.NOT_VERIFIED in {self.before, self.after}

    def within(self, incident: Incident) -> bool:
        """Whether it may have come after an incident began, and before that was closed."""
        return incident.opened <= self.at and (not incident.closed or self.since <= incident.closed)


def _weight(state: State | None) -> int:
    return {State.IN_FORCE: 2, State.PARTLY: 1}.get(state, 0) if state is not None else 0


def changes(attested: Sequence[Attestation]) -> Iterator[Change]:
    """Every change from one to the next, in their order. What comes back from *not verified* as
    something else than it was last seen as has changed since then: no gain or loss hides there.
    """
    seen: dict[str, tuple[State | None, Attestation]] = {}
    for before, after in pairwise(attested):
        for code in dict.fromkeys((*before.states, *after.states)):
            old, new = before.states.get(code), after.states.get(code)
            if old is not State.NOT_VERIFIED:
                seen[code] = old, before
            if old is new:
                continue
            last, when = seen.get(code, (old, before))
            if new is State.NOT_VERIFIED or new is last:
                last, when = old, before
            yield Change(
                code=code,
                before=last,
                after=new,
                since=when.at,
                at=after.at,
                ref=after.ref,
                gap=len(days_without(attested, when.day, after.day)),
            )


def since_of(attested: Sequence[Attestation], code: str) -> int:
    """From when on the last state of a measure was seen without a gap; microseconds.

    ``attested`` ends with the one that is looked at.
    """
    last = attested[-1]
    since, day = last.at, last.day
    for each in reversed(attested):
        if each.states.get(code) is not last.states.get(code) or day - each.day > ONE_DAY:
            break
        since, day = each.at, each.day
    return since
