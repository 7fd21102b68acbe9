"""Show an insurer to its own people: how it stands, what was asked of its members, and proofs.

Nobody is named in any of it. A member of an insurer's staff sees that insurer and no other; whoever
inspects the platform names one.
"""

from dataclasses import dataclass

from msgspec import structs

from rempart.domain.budget import DAY
from rempart.domain.cutoff_words import Scope
from rempart.domain.daily_counts import DailyCounts
from rempart.domain.disclosure import decode
from rempart.domain.errors import (
    LedgerBroken,
    MalformedIdentifier,
    NotAllowed,
    Refusal,
    TemporarilyUnavailable,
)
from rempart.domain.identifiers import AMCNumber
from rempart.domain.person import Person, told
from rempart.usecases.cut_off import CutAndRestore
from rempart.usecases.cut_off_messages import CutOffShown
from rempart.usecases.insurer_staff_ports import InsurerFacts, LedgerViews
from rempart.usecases.open_session import Session
from rempart.usecases.people_messages import AskProof, ListDisclosures
from rempart.usecases.people_replies import (
    DisclosureCount,
    DisclosuresShown,
    InsurerShown,
    ProofShown,
)
from rempart.usecases.prove_entry import EntryProof, ProveEntry

FEED_LATE = 2 * DAY
"""Microseconds since the last whole feed: they come daily, and one may miss."""
DAYS_SHOWN = 5
"""Days of one reply: with every outcome by every presence it fits a frame."""
PROOF_EVERY = 1_000_000
"""Microseconds between two proofs: each reads the database while nobody is answered."""
OF_EVERYBODY = frozenset({Scope.CHANNEL, Scope.PRESENCE, Scope.RIGHTS, Scope.PLATFORM})
"""Cut-offs that touch every insurer."""


@dataclass(slots=True)
class ShowInsurer:
    """One vault's view of its insurers; without ``views`` it proves nothing."""

    cut: CutAndRestore
    counts: DailyCounts
    facts: InsurerFacts
    views: LedgerViews
    _proven: int = 0

    def state(self, session: Session, now: int) -> InsurerShown:
        """How the insurer of whoever is signed in stands."""
        amc = _amc_of(session)
        feed, cards = self.facts.feed(amc), self.facts.status_list(amc)
        guard = self.cut.contain.guard
        habit, misses = guard.habits.states.get(amc), guard.watch.feeds.states.get(amc)
        if habit is not None:
            habit = habit.copy()
            habit.advance(now)
        return InsurerShown(
            amc=f"{amc:08d}",
            feed=feed.sequence if feed else 0,
            feed_at=feed.at if feed else 0,
            feed_whole=feed is not None and feed.whole,
            feed_late=feed is None or now - feed.at > FEED_LATE,
            list_made=cards.made if cards else 0,
            list_until=cards.until if cards else 0,
            typed=habit.now if habit else 0,
            ceiling=int(habit.ceiling or 0) if habit else 0,
            closed=habit is not None and habit.closed,
            storm=misses is not None and misses.in_storm(now),
            cut_offs=self._cut_offs(amc),
        )

    def _cut_offs(self, amc: int) -> tuple[CutOffShown, ...]:
        """Those that touch it, without who of the operator's decided."""
        shown, name = self.cut.shown().cut_offs, f"{amc:08d}"
        everybody = {told(scope.name) for scope in OF_EVERYBODY}
        own = told(Scope.INSURER.name), name
        return tuple(
            [
                structs.replace(each, by="")
                for each in shown
                if each.scope in everybody or (each.scope, each.what) == own
            ]
        )

    def disclosures(self, session: Session, wanted: ListDisclosures, now: int) -> DisclosuresShown:
        """Five days of counts before this one; today's first where none is named.

        Raises:
            NotAllowed: another's insurer.
            MalformedIdentifier: not an insurer's number.
        """
        amc = _named(session, wanted.amc)
        today = now // DAY
        before = min(max(wanted.before, 0) or today + 1, today + 1)
        ledger = self.cut.contain.ledger
        return DisclosuresShown(
            amc=f"{amc:08d}",
            size=ledger.size,
            checkpoint=ledger.note,
            before=before,
            days=DAYS_SHOWN,
            counts=tuple(
                [
                    DisclosureCount(
                        each.day, told(each.outcome.name), told(each.presence.name), each.questions
                    )
                    for each in self.counts.of(amc, before=before, days=DAYS_SHOWN)
                ]
            ),
        )

    def proof(self, session: Session, wanted: AskProof, now: int) -> ProofShown:
        """The proof of an entry, as ``rempart ledger check`` reads it; never its detail.

        Raises:
            NotAllowed: an entry that is not about their insurer's members.
            MalformedIdentifier: no entry has this index.
            TemporarilyUnavailable: too soon after the last one or after it was written; or not
                proven: ``rempart ledger verify`` says why.
        """
        if now < self._proven + PROOF_EVERY:
            raise TemporarilyUnavailable("one proof a second")
        self._proven = now
        with self.views() as view:
            try:
                proof = ProveEntry(view, self.cut.contain.ledger.signer.verifier)(wanted.index)
            except LedgerBroken:
                raise TemporarilyUnavailable("this entry cannot be proven") from None
            except Refusal:
                raise MalformedIdentifier("index", "no entry has it") from None
        _check_theirs(session, proof)
        return ProofShown(proof.to_json())


def _check_theirs(session: Session, proof: EntryProof) -> None:
    person = session.account
    assert isinstance(person, Person)
    if person.amc and (proof.body is None or decode(proof.body).amc != person.amc):
        raise NotAllowed("not an entry about members of your insurer")


def _amc_of(session: Session) -> int:
    person = session.account
    assert isinstance(person, Person)
    assert person.amc, "an insurer's people have one"
    return person.amc


def _named(session: Session, text: str) -> int:
    """The insurer asked for: one's own, or the one that an inspector names."""
    person = session.account
    assert isinstance(person, Person)
    if not text and person.amc:
        return person.amc
    amc = int(AMCNumber.parse(text).value)
    if person.amc not in {0, amc}:
        raise NotAllowed("not your insurer")
    return amc
