"""Who may knock: the socket file, and the credentials of the process at its other end."""

import os
import socket
import struct
from pathlib import Path

from rempart.domain.errors import SetUpRefused

CREDENTIALS = struct.Struct("iII")


def listen(path: Path, *, group: int | None) -> socket.socket:
    """The vault's socket: its own user, and the gateway's group where one is named.

    The folder is the group's to pass through too; one that somebody else owns is left as it is.

    Raises:
        SetUpRefused: another vault answers on it, or something else stands in its place.
    """
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    if group is not None and path.parent.stat().st_uid == os.geteuid():
        give(path.parent, group)
    _clear(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    if group is not None:
        give(path, group)
        path.chmod(0o660)
    listening.listen(64)
    listening.setblocking(False)
    return listening


def give(path: Path, group: int) -> None:
    """Give a path to the gateway's group.

    Raises:
        SetUpRefused: the vault's user is not of that group.
    """
    try:
        os.chown(path, -1, group)
    except PermissionError:
        raise SetUpRefused("the vault's user must be of the gateway's group") from None


def _clear(path: Path) -> None:
    """Remove the socket of a dead vault: nobody listens there any more, the kernel says so."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        # A live vault whose queue is full answers nothing, and is alive.
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except FileNotFoundError:
            return
        except ConnectionRefusedError:
            if path.is_socket():
                path.unlink(missing_ok=True)
                return
        except BlockingIOError:
            pass
        except OSError:
            raise SetUpRefused(f"{path} is not ours to replace") from None
        else:
            raise SetUpRefused("another vault answers on this socket")
    raise SetUpRefused(f"{path} is taken")


def may_enter(peer: socket.socket, *, group: int | None) -> bool:
    """Whether the kernel says that the peer is our own user, or of the gateway's group."""
    uid, gid = credentials(peer)
    return uid == os.geteuid() or (group is not None and gid == group)


def is_our_own(peer: socket.socket) -> bool:
    """Whether the peer runs as the vault's user: the operator's hand, not the gateway's."""
    return credentials(peer)[0] == os.geteuid()


def credentials(peer: socket.socket) -> tuple[int, int]:
    """User and group of the process at the other end, as the kernel knows them."""
    raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    _, uid, gid = CREDENTIALS.unpack(raw)
    return int(uid), int(gid)
