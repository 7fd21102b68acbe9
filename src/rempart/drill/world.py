"""Make a world: insurers, people, sites, accounts, and the scenes that happen by themselves."""

from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from random import Random

from rempart.domain.site import SiteKind
from rempart.drill.honest import CRUISE, Honest, Rhythm
from rempart.drill.landscape import World
from rempart.drill.market import make_market
from rempart.drill.nature import let_things_happen
from rempart.drill.people import pick
from rempart.drill.population import NEVER, change_insurers, settle
from rempart.drill.registry import LONG_AGO, Usage, WorldAccount, WorldSite
from rempart.drill.seasons import PLACES

FRANCE = 66_000_000
"""People with a complementary insurer: 96 % of 68.6 millions."""
SITES_OF_A_PLACE = 90
"""A place is smaller than a département, but holds the people of its hospital."""
HOME_CARE = 0.15
"""Of nurses: a second account, for rounds and nursing homes."""

__all__ = ["World", "WorldAccount", "WorldSite", "make_mixed_world", "make_world"]


def france(params: Honest) -> dict[str, float]:
    """How many sites of each trade ask us, in the whole country."""
    return {name: rhythm.sites * rhythm.joined for name, rhythm in params.rhythms.items()}


def make_world(
    *,
    sites: int,
    members: int | None = None,
    days: int,
    seed: int,
    params: Honest = CRUISE,
    starts: date,
) -> World:
    """A world with the trades of France.

    ``members`` is by default the people who go with that many sites; with fewer, strangers would
    come back too often.
    """
    weights = france(params)
    total = sum(weights.values())
    exact = {trade: sites * weight / total for trade, weight in weights.items()}
    counts = {trade: int(number) for trade, number in exact.items()}
    # Largest remainders, so that a small world keeps its rare trades.
    rest = sorted(exact, key=lambda trade: counts[trade] - exact[trade])
    for trade in rest[: sites - sum(counts.values())]:
        counts[trade] += 1
    return make_mixed_world(
        mix=counts, members=members, days=days, seed=seed, params=params, starts=starts
    )


def make_mixed_world(
    *,
    mix: Mapping[str, int] | Mapping[SiteKind, int],
    members: int | None = None,
    days: int,
    seed: int,
    params: Honest = CRUISE,
    starts: date,
) -> World:
    """A world with so many sites of each trade, or of each kind."""
    chance = Random(f"{seed}/world")  # noqa: S311 - to be drawn again alike
    trades = _by_trade(mix, params)
    count = sum(trades.values())
    if members is None:
        members = _members(trades, params)
    places = min(len(PLACES), max(3, min(count // SITES_OF_A_PLACE, members // 20_000)))
    insurers = make_market(
        chance, places=places, new_cards=params.new_cards, adoption=params.adoption
    )
    settled = settle(chance, params, insurers, members=members, places=places)
    change_insurers(chance, params, insurers, settled, days=days, starts=starts)
    world = World(
        seed=seed, starts=starts, days=days, honest=params, insurers=insurers, settled=settled
    )
    for trade in _shuffled(chance, trades):
        _open_site(world, chance, trade)
    let_things_happen(world)
    return world


def _by_trade(mix: Mapping[str, int] | Mapping[SiteKind, int], params: Honest) -> dict[str, int]:
    """Kinds split into their trades: auxiliaries are nurses and physiotherapists."""
    weights, found = france(params), dict.fromkeys(params.rhythms, 0)
    for name, count in mix.items():
        trades = [t for t, r in params.rhythms.items() if t == name or r.kind is name]
        total = sum(weights[trade] for trade in trades)
        left = count
        for trade in trades[:-1]:
            found[trade] += round(count * weights[trade] / total)
            left -= round(count * weights[trade] / total)
        found[trades[-1]] += left
    return found


def _members(trades: Mapping[str, int], params: Honest) -> int:
    """The people who go with the commonest of the trades, and enough for a thief's list."""
    shares = france(params)
    wanted = max(FRANCE * count / shares[trade] for trade, count in trades.items())
    return int(min(1_500_000, max(60_000, wanted)))


def _shuffled(chance: Random, trades: Mapping[str, int]) -> list[str]:
    order = [trade for trade, count in trades.items() for _ in range(count)]
    chance.shuffle(order)
    return order


def _open_site(world: World, chance: Random, trade: str) -> WorldSite:
    """A site among people, long established unless it opens within the world."""
    rhythm, settled = world.honest.rhythms[trade], world.settled
    bounds = tuple(accumulate(len(place) for place in settled.places))
    where = pick(chance, bounds)
    names, weights = zip(*rhythm.products, strict=True)
    opened = LONG_AGO
    yearly = world.honest.rates.new_practice
    if chance.random() < yearly * (world.days + 365) / 365:
        opened = int(chance.random() * (world.days + 365)) - 365
    site = WorldSite(
        number=len(world.sites) + 1,
        kind=rhythm.kind,
        trade=trade,
        place=PLACES[where].code,
        where=where,
        district=int(chance.random() * len(settled.districts[where])),
        shore=PLACES[where].seaside and chance.random() < world.honest.shore,
        opened=opened,
        product=chance.choices(names, weights)[0],
    )
    world.add_site(site)
    _open_accounts(world, chance, site, rhythm)
    return site


def _open_accounts(world: World, chance: Random, site: WorldSite, rhythm: Rhythm) -> None:
    """One account per practitioner, or as many as the trade's sites have clerks."""
    count = world.practice(site.number).practitioners
    if rhythm.accounts:
        count = 1 + chance.choices(range(len(rhythm.accounts)), rhythm.accounts)[0]
    usages: list[Usage] = ["standard"] * count
    parts = sorted((0.3 + chance.random() for _ in usages), reverse=True)
    if site.trade == "nurse" and chance.random() < HOME_CARE:
        usages.append("home-care")
        parts.append(0.2)
    posts = 1 if not rhythm.accounts else 1 + int(chance.random() * 4)
    for usage, part in zip(usages, parts, strict=True):
        world.add_account(
            WorldAccount(
                number=len(world.accounts) + 1,
                site=site.number,
                usage=usage,
                part=part / sum(parts),
                desks=posts,
                life=_days(chance, world.honest.device_days),
                line=_days(chance, world.honest.network_days),
                mobile=1.0 if usage == "home-care" else rhythm.mobile * chance.random() * 1.4,
                starts=site.opened,
                ends=NEVER,
            )
        )


def _days(chance: Random, span: tuple[int, int]) -> int:
    low, high = span
    return low + int(chance.random() * (high - low))
