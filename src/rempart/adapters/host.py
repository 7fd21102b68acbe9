"""What this machine says of itself: modes and owners, a running process, the kernel's clock."""

import ctypes
import os
import pwd
import socket
import stat
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from rempart.usecases.setup_facts import PrivateFile

CREDENTIALS = struct.Struct("iII")
NO_LIMIT = 2**63 - 1

TIMEX_SIZE = 208
STATUS_AT = 40
"""Where ``struct timex`` holds its status on a machine of 64 bits."""
STA_UNSYNC = 0x40


def private_file(path: Path) -> PrivateFile:
    """Permission bits and owner."""
    found = path.stat()
    return PrivateFile(mode=stat.S_IMODE(found.st_mode), owner=found.st_uid)


def others_write(folder: Path) -> bool:
    """Whether anybody but its owner may put a file there, and nothing keeps them from ours."""
    mode = folder.stat().st_mode
    return bool(mode & 0o022) and not mode & stat.S_ISVTX


def is_there(path: Path) -> bool:
    """Whether there is such a file, as far as we may know."""
    return os.access(path, os.F_OK)


def may_look(folder: Path) -> bool:
    """Whether we may list a folder and see what is in it."""
    return os.access(folder, os.R_OK | os.X_OK)


def main_group(uid: int) -> int | None:
    """The main group of a user that this machine knows."""
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return None


def listener_of(path: Path) -> int | None:
    """The process that listens on a socket, as the kernel knows it; nothing where none does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return None
        raw = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    pid, _, _ = CREDENTIALS.unpack(raw)
    return int(pid) or None


def core_limit(pid: int) -> int | None:
    """Bytes of core that a process would leave; nothing where we may not know."""
    try:
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("Max core file size"):
            hard = line.split()[5]
            return NO_LIMIT if hard == "unlimited" else int(hard)
    return None


def clock_is_kept() -> bool | None:
    """Whether the kernel takes its clock to be kept right by somebody; nothing if it cannot say."""
    timex = ctypes.create_string_buffer(TIMEX_SIZE)
    if ctypes.sizeof(ctypes.c_long) != 8 or ctypes.CDLL(None).adjtimex(timex) < 0:
        return None
    (status,) = struct.unpack_from("i", timex, STATUS_AT)
    return not status & STA_UNSYNC


def days_left(path: Path) -> Iterator[tuple[str, int]]:
    """Each certificate of a PEM file, by the file's name and its place, and the days it has left.

    One that is not valid yet has less than none; a file that holds none has one that is over.
    """
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError:
        yield path.name, -1
        return
    now = datetime.now(UTC)
    for place, certificate in enumerate(found, start=1):
        name = path.name if len(found) == 1 else f"{path.name} ({place})"
        begun = certificate.not_valid_before_utc <= now
        yield name, (certificate.not_valid_after_utc - now).days if begun else -1
