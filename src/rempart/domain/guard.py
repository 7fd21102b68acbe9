"""The guard: what each account, site, insurer and release has done, folded from the ledger.

The way of a question, once it has been looked up and before anything is opened:

(1) an account that is frozen or closed gets nothing;
(2) the charts take it in, whatever becomes of it, and may tighten the account;
(3) the stage that follows decides what this presence opens;
(4) what is typed may be closed for this hour at this insurer;
(5) the budgets of the account and of its site bear it, or not.

What opened is counted. A guard that fails goes on as plain budgets, with the smallest one for what
is typed: it is told in the ledger, and nobody gets more for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from rempart.domain.allowance import Allowance, Over
from rempart.domain.budget import DAY, LEGACY, PROVEN, TYPED, Windows
from rempart.domain.charts import TYPED_PRESENCES
from rempart.domain.containment import (
    DECLARED_AFTER_STEP_UP,
    OPENS,
    QUIET_AFTER,
    Authority,
    Stage,
    Why,
)
from rempart.domain.disclosure import (
    Codes,
    Entry,
    EntryType,
    Outcome,
    Presence,
    decode_codes,
)
from rempart.domain.practice import (
    NEW_SITE_DAYS,
    NEW_SITE_KEYED,
    NEW_SITE_PER_PROOF,
    NEW_SITE_TYPED,
)
from rempart.domain.reversible import Reversible, Undoable
from rempart.domain.surroundings import WAVE_FOR, Habit
from rempart.domain.trace import Trace, trace_of
from rempart.domain.watch import THEFTS, Watch

RELAPSE_WITHIN = 7 * DAY
KEPT: Mapping[Authority, float] = {Authority.OWNER: 0.5, Authority.OFFICER: 0.0}
"""Of the evidence, once an account is loosened: an owner signs in without seeing what the thief
did, an officer has looked.
"""
FOLDED_DAYS = 9 * 7
"""Days of the ledger that the folds are rebuilt from: eight full weeks and the present one."""


class Move(NamedTuple):
    """A stage to be moved, to be written in the ledger."""

    account: int
    current: Stage
    target: Stage
    why: Why
    authority: Authority = Authority.GUARD
    by: str = ""

    def codes(self, *, site: int, at: int) -> Codes:
        """As it stands in the ledger."""
        return {
            "account": self.account,
            "site": site,
            "from": self.current.value,
            "to": self.target.value,
            "why": self.why.value,
            "authority": self.authority.value,
            "by": self.by,
            "at": at,
        }

    @classmethod
    def from_codes(cls, codes: Codes) -> "Move":
        """As it is read there."""
        return cls(
            int(codes["account"]),
            Stage(int(codes["from"])),
            Stage(int(codes["to"])),
            Why(int(codes["why"])),
            Authority(int(codes["authority"])),
            str(codes["by"]),
        )


class Verdict(NamedTuple):
    """What becomes of a question: ``OPENED`` where it may be opened, or ``MISSED``."""

    outcome: Outcome
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The daily caps of an account and of its site."""

    account: int
    site: int


@dataclass(slots=True)
class Standing:
    """Where an account stands; ``by_guard`` and ``by_alert`` say who put it there, ``owed`` that it
    is frozen and no officer has decided anything about it since.
    """

    stage: Stage = Stage.NORMAL
    since: int = 0
    lifted_at: int = 0
    stepped_up_at: int = 0
    declared: int = 0
    by_guard: bool = False
    by_alert: bool = False
    owed: bool = False
    stolen_at: int = 0

    def copy(self) -> Self:
        """Another of the same contents."""
        return replace(self)


