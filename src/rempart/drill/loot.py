"""What was stolen in 2024, and the setting of a theft: which account, when, with what list."""

from collections.abc import Container, Generator, Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from random import Random

from rempart.domain.disclosure import Outcome
from rempart.domain.site import SiteKind
from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.registry import WorldAccount
from rempart.drill.scenes import SCENES, main_account
from rempart.drill.theft import DAY, Attack, Pace, Setting, Stolen, Variant
from rempart.drill.traffic import Asked

FAMILIES_TOGETHER = 0.5
"""Of runs: the list is in the order of the file, relatives together; otherwise shuffled."""


def setting_for(
    world: World,
    variant: Variant,
    *,
    run: int,
    day: int,
    held: Container[int] = (),
) -> Setting:
    """The setting of one run from a day of the world on; runs differ by site, hour and list.

    Accounts in ``held`` are contained already: a thief steals another. A scene, a locum or a fake
    practice is written into ``world``, and stays there.
    """
    chance = Random(f"{world.seed}/{variant.name}/{run}")  # noqa: S311 - to be drawn again alike
    accounts = _accounts(world, chance, variant, day, held)
    if variant.scene is not None:
        for account in accounts:
            SCENES[variant.scene].stage(world, account.site, day)
    if variant.locum:
        accounts = tuple(world.accounts_of(account.site)[-1] for account in accounts)
    starts = world.midnight(day) + int(chance.random() * 24 * 3600e6)
    if variant.windows is not None:
        starts = Pace(every=1, windows=variant.windows).within(world, world.midnight(day))
        starts += int(chance.random() * 1800e6)
    near = world.sites[accounts[0].site - 1].where if variant.near else None
    return Setting(
        world=world,
        accounts=accounts,
        chance=chance,
        starts=starts,
        ends=world.midnight(day) + variant.days * DAY,
        loot=steal(world, chance, variant, day=day, near=near),
    )


def steal(
    world: World, chance: Random, variant: Variant, *, day: int, near: int | None = None
) -> Sequence[Stolen]:
    """A list of one insurer's members from all over the country; of all insurers' if he has many
    lists (``variant.insurers``).

    ``variant.cards`` is ``old`` (he knows who has no printed key), ``new`` (everybody he asks
    about has one, and he lacks it) or ``any``. The insurer is drawn among those that have many
    such members. A real list does not run out: where the world is too small for that, the list of
    another insurer follows.
    """
    held: dict[int, list[int]] = {}
    for person in _members(world, day, variant.cards):
        insurer = 0 if variant.insurers else world.people.insurer[person]
        held.setdefault(insurer, []).append(person)
    most = max(map(len, held.values()), default=0)
    insurers = sorted(held)
    chance.shuffle(insurers)
    insurers.sort(key=lambda number: len(held[number]) < most / 3)
    listed: list[int] = []
    for number in insurers:
        if len(listed) >= variant.wanted:
            break
        listed += _in_some_order(world, chance, held[number])
    if near is not None:
        listed.sort(key=lambda person: world.people.place[person] != near)
    return [_stolen(world, chance, person, day, variant.stale) for person in listed]


def _in_some_order(world: World, chance: Random, people: list[int]) -> list[int]:
    if chance.random() >= FAMILIES_TOGETHER:
        chance.shuffle(people)
        return people
    people.sort(key=world.people.contract.__getitem__)
    # He begins anywhere in the file.
    cut = int(chance.random() * len(people))
    return people[cut:] + people[:cut]


def _members(world: World, day: int, cards: str) -> Iterator[int]:
    people = world.people
    for person in range(len(people)):
        if people.since[person] <= day < people.left[person]:
            has_key = people.signed[person] == 1
            if cards == "any" or has_key == (cards == "new"):
                yield person


def _stolen(world: World, chance: Random, person: int, day: int, stale: float) -> Stolen:
    """Without the printed key nothing lies under a new card; nor under a contract that ended."""
    people = world.people
    opens = not people.signed[person] and people.known[person] <= day and chance.random() >= stale
    return Stolen(person if opens else NOBODY, people.amc(person), people.contract[person])


def _accounts(
    world: World, chance: Random, variant: Variant, day: int, held: Container[int]
) -> tuple[WorldAccount, ...]:
    if variant.fake:
        return (_fake_practice(world, chance, variant, day),)
    found = [
        account
        for account in world.accounts
        if account.usage == "standard"
        and account.starts < day - 365
        and account.number not in held
        and world.sites[account.site - 1].kind in variant.kinds
    ]
    # Kinds first, so that the rare ones of a world are struck as often as the others.
    if variant.accounts == 1:
        kinds = [k for k in variant.kinds if any(_kind(world, a) is k for a in found)]
        kind = chance.choice(kinds)
        found = [account for account in found if _kind(world, account) is kind]
    return tuple(chance.sample(found, min(variant.accounts, len(found))))


def _kind(world: World, account: WorldAccount) -> SiteKind:
    return world.sites[account.site - 1].kind


def _fake_practice(world: World, chance: Random, variant: Variant, day: int) -> WorldAccount:
    """A site registered with a false contract: nobody works there."""
    models = [site for site in world.sites if site.kind in variant.kinds]
    model = chance.choice(models)
    site = replace(model, number=len(world.sites) + 1, opened=day)
    world.add_site(site)
    world.practice(site.number).stand_empty()
    account = replace(
        main_account(world, model.number), number=len(world.accounts) + 1, site=site.number,
        starts=day,
    )  # fmt: skip
    world.add_account(account)
    return account


def baseline_2024(
    attacks: Sequence[Generator[Asked, Outcome, None]], *, starts: int, seconds: float
) -> list[tuple[float, int]]:
    """The same thief on a portal without protection: people read after so many seconds.

    Everything that is asked about is opened: there was no printed key to lack. Nobody is read
    where nothing lies.
    """
    waiting: list[tuple[Asked, int, Attack]] = []
    for index, attack in enumerate(attacks):
        if (first := next(attack, None)) is not None:
            heappush(waiting, (first, index, attack))
    read: set[int] = set()
    curve: list[tuple[float, int]] = [(0.0, 0)]
    while waiting:
        asked, index, attack = heappop(waiting)
        passed = (asked.at - starts) / 1e6
        if passed > seconds:
            break
        if asked.person != NOBODY:
            read.add(asked.person)
        curve.append((passed, len(read)))
        try:
            heappush(waiting, (attack.send(Outcome.OPENED), index, attack))
        except StopIteration:
            continue
    return curve
