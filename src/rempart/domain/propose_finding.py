"""The finding of an incident, proposed from the ledger alone: whose sessions were whose.

(1) every line of each account is the owner's, strange, or the thief's (``lines``);
(2) the earliest possible theft is the first question on a thief's line, or on a strange one that
    may be his; where the owner's own lines hold evidence too, also its earliest beginning
    (``change_point``); where nothing is found, four weeks back; where entries of these weeks are
    missing, no later than they begin;
(3) in between, a session is the thief's if all of it came by his lines; the owner's if all of it
    came by theirs and nobody with a list would have asked it; else it is named under neither, and
    what was answered on a card, a phone or a printed key by the owner's codes is the owner's.

Whatever may have been the thief's is so in doubt at least, and whoever is alone in doubt, an honest
owner at whom the guard took fright, is accused of nothing: a thief needs a line of his own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rempart.domain.budget import DAY
from rempart.domain.change_point import ODDS, evidence
from rempart.domain.finding import NEVER, Finding, Suspect, Whose
from rempart.domain.lines import SURE, Code, Lines, Of, Thieves, lines_of, name_thieves
from rempart.domain.proposed_finding import (
    AccountFound,
    InDoubt,
    ProposedFinding,
    Reason,
    SessionFound,
    Since,
)
from rempart.domain.scope import Hole
from rempart.domain.signs import Seen, habit_of

LOOKED_BACK = 28 * DAY
LATELY = 7 * DAY
"""Before containment: what teaches no habit."""
APART = 10.0
"""Evidence on other lines than the thief's, from which on the owner's own may be his as well."""
MARGIN = DAY
"""Before the signs begin, at the owner's own desk: one stranger there shows as the owner's."""
BEFORE = 2 * DAY
"""So long before his first known question, any strange line may have been his trial."""


def by_account(asked: Iterable[Seen], canaries: frozenset[int]) -> dict[int, list[Seen]]:
    """The questions of each account, by its number, in their order; those about nobody marked."""
    found: dict[int, list[Seen]] = {}
    for each in asked:
        told = each._replace(canary=True) if each.ref in canaries else each
        found.setdefault(each.account, []).append(told)
    return found


def propose(
    accounts: Iterable["Looked"], *, now: int, holes: Sequence[Hole] = ()
) -> ProposedFinding:
    """The finding of these accounts, one at least, but for ``holes``; those of longer ago say
    nothing. It agrees with itself and with what they asked.
    """
    looked = sorted(accounts, key=lambda each: each.account.number)
    back = min(each.account.first for each in looked) - LOOKED_BACK
    missing = tuple(each for each in holes if each.until >= back)
    thieves = name_thieves([each.lines for each in looked])
    found = tuple(
        each.found(thieves.codes, now, missing) for each in looked if each.concerned(thieves)
    )
    return ProposedFinding(
        finding=_finding(found),
        accounts=found,
        codes=thieves.codes,
        hours=thieves.hours,
        holes=missing,
    )


def _finding(accounts: Sequence[AccountFound]) -> Finding:
    sessions = [each for account in accounts for each in account.sessions]
    return Finding(
        suspects=tuple(
            Suspect(number=each.number, stolen=each.stolen, contained=each.contained)
            for each in accounts
        ),
        thief=frozenset(each.session for each in sessions if each.whose is Whose.THIEF),
        owner=frozenset(each.session for each in sessions if each.whose is Whose.OWNER),
        keyed=frozenset(each.session for each in sessions if each.keyed),
    )


@dataclass(slots=True)
class Looked:
    """One account, looked at: its questions in order of time, its lines, its habit. ``asked`` is
    what it asked in the four weeks before it was contained and since.
    """

    account: InDoubt
    asked: Sequence[Seen]
    lines: Lines
    habit: float

    @classmethod
    def at(cls, account: InDoubt, asked: Sequence[Seen]) -> "Looked":
        """Look at an account by itself: (1)."""
        habit = habit_of([seen for seen in asked if seen.at < account.first - LATELY])
        lines = lines_of(asked, account.first, habit, stopped=account.named)
        return cls(account, asked, lines, habit)

    def concerned(self, thieves: Thieves) -> bool:
        """Whether the incident names it, something came by a code of the thief's, or it was asked
        like a list, ten thousand to one, in the hours of a campaign.
        """
        groups = self.lines.groups
        if self.account.named or any(
            group.lines & self.lines.thief or group.codes & thieves.codes for group in groups
        ):
            return True
        if thieves.hours is None:
            return False
        first, last = thieves.hours
        meanwhile = [each for each in self.asked if first <= each.at <= last]
        return evidence(meanwhile, self.habit)[0] >= SURE

    def found(self, codes: frozenset[Code], now: int, holes: Sequence[Hole]) -> AccountFound:
        """What comes out, once it is known which lines are the thief's."""
        apart = self._apart()
        stolen, how = self._since(codes, holes, apart=apart)
        stolen = max(1, min(stolen, now))
        contained = self._contained(stolen)
        return AccountFound(
            number=self.account.number,
            stolen=stolen,
            contained=contained,
            how=how,
            apart=apart,
            sessions=self._sessions(stolen, contained, apart=apart),
        )

    @property
    def _others(self) -> list[Seen]:
        return [each for each in self.asked if each.line not in self.lines.suspect]

    def _apart(self) -> bool:
        """Whether what was seen of a thief came by lines of his own, and by no other."""
        everything, left = (evidence(e, self.habit)[0] for e in (self.asked, self._others))
        explains = bool(self.lines.thief) or (self.lines.suspect and left < everything / 2)
        return bool(explains) and left < APART

    def _since(
        self, codes: frozenset[Code], holes: Sequence[Hole], *, apart: bool
    ) -> tuple[int, Since]:
        """The earliest possible theft, and how it was found: (2)."""
        found = [(at, Since.HOLE) for at in self._missing(holes)]
        groups, suspect = self.lines.groups, self.lines.suspect
        theirs = [g.first for g in groups if g.lines & suspect or g.codes & codes]
        if theirs:
            roams, trial = self.lines.roams, min(theirs) - BEFORE
            tried = [g for g in groups if g.doubtful]
            theirs += [g.first for g in tried if not roams or g.moved or g.first > trial]
            found.append((min(theirs), Since.LINE))
        if not apart:
            before = [each for each in self._others if each.at <= self.account.contained]
            most, since = evidence(before, self.habit)
            if most >= ODDS:
                found.append((self._whole(since) - MARGIN, Since.CHANGE))
            else:
                found.append((self.account.first - LOOKED_BACK, Since.LOOK_BACK))
        return min(found, key=lambda each: each[0])

    def _missing(self, holes: Sequence[Hole]) -> list[int]:
        """Since when entries are missing in which a thief may have begun; then the scope clears
        nobody (``domain/scope``).
        """
        back = self.account.first - LOOKED_BACK
        within = [h for h in holes if h.until >= back and h.since <= self.account.contained]
        return [max(back, hole.since) for hole in within]

    def _whole(self, since: int) -> int:
        """The beginning of whatever session was under way at this moment."""
        there = {each.session for each in self.asked if each.at == since}
        return min(each.at for each in self.asked if each.session in there)

    def _contained(self, stolen: int) -> int:
        """When nothing could be read any more; never before the thief's last answer."""
        contained = self.account.contained
        if contained == NEVER:
            return NEVER
        theirs = [s.at for s in self.asked if s.opened and self.lines.of(s.line) is Of.THIEF]
        return max([contained, stolen, *theirs])

    def _sessions(self, stolen: int, contained: int, *, apart: bool) -> tuple[SessionFound, ...]:
        """Each session that has something in the time of the theft: (3)."""
        by_session: dict[bytes, list[Seen]] = {}
        for each in self.asked:
            by_session.setdefault(each.session, []).append(each)
        found = []
        for session, questions in by_session.items():
            if any(stolen <= each.at <= contained for each in questions):
                whose, reason = self._whose(questions, stolen, apart=apart)
                keyed = self._keyed(questions, stolen) if whose is Whose.UNKNOWN else 0
                found.append(_session(session, questions, whose, reason, keyed=keyed))
        return tuple(found)

    def _keyed(self, questions: Sequence[Seen], stolen: int) -> int:
        """Answers in a session on what no list holds, by lines that brought some before the theft:
        the owner's, whoever else is there.
        """
        if self.account.replayed or not all(self.lines.older(s.line, stolen) for s in questions):
            return 0
        return sum(each.keyed for each in questions if each.opened)

    def _whose(
        self, questions: Sequence[Seen], stolen: int, *, apart: bool
    ) -> tuple[Whose, Reason]:
        of = {self.lines.of(each.line) for each in questions}
        if of == {Of.THIEF}:
            return Whose.THIEF, Reason.OWN_LINE
        if Of.THIEF in of:
            return Whose.UNKNOWN, Reason.BOTH
        answers = [each for each in questions if each.opened]
        if answers and self._keyed(questions, stolen) == len(answers):
            return Whose.OWNER, Reason.CARDS
        if Of.STRANGE in of:
            return Whose.UNKNOWN, Reason.STRANGE_LINE
        if any(each.doubtful_since(stolen) for each in questions):
            return Whose.UNKNOWN, Reason.LISTED
        return (Whose.OWNER, Reason.OWNERS) if apart else (Whose.UNKNOWN, Reason.SHARED_LINE)


def _session(
    session: bytes, questions: Sequence[Seen], whose: Whose, reason: Reason, *, keyed: int
) -> SessionFound:
    return SessionFound(
        session=session,
        account=questions[0].account,
        whose=whose,
        reason=reason,
        since=questions[0].at,
        until=questions[-1].at,
        questions=len(questions),
        answers=sum(each.opened for each in questions),
        keyed=keyed,
    )
