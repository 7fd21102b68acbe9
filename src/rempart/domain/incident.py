"""Incidents: a fold of the ledger. What opened one, what was said of it, by whom, and when.

* A freeze that says that somebody else was there opens an incident by itself: it *is* that entry,
  and its number is the entry's. Another one within a day joins it, while it is open. So does the
  entry of another operator's alert that names an account of ours, and what is narrowed on its word.
* What persons say is an entry each (``DECISION``), which holds codes and the digest of their words.
  The words lie elsewhere, sealed; an entry whose words are gone or changed shows.
* Nothing is taken back: a fact, a finding, a decision is followed by another one.

Whoever reads the ledger can make every incident again; a vault keeps them in memory.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rempart.domain.alert_book import alert_in
from rempart.domain.budget import DAY
from rempart.domain.clocks import Answer, Answered, Clock, clocks
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.finding import Finding
from rempart.domain.finding_pieces import named_in, piece_in
from rempart.domain.guard import Move
from rempart.domain.incident_words import (
    OPENED_BY_FREEZE,
    ORIGINS,
    Did,
    Origin,
    Outcome,
    Rest,
    Stated,
)
from rempart.domain.reversible import Reversible, Undoable

JOINS_WITHIN = DAY
"""Microseconds between two freezes of one incident: a campaign is one, another month's another."""
DIGEST_SIZE = 32
FROZE, ALERTED = 0, 1
"""Places of the incidents that the last freeze, and the last alert, are of."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A freeze: its entry, the account's number, why, when; and until when, 0 while it is."""

    ref: int
    account: int
    why: Why
    at: int
    until: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody (``by``, a name) said, in entry ``ref`` of this time, and the digest of their
    words; ``codes`` are those of its kind.
    """

    ref: int
    at: int
    did: Did
    by: str = field(repr=False)
    words: bytes = field(repr=False)
    codes: Codes = field(repr=False)

    def number(self, name: str) -> int:
        """A code that is a number; 0 where it is not there."""
        return int(self.codes.get(name, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The finding: accounts by number, the earliest possible theft, and when it was contained
    (microseconds, 0 where it is not). ``rest`` says whose the sessions in between are that it does
    not name; ``gateway``, that it names a gateway's time. ``named`` is what stands in pieces before
    it: whose sessions are whose, and accounts and gateways with their own times, where they have
    some; nothing in a ledger from before there were pieces.
    """

    accounts: tuple[int, ...]
    earliest: int
    contained: int = 0
    rest: Rest = Rest.UNKNOWN
    gateway: bool = False
    named: Finding | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident, as the ledger tells it; an alert was the first to name the ``alerted``."""

    ref: int
    opened: int
    origin: Origin
    exercise: bool
    accounts: tuple[int, ...] = ()
    alerted: tuple[int, ...] = ()
    frozen: tuple[Frozen, ...] = ()
    told: tuple[Told, ...] = ()
    pieces: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    aware: int | None = None
    found: Found | None = None
    nature: tuple[Stated, Stated, Stated] = (Stated.UNKNOWN, Stated.UNKNOWN, Stated.UNKNOWN)
    answers: Mapping[tuple[str, int], Answered] = field(default_factory=dict, repr=False)
    outcome: Outcome | None = None
    closed: int = 0

    def copy(self) -> "Incident":
        """Itself: it does not change."""
        return self

    def clocks(self, now: int) -> list[Clock]:
        """Its clocks; of one that is closed, as they stood then."""
        untold = bool(self.closed) and self.nature[0] is Stated.NO
        return clocks(self.aware, self.answers, now=self.closed or now, untold=untold)

    def said(self, did: Did) -> list[Told]:
        """What was said of one kind, in its order."""
        return [each for each in self.told if each.did is did]

    @property
    def rehearsed(self) -> bool:
        """Whether an exercise went as far as it would have counted: a finding, insurers told."""
        told = [said for (code, _), said in self.answers.items() if code == "insurers-33-2"]
        done = any(each.answer is Answer.DONE for each in told)
        return self.exercise and bool(self.closed and self.found and done)

    def contained(self) -> dict[int, int]:
        """When each account was frozen last, by number; no freeze that had ended when the finding
        was stated: what was read since then is nobody's yet.
        """
        stated = max((each.at for each in self.said(Did.FINDING)), default=0)
        return {each.account: each.at for each in self.frozen if not 0 < each.until <= stated}

    def concerns(self, accounts: Sequence[int]) -> bool:
        """Whether it names one of these."""
        return not set(self.accounts).isdisjoint(accounts)


def packed(numbers: Sequence[int]) -> bytes:
    """Numbers of accounts, four bytes each."""
    return struct.pack(f">{len(numbers)}I", *numbers)


def unpacked(data: int | bytes | str) -> tuple[int, ...]:
    """What ``packed`` made."""
    assert isinstance(data, bytes), "codes of ours"
    return struct.unpack(f">{len(data) // 4}I", data)


OWN = frozenset({"incident", "did", "by", "words"})
"""Codes of every kind; the others are of one."""


def codes_of(incident: int, did: Did, by: str, words: bytes, **more: int | bytes | str) -> Codes:
    """How the ledger says it; ``incident`` is 0 where it opens one."""
    return {"incident": incident, "did": did.value, "by": by, "words": words, **more}


def told_in(index: int, entry: Entry, detail: bytes) -> tuple[int, Told] | None:
    """What an entry says of an incident, and of which, if it does."""
    codes = decode_codes(detail) if entry.type is EntryType.DECISION else {}
    if "did" not in codes:
        return None
    words = codes["words"]
    assert isinstance(words, bytes), "codes of ours"
    told = Told(
        ref=index,
        at=entry.at,
        did=Did(int(codes["did"])),
        by=str(codes["by"]),
        words=words,
        codes={name: value for name, value in codes.items() if name not in OWN},
    )
    return int(codes["incident"]) or index, told


@dataclass(frozen=True, slots=True)
class Place:
    """An entry's number."""

    ref: int

    def copy(self) -> "Place":
        """Itself."""
        return self


