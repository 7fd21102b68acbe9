"""Which protections were in force at a moment, and what changed between two: from the ledger.

The ledger comes first. It says the state of each; evidence says what was seen, and counts where it
has the ledger's digest and the ledger's states. What is gone or changed is told, and proves
nothing.
A state is said of the moment of its attestation: its age is told beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from rempart.domain.attestation import (
    Attestation,
    Change,
    attested_in,
    changes,
    days_without,
    last_at,
    since_of,
)
from rempart.domain.errors import IntegrityBroken, MalformedIdentifier, Refusal
from rempart.domain.incident import Incident, Incidents
from rempart.domain.measure import Fact, Label, Measure, Seen, State, catalogue
from rempart.domain.paris import civil
from rempart.usecases.attest_measures import evidence_from
from rempart.usecases.measure_ports import Decided, EvidenceShelf

NOTHING_YET = "nothing was attested up to then: rempart measures attest, every day"
NOTHING_SEEN: Mapping[str, Seen] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedMeasure:
    """One measure as it was attested; ``since`` is from when on this state was seen without a day
    in between on which nothing was attested. Without evidence there are no ``facts``.
    """

    code: str
    french: str
    english: str
    against: Label
    promise: int
    article: tuple[str, ...]
    cnil: tuple[str, ...]
    state: State
    since: int
    facts: Mapping[str, Fact] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresAt:
    """What the last attestation at or before ``asked`` says; ``without`` are the civil days after
    its own, up to the one of ``asked``, on which nothing was attested. ``sound`` says that its
    evidence is there and agrees.
    """

    asked: int
    attestation: Attestation
    without: tuple[date, ...]
    sound: bool
    measures: tuple[AttestedMeasure, ...]

    @property
    def age(self) -> int:
        """Microseconds between the attestation and the moment that was asked about."""
        return self.asked - self.attestation.at


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresBetween:
    """What changed from ``since`` to ``until``. ``before`` is the last attestation before, none
    where there is none; ``within`` those of the span, in order; ``broken`` entries whose evidence
    is gone or changed; ``incidents`` those that were open in it.
    """

    since: int
    until: int
    before: Attestation | None
    within: tuple[Attestation, ...]
    changes: tuple[Change, ...]
    without: tuple[date, ...]
    incidents: tuple[Incident, ...] = field(repr=False)
    broken: tuple[int, ...]

    @property
    def codes(self) -> list[str]:
        """Every measure that was attested, in the order of the newest edition."""
        known = [self.before, *self.within] if self.before else self.within
        newest = sorted(filter(None, known), key=lambda each: -each.edition)
        return list(dict.fromkeys(code for each in newest for code in each.states))

    def in_reaction(self, change: Change) -> list[Incident]:
        """Open incidents during which a measure was gained: in reaction or not, people say."""
        return [each for each in self.incidents if change.gained and change.within(each)]


@dataclass(frozen=True, slots=True)
class ReadMeasures:
    """``sandbox`` where all incidents are exercises; ``present`` in microseconds."""

    ledger: Decided
    shelf: EvidenceShelf
    present: int
    sandbox: bool

    def at(self, asked: int) -> MeasuresAt:
        """What was in force at a moment.

        Raises:
            MalformedIdentifier: it is in the future.
            Refusal: nothing was attested up to then.
            IntegrityBroken: the ledger holds what no vault would have written.
        """
        said = self.known_at(asked)
        if said is None:
            raise Refusal(NOTHING_YET)
        return said

    def known_at(self, asked: int) -> MeasuresAt | None:
        """The same, or nothing where nothing was attested up to then.

        Raises:
            MalformedIdentifier: it is in the future.
            IntegrityBroken: the ledger holds what no vault would have written.
        """
        self._past(asked)
        attested, _ = self._read()
        upto = [each for each in attested if each.at <= asked]
        last = last_at(upto, asked)
        if last is None:
            return None
        seen = self._seen(last)
        return MeasuresAt(
            asked=asked,
            attestation=last,
            without=tuple(days_without(upto, last.day, civil(asked).date())),
            sound=seen is not None,
            measures=tuple(
                _measure(measure, upto, seen or NOTHING_SEEN)
                for measure in catalogue(last.edition).measures
            ),
        )

    def between(self, since: int, until: int) -> MeasuresBetween:
        """What changed in a span, both ends included.

        Raises:
            MalformedIdentifier: it ends before it begins, or in the future.
            Refusal: nothing was attested up to its end.
            IntegrityBroken: the ledger holds what no vault would have written.
        """
        self._past(until)
        if until < since:
            raise MalformedIdentifier("between", "the second date is before the first")
        attested, incidents = self._read()
        before = last_at(attested, since - 1)
        within = tuple(each for each in attested if since <= each.at <= until)
        looked = ((before,) if before else ()) + within
        if not looked:
            raise Refusal(NOTHING_YET)
        first, last = civil(since).date(), civil(until).date()
        return MeasuresBetween(
            since=since,
            until=until,
            before=before,
            within=within,
            changes=tuple(changes(looked)),
            without=tuple(days_without(within, first, last)),
            incidents=tuple(
                each
                for each in incidents.all()
                if each.opened <= until and (not each.closed or each.closed >= since)
            ),
            broken=tuple(each.ref for each in looked if self._seen(each) is None),
        )

    def _past(self, at: int) -> None:
        if at > self.present:
            raise MalformedIdentifier("date", "it is in the future: nothing is known of it")

    def _read(self) -> tuple[list[Attestation], Incidents]:
        attested, incidents = [], Incidents(sandbox=self.sandbox)
        for index, entry, detail in self.ledger.decided():
            # An attestation that was taken out of a detail would be missed by what it says.
            if sha256(detail).digest() != entry.detail_digest:
                raise IntegrityBroken(f"entry {index} and its detail disagree")
            incidents.absorb(index, entry, detail)
            if (said := attested_in(index, entry, detail)) is not None:
                attested.append(said)
        return attested, incidents

    def _seen(self, attestation: Attestation) -> Mapping[str, Seen] | None:
        """What was seen, if the evidence is there and says what the ledger says."""
        data = self.shelf.get(attestation.evidence)
        if data is None:
            return None
        try:
            evidence = evidence_from(data, attestation.evidence)
        except IntegrityBroken:
            return None
        states = {code: seen.state for code, seen in evidence.seen.items()}
        agree = states == attestation.states and evidence.edition == attestation.edition
        return evidence.seen if agree else None


def _measure(
    measure: Measure, upto: Sequence[Attestation], seen: Mapping[str, Seen]
) -> AttestedMeasure:
    found = seen.get(measure.code, Seen(upto[-1].states[measure.code]))
    return AttestedMeasure(
        code=measure.code,
        french=measure.french,
        english=measure.english,
        against=measure.against,
        promise=measure.promise,
        article=measure.article,
        cnil=measure.cnil,
        state=found.state,
        since=since_of(upto, measure.code),
        facts=found.facts,
        why=found.why,
    )
