"""Order a cut-off where the vault does not answer: its socket goes first, then the order is left.

From that moment nobody new comes in. The vault takes the order in before it opens anything else:
now, if it was only slow; or at its next start.
"""

import os

from rempart.adapters.cut_orders import CutOrderFolder
from rempart.adapters.system import SystemClock
from rempart.config import Settings
from rempart.domain.errors import SetUpRefused
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.cut_off_ports import Order


def leave_order(settings: Settings, wanted: SetCutOff, *, asked: int) -> None:
    """Shut the door, then leave the order.

    Raises:
        SetUpRefused: this is not the vault's own user.
    """
    folder = settings.cut_orders.parent
    if not folder.exists() or folder.stat().st_uid != os.geteuid():
        # An order of anybody else's would be none to the vault, and keep it shut.
        raise SetUpRefused("only the user of a vault that has run here may cut it from here")
    settings.vault_socket.unlink(missing_ok=True)
    CutOrderFolder(settings.cut_orders).leave(Order(asked, wanted))


def orders_left(settings: Settings) -> list[Order]:
    """What waits for a vault.

    Raises:
        TemporarilyUnavailable: it cannot be read.
    """
    return list(CutOrderFolder(settings.cut_orders).read())


def present() -> int:
    """Microseconds since 1970."""
    return SystemClock().now()
