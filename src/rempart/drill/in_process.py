"""Play questions through the real guard and budgets, without cryptography, database or network.

What the vault decides is decided here by the same code on the same traces: only the finding of a
record is replaced by the world's own knowledge of who lies under what was brought. A test plays
the same questions through a whole vault and compares (``tests/spec/test_drill_engines.py``).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rempart.domain.allowance import Allowance
from rempart.domain.budget import DAY
from rempart.domain.containment import Authority, Stage, Why
from rempart.domain.disclosure import Outcome, Presence, product_code
from rempart.domain.guard import Guard, Limits, Move
from rempart.domain.known import NOBODY_YET, SINCE_1970, Known
from rempart.domain.order import TypedLately
from rempart.domain.practice import Usage, daily_cap, own_cap
from rempart.domain.site import KIND_CODES
from rempart.domain.trace import KNOWN_FOR, NEVER, STRANGER, Order, Trace
from rempart.drill.fallen import Fallen
from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.practice import mixed
from rempart.drill.registry import LONG_AGO, WorldAccount
from rempart.drill.traffic import Asked
from rempart.usecases.open_session import place_code

USAGES = {
    "standard": Usage.STANDARD,
    "back-office": Usage.BACK_OFFICE,
    "home-care": Usage.HOME_CARE,
    "locum": Usage.LOCUM,
}
OWNER_LIFTS_AFTER = 20 * 60 * 1_000_000
"""Microseconds: an honest professional reads the notice and signs in again."""
OFFICER_LIFTS_AFTER = 30 * 60 * 1_000_000
"""Microseconds: what is promised to whoever is frozen."""
PLATFORM_AGE = 365
PERSON = 7
"""Draws who is a person, apart from whatever else follows from the seed."""
SECOND = 1_000_000
REFUSED = frozenset(
    {
        *(Outcome.OVER_BUDGET, Outcome.NARROWED, Outcome.FROZEN),
        *(Outcome.CLOSED_HOUR, Outcome.CUT_OFF),
    }
)
"""What an honest account is told where it should have been answered."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What every question of an account says alike."""

    site: int
    kind: int
    usage: int
    product: int
    place: int
    limits: Limits
    joined: int


@dataclass(slots=True)
class Moved:
    """A stage that moved, and when."""

    at: int
    move: Move


