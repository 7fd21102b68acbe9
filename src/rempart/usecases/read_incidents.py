"""Read incidents: what the ledger says, what persons said, what the account did, who was cut off.

The ledger comes first: a statement whose words are gone or changed is told as such, and words that
no entry bears out are told by their number alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.clocks import Clock as Running
from rempart.domain.deeds import Deed, Deeds, Kind, in_order
from rempart.domain.disclosure import Entry
from rempart.domain.errors import IntegrityBroken
from rempart.domain.incident import Incident, Incidents, Told
from rempart.domain.incident_words import Did
from rempart.domain.spoken import Spoken
from rempart.usecases.deed_spans import Span, spans_of
from rempart.usecases.incident_ports import Evidence, Named, SpokenWords, Unanswered
from rempart.usecases.ports import Clock
from rempart.usecases.tell_of_incident import opened
from rempart.usecases.tell_unserved import Stopped, Stops, Unserved

LOOKED_BACK = 28 * DAY
"""Microseconds before an incident that has no finding yet: the longest window of a budget."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said: as the ledger has it, and in words; without, they are gone or changed."""

    told: Told
    words: Spoken | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An incident with everything that is known of it. ``since`` is from when its accounts' deeds
    are looked at: the earliest theft, or four weeks before where none is found yet. Each account's
    end at its own containment. ``sessions`` are the accounts, by number, of sessions that the
    finding names, where somebody has placed them.
    """

    incident: Incident
    statements: tuple[Statement, ...] = field(repr=False)
    clocks: tuple[Running, ...] = field(repr=False)
    accounts: tuple[Named, ...] = field(repr=False)
    since: int
    until: int
    deeds: tuple[Deed, ...] = field(repr=False)
    stopped: tuple[Stopped, ...] = field(repr=False)
    unserved: tuple[Unserved, ...] = field(repr=False)
    everybody: Mapping[int, Named] = field(repr=False)
    sessions: Mapping[bytes, int] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> dict[int, str]:
        """Names of accounts, by number."""
        return {number: each.name for number, each in self.everybody.items()}

    @property
    def silent(self) -> list[int]:
        """Entries whose words are gone or changed."""
        return [each.told.ref for each in self.statements if each.words is None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Every incident; how many entries the ledger has; how many words no entry bears out."""

    cases: tuple[Case, ...] = field(repr=False)
    size: int
    now: int
    unentered: int


def since_of(incident: Incident) -> int:
    """From when on an incident is looked at; microseconds."""
    if incident.found is None:
        return incident.opened - LOOKED_BACK
    return min(incident.found.earliest, incident.opened)


@dataclass(slots=True)
class Reading:
    """What was read once, for every case."""

    now: int
    size: int
    decided: list[tuple[int, Entry, bytes]] = field(repr=False)
    incidents: Incidents = field(repr=False)
    stops: Stops = field(repr=False)
    sealed: Mapping[bytes, bytes] = field(repr=False)
    accounts: Mapping[int, Named] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadIncidents:
    """``key`` is the private half of what words are sealed to."""

    evidence: Evidence
    kept: SpokenWords
    clock: Clock
    key: bytes = field(repr=False)
    sandbox: bool

    def register(self) -> Register:
        """All of them, oldest first."""
        read = self._read()
        entered = read.incidents.entered
        return Register(
            cases=tuple(self._case(each, read) for each in read.incidents.all()),
            size=read.size,
            now=read.now,
            unentered=sum(entered(digest) is None for digest in read.sealed),
        )

    def case(self, ref: int) -> Case:
        """One of them.

        Raises:
            MalformedIdentifier: there is none of this number.
        """
        read = self._read()
        return self._case(read.incidents.find(ref), read)

    def _read(self) -> Reading:
        read = Reading(
            now=self.clock.now(),
            size=self.evidence.size(),
            decided=list(self.evidence.decided()),
            incidents=Incidents(sandbox=self.sandbox),
            stops=Stops(),
            sealed=dict(self.kept.all()),
            accounts=self.evidence.accounts(),
        )
        for each in read.decided:
            read.incidents.absorb(*each)
            read.stops.absorb(*each)
        return read

    def _case(self, incident: Incident, read: Reading) -> Case:
        since = since_of(incident)
        until = incident.closed or read.now

        def refused(first: int, end: int | None) -> Unanswered:
            return self.evidence.unanswered(first, read.size if end is None else end)

        said = tuple(Statement(told, self._words(told, read.sealed)) for told in incident.told)
        found = [each.words for each in said if each.told.did is Did.FINDING]
        spans = spans_of(incident, found[-1] if found else None, (since, until))
        return Case(
            incident=incident,
            statements=said,
            clocks=tuple(incident.clocks(read.now)),
            accounts=tuple(
                read.accounts.get(number, Named(number, f"n° {number}"))
                for number in incident.accounts
            ),
            since=since,
            until=until,
            deeds=tuple(self._deeds(read, spans)),
            stopped=tuple(read.stops.of(incident.accounts, until)),
            unserved=tuple(read.stops.within(since, until, refused)),
            everybody=read.accounts,
        )

    def _words(self, told: Told, sealed: Mapping[bytes, bytes]) -> Spoken | None:
        try:
            return opened(told.words, sealed.get(told.words, b""), self.key)
        except IntegrityBroken:
            return None

    def _deeds(self, read: Reading, spans: Mapping[int, Span]) -> list[Deed]:
        known = read.accounts
        since = min((span[0] for span in spans.values()), default=0)
        until = max((span[1] for span in spans.values()), default=0)
        wanted = {n: known[n].name if n in known else "" for n in spans}
        deeds = Deeds(wanted, since, until)
        for each in read.decided:
            deeds.absorb(*each)
        deeds.found += [
            Deed(
                kind=Kind.CLAIM,
                account=each.software,
                at=each.received,
                ref=each.number,
                what=each.use.name.lower(),
                ruling=each.ruling,
                cents=each.cents,
            )
            for each in self.evidence.billed([*spans], since, until)
        ]
        return in_order(
            each
            for each in deeds.found
            if spans[each.account][0] <= each.at <= spans[each.account][1]
        )
