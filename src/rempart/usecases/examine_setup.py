"""Examine an installation: what is sound, what is not, and what to do about it.

The facts are gathered elsewhere; what they mean is decided here, one check after the other. What
a demo is only told of fails a production installation: one Unix user, or one backup, that holds
everything isolates nothing. Each check says one thing at least where there is something to see.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import PurePosixPath

from rempart.domain.extract import EXTRACT_DAYS
from rempart.usecases.examine_countries import countries
from rempart.usecases.findings import Finding, Level
from rempart.usecases.setup_facts import Database, Facts, Memory

OLDEST_POSTGRES = 150_000
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
CERTIFICATE_DAYS_LEFT = 30
CLOCKS_APART = 5.0
"""Seconds between this clock and the database's: more, and the ledger's times mean little."""
CLOCK_JITTER = 1.0
"""Seconds by which the ledger may be ahead: past it, the vault refuses a clock that went back."""
OTHERS, ALL_BUT_OWNER = 0o007, 0o077

EVERYBODYS = frozenset({"/", "/srv", "/var", "/var/lib", "/opt", "/home", "/mnt", "/data"})
"""Folders that are no installation's: what lies side by side in one is apart."""


def examine(facts: Facts) -> list[Finding]:
    """Everything that can be said, in one order."""
    return [finding for check in CHECKS for finding in check(facts)]


def worst(findings: Sequence[Finding]) -> Level:
    """The gravest level found."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.SOUND)


def _grave(facts: Facts, french: str, english: str) -> Finding:
    """What a demo is told of, and production fails for."""
    return Finding(Level.FAILURE if facts.production else Level.WARNING, french, english)


def _sound(french: str, english: str) -> Finding:
    return Finding(Level.SOUND, french, english)


def _warning(french: str, english: str) -> Finding:
    return Finding(Level.WARNING, french, english)


def unseen(facts: Facts) -> Iterator[Finding]:
    """Whoever does not see everything does not say that it is sound."""
    for place in facts.unseen:
        yield _grave(
            facts,
            f"{place} : pas le droit d'y regarder ; relancez en root",
            f"{place}: no permission to look; run this as root",
        )


def exposed(facts: Facts) -> list[str]:
    """Private files that others can read. A TLS key may be root's, and the gateway's group's to
    read; ours are nobody else's.
    """
    return [
        name
        for name, file in sorted(facts.private.items())
        if file.mode & ALL_BUT_OWNER & ~(0o040 if name.startswith("tls/") else 0)
    ]


def files(facts: Facts) -> Iterator[Finding]:
    """Private files are private, and nobody else may put another in their place."""
    wrong = exposed(facts)
    for name in wrong:
        yield _grave(
            facts,
            f"{name} est ouvert à d'autres : chmod 600, et tenez-le pour connu",
            f"{name} is open to others: chmod 600, and take it for known",
        )
    for folder in facts.open_folders:
        yield _grave(
            facts,
            f"{folder} : d'autres peuvent y écrire ; chmod go-w",
            f"{folder}: others may write there; chmod go-w",
        )
    if facts.private and not wrong:
        count = len(facts.private)
        yield _sound(f"{count} fichiers privés le sont", f"{count} private files are private")


READS_THE_ROW = "secrets/gateway.conninfo"
"""The one private file that is the gateway's: it opens the row of what is cut, and nothing else."""
NO_KEYS = frozenset({READS_THE_ROW, "secrets/web.conninfo"})


def owners(facts: Facts, *prefixes: str, but: Collection[str] = ()) -> set[int]:
    """Whose private files these are."""
    return {
        file.owner
        for name, file in facts.private.items()
        if name.startswith(prefixes) and name not in but
    }


def users(facts: Facts) -> Iterator[Finding]:
    """What the gateway's user reads opens nothing."""
    gateway = owners(facts, "tls/gateway.")
    keys = owners(facts, "keys/", "secrets/", "vault/", but=NO_KEYS)
    if not gateway or not keys:
        return
    if gateway & keys:
        yield _grave(
            facts,
            "un seul utilisateur Unix tient les clés du coffre et celle de la passerelle : cela"
            " n'isole rien",
            "one Unix user holds the vault's keys and the gateway's, which isolates nothing",
        )
        return
    if not owners(facts, READS_THE_ROW) <= gateway:
        yield _grave(
            facts,
            f"{READS_THE_ROW} : la passerelle ne peut pas lire ce qui est coupé, et tout reste"
            " fermé ; donnez-lui ce fichier (chown), et chmod 711 secrets",
            f"{READS_THE_ROW}: the gateway cannot read what is cut, and everything stays closed;"
            " give it this file (chown), and chmod 711 secrets",
        )
    yield _sound(
        "le coffre et la passerelle ont chacun leur utilisateur",
        "vault and gateway each have a user of their own",
    )