@dataclass(slots=True)
class InProcess:
    """One platform. ``owners_lift`` lets owners sign in again once they are narrowed, whoever asks
    in their name; ``officers_lift`` lets officers loosen what was frozen: where nobody is a thief.
    ``persons``: of the accounts that work at one desk, people who sign in, each with a cap of their
    own below the site's; the others are software.
    """

    world: World
    guard: Guard = field(default_factory=Guard)
    owners_lift: bool = True
    officers_lift: bool = False
    persons: float = 0.0
    known: dict[tuple[int, int], Known] = field(default_factory=dict, repr=False)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    refused: Counter[tuple[int, Outcome]] = field(default_factory=Counter)
    moves: list[Moved] = field(default_factory=list)
    _learnt: list[tuple[tuple[int, int], Known]] = field(default_factory=list, repr=False)
    fallen: Fallen = field(init=False, repr=False)
    _seats: dict[int, Seat] = field(default_factory=dict)
    _typed: TypedLately = field(default_factory=TypedLately)
    _lifting: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fallen = Fallen(self.world, self.guard)

    def remember(self) -> None:
        """Let sites know whom they saw before the world's first day."""
        opening = self.world.midnight(0) // DAY - SINCE_1970
        for site in self.world.sites:
            for person, first, last, by_card in self.world.seen_before(site.number):
                self.known[site.number, person] = Known(
                    first=opening - first,
                    seen=opening - last,
                    proved=0 if by_card is None else opening - by_card,
                )

    def allow(self, allowance: Allowance) -> None:
        """Decide a dated exception."""
        self.guard.allow(allowance, at=0)

    def play(self, questions: Iterable[Asked]) -> None:
        """Ask everything, in order."""
        ask = self.ask
        for asked in questions:
            ask(asked)

    def ask(self, asked: Asked) -> Outcome:
        """One question, decided and taken in."""
        if self._lifting and (due := self._lifting.get(asked.account)) and asked.at >= due:
            self._lift(asked.account, asked.at)
        if self.fallen.over(asked.account, asked.at):
            stopped = self.guard.stage(asked.account) >= Stage.FROZEN
            return self._told(asked, Outcome.FROZEN if stopped else Outcome.CUT_OFF)
        trace, knows = self.trace(asked)
        seat = self._seats[asked.account]
        if asked.presence is not Presence.CARD:
            found = asked.person != NOBODY
            self._typed.note(asked.account, asked.amc, printed(asked), found=found)
        verdict = self.guard.weigh(trace, seat.limits)
        if verdict.moves:
            self._note(asked.at, verdict.moves)
        if verdict.outcome is Outcome.OPENED:
            pair = (asked.site, asked.person)
            self._learnt.append((pair, knows))
            self.known[pair] = knows.after(trace.presence, asked.at // DAY - SINCE_1970)
        outcome = verdict.outcome
        if self.guard.stage(asked.account) >= Stage.FROZEN:
            outcome = Outcome.FROZEN  # what the caller is told, also of the question that froze it
        return self._told(asked, outcome)

    def _told(self, asked: Asked, outcome: Outcome) -> Outcome:
        self.outcomes[outcome] += 1
        if outcome in REFUSED:
            self.refused[asked.account, outcome] += 1
        return outcome

    def trace(self, asked: Asked) -> tuple[Trace, Known]:
        """The question as the guard sees it, and what its site knows. Changes nothing."""
        at, account = asked.at, asked.account
        seat = self._seats.get(account) or self.seat(account)
        found = asked.person != NOBODY
        today = at // DAY - SINCE_1970
        presence, ages, knows, order = asked.presence, STRANGER, NOBODY_YET, Order.NONE
        if found and (stored := self.known.get((asked.site, asked.person))) is not None:
            knows, ages = stored, stored.ages(today)
        if presence is not Presence.CARD:
            self._typed.advance(at // DAY)
            order = self._typed.order(account, asked.amc, printed(asked))
            if ages.proved <= KNOWN_FOR:
                presence = Presence.KNOWN
        trace = Trace(
            at,
            account,
            seat.site,
            seat.kind,
            seat.usage,
            seat.product,
            seat.place,
            asked.amc,
            presence,
            found,
            asked.person.to_bytes(16, "big") if found else bytes(16),
            order,
            asked.network,
            asked.device,
            ages,
            min(NEVER, max(0, today - seat.joined)),
        )
        return trace, knows

    def risk(self, asked: Asked) -> float:
        """The part of the threshold that this question would use: what a thief who has read the
        code computes.
        """
        return self.guard.watch.foresee(self.trace(asked)[0])

    def mark(self) -> None:
        """What has been played stays."""
        self.guard.mark()
        self._learnt.clear()

    def undo(self) -> None:
        """Nothing has been played since the mark."""
        self.guard.undo()
        for pair, knows in reversed(self._learnt):
            if knows is NOBODY_YET:
                self.known.pop(pair, None)
            else:
                self.known[pair] = knows
        self._learnt.clear()
        self._typed = TypedLately()
        self._lifting.clear()
        self.fallen.until.clear()

    def _note(self, at: int, moves: Iterable[Move]) -> None:
        for move in moves:
            self.moves.append(Moved(at, move))
            if self.owners_lift and move.target is Stage.NARROWED:
                self._lifting[move.account] = at + OWNER_LIFTS_AFTER
            elif self.officers_lift and move.target is Stage.FROZEN:
                self._lifting[move.account] = at + OFFICER_LIFTS_AFTER
            if move.target >= Stage.FROZEN:
                self.fallen.frozen(move.account, at)

    def _lift(self, account: int, at: int) -> None:
        """The owner signs in strongly, once a day; an officer loosens step by step."""
        del self._lifting[account]
        standing = self.guard.stages.states[account]
        if standing.stage is Stage.FROZEN and self.officers_lift:
            self._loosen(account, standing.stage, Stage.NARROWED, Authority.OFFICER, at)
            self._loosen(account, standing.stage, Stage.WATCHED, Authority.OFFICER, at)
        elif standing.stage is Stage.NARROWED:
            if standing.lifted_at and at - standing.lifted_at < DAY:
                self._lifting[account] = standing.lifted_at + DAY
            else:
                self._loosen(account, standing.stage, Stage.WATCHED, Authority.OWNER, at)

    def _loosen(
        self, account: int, current: Stage, target: Stage, authority: Authority, at: int
    ) -> None:
        why = Why.STEP_UP if authority is Authority.OWNER else Why.REVIEWED
        move = Move(account, current, target, why, authority)
        self.guard.set(move, at)
        self.moves.append(Moved(at, move))

    def stage(self, account: int) -> Stage:
        """The stage of an account."""
        return self.guard.stage(account)

    @property
    def held(self) -> frozenset[int]:
        """Accounts that are narrowed, or more."""
        stages = self.guard.stages.states
        return frozenset(n for n, standing in stages.items() if standing.stage >= Stage.NARROWED)

    def seat(self, account: int) -> Seat:
        """What every question of an account says alike."""
        who = self.world.accounts[account - 1]
        site = self.world.sites[who.site - 1]
        cap = daily_cap(site.kind)
        desk = bool(self.world.honest.rhythms[site.trade].accounts)
        own = own_cap(site.kind, USAGES[who.usage], desk=desk) if self.person(who) else cap
        opening = self.world.midnight(0) // DAY - SINCE_1970
        joined = -PLATFORM_AGE if self.world.honest.remembers else 0
        if site.opened != LONG_AGO:
            joined = max(joined, site.opened)
        seat = Seat(
            site=site.number,
            kind=KIND_CODES[site.kind],
            usage=USAGES[who.usage],
            product=product_code(site.product),
            place=place_code(site.place),
            limits=Limits(account=min(own, cap), site=cap),
            joined=opening + joined,
        )
        self._seats[account] = seat
        return seat

    def person(self, who: WorldAccount) -> bool:
        """Whether an account is somebody who signs in: a machine that several share is none."""
        return who.desks == 1 and mixed(self.world.seed, who.number, PERSON) < self.persons


def birth_date(person: int) -> str:
    """Eight digits printed on somebody's card; relatives are not born on neighbouring days."""
    spread = (person + 2) * 48_271 % 899_991
    return f"{1920 + spread % 90}{spread // 90:04d}"


def printed(asked: Asked) -> tuple[str, str]:
    """What is typed: the number as brought, and a birth date."""
    return str(asked.contract), birth_date(asked.person)
