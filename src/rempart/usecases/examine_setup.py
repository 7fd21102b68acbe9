"""Examine an installation: what is sound, what is not, and what that means.

The facts are gathered elsewhere; what they mean is decided here. A demo is told, a production
installation fails: one Unix user, or one backup, that holds everything isolates nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

OLDEST_POSTGRES = 150_000
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
CERTIFICATE_DAYS_LEFT = 30
APART = ("gateway.key", "vault.keyring")
"""Whose owners must differ: what the gateway's user reads opens nothing."""


class Level(StrEnum):
    """How bad."""

    SOUND = "sound"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; ``french`` and ``english`` name files and settings, never a value."""

    level: Level
    french: str
    english: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateFile:
    """A file that must be its owner's alone: its permission bits and its owner."""

    mode: int
    owner: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What PostgreSQL says of itself; ``powerful`` are our roles that may do too much."""

    version: int
    settings: Mapping[str, str]
    powerful: tuple[str, ...]
    sandbox_insurers: int
    sandbox_software: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An installation, as found."""

    production: bool
    private: Mapping[str, PrivateFile]
    database_under_keys: bool
    remembers: bool
    entries: bool
    certificate_days: int | None
    database: Database | None


def examine(facts: Facts) -> list[Finding]:
    """Everything that can be said, in one order."""
    return [
        *files(facts),
        *users(facts),
        *copies(facts),
        *memory(facts),
        *certificate(facts),
        *(database(facts, facts.database) if facts.database else [unreachable()]),
    ]


def worst(findings: list[Finding]) -> Level:
    """The gravest level found."""
    order = list(Level)
    return max((finding.level for finding in findings), key=order.index, default=Level.SOUND)


def grave(facts: Facts) -> Level:
    """What a demo is told of, and production fails for."""
    return Level.FAILURE if facts.production else Level.WARNING


def files(facts: Facts) -> Iterator[Finding]:
    """Private files are private."""
    for name, file in sorted(facts.private.items()):
        if file.mode & 0o007:
            yield Finding(
                Level.FAILURE,
                f"{name} est lisible par d'autres : chmod 600",
                f"{name} can be read by others: chmod 600",
            )
    if facts.private and not any(file.mode & 0o007 for file in facts.private.values()):
        count = len(facts.private)
        yield Finding(
            Level.SOUND,
            f"{count} fichiers privés le sont",
            f"{count} private files are private",
        )


def users(facts: Facts) -> Iterator[Finding]:
    """The gateway's user is not the vault's."""
    owners = {facts.private[name].owner for name in APART if name in facts.private}
    if len(owners) == len(APART):
        yield Finding(
            Level.SOUND,
            "le coffre et la passerelle ont chacun leur utilisateur",
            "vault and gateway each have a user of their own",
        )
    elif owners:
        yield Finding(
            grave(facts),
            "un seul utilisateur Unix tient le coffre et la passerelle : cela n'isole rien",
            "one Unix user holds vault and gateway, which isolates nothing",
        )


def copies(facts: Facts) -> Iterator[Finding]:
    """Keys and database do not travel in one backup."""
    if facts.database_under_keys:
        yield Finding(
            grave(facts),
            "clés et base sont sous un même dossier : une seule copie emporterait les deux",
            "keys and database lie under one folder: one copy would take both",
        )


def memory(facts: Facts) -> Iterator[Finding]:
    """The vault remembers what it signed."""
    if facts.entries and not facts.remembers:
        yield Finding(
            Level.FAILURE,
            "le registre a des entrées et le coffre n'en a pas mémoire (vault/checkpoint)",
            "the ledger has entries and the vault remembers none (vault/checkpoint)",
        )


def certificate(facts: Facts) -> Iterator[Finding]:
    """The gateway's certificate has time left."""
    days = facts.certificate_days
    if days is None or days > CERTIFICATE_DAYS_LEFT:
        return
    level = Level.FAILURE if days < 0 else Level.WARNING
    yield Finding(
        level,
        f"le certificat de la passerelle : {max(days, 0)} jours restants",
        f"the gateway's certificate: {max(days, 0)} days left",
    )


def unreachable() -> Finding:
    """Nothing could be asked of the database."""
    return Finding(Level.WARNING, "base injoignable : non examinée", "database away: not examined")


def database(facts: Facts, said: Database) -> Iterator[Finding]:
    """PostgreSQL keeps what it says it kept, and our roles are small."""
    if said.version < OLDEST_POSTGRES:
        yield Finding(
            Level.FAILURE,
            "PostgreSQL 15 ou plus récent est nécessaire",
            "PostgreSQL 15 or later is needed",
        )
    for name in DURABLE:
        if said.settings.get(name, "on") == "off":
            yield Finding(
                Level.FAILURE,
                f"{name} = off : la base peut perdre ce qu'elle dit avoir gardé",
                f"{name} = off: the database may lose what it says it kept",
            )
    for role in said.powerful:
        yield Finding(
            Level.FAILURE, f"le rôle {role} peut trop", f"the role {role} may do too much"
        )
    strangers = said.sandbox_insurers + said.sandbox_software
    if facts.production and strangers:
        yield Finding(
            Level.FAILURE,
            f"{strangers} inscriptions de bac à sable en production",
            f"{strangers} sandbox registrations in production",
        )
    if not said.powerful and said.version >= OLDEST_POSTGRES:
        yield Finding(Level.SOUND, "rôles de la base : à leur place", "database roles: in place")
