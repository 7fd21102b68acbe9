"""Containment of an account, from first doubt to restoration.

* A stage may be tightened by the guard or by a person, at once.
* *Narrowed* is lifted once a day by the owner's own strong sign-in, down to *watched*; what would
  narrow it again within seven days freezes it: who signed in may not be who asks.
* *Watched* ends by itself after seven quiet days.
* Another operator's signed alert narrows, never more, and what it has narrowed ends with it.
* *Frozen* is lifted by an officer alone, one step at a time (GDPR art. 22: a human looks);
  or kept by one, who has looked and says so.
* Every move carries its decision and leaves an entry; there is no move without one.
* *Closed* is final: a stolen identity is enrolled anew, never opened again.

The tables are the rule; ``docs/reference/containment-stages.md`` is drawn from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from rempart.domain.budget import DAY
from rempart.domain.disclosure import Presence
from rempart.domain.errors import ForbiddenTransition


class Stage(IntEnum):
    """How far an account is trusted, loosest first."""

    NORMAL = 0
    WATCHED = 1
    """Nothing is refused; a person is told."""
    NARROWED = 2
    """Presence alone opens: card, fresh and known; a few declared after a step-up."""
    FROZEN = 3
    """Nothing opens; sessions are ended; a person answers within 30 minutes."""
    CLOSED = 4


class Authority(IntEnum):
    """Who decides."""

    GUARD = 1
    OWNER = 2
    """The account's own professional, by a strong sign-in."""
    OFFICER = 3
    ALERT = 4
    """Another operator, by a signed alert: it narrows, and lets go of what it has narrowed."""


class Why(IntEnum):
    """Closed list of reasons: no free text enters the ledger."""

    STRANGERS = 1
    """People new to this site, by knowledge of old cards, beyond its habit."""
    MISSES = 2
    ORDER = 3
    """Numbers or dates asked one beside another."""
    CANARY = 4
    """A beneficiary whom nobody presents was asked about."""
    PACE = 5
    REPLAYS = 6
    """Codes used at distant sites."""
    INSISTED = 7
    """Went on asking for what was narrowed."""
    CROWD = 8
    """Many accounts at once, each a little over its habit."""
    TWO_PLACES = 9
    ONE_INSURER = 10
    """Strangers of one insurer, one after another, beyond its share at this account."""
    COUNTRY = 11
    """From a country that this account never had."""
    WAVE = 12
    """Many accounts narrowed one after another, over days."""
    REPORTED = 20
    """The owner says that it was not them."""
    ALERT = 21
    """Another operator, or an insurer, says so."""
    REVIEWED = 22
    """A person looked at what it did."""
    STEP_UP = 23
    QUIET = 26
    """Seven days without another reason."""
    LEFT = 24
    """No longer in the directory, or the contract has ended."""
    COMPROMISED = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who moves a stage, and why; ``by`` names an officer, never a patient."""

    authority: Authority
    why: Why
    by: str = ""


TIGHTER: Mapping[Stage, frozenset[Stage]] = {
    Stage.NORMAL: frozenset({Stage.WATCHED, Stage.NARROWED, Stage.FROZEN, Stage.CLOSED}),
    Stage.WATCHED: frozenset({Stage.NARROWED, Stage.FROZEN, Stage.CLOSED}),
    Stage.NARROWED: frozenset({Stage.FROZEN, Stage.CLOSED}),
    Stage.FROZEN: frozenset({Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}
LOOSER: Mapping[Stage, frozenset[Stage]] = {
    Stage.NORMAL: frozenset(),
    Stage.WATCHED: frozenset({Stage.NORMAL}),
    Stage.NARROWED: frozenset({Stage.WATCHED}),
    Stage.FROZEN: frozenset({Stage.NARROWED}),
    Stage.CLOSED: frozenset(),
}
STAYS = frozenset({Stage.FROZEN})
"""Which stages an officer may decide to keep: a person has looked, which answers their owner."""
TIGHTENS: Mapping[Authority, frozenset[Stage]] = {
    Authority.GUARD: frozenset({Stage.WATCHED, Stage.NARROWED, Stage.FROZEN}),
    # Whoever signs in as the owner may shut their own door: a thief who does so is welcome.
    Authority.OWNER: frozenset({Stage.NARROWED, Stage.FROZEN}),
    Authority.OFFICER: frozenset({Stage.WATCHED, Stage.NARROWED, Stage.FROZEN, Stage.CLOSED}),
    # An enemy operator, or whoever holds its key, must not freeze France.
    Authority.ALERT: frozenset({Stage.NARROWED}),
}
"""Which stages each authority may tighten an account to."""

LIFTS: Mapping[Stage, frozenset[Authority]] = {
    Stage.WATCHED: frozenset({Authority.GUARD}),
    # An alert, of what it has narrowed itself alone (``usecases/take_alerts.py``).
    Stage.NARROWED: frozenset({Authority.OWNER, Authority.ALERT}),
}
"""Who, besides an officer, loosens a stage."""
QUIET_AFTER = 7 * DAY
"""Microseconds after which the guard stops watching."""
LIFT_EVERY = DAY
"""Microseconds between two lifts by the owner."""
DECLARED_AFTER_STEP_UP = 5
"""People a day whom a narrowed account may still ask about by printed key, once stepped up."""
OPENS: Mapping[Stage, frozenset[Presence]] = {
    Stage.NORMAL: frozenset(Presence),
    Stage.WATCHED: frozenset(Presence),
    Stage.NARROWED: frozenset({Presence.CARD, Presence.FRESH, Presence.KNOWN}),
    Stage.FROZEN: frozenset(),
    Stage.CLOSED: frozenset(),
}
"""What each stage lets a question show."""


def check_move(
    current: Stage, target: Stage, decision: Decision, *, lifted_at: int = 0, now: int = 0
) -> None:
    """Return if the move is allowed. ``lifted_at`` is when the owner last lifted, microseconds.

    Raises:
        ForbiddenTransition: no such edge, or not on this authority.
    """
    if target in TIGHTER[current]:
        if target in TIGHTENS[decision.authority]:
            return
        if decision.authority is Authority.ALERT:
            raise ForbiddenTransition("an alert narrows, and does nothing else")
        raise ForbiddenTransition(f"only an officer moves an account to {target.name.lower()}")
    if target not in LOOSER[current] | STAYS & {current}:
        raise ForbiddenTransition(
            f"no move from {current.name.lower()} to {target.name.lower()}: one step at a time"
        )
    if decision.authority is Authority.OFFICER:
        return
    if decision.authority not in LIFTS.get(current, frozenset()):
        raise ForbiddenTransition("only an officer loosens this stage")
    if decision.authority is Authority.OWNER and lifted_at and now - lifted_at < LIFT_EVERY:
        raise ForbiddenTransition("the owner lifts once a day")


def diagram() -> str:
    """The stages as a state diagram (Mermaid), one line an edge, from the tables alone."""
    lines = ["stateDiagram-v2", "    [*] --> NORMAL"]
    for current in Stage:
        for target in sorted(TIGHTER[current]):
            who = [a.name.lower() for a in Authority if target in TIGHTENS[a]]
            lines.append(f"    {current.name} --> {target.name} : {', '.join(who)}")
        for target in sorted(LOOSER[current]):
            loosen = sorted({*LIFTS.get(current, ()), Authority.OFFICER})
            who = [a.name.lower() for a in loosen]
            lines.append(f"    {current.name} --> {target.name} : {', '.join(who)}")
        if current in STAYS:
            lines.append(f"    {current.name} --> {current.name} : officer")
    return "\n".join(lines) + "\n"
