"""What is found of an installation, before anybody says what it means.

Files are named by their path under the installation's folder; no value, key or password is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rempart.domain.errors import MalformedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateFile:
    """A file that must be its owner's alone: its permission bits and its owner."""

    mode: int
    owner: int


class Memory(StrEnum):
    """What the vault's own checkpoint file and the ledger say of each other."""

    NEW = "new"
    """Neither has begun."""
    SOUND = "sound"
    """The ledger extends what the vault remembers, and what it has published."""
    MISSING = "missing"
    """The ledger has entries, and nothing is remembered."""
    NOT_HERE = "not here"
    """This host keeps no such file, or no way to the ledger, or they are not ours to read."""
    FOREIGN = "foreign"
    """It remembers a checkpoint that this vault's key did not sign."""
    BROKEN = "broken"
    """The ledger does not extend what was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the keys lie, and where the database's data lie, as absolute paths.

    ``data`` is unknown where another's PostgreSQL keeps them; then ``same_host`` says whether it
    answers on this machine.
    """

    keys: str | None
    data: str | None
    same_host: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The way between gateway and vault.

    ``group`` is the group that the settings name, ``gateway_group`` the main group of the user
    that holds the gateway's key, ``socket_group`` and ``socket_mode`` those of the socket; each
    unknown where it is not on this host.
    """

    group: int | None
    gateway_group: int | None
    socket_group: int | None
    socket_mode: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The machine's clock: whether the kernel takes it to be kept right, if it says; seconds by
    which the database's and the ledger's last entry are ahead of it, where they were asked."""

    kept: bool | None
    database_ahead: float | None
    ledger_ahead: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What PostgreSQL says of itself.

    ``powerful`` are our roles that may do too much, ``open_to_gateway`` the tables that its role
    may read or write; ``trusting`` says that a wrong password was let in; ``strangers`` counts
    registrations of another kind of instance. ``contracted`` counts professionals, ``followed``
    the sites that are in while the public directory lists them, and ``extract_days`` the age of its
    last extract, if there ever was one.
    """

    version: int
    settings: Mapping[str, str]
    powerful: tuple[str, ...]
    open_to_gateway: tuple[str, ...]
    trusting: bool
    strangers: int
    contracted: int = 0
    followed: int = 0
    extract_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryFile:
    """A registry's file, as the vault's own host has it: the days since its end date, none where it
    cannot be read; the rows that were taken, and left out, of which the first are named.
    """

    name: str
    days: int | None = None
    rows: int = 0
    bad: int = 0
    named: tuple[MalformedRow, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An installation, as found.

    ``unseen`` are places that whoever looked may not look into, ``open_folders`` those into which
    others may write, ``core_limit`` the bytes of core that a running vault would leave,
    ``test_things`` what only a demo or a sandbox holds, ``certificates`` the days that each has
    left. ``database_here`` says that this host has a way to the database. ``issuer_key_days`` is
    the age of the trusted keys of Pro Santé Connect where people sign in with it, -1 where there
    are none.
    """

    production: bool
    unseen: tuple[str, ...]
    private: Mapping[str, PrivateFile]
    open_folders: tuple[str, ...]
    places: Places
    memory: Memory
    core_limit: int | None
    door: Door
    clock: Clock
    test_things: tuple[str, ...]
    certificates: Mapping[str, int]
    database_here: bool
    database: Database | None
    issuer_key_days: int | None = None
    country_files: tuple[CountryFile, ...] = ()
