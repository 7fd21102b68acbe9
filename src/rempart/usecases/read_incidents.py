"""Read incidents: what the ledger says, what persons said, what the account did, who was cut off.

The ledger comes first: a statement whose words are gone or changed is told as such, and words that
no entry bears out are told by their number alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.clocks import Clock as Running
from rempart.domain.cutoff import CutOff
from rempart.domain.cutoff_words import Scope
from rempart.domain.deeds import Deed, Deeds, Kind, in_order
from rempart.domain.disclosure import CITES_NOTHING, Entry, EntryType, decode_codes
from rempart.domain.errors import IntegrityBroken
from rempart.domain.incident import Incident, Incidents, Told
from rempart.domain.spoken import Spoken
from rempart.usecases.incident_ports import Evidence, Named, SpokenWords, Unanswered
from rempart.usecases.ports import Clock
from rempart.usecases.tell_of_incident import opened

LOOKED_BACK = 28 * DAY
"""Microseconds before an incident that has no finding yet: the longest window of a budget."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said: as the ledger has it, and in words; without, they are gone or changed."""

    told: Told
    words: Spoken | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Who could not be served by a cut-off, from when to when (microseconds, 0 while it stands)."""

    cut: CutOff
    what: str = field(repr=False)
    until: int
    refused: Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An incident with everything that is known of it. ``since`` is from when its accounts' deeds
    are looked at: the earliest theft, or four weeks before where none is found yet.
    """

    incident: Incident
    statements: tuple[Statement, ...] = field(repr=False)
    clocks: tuple[Running, ...] = field(repr=False)
    accounts: tuple[Named, ...] = field(repr=False)
    since: int
    until: int
    deeds: tuple[Deed, ...] = field(repr=False)
    unserved: tuple[Unserved, ...] = field(repr=False)
    names: Mapping[int, str] = field(repr=False)

    @property
    def silent(self) -> list[int]:
        """Entries whose words are gone or changed."""
        return [each.told.ref for each in self.statements if each.words is None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Every incident; how far the ledger was read; how many words no entry bears out."""

    incidents: tuple[tuple[Incident, tuple[Statement, ...]], ...] = field(repr=False)
    size: int
    now: int
    unentered: int


@dataclass(slots=True)
class Ended:
    """Cut-offs with the entry that ended each, if one did."""

    cuts: dict[int, tuple[CutOff, int | None]] = field(default_factory=dict, repr=False)

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is not EntryType.CUT_OFF:
            return
        if entry.cites == CITES_NOTHING:
            self.cuts[index] = CutOff.from_codes(index, decode_codes(detail)), None
        elif entry.cites in self.cuts:
            cut, _ = self.cuts[entry.cites]
            self.cuts[entry.cites] = _until(cut, entry.at), index


def _until(cut: CutOff, at: int) -> CutOff:
    codes = {**cut.codes(), "until": min(cut.until or at, at)}
    return CutOff.from_codes(cut.ref, codes)


@dataclass(frozen=True, slots=True)
class ReadIncidents:
    """``key`` is the private half of what words are sealed to."""

    evidence: Evidence
    kept: SpokenWords
    clock: Clock
    key: bytes = field(repr=False)
    sandbox: bool

    def register(self) -> Register:
        """All of them."""
        incidents = Incidents(sandbox=self.sandbox)
        for each in self.evidence.decided():
            incidents.absorb(*each)
        sealed = dict(self.kept.all())
        found = tuple((each, self._statements(each, sealed)) for each in incidents.all())
        return Register(
            incidents=found,
            size=self.evidence.size(),
            now=self.clock.now(),
            unentered=sum(incidents.entered(digest) is None for digest in sealed),
        )

    def case(self, ref: int) -> Case:
        """One of them, whole.

        Raises:
            MalformedIdentifier: there is none of this number.
        """
        now, decided = self.clock.now(), list(self.evidence.decided())
        incidents = Incidents(sandbox=self.sandbox)
        ended = Ended()
        for each in decided:
            incidents.absorb(*each)
            ended.absorb(*each)
        incident = incidents.find(ref)
        accounts = self.evidence.accounts()
        since = incident.opened - LOOKED_BACK
        if incident.found is not None:
            since = min(incident.found.earliest, incident.opened)
        until = incident.closed or now
        names = {number: each.name for number, each in accounts.items()}
        return Case(
            incident=incident,
            statements=self._statements(incident, dict(self.kept.all())),
            clocks=tuple(incident.clocks(now)),
            accounts=tuple(
                accounts.get(number, Named(number, f"n° {number}", ""))
                for number in incident.accounts
            ),
            since=since,
            until=until,
            deeds=tuple(self._deeds(incident, decided, names, since, until)),
            unserved=tuple(self._unserved(ended, accounts, since, until)),
            names=names,
        )

    def _statements(
        self, incident: Incident, sealed: Mapping[bytes, bytes]
    ) -> tuple[Statement, ...]:
        return tuple(Statement(told, self._words(told, sealed)) for told in incident.told)

    def _words(self, told: Told, sealed: Mapping[bytes, bytes]) -> Spoken | None:
        try:
            return opened(told.words, sealed.get(told.words, b""), self.key)
        except IntegrityBroken:
            return None

    def _deeds(
        self,
        incident: Incident,
        decided: Sequence[tuple[int, Entry, bytes]],
        names: Mapping[int, str],
        since: int,
        until: int,
    ) -> list[Deed]:
        wanted = {number: names.get(number, "") for number in incident.accounts}
        deeds = Deeds(wanted, since, until)
        for each in decided:
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
            for each in self.evidence.billed(incident.accounts, since, until)
        ]
        return in_order(deeds.found)

    def _unserved(
        self, ended: Ended, accounts: Mapping[int, Named], since: int, until: int
    ) -> list[Unserved]:
        found = []
        size = self.evidence.size()
        for cut, end in ended.cuts.values():
            over = cut.until if cut.is_over(until) else 0
            if cut.since > until or (over and over < since):
                continue
            refused = self.evidence.unanswered(cut.ref, size if end is None else end)
            what = accounts[cut.number].name if _known_account(cut, accounts) else ""
            found.append(Unserved(cut=cut, what=what, until=over, refused=refused))
        return found


def _known_account(cut: CutOff, accounts: Mapping[int, Named]) -> bool:
    return cut.scope is Scope.ACCOUNT and cut.number in accounts
