"""A country, its installation, its past, and the day of the theft, all through one real vault.

The vault is the product's own assembly on PostgreSQL, in the drill's process, as for the weeks
before the thieves of ``drill stack``: each question is decided, written and opened as it would be.
Software is taken at its word, since a copied key is a key.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from random import Random

from rempart.adapters.postgres.connections import connect
from rempart.adapters.postgres.cut_row import PostgresCutRow
from rempart.adapters.postgres.ledger import PostgresLedger
from rempart.adapters.postgres.registry import PostgresRegistry
from rempart.adapters.postgres.rights import PostgresRights
from rempart.bootstrap.vault import assemble, ports
from rempart.domain.containment import Stage
from rempart.drill.bars import Tell
from rempart.drill.honest import CRUISE
from rempart.drill.in_process import InProcess
from rempart.drill.incident.loosened import LEVEL, loosen
from rempart.drill.incident.plan import Fall, falls, stealable
from rempart.drill.incident.scale import Scale
from rempart.drill.incident.strike import Strike
from rempart.drill.landscape import World
from rempart.drill.peace import open_platform
from rempart.drill.stack.ground import Ground, ground, site_name
from rempart.drill.stack.past import Past, Unsigned
from rempart.drill.traffic import day
from rempart.drill.world import make_mixed_world
from rempart.usecases.serve_requests import ServeRequests

SECOND = 1_000_000
TOLD_EVERY = 250


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Robbed:
    """What has happened; the thief has given up everywhere."""

    ground: Ground
    vault: ServeRequests
    falls: list[Fall]
    strike: Strike
    raised: dict[str, float]

    @property
    def world(self) -> World:
        """The country."""
        return self.ground.world

    @property
    def contained(self) -> int:
        """Stolen accounts that are narrowed or frozen."""
        stages = self.vault.answer.guard
        stolen = (self.ground.numbers[each.account.number] for each in self.falls)
        return sum(stages.stage(number) >= Stage.NARROWED for number in stolen)


@contextmanager
def robbed(scale: Scale, *, seed: int, theft: date, tell: Tell) -> Iterator[Robbed]:
    """Let a country work until the day of the theft, and rob it."""
    tell("installation", 0, 1)
    world = make_mixed_world(
        mix=scale.mix,
        members=scale.members,
        days=scale.past + 2,
        seed=seed,
        params=CRUISE,
        starts=theft - timedelta(days=scale.past),
    )
    twin = InProcess(world)
    open_platform(twin)
    with ground(twin) as built:
        tell("installation", 1, 1)
        with platform_of(built, twin) as platform:
            _live(platform, world, scale.past, tell)
            done = _rob(platform, world, scale, tell)
        # The next vault takes the ledger over.
        yield done


@contextmanager
def platform_of(built: Ground, twin: InProcess) -> Iterator[Past]:
    """A vault in this process, on connections that are closed with it; nobody has come yet."""
    database = partial(connect, "vault", built.settings)
    with (
        closing(PostgresLedger(database)) as store,
        closing(PostgresRights(database)) as rights,
        closing(PostgresRegistry(database)) as registry,
        closing(PostgresCutRow(database)) as cut_row,
    ):
        parts = replace(
            ports(built.settings),
            clock=built.clock,
            assertions=Unsigned(),
            store=store,
            rights=rights,
            registry=registry,
            cut_row=cut_row,
            people=None,
        )
        built.clock.reset(built.world.midnight(0) - SECOND)
        vault = assemble(built.settings, parts)
        vault.ledger.open()
        platform = Past(built, vault)
        for each in [each for those in twin.guard.allowances.values() for each in those]:
            platform.allow(each)
        yield platform


def _live(platform: Past, world: World, days: int, tell: Tell) -> None:
    questions = [asked for each in range(days) for asked in day(world, each)]
    for done, asked in enumerate(questions, 1):
        platform.ask(asked)
        if done % TOLD_EVERY == 0 or done == len(questions):
            tell("avant · before", done, len(questions))


def _rob(platform: Past, world: World, scale: Scale, tell: Tell) -> Robbed:
    built, vault, when = platform.ground, platform.vault, scale.past
    chance = Random(f"{world.seed}/incident")  # noqa: S311 - to be drawn again alike
    stages = vault.answer.guard.stages.states.items()
    held = frozenset(built.accounts[n] for n, each in stages if each.stage >= Stage.NARROWED)
    accounts = stealable(world, chance, when, held)[: scale.accounts]
    fallen = falls(world, chance, when, accounts=accounts, insurers=scale.insurers)
    built.clock.move(world.midnight(when))
    sites = [site_name(number) for number in sorted({each.site for each in accounts})]
    raised = loosen(vault, sites, now=built.clock.now(), level=LEVEL)
    strike = Strike(world, platform, fallen)
    for done, total in strike.play(when):
        tell("vol · theft", done, total)
    tell("vol · theft", 1, 1)
    vault.ledger.publish()
    vault.settle()
    return Robbed(ground=built, vault=vault, falls=fallen, strike=strike, raised=raised)