def importer_user(facts: Facts) -> Iterator[Finding]:
    """Known limit: vault and importer read one keyring of index and outer keys."""
    if owners(facts, "keys/importer.") & owners(facts, "keys/vault."):
        yield _warning(
            "un même utilisateur tient les clés du coffre et de l'import (limite connue)",
            "one user holds the vault's keys and the importer's (a known limit)",
        )


def copies(facts: Facts) -> Iterator[Finding]:
    """Keys and database do not travel in one backup."""
    places = facts.places
    if places.keys is None:
        return
    if places.data is not None:
        if under_one(places.keys, places.data):
            yield _grave(
                facts,
                "clés et base sont sous un même dossier : une seule copie emporterait les deux",
                "keys and database lie under one folder: one copy would take both",
            )
        else:
            yield _sound("clés et base sont séparées", "keys and database lie apart")
    elif places.same_host:
        yield _warning(
            "la base est sur cette machine : qu'aucune sauvegarde n'emporte aussi les clés",
            "the database is on this machine: no backup may take the keys with it",
        )


def under_one(one: str, other: str) -> bool:
    """Whether two folders lie under one that is an installation's."""
    first, second = PurePosixPath(one), PurePosixPath(other)
    common = next(
        parent for parent in (first, *first.parents) if parent == second or parent in second.parents
    )
    return str(common) not in EVERYBODYS


def memory(facts: Facts) -> Iterator[Finding]:
    """The vault remembers what it signed, and the ledger extends it."""
    match facts.memory:
        case Memory.SOUND:
            yield _sound(
                "le registre prolonge ce que le coffre a signé",
                "the ledger extends what the vault has signed",
            )
        case Memory.MISSING:
            yield _grave(
                facts,
                "le registre a des entrées et le coffre n'en a pas mémoire (vault/checkpoint)",
                "the ledger has entries and the vault remembers none (vault/checkpoint)",
            )
        case Memory.FOREIGN:
            yield _grave(
                facts,
                "vault/checkpoint n'est pas signé par ce coffre",
                "vault/checkpoint is not signed by this vault",
            )
        case Memory.BROKEN:
            yield _grave(
                facts,
                "le registre ne prolonge pas ce qui a été signé : rempart ledger verify",
                "the ledger does not extend what was signed: rempart ledger verify",
            )


def core(facts: Facts) -> Iterator[Finding]:
    """A vault that dies leaves no memory behind."""
    if facts.core_limit is None:
        return
    if facts.core_limit:
        yield _grave(
            facts,
            "le coffre laisserait sa mémoire dans un fichier core",
            "the vault would leave its memory in a core file",
        )
    else:
        yield _sound("le coffre ne laisse pas de core", "the vault leaves no core")


def door(facts: Facts) -> Iterator[Finding]:
    """The gateway enters by its group, and nobody else does."""
    found = facts.door
    if found.group is None:
        # Where no vault lives nobody enters one; a demo has one user, who enters by name.
        if facts.production and owners(facts, "keys/vault."):
            yield _grave(
                facts,
                "REMPART_GATEWAY_GROUP manque : seul l'utilisateur du coffre peut entrer",
                "REMPART_GATEWAY_GROUP is missing: only the vault's own user can enter",
            )
    elif found.gateway_group not in {None, found.group}:
        yield _grave(
            facts,
            "REMPART_GATEWAY_GROUP n'est pas le groupe principal de la passerelle",
            "REMPART_GATEWAY_GROUP is not the main group of the gateway's user",
        )
    elif found.socket_group not in {None, found.group}:
        yield _grave(
            facts,
            "le socket du coffre n'est pas au groupe de la passerelle : relancez le coffre",
            "the vault's socket is not its gateway's group's: restart the vault",
        )
    if found.socket_mode is not None and found.socket_mode & OTHERS:
        yield _grave(
            facts,
            "le socket du coffre est ouvert à tous",
            "the vault's socket is open to everybody",
        )


def clock(facts: Facts) -> Iterator[Finding]:
    """The ledger's times mean something."""
    found = facts.clock
    if found.kept is False:
        yield _warning(
            "rien ne tient cette horloge à l'heure (NTP)", "nothing keeps this clock right (NTP)"
        )
    if found.database_ahead is not None and abs(found.database_ahead) > CLOCKS_APART:
        yield _grave(
            facts,
            f"l'horloge de la base s'écarte de {abs(found.database_ahead):.0f} s",
            f"the database's clock is {abs(found.database_ahead):.0f} s away",
        )
    if found.ledger_ahead is not None and found.ledger_ahead > CLOCK_JITTER:
        yield _grave(
            facts,
            "la dernière entrée du registre est dans l'avenir : l'horloge a reculé",
            "the ledger's last entry is in the future: the clock went back",
        )


