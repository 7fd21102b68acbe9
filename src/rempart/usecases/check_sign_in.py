"""How the checks of sign-in see: who gets in, by what, and what they bring."""

from rempart.domain.budget import DAY
from rempart.domain.extract import EXTRACT_DAYS
from rempart.domain.measure import Fact, Seen, seen
from rempart.domain.sign_in import Means
from rempart.usecases.measure_ports import World, database_of
from rempart.usecases.presence_keys import LIFE

SECOND = 1_000_000
PROOFS = frozenset({"ASSERTION", "PRO_SANTE", "PASSKEY", "STEP_UP", "ENROLMENT"})
"""Ways to sign in that are no password: each proves a key, or serves once."""


def no_password(world: World) -> Seen:
    """No table could hold one, and no way to sign in takes one."""
    columns, means = world.tables().passwords, {each.name for each in Means}
    return seen(not columns and means <= PROOFS, columns=columns, means=len(means))


def professionals_psc(world: World) -> Seen:
    """The vault takes tokens of Pro Santé Connect, under keys that are recent."""
    told, found = world.vault(), world.installation()
    days = -1 if found.issuer_key_days is None else found.issuer_key_days
    people = 0 if found.database is None else found.database.contracted
    facts: dict[str, Fact] = {"on": told.professionals, "professionals": people}
    if told.professionals:
        facts["key_days"] = days
    on = told.professionals and days >= 0
    return seen(on and days <= EXTRACT_DAYS, on, **facts)


def staff_passkeys(world: World) -> Seen:
    """Everybody on the staff has a passkey; the vault asks it to verify who touches it."""
    told, people = world.tables(), world.vault().people
    return seen(
        people and 0 < told.staff == told.with_passkey,
        people and told.with_passkey > 0,
        pages=people,
        staff=told.staff,
        with_passkey=told.with_passkey,
    )


def software_two_proofs(world: World) -> Seen:
    """Every software has both, and the gateway's authorities are valid."""
    told, certificates = world.registry(), world.installation().certificates
    days = [left for name, left in certificates.items() if name.startswith("clients.pem")]
    facts: dict[str, Fact] = {"software": told.software, "with_both": told.with_both}
    if days:
        facts["authorities"] = min(days)
    both = told.software == told.with_both
    return seen(both and bool(days) and min(days) >= 0, both, **facts)


def vendor_statements(world: World) -> Seen:
    """Only production refuses what no vendor states."""
    told, production = world.registry(), world.installation().production
    return seen(
        production and not told.unnamed,
        production,
        production=production,
        unnamed=told.unnamed,
    )


def directory_followed(world: World) -> Seen:
    """Sites are followed, by an extract that is recent."""
    found = database_of(world)
    facts: dict[str, Fact] = {"sites": found.followed}
    if found.extract_days is not None:
        facts["days"] = found.extract_days
    read = found.extract_days is not None and found.followed > 0
    return seen(read and (found.extract_days or 0) <= EXTRACT_DAYS, read, **facts)


def two_operators(world: World) -> Seen:
    """Two are trusted here: with one, nothing that takes two can be done, and nobody checks."""
    operators = world.registry().operators
    return seen(operators >= 2, operators=operators)


def presence_sealed(world: World) -> Seen:
    """The vault has a key in its term, and every software must seal."""
    told, registry = world.vault(), world.registry()
    in_clear = registry.software - registry.sealing
    facts: dict[str, Fact] = {"sealing": registry.sealing, "in_clear": in_clear}
    if told.presence:
        facts["key_days"] = (world.now() // SECOND - told.presence) * SECOND // DAY
    live = bool(told.presence) and world.now() // SECOND < told.presence + LIFE
    return seen(live and not in_clear, live and registry.sealing > 0, **facts)


def old_cards_closed(world: World) -> Seen:
    """No lock opens on what 2024's thieves hold."""
    insurers, still = world.registry().insurers, world.tables().old_cards
    return seen(not still, 0 < still < insurers, insurers=insurers, open=still)