@dataclass(slots=True)
class Guard:
    """The whole fold. Equal guards have absorbed the same ledger."""

    stages: Reversible[int, Standing] = field(default_factory=Reversible)
    watch: Watch = field(default_factory=Watch)
    sites: Reversible[int, Windows] = field(default_factory=Reversible)
    accounts: Reversible[int, Windows] = field(default_factory=Reversible)
    habits: Reversible[int, Habit] = field(default_factory=Reversible)
    allowances: Mapping[tuple[Over, int], tuple[Allowance, ...]] = field(default_factory=dict)
    failed: bool = False
    _allowed: Mapping[tuple[Over, int], tuple[Allowance, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def _tables(self) -> tuple[Undoable, ...]:
        return (self.stages, self.sites, self.accounts, self.habits, self.watch)

    def mark(self) -> None:
        """What has been absorbed is durable."""
        self._allowed = self.allowances
        for table in self._tables:
            table.mark()

    def undo(self) -> None:
        """What has been absorbed since the mark was not kept."""
        self.allowances = self._allowed
        for table in self._tables:
            table.undo()

    def forget(self) -> None:
        """Start again, before absorbing the ledger again."""
        for table in self._tables:
            table.forget()
        self.allowances, self.failed = {}, False

    def stage(self, account: int) -> Stage:
        """The stage of an account."""
        standing = self.stages.states.get(account)
        return Stage.NORMAL if standing is None else standing.stage

    def weigh(self, trace: Trace, limits: Limits) -> Verdict:
        """Decide, and take in. Every move in the verdict is to be written after the question."""
        if self.stage(trace.account) >= Stage.FROZEN:  # (1)
            return Verdict(Outcome.FROZEN)
        moves = self._reasons(trace)  # (2)
        for move in moves:
            self.set(move, trace.at)
        site, account = self._windows(trace)
        outcome = self._outcome(trace, limits, site, account)  # (3), (4), (5)
        opened = outcome is Outcome.OPENED
        self._count(trace if opened else trace._replace(opened=False), site, account)
        return Verdict(outcome, moves)

    def absorb(self, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger: what was decided is read, not decided again."""
        if entry.type is EntryType.CONTAINMENT:
            self._moved(decode_codes(detail))
        elif entry.type is EntryType.SIGN_IN:
            if account := decode_codes(detail).get("for"):
                self.stepped_up(int(account), entry.at)
        elif entry.type is EntryType.DECISION:
            if "allow" in (codes := decode_codes(detail)):
                self.allow(Allowance.from_codes(codes), at=entry.at)
        elif (trace := trace_of(entry, detail)) is not None:
            self._reasons(trace)
            self._count(trace, *self._windows(trace))

    def allow(self, allowance: Allowance, *, at: int) -> None:
        """Take in a dated exception, and forget those that are over."""
        standing = [each for those in self.allowances.values() for each in those if each.until > at]
        allowances: dict[tuple[Over, int], tuple[Allowance, ...]] = {}
        for each in (*standing, allowance):
            key = each.over, each.number
            allowances[key] = (*allowances.get(key, ()), each)
        self.allowances = allowances

    def _outcome(self, trace: Trace, limits: Limits, site: Windows, account: Windows) -> Outcome:
        stage = self.stage(trace.account)
        if trace.presence not in OPENS[stage] and not self._stepped_up(trace):
            return Outcome.NARROWED
        if trace.presence in TYPED_PRESENCES and self._closed(trace):
            return Outcome.CLOSED_HOUR
        if not self._bears(trace, limits, site, account):
            # A miss past the budget reads like a hit past the budget: guessing learns nothing.
            return Outcome.OVER_BUDGET
        return Outcome.OPENED if trace.found else Outcome.MISSED

    def _stepped_up(self, trace: Trace) -> bool:
        standing = self.stages.states[trace.account]
        return (
            standing.stage is Stage.NARROWED
            and trace.presence is Presence.DECLARED
            and standing.since <= standing.stepped_up_at
            and trace.at - standing.stepped_up_at < DAY
            and standing.declared < DECLARED_AFTER_STEP_UP
        )

    def _closed(self, trace: Trace) -> bool:
        habit = self.habits.touch(trace.amc)
        if habit is None:
            return False
        habit.advance(trace.at)
        return habit.closed

    def _bears(self, trace: Trace, limits: Limits, site: Windows, account: Windows) -> bool:
        allowed = self._allowed_to(trace)
        factor = max((each.factor for each in allowed), default=1)
        typed = trace.presence in TYPED_PRESENCES and trace.ages.typed > 0
        if typed and self.failed and site.sums[TYPED][0] >= NEW_SITE_TYPED:
            # Before any exception: nobody gets more because the charts fail.
            return False
        if any(each.typed for each in allowed):
            trace = trace._replace(presence=Presence.CARD)
        elif typed and trace.tenure < NEW_SITE_DAYS and not _grown(trace, site, factor):
            return False
        return site.bears(trace, limits.site, factor=factor) and account.bears(
            trace, limits.account, factor=factor
        )

    def _windows(self, trace: Trace) -> tuple[Windows, Windows]:
        day = trace.at // DAY
        site = self.sites.touch(trace.site) or self.sites.put(trace.site, Windows(distinct=True))
        account = self.accounts.touch(trace.account) or self.accounts.put(
            trace.account, Windows(distinct=False)
        )
        site.advance(day)
        account.advance(day)
        return site, account

    def _allowed_to(self, trace: Trace) -> list[Allowance]:
        """The dated exceptions that this question falls under."""
        if not self.allowances:
            return []
        keys = (
            (Over.EVERYBODY, 0),
            (Over.KIND, trace.kind),
            (Over.SITE, trace.site),
            (Over.ACCOUNT, trace.account),
        )
        found = []
        for key in keys:
            there = self.allowances.get(key, ())
            # The last one decided counts: factor 1 ends those before it.
            now = [each for each in there if each.since <= trace.at < each.until]
            found += now[-1:]
        return found

    def _factor(self, trace: Trace) -> int:
        return max((each.factor for each in self._allowed_to(trace)), default=1)

    def _count(self, trace: Trace, site: Windows, account: Windows) -> None:
        """What a decided question leaves: counts of budgets, of the insurer's hour."""
        site.absorb(trace)
        account.absorb(trace)
        if trace.presence not in TYPED_PRESENCES:
            return
        habit = self.habits.touch(trace.amc)
        if habit is None and trace.found:
            habit = self.habits.put(trace.amc, Habit())
        if habit is not None:
            habit.advance(trace.at)
            # Asking again about today's people is free, and fills no hour.
            habit.now += trace.opened and trace.found and trace.ages.seen > 0
        if trace.opened and trace.found:
            standing = self.stages.touch(trace.account)
            if (
                standing
                and standing.stage is Stage.NARROWED
                and trace.presence is Presence.DECLARED
                and trace.ages.seen > 0
            ):
                standing.declared += 1

    def _reasons(self, trace: Trace) -> tuple[Move, ...]:
        """Follow a question; the move that it gives reason for."""
        if self.failed:
            return ()
        try:
            current = self.stage(trace.account)
            target, why = self.watch.follow(trace, factor=self._factor(trace))
        except Exception:
            # Whatever it was: no answer may hang on a chart.
            self.failed = True
            return ()
        if target is Stage.NARROWED and self._relapsed(trace):
            target, why = Stage.FROZEN, Why.INSISTED
        taken_over = target is current is Stage.NARROWED and self._only_alerted(trace)
        if target > current or taken_over:
            return (Move(trace.account, current, target, why),)
        return self._calmed(trace, target) if current is Stage.WATCHED else ()

    def _calmed(self, trace: Trace, target: Stage) -> tuple[Move, ...]:
        """Seven quiet days end a watch; another reason begins them again."""
        standing = self.stages.touch(trace.account)
        assert standing is not None
        if target is not Stage.NORMAL:
            standing.since = trace.at
        elif trace.at - standing.since >= QUIET_AFTER:
            return (Move(trace.account, Stage.WATCHED, target, Why.QUIET),)
        return ()

    def _only_alerted(self, trace: Trace) -> bool:
        """Whether it is narrowed on another operator's word: from now on, for a reason of ours."""
        standing = self.stages.states.get(trace.account)
        return standing is not None and standing.by_alert

    def _relapsed(self, trace: Trace) -> bool:
        """Whether the owner lifted it a short while ago: who signed in may not be who asks."""
        standing = self.stages.states.get(trace.account)
        lifted = 0 if standing is None else standing.lifted_at
        return lifted > 0 and trace.at - lifted < RELAPSE_WITHIN

    def _moved(self, codes: Codes) -> None:
        self.set(Move.from_codes(codes), int(codes["at"]))

    def stepped_up(self, account: int, at: int) -> None:
        """The owner proved themselves again for an account that this did not loosen: a few declared
        questions, the same few for a whole day however often it is done.
        """
        standing = self.stages.touch(account) or self.stages.put(account, Standing())
        if at - standing.stepped_up_at >= DAY:
            standing.stepped_up_at, standing.declared = at, 0

    def set(self, move: Move, at: int) -> None:
        """Put an account at a stage; one that is loosened by a person starts its charts anew."""
        standing = self.stages.touch(move.account) or self.stages.put(move.account, Standing())
        if move.why is Why.STEP_UP:
            standing.stepped_up_at, standing.declared = at, 0
        if move.target < move.current and move.authority in KEPT:
            self.watch.calm(move.account, keep=KEPT[move.authority])
            if move.authority is Authority.OWNER:
                standing.lifted_at = at
        standing.stage, standing.since = move.target, at
        standing.by_guard = move.authority is Authority.GUARD
        standing.by_alert = move.authority is Authority.ALERT and move.target is Stage.NARROWED
        standing.owed = move.target is Stage.FROZEN and move.authority is not Authority.OFFICER
        if standing.by_guard and move.target is Stage.NARROWED and move.why in THEFTS:
            # An account that falls, is lifted and falls again is one theft.
            if at - standing.stolen_at >= WAVE_FOR:
                self.watch.stolen(at)
            standing.stolen_at = at

    def froze(self, account: int, since: int) -> bool:
        """Whether it froze this account itself, after a moment."""
        standing = self.stages.states.get(account)
        return (
            standing is not None
            and standing.stage >= Stage.FROZEN
            and standing.by_guard
            and standing.since > since
        )


def _grown(trace: Trace, site: Windows, factor: int) -> bool:
    """Whether a new site has proven enough people for one more whose card it does not read."""
    proven = site.sums[PROVEN][2] // NEW_SITE_PER_PROOF
    keyless = trace.presence is Presence.LEGACY
    return site.sums[TYPED][0] < (NEW_SITE_KEYED + proven) * factor and not (
        keyless and site.sums[LEGACY][0] >= (NEW_SITE_TYPED + proven) * factor
    )
