"""Where the embedded PostgreSQL lives, with which programs, and as whom it runs.

PostgreSQL refuses to run as root, so root gives it to ``postgres`` (or ``nobody``), who must be
able to reach both programs and data. What that user cannot reach moves to ``/var/lib/rempart``, a
folder that only root can write.

    data/             ours, and locked by the one process that runs the server
    ├── cluster/      PostgreSQL's own, for its owner alone
    └── moved-to      instead, where its owner could not have reached this place: a line, the place
"""

import fcntl
import hashlib
import os
import pwd
import secrets as chance
import stat
from dataclasses import dataclass
from pathlib import Path

from rempart.domain.errors import SetUpRefused

STATE = Path("/var/lib/rempart")
SOCKET_PATH_MAX = 107
"""Bytes of a socket's path, as the kernel has it."""
SOCKET_NAME_MAX = len("/.s.PGSQL.65535.lock")


@dataclass(frozen=True, slots=True)
class Runner:
    """The user that the server runs as."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether there is nothing to drop."""
        return self.uid == os.geteuid()

    def can_enter(self, path: Path) -> bool:
        """Whether this user passes through every folder down to ``path``, and into it."""
        return all(self._passes(folder.stat()) for folder in (path, *path.parents))

    def _passes(self, found: os.stat_result) -> bool:
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def lock(data: Path) -> int:
    """Hold ``data``, made if it is missing; the lock ends with the file descriptor.

    Raises:
        SetUpRefused: another process runs the server on it, or it is another user's.
    """
    try:
        if not data.exists():
            data.mkdir(mode=0o700, parents=True)
            # Root's server runs as somebody else, who passes through without looking.
            data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        folder = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        raise SetUpRefused(f"no permission to write in {data}") from None
    except OSError:
        raise SetUpRefused(f"{data} is not a folder: left as it is") from None
    try:
        if os.geteuid() not in (0, os.fstat(folder).st_uid):
            raise SetUpRefused(f"{data} belongs to another user: left as it is")
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(folder)
        raise SetUpRefused(f"another process runs PostgreSQL on {data}") from None
    except SetUpRefused:
        os.close(folder)
        raise
    return folder


def home_of(data: Path) -> tuple[Path, Runner]:
    """The folder that really holds ``cluster``, and who runs it. ``data`` is locked.

    Raises:
        SetUpRefused: nobody can run it, or it is another user's.
    """
    moved = data / "moved-to"
    if os.geteuid() == 0 == data.stat().st_uid and moved.exists():
        home = Path(moved.read_text("utf-8").strip())
        refuse_others_folder(home)
        return home, runner_of(home)
    runner = runner_of(data)
    if (data / "cluster").exists() or runner.can_enter(data):
        return data, runner
    home = state() / f"data-{chance.token_hex(6)}"
    home.mkdir()
    home.chmod(0o711)
    moved.write_text(f"{home}\n", "utf-8")
    return home, runner


def runner_of(home: Path) -> Runner:
    """Who runs the server: the owner of what exists, else us, else a user that root can become.

    Raises:
        SetUpRefused: there is nobody, or the cluster is another user's.
    """
    cluster = home / "cluster"
    found = cluster.stat() if cluster.exists() else home.stat()
    if os.geteuid() != 0:
        if found.st_uid != os.geteuid():
            raise SetUpRefused(f"{cluster} belongs to another user: left as it is")
        refuse_nameless(found.st_uid)
    if found.st_uid != 0:
        return Runner(found.st_uid, found.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Runner(entry.pw_uid, entry.pw_gid)
    raise SetUpRefused("PostgreSQL does not run as root, and there is no user postgres or nobody")


def refuse_nameless(uid: int) -> None:
    """Return if the user has a name.

    Raises:
        SetUpRefused: it has none; ``initdb`` would fail with fewer words.
    """
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise SetUpRefused("PostgreSQL needs a user that /etc/passwd knows") from None


def state() -> Path:
    """Root's folder for what the server's user must reach.

    Raises:
        SetUpRefused: it is not root's alone.
    """
    STATE.mkdir(exist_ok=True)
    if not STATE.is_symlink() and STATE.stat().st_uid == 0:
        STATE.chmod(0o755)
    refuse_others_folder(STATE)
    return STATE


def refuse_others_folder(folder: Path) -> None:
    """Return if this is a real folder that we alone can write.

    Raises:
        SetUpRefused: it is not.
    """
    try:
        found = folder.lstat()
    except FileNotFoundError:
        raise SetUpRefused(f"{folder} is missing") from None
    ours = found.st_uid == os.geteuid() and not found.st_mode & 0o022
    if not stat.S_ISDIR(found.st_mode) or not ours:
        raise SetUpRefused(f"{folder} is not a folder that we alone can write")


def socket_folder(home: Path, runner: Runner) -> Path:
    """Where the server puts its socket: in the cluster, or in a short place of its own.

    Raises:
        SetUpRefused: somebody else sits in the short place.
    """
    cluster = home / "cluster"
    fits = len(os.fsencode(cluster)) + SOCKET_NAME_MAX <= SOCKET_PATH_MAX
    # A comma separates folders, and hosts; a quote would need another.
    if fits and not set(',"') & set(str(cluster)):
        return cluster
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    short = Path("/tmp") / f"rempart-{digest}"  # noqa: S108 - checked below
    try:
        short.mkdir(mode=0o700)
        os.chown(short, runner.uid, runner.gid)
    except FileExistsError:
        pass
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != runner.uid or found.st_mode & 0o077:
        raise SetUpRefused(f"{short} is somebody else's: remove it")
    return short
