"""The gateway's assembly: a door to the vault, a clock, and the one row that it may read.

No key of a record, no table: what is cut comes signed, and is checked with a public key.
"""

from functools import partial
from pathlib import Path

from rempart.adapters.intake_probe import IntakeProbe
from rempart.adapters.postgres.connections import conninfo_file
from rempart.adapters.postgres.cut_row import PostgresCutRowSource
from rempart.adapters.system import SystemClock
from rempart.adapters.vaultdoor.async_client import AsyncDoor
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.usecases.look_at_intake import LookAtIntake
from rempart.usecases.ports import Clock
from rempart.usecases.read_cut_offs import ReadCutOffs


def door(settings: Settings) -> AsyncDoor:
    """The vault's socket, opened at the first question."""
    return AsyncDoor(settings.vault_socket)


def clock() -> Clock:
    """Real time."""
    return SystemClock()


def cut_offs(
    settings: Settings, conninfo: Path | None = None
) -> tuple[ReadCutOffs, PostgresCutRowSource]:
    """What is cut, as the database role ``gateway`` reads it; the source is to be closed.

    ``conninfo`` is a copy of that role's file, where another user than the gateway's reads.
    """
    source = PostgresCutRowSource(conninfo or conninfo_file(settings.secrets, "gateway"))
    return ReadCutOffs(source, partial(vault_key, settings.vault_key_file)), source


def intake(settings: Settings) -> LookAtIntake:
    """Whether the intake takes claims in, for the status page."""
    return LookAtIntake(IntakeProbe(settings.billing_url))
