"""One day of each thief on the real stack: where he strikes, and how it is played.

(1) A small world, and in it the setting of every theft; (2) its installation; (3) four weeks of
honest work. Then for each thief (4) the installation is put back, vault and gateway start, (5) he
and the honest people of the whole world ask, for a day from his first question on, and the engine
in process is asked the same; (6) both processes stop, and the whole ledger is audited.
"""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace

from rempart.drill.bars import Tell
from rempart.drill.honest import CRUISE
from rempart.drill.in_process import InProcess
from rempart.drill.landscape import World
from rempart.drill.loot import baseline_2024, setting_for
from rempart.drill.peace import open_platform
from rempart.drill.runs import Run
from rempart.drill.stack.engine import Compared, StackEngine, engine
from rempart.drill.stack.ground import Ground, ground
from rempart.drill.stack.past import live_through
from rempart.drill.stack.processes import GATEWAY
from rempart.drill.stack.seen import Evidence, OnStack
from rempart.drill.stack.tail import audit
from rempart.drill.theft import DAY, Setting, Variant
from rempart.drill.thieves import found
from rempart.drill.traffic import Asked, day
from rempart.drill.trial import STARTS, Theft
from rempart.drill.world import make_mixed_world
from rempart.usecases.open_session import SESSION_LIFE

SECOND = 1_000_000
UNLIKE = frozenset({"leaked-list-elsewhere"})
"""Where the engine in process assumes the worst, a device of the thief's own that is let in, and
the real stack lets nobody in without the certificate: they are not held against each other."""
ALMOST_ALWAYS = 5.0 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StackScale:
    """How much is played: sites by trade, people, days before the thieves, and which thieves.

    There are a hundred accounts and more, so that a crowd of stolen ones can be played.
    """

    mix: Mapping[str, int]
    members: int
    past: int
    thieves: frozenset[str] | None = None


SCALE = StackScale(
    mix={
        **{"doctor": 55, "nurse": 14, "pharmacy": 4, "dentist": 4, "physio": 4},
        **{"optician": 2, "laboratory": 3, "hospital": 2},
    },
    members=100_000,
    past=28,
)


def on_stack(names: Collection[str] | None) -> list[Variant]:
    """The thefts that are played here; of ``names``, a thief's or a variant's, if there are any."""
    return [
        variant
        for thief in found().values()
        for variant in thief.variants
        if variant.on_stack and (names is None or {variant.name, thief.name} & set(names))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A theft, and its setting: from its first question on, for a day."""

    variant: Variant
    setting: Setting

    @property
    def ends(self) -> int:
        """The last moment."""
        return self.setting.ends


@dataclass(slots=True)
class Field:
    """A world that has worked for a while, on both engines; thieves may come, one by one."""

    world: World
    twin: InProcess
    ground: Ground
    first: int
    past: int
    otherwise: int

    def honest(self, until: int) -> Iterator[Asked]:
        """What honest people ask from the first of the days on."""
        for each in range(self.first, self.world.days):
            for asked in day(self.world, each):
                if asked.at >= until:
                    return
                yield asked

    def before(self, strike: Strike) -> Iterator[Asked]:
        """What they ask before a thief strikes, and after; the owner's own where he works on."""
        alone = {account.number for account in strike.setting.accounts}
        if strike.variant.owner_works:
            alone = set()
        for asked in self.honest(strike.ends):
            if asked.account not in alone or asked.at < strike.setting.starts:
                yield asked

    @contextmanager
    def up(self, gateway: str = GATEWAY) -> Iterator[StackEngine]:
        """The stack, put back and running; the engine in process stands at the same moment."""
        self.twin.undo()
        with engine(self.ground, self.twin, gateway=gateway) as stack:
            yield stack
        self.twin.undo()

    def evidence(
        self, stack: StackEngine, began: float, differing: int | None, unproven: int = 0
    ) -> Evidence:
        """What remains to be said once both processes have stopped."""
        report = audit(self.ground.settings)
        return Evidence(
            questions=sum(stack.outcomes.values()),
            decided_otherwise=differing,
            answers=stack.answers,
            answers_without_entry=len(stack.unproven) + unproven,
            questions_under_an_account_not_signed_in=stack.tail.unsigned(
                life=SESSION_LIFE * SECOND
            ),
            ledger_entries_verified=report.entries,
            seconds=round(time.monotonic() - began, 1),
        )


@contextmanager
def prepared(
    scale: StackScale, variants: Sequence[Variant], *, seed: int, tell: Tell
) -> Iterator[tuple[Field, list[Strike]]]:
    """A field, and where each theft strikes in it: (1), (2), (3)."""
    held = contained(scale, seed)
    world = world_of(scale, seed)
    strikes = [strike_of(world, variant, scale.past, held) for variant in variants]
    twin = InProcess(world)
    open_platform(twin)
    with ground(twin) as built:
        past = [asked for each in range(scale.past) for asked in day(world, each)]
        otherwise = live_through(
            built,
            twin,
            past,
            starts=world.midnight(0) - SECOND,
            tell=lambda done, total: tell("stack-past", done, total),
        )
        yield Field(world, twin, built, scale.past, len(past), otherwise), strikes


def world_of(scale: StackScale, seed: int) -> World:
    """The country of a field."""
    return make_mixed_world(
        mix=scale.mix,
        members=scale.members,
        days=scale.past + 3,
        seed=seed,
        params=CRUISE,
        starts=STARTS,
    )


def contained(scale: StackScale, seed: int) -> frozenset[int]:
    """Whom honest work will have narrowed when the thieves come: a theft from them shows nothing.

    It is lived through in process first, in a world of its own, as thefts are drawn before the
    past: what they bring stands in the world from its first day.
    """
    world = world_of(scale, seed)
    platform = InProcess(world)
    open_platform(platform)
    for each in range(scale.past):
        platform.play(day(world, each))
    return platform.held


def strike_of(world: World, variant: Variant, first: int, held: frozenset[int]) -> Strike:
    """Where a theft strikes on the first day; scenes and fake sites are written into the world."""
    setting = setting_for(world, variant, run=0, day=first, held=held)
    return Strike(variant=variant, setting=replace(setting, ends=setting.starts + DAY))


def play(field: Field, strike: Strike) -> OnStack:
    """(4), (5), (6)."""
    began = time.monotonic()
    with field.up() as stack:
        platform = Compared(stack, field.twin)
        setting = replace(strike.setting, chance=deepcopy(strike.setting.chance))
        theft = Theft(platform, setting, strike.variant, foresee=field.twin.risk)
        theft.play(field.before(strike))
    differing = None if strike.variant.name in UNLIKE else len(platform.differing)
    theft.run.baseline = baseline(strike, theft.last - setting.starts)
    return OnStack(
        variant=strike.variant.name,
        run=theft.run,
        evidence=field.evidence(stack, began, differing),
    )


def baseline(strike: Strike, lasted: int) -> list[tuple[float, int]]:
    """The same thief on a portal without protection."""
    setting = replace(strike.setting, chance=deepcopy(strike.setting.chance))
    seconds = min(max(3600.0, 2 * lasted / SECOND), ALMOST_ALWAYS)
    return baseline_2024(strike.variant.attacks(setting), starts=setting.starts, seconds=seconds)


def nobody(strike: Strike) -> Run:
    """The run of a thief who asks no question of his own through the front door."""
    return Run(accounts=len(strike.setting.accounts), baseline=[(0.0, 0)])
