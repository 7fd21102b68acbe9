"""How the checks of what flows, and of going on, see: budgets, guard, cuts, cards offline."""

from rempart.domain.measure import Fact, Seen, seen
from rempart.usecases.measure_ports import World
from rempart.usecases.read_cut_offs import STALE
from rempart.usecases.tell_protections import caps_digest


def budgets(world: World) -> Seen:
    """The running vault has the caps of this version, and no exception widens them."""
    told = world.vault()
    same = told.table == caps_digest()
    return seen(
        same and not told.exceptions,
        same,
        table=told.table.hex()[:16],
        same=same,
        exceptions=told.exceptions,
    )


def guard(world: World) -> Seen:
    """It runs; where it has failed, the smallest budgets stand alone."""
    told = world.vault()
    return seen(not told.guard_failed, sound=not told.guard_failed, accounts=told.accounts)


def containment(world: World) -> Seen:
    """The guard moves accounts; without it, persons alone."""
    told = world.vault()
    return seen(
        not told.guard_failed,
        True,
        watched=told.watched,
        narrowed=told.narrowed,
        frozen=told.frozen,
    )


def hourly_ceiling(world: World) -> Seen:
    """It needs a week of habit of an insurer, and the guard."""
    told, insurers = world.vault(), world.registry().insurers
    return seen(
        not told.guard_failed and 0 < insurers <= told.habits,
        not told.guard_failed and told.habits > 0,
        insurers=told.habits,
        closed=told.closed,
    )


def alerts(world: World) -> Seen:
    """Somebody is listened to."""
    publishers = world.vault().publishers
    return seen(publishers > 0, publishers=publishers)


def on_call(world: World) -> Seen:
    """People are told whom to call, and nobody whom the guard has frozen waits past the promise."""
    contact, overdue = world.contact(), world.vault().overdue
    return seen(contact and not overdue, contact, contact=contact, overdue=overdue)


def cut_offs(world: World) -> Seen:
    """The vault answers, and doors are told what is cut by a row that moves."""
    told, age = world.vault(), world.cut_row()
    return seen(age <= STALE, answers=True, standing=told.cuts, row=age)


def offline_lists(world: World) -> Seen:
    """The trust list is in date, and so is that of each insurer."""
    told, insurers = world.lists(), world.registry().insurers
    facts: dict[str, Fact] = {"insurers": insurers, "fresh": told.fresh}
    if told.days is not None:
        facts["days"] = told.days
    in_date = told.days is not None and told.days >= 0
    return seen(in_date and told.fresh >= insurers > 0, in_date, **facts)