def test_things(facts: Facts) -> Iterator[Finding]:
    """Test keys and test people never meet real ones."""
    strangers = facts.database.strangers if facts.database else 0
    if strangers:
        yield _grave(
            facts,
            f"{strangers} inscriptions d'une autre sorte d'instance (bac à sable, production)",
            f"{strangers} registrations of another kind of instance (sandbox, production)",
        )
    if facts.production:
        for name in facts.test_things:
            yield _grave(
                facts,
                f"{name} est d'une démonstration : une production a son propre dossier",
                f"{name} is a demo's: production has a folder of its own",
            )


def certificates(facts: Facts) -> Iterator[Finding]:
    """Certificates have time left."""
    for name, days in sorted(facts.certificates.items()):
        if days < 0:
            yield _grave(facts, f"{name} n'est plus valable", f"{name} is not valid any more")
        elif days <= CERTIFICATE_DAYS_LEFT:
            yield _warning(f"{name} : {days} jours restants", f"{name}: {days} days left")


def lossy(said: Database) -> list[str]:
    """Settings under which the server may lose what it says it kept."""
    return [name for name in DURABLE if said.settings.get(name, "off") == "off"]


def database(facts: Facts) -> Iterator[Finding]:
    """PostgreSQL keeps what it says it kept."""
    said = facts.database
    if said is None:
        if facts.database_here:
            yield _grave(
                facts, "base injoignable : non examinée", "the database is away: not examined"
            )
        return
    if said.version < OLDEST_POSTGRES:
        yield _grave(
            facts,
            "PostgreSQL 15 ou plus récent est nécessaire",
            "PostgreSQL 15 or later is needed",
        )
    off = lossy(said)
    for name in off:
        yield _grave(
            facts,
            f"{name} = off : la base peut perdre ce qu'elle dit avoir gardé",
            f"{name} = off: the database may lose what it says it kept",
        )
    if not off:
        yield _sound(
            f"PostgreSQL {said.version // 10_000} garde ce qu'il dit avoir gardé",
            f"PostgreSQL {said.version // 10_000} keeps what it says it kept",
        )


def roles(facts: Facts) -> Iterator[Finding]:
    """Our roles are small, and each needs its own password."""
    said = facts.database
    if said is None:
        return
    for role in said.powerful:
        yield _grave(facts, f"le rôle {role} peut trop", f"the role {role} may do too much")
    for table in said.open_to_gateway:
        yield _grave(
            facts,
            f"le rôle de la passerelle a un droit sur {table}",
            f"the gateway's role has a right on {table}",
        )
    if said.trusting:
        yield _grave(
            facts,
            "la base laisse entrer sans bon mot de passe : corrigez pg_hba.conf",
            "the database lets in without the right password: correct pg_hba.conf",
        )
    if not (said.powerful or said.open_to_gateway or said.trusting):
        yield _sound("rôles de la base : à leur place", "database roles: in place")


def directory(facts: Facts) -> Iterator[Finding]:
    """Whoever has left is out within a day, if somebody reads who has."""
    said = facts.database
    if said is None or not (said.contracted or said.followed):
        return
    days = said.extract_days
    if days is None or days > EXTRACT_DAYS:
        old = "jamais lu" if days is None else f"d'il y a {days} jours"
        ago = "never read" if days is None else f"of {days} days ago"
        yield _warning(
            f"annuaire {old} : qui est parti entre encore (rempart directory import)",
            f"directory {ago}: who has left still gets in (rempart directory import)",
        )
    else:
        yield _sound(
            f"l'annuaire est suivi : {said.followed} lieux, extrait d'il y a {days} j",
            f"the directory is followed: {said.followed} sites, extract of {days} days ago",
        )


def issuer_keys(facts: Facts) -> Iterator[Finding]:
    """Professionals sign in with keys that are still the issuer's."""
    days = facts.issuer_key_days
    if days is not None and days < 0:
        yield _grave(
            facts,
            "pas de clés de Pro Santé Connect : aucun professionnel n'entre"
            " (rempart operator psc-keys)",
            "no keys of Pro Santé Connect: no professional gets in (rempart operator psc-keys)",
        )
    elif days is not None and days > EXTRACT_DAYS:
        yield _warning(
            f"clés de Pro Santé Connect lues il y a {days} jours (rempart operator psc-keys)",
            f"keys of Pro Santé Connect read {days} days ago (rempart operator psc-keys)",
        )


Check = Callable[[Facts], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    *(unseen, files, users, importer_user, copies, door),
    *(core, memory, clock, test_things, certificates, database, roles, directory, issuer_keys),
    countries,
)
