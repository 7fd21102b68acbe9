"""How the checks of keys, doors and sealed tables see: what a copy, or a process, would give."""

from rempart.domain.measure import Seen, seen
from rempart.usecases.examine_setup import NO_KEYS, READS_THE_ROW, exposed, owners, under_one
from rempart.usecases.measure_ports import CannotSee, World, database_of


def vault_alone(world: World) -> Seen:
    """The vault that answers has the epoch that the ledger lets in, so that no other can write."""
    told, epoch = world.vault(), world.tables().epoch
    return seen(0 < told.epoch == epoch and told.size > 0, epoch=told.epoch, size=told.size)


def rights_sealed(world: World) -> Seen:
    """Sealed tables have the columns that they should, and the gateway's role reads none."""
    told, gateway = world.tables(), len(database_of(world).open_to_gateway)
    return seen(
        not (told.strange or gateway), locks=told.locks, columns=told.strange, gateway=gateway
    )


def roles_small(world: World) -> Seen:
    """As the doctor finds them."""
    found = database_of(world)
    return seen(
        not (found.powerful or found.trusting),
        powerful=len(found.powerful),
        trusting=found.trusting,
    )


def key_files(world: World) -> Seen:
    """As the doctor finds them; a place that may not be looked into is not said to be sound."""
    found = world.installation()
    if not found.private:
        raise CannotSee("no-key-here")
    wide = len(exposed(found))
    folders, unseen = len(found.open_folders), len(found.unseen)
    return seen(
        not (wide or folders or unseen),
        not (wide or folders),
        files=len(found.private),
        open=wide,
        folders=folders,
        unseen=unseen,
    )


def users_apart(world: World) -> Seen:
    """Nobody who holds the gateway's key holds one of the vault's."""
    found = world.installation()
    vault = owners(found, "keys/", "secrets/", "vault/", but=NO_KEYS)
    gateway = owners(found, "tls/gateway.", READS_THE_ROW)
    if not vault or not gateway:
        raise CannotSee("not-on-this-host")
    return seen(
        not vault & gateway, vault=len(vault), gateway=len(gateway), shared=len(vault & gateway)
    )


def keys_apart(world: World) -> Seen:
    """Not under one folder; another server's files on this machine cannot be told apart."""
    places = world.installation().places
    if places.keys is None:
        raise CannotSee("no-key-here")
    if places.data is None:
        return seen(
            not places.same_host, True, apart=not places.same_host, same_host=places.same_host
        )
    apart = not under_one(places.keys, places.data)
    return seen(apart, apart=apart, same_host=places.same_host)


def no_core(world: World) -> Seen:
    """The process that listens would leave no byte."""
    limit = world.installation().core_limit
    if limit is None:
        raise CannotSee("vault-away")
    return seen(limit == 0, bytes=limit)


def tls(world: World) -> Seen:
    """A stranger gets TLS 1.2 or later, and nothing before."""
    told = world.gateway()
    good = told.version in {"TLSv1.2", "TLSv1.3"} and not told.old
    return seen(good and told.days >= 0, good, version=told.version, old=told.old, days=told.days)


def limits(world: World) -> Seen:
    """What announces itself too long is told so before it is read."""
    told = world.gateway()
    return seen(told.answer == 413, sent=told.sent, answer=told.answer)


def incident_key(world: World) -> Seen:
    """It was made, and its private half lies nowhere in this installation."""
    told = world.incident_key()
    return seen(told.made and not told.here, made=told.made, here=told.here)