class Incidents:
    """The fold. In a sandbox, all are exercises."""

    def __init__(self, *, sandbox: bool = False) -> None:
        self.sandbox = sandbox
        self._states: Reversible[int, Incident] = Reversible()
        self._words: Reversible[bytes, Place] = Reversible()
        self._last: Reversible[int, Place] = Reversible()

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is EntryType.CONTAINMENT:
            move = Move.from_codes(decode_codes(detail))
            self.freeze(index, entry.at, move)
            self._given_back(entry.at, move)
            self._narrowed(move)
        elif (named := alert_in(entry, detail)) is not None:
            self._alerted(index, entry.at, named)
        elif (said := told_in(index, entry, detail)) is not None:
            ref, told = said
            if self._words.touch(told.words) is None:
                self._words.put(told.words, Place(index))
            if told.did is Did.OPENED:
                self._put(self._opened(told))
            elif (incident := self._states.touch(ref)) is not None:
                self._put(followed(incident, told))

    def freeze(self, index: int, at: int, move: Move) -> None:
        """Look at a move that is being written, in entry ``index``."""
        if move.target < Stage.FROZEN or move.current >= Stage.FROZEN:
            return
        if move.why not in OPENED_BY_FREEZE[move.authority]:
            return
        frozen = Frozen(index, move.account, move.why, at)
        joined = self._joined(frozen)
        if joined is None:
            joined = Incident(
                ref=index, opened=at, origin=ORIGINS[move.authority], exercise=self.sandbox
            )
        accounts = _added(joined.accounts, [move.account])
        self._put(replace(joined, accounts=accounts, frozen=(*joined.frozen, frozen)))
        self._last.touch(FROZE)
        self._last.put(FROZE, Place(joined.ref))

    def _given_back(self, at: int, move: Move) -> None:
        """A freeze has ended, in every incident that it is of."""
        if not move.target < Stage.FROZEN <= move.current:
            return
        for incident in self.all():
            frozen = tuple(
                replace(each, until=at) if each.account == move.account and not each.until else each
                for each in incident.frozen
            )
            if frozen != incident.frozen:
                self._put(replace(incident, frozen=frozen))

    def _alerted(self, index: int, at: int, accounts: Sequence[int]) -> None:
        """An alert is of an open incident that names one of these, of its day's, or opens one."""
        last = self._last.states.get(ALERTED)
        joined = Incident(ref=index, opened=at, origin=Origin.OPERATOR, exercise=self.sandbox)
        for each in self.all():
            todays = last and last.ref == each.ref and at - each.opened <= JOINS_WITHIN
            takes = not each.closed and each.exercise is self.sandbox
            if takes and (todays or each.concerns(accounts)):
                joined = each
        self._put(_suspected(joined, accounts))
        self._last.touch(ALERTED)
        self._last.put(ALERTED, Place(joined.ref))

    def _narrowed(self, move: Move) -> None:
        """What is narrowed on an alert's word is named by the incident of that alert."""
        last = self._last.states.get(ALERTED)
        if move.authority is not Authority.ALERT or move.target < Stage.NARROWED or last is None:
            return
        incident = self._states.touch(last.ref)
        if incident is not None and not incident.closed:
            self._put(_suspected(incident, [move.account]))

    def all(self) -> list[Incident]:
        """Every incident, oldest first."""
        return [self._states.states[ref] for ref in sorted(self._states.states)]

    def find(self, ref: int) -> Incident:
        """The one of this number.

        Raises:
            MalformedIdentifier: there is none.
        """
        incident = self._states.states.get(ref)
        if incident is None:
            raise MalformedIdentifier("incident", "there is none of this number")
        return incident

    def entered(self, words: bytes) -> int | None:
        """The entry that holds this digest, if one does."""
        place = self._words.states.get(words)
        return None if place is None else place.ref

    def mark(self) -> None:
        """What was absorbed is durable."""
        for table in self._tables():
            table.mark()

    def undo(self) -> None:
        """What was absorbed since the last mark is not."""
        for table in self._tables():
            table.undo()

    def forget(self) -> None:
        """Start again from nothing."""
        for table in self._tables():
            table.forget()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Incidents) and self._tables() == other._tables()

    __hash__ = None  # type: ignore[assignment]

    def _tables(self) -> tuple[Undoable, ...]:
        return self._states, self._words, self._last

    def _put(self, incident: Incident) -> None:
        self._states.touch(incident.ref)
        self._states.put(incident.ref, incident)

    def _opened(self, told: Told) -> Incident:
        return Incident(
            ref=told.ref,
            opened=told.at,
            origin=Origin(told.number("origin")),
            exercise=self.sandbox or bool(told.number("exercise")),
            accounts=unpacked(told.codes["accounts"]),
            told=(told,),
        )

    def _joined(self, frozen: Frozen) -> Incident | None:
        """The open one that this freeze is of: it names the account, or is of the day before.

        What is real joins no exercise.
        """
        last = self._last.states.get(FROZE)
        for incident in reversed(self.all()):
            if incident.closed or incident.exercise is not self.sandbox:
                continue
            if incident.concerns([frozen.account]):
                return incident
            of_last = last is not None and incident.ref == last.ref and bool(incident.frozen)
            if of_last and frozen.at - incident.frozen[-1].at <= JOINS_WITHIN:
                return incident
        return None


