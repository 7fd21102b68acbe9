"""How the checks of the ledger, of what keeps it and of its terms see."""

from rempart.domain.budget import DAY
from rempart.domain.measure import Fact, Seen, seen
from rempart.usecases.examine_setup import CLOCKS_APART, OLDEST_POSTGRES, lossy
from rempart.usecases.measure_ports import CannotSee, World, database_of
from rempart.usecases.setup_facts import Memory

UNSIGNED_MAX = 10_000
"""Entries after the last published checkpoint: seconds of the busiest day."""
EXERCISE_DAYS = 365


def durable(world: World) -> Seen:
    """As the doctor finds it."""
    found = database_of(world)
    off = lossy(found)
    return seen(
        not off and found.version >= OLDEST_POSTGRES,
        version=found.version // 10_000,
        off=len(off),
    )


def standby(world: World) -> Seen:
    """A commit waits for another server; one that follows later is half of it."""
    told = world.tables()
    return seen(
        told.synchronous > 0 and told.replicas > 0,
        told.replicas > 0,
        synchronous=told.synchronous,
        replicas=told.replicas,
    )


def ledger_append_only(world: World) -> Seen:
    """Every trigger is there and on, and no role of ours writes but through functions."""
    told = world.tables()
    return seen(
        told.triggers > 0 and not (told.missing or told.writers),
        triggers=told.triggers,
        missing=told.missing,
        writers=told.writers,
    )


def checkpoints(world: World) -> Seen:
    """What is published is signed, recent, and extended by what the vault remembers."""
    told, memory = world.ledger(), world.installation().memory
    facts: dict[str, Fact] = {"size": told.size, "root": told.root.hex(), "memory": memory.value}
    facts["unsigned"] = told.unsigned
    good = told.size > 0 and memory not in {Memory.BROKEN, Memory.FOREIGN, Memory.MISSING}
    return seen(good and memory is Memory.SOUND and told.unsigned <= UNSIGNED_MAX, good, **facts)


def ledger_verified(world: World) -> Seen:
    """Read again, every entry, now. An admitted loss is told, and is not whole."""
    told = world.audit()
    facts = {"entries": told.entries, "checkpoints": told.checkpoints, "lost": told.lost}
    sound = not told.broken and told.checkpoints > 0
    return seen(sound and not told.lost, sound, **facts, broken=told.broken)


def days_closed(world: World) -> Seen:
    """Up to yesterday; a day that is late is not closed."""
    told = world.days()
    return seen(
        told.days > 0 and told.behind == 0 and not told.absent,
        told.days > 0,
        days=told.days,
        behind=told.behind,
        absent=told.absent,
    )


def retention(world: World) -> Seen:
    """What had its term is gone."""
    told = world.tables()
    return seen(
        not (told.entries_overdue or told.people_overdue),
        overdue=told.entries_overdue,
        people=told.people_overdue,
        held=told.held,
    )


def clock(world: World) -> Seen:
    """Somebody keeps it, and the database's agrees."""
    found = world.installation().clock
    facts: dict[str, Fact] = {} if found.kept is None else {"kept": found.kept}
    if found.database_ahead is None:
        raise CannotSee("database-away")
    facts["apart"] = round(abs(found.database_ahead) * 1000)
    near = abs(found.database_ahead) <= CLOCKS_APART
    return seen(near and found.kept is True, near, **facts)


def exercises(world: World) -> Seen:
    """One was closed within the year."""
    closed = world.exercises()
    facts: dict[str, Fact] = {"held": len(closed)}
    if closed:
        facts["days"] = (world.now() - closed[-1]) // DAY
    recent = bool(closed) and world.now() - closed[-1] <= EXERCISE_DAYS * DAY
    return seen(recent, **facts)
