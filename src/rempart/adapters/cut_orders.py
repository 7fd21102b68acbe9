"""Orders to cut, in a folder of the vault's own user: ``CutOrders``.

A file each, named by its order. The folder is believed as the socket is: whoever may write there is
the vault's own user, as the kernel says. A file of anybody else's, or that others may read or
write, is no order, and keeps the vault shut until somebody has looked.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from rempart.adapters.private_files import write_private
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.cut_off_messages import SetCutOff
from rempart.usecases.cut_off_ports import Order

ORDER_MAX = 4096
NAME = re.compile(r"[0-9a-f]{32}")


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says."""

    asked: int
    wanted: SetCutOff

    def __repr__(self) -> str:
        return "Written(…)"


class CutOrderFolder:
    """Orders in files; a folder that is not there holds none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def leave(self, order: Order) -> Path:
        """Leave one for the vault: whole or not at all, and durably.

        Raises:
            SetUpRefused: we may not write there.
        """
        path = self._path(order)
        write_private(path, msgspec.json.encode(Written(*order)).decode())
        return path

    def waiting(self) -> bool:
        """Whether there may be some."""
        try:
            return any(not path.name.startswith(".") for path in self._folder.iterdir())
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def read(self) -> Sequence[Order]:
        """All of them, the oldest first."""
        try:
            left = [path for path in self._folder.iterdir() if not path.name.startswith(".")]
        except FileNotFoundError:
            return ()
        except OSError:
            raise TemporarilyUnavailable("orders to cut cannot be read") from None
        return sorted(map(_read, left), key=lambda each: each.asked)

    def done(self, order: Order) -> None:
        """It is in the ledger."""
        self._path(order).unlink(missing_ok=True)

    def _path(self, order: Order) -> Path:
        assert NAME.fullmatch(order.wanted.order), "orders are named by us"
        return self._folder / order.wanted.order


def _read(path: Path) -> Order:
    refused = TemporarilyUnavailable(f"{path.name} in vault/orders is no order of ours: look at it")
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        raise refused from None
    with os.fdopen(file, "rb") as stream:
        about = os.fstat(file)
        if about.st_uid != os.geteuid() or about.st_mode & 0o077 or about.st_size > ORDER_MAX:
            raise refused
        try:
            said = msgspec.json.decode(stream.read(ORDER_MAX), type=Written)
        except (msgspec.DecodeError, UnicodeDecodeError, OSError):
            raise refused from None
    if said.wanted.order != path.name or NAME.fullmatch(path.name) is None:
        raise refused
    return Order(said.asked, said.wanted)