def followed(incident: Incident, told: Told) -> Incident:
    """An incident, once something was said of it. What was refused was not written."""
    if told.did is Did.NAMED:  # in nobody's words
        return replace(incident, pieces={**incident.pieces, told.ref: piece_in(told.codes)})
    return _followed(replace(incident, told=(*incident.told, told)), told)


def _followed(incident: Incident, told: Told) -> Incident:
    match told.did:
        case Did.FINDING:
            found = replace(found_in(told), named=named_in(told.codes, incident.pieces))
            return replace(incident, found=found, accounts=_with(incident, told))
        case Did.NATURE:
            stated = [Stated(told.number(name)) for name in NATURE]
            return replace(incident, nature=(stated[0], stated[1], stated[2]))
        case Did.AWARE:
            at = told.number("at")
            return replace(
                incident, aware=min(at, at if incident.aware is None else incident.aware)
            )
        case Did.CLOCK:
            key = str(told.codes["clock"]), told.number("amc")
            answered = Answered(Answer(told.number("answer")), told.number("at"), told.ref)
            return replace(incident, answers={**incident.answers, key: answered})
        case Did.CLOSED:
            return replace(incident, outcome=Outcome(told.number("outcome")), closed=told.at)
    return incident


NATURE = ("confidentiality", "integrity", "availability")


def found_in(told: Told) -> Found:
    """The finding that an entry says, without what its pieces name."""
    return Found(
        accounts=unpacked(told.codes["accounts"]),
        earliest=told.number("earliest"),
        contained=told.number("contained"),
        rest=Rest(told.number("rest") or Rest.UNKNOWN),
        gateway=bool(told.number("gateway")),
    )


def _with(incident: Incident, told: Told) -> tuple[int, ...]:
    """Accounts of a finding are named by the incident; one that it leaves out stays named."""
    return _added(incident.accounts, unpacked(told.codes["accounts"]))


def _added(accounts: tuple[int, ...], more: Sequence[int]) -> tuple[int, ...]:
    known = frozenset(accounts)
    return (*accounts, *(each for each in dict.fromkeys(more) if each not in known))


def _suspected(incident: Incident, accounts: Sequence[int]) -> Incident:
    named = _added(incident.accounts, accounts)
    new = named[len(incident.accounts) :]
    return replace(incident, accounts=named, alerted=(*incident.alerted, *new))
