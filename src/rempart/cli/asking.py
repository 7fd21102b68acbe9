"""Ask the vault that runs here, and say what it could not do."""

from datetime import UTC, datetime

from rempart.adapters.vaultdoor.client import Door
from rempart.config import Settings
from rempart.domain.errors import ForbiddenTransition, TemporarilyUnavailable
from rempart.usecases.messages import Refused, Reply, Request


def ask(request: Request) -> Reply:
    """Ask the vault that runs here.

    Raises:
        TemporarilyUnavailable: it does not run, or this is not its own user.
    """
    try:
        with Door(Settings.from_environ().vault_socket) as door:
            return door.ask(request)
    except TemporarilyUnavailable as error:
        raise TemporarilyUnavailable(
            f"{error}: does the vault run here, and are you its own user?"
        ) from None


def decided(reply: Reply) -> None:
    """Return if the vault has done it.

    Raises:
        ForbiddenTransition: it is not to be done so; nothing has moved.
        TemporarilyUnavailable: it could not be written; nothing has moved.
    """
    match reply:
        case Refused(reason="unavailable"):
            raise TemporarilyUnavailable("it could not be written: nothing has moved, try again")
        case Refused(detail=detail):
            raise ForbiddenTransition(f"{detail}; nothing has moved")


def moment(at: int) -> str:
    """A time of the ledger, to the minute."""
    return datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m-%d %H:%M UTC")
