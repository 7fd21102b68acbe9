"""The embedded PostgreSQL: our own launcher of the programs that ship in a wheel.

Nobody enters without a password, from the first moment: the cluster is made with
``scram-sha-256`` for everybody, and its superuser's password stays in a private file. Unless a
port is asked for, there is no network: a socket in a folder that only the server's user enters.
"""

import os
import secrets as chance
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from psycopg.conninfo import make_conninfo

from rempart.adapters.postgres.embedded_place import Runner, home_of, lock, socket_folder
from rempart.adapters.postgres.embedded_programs import Programs, find_programs
from rempart.adapters.private_files import read_private, write_private
from rempart.domain.errors import KeyMissing, SetUpRefused

SUPERUSER = "rempart_superuser"
PORT = 5432
"""Part of the socket's name, where there is no network."""
START_WITHIN = 60
"""Seconds, recovery after a power cut included."""
STOP_WITHIN = 60
"""Seconds for open transactions to be rolled back and a checkpoint written."""
ALWAYS: Mapping[str, str] = {
    "unix_socket_permissions": "0700",
    # A message that quotes a row, or a statement that failed, does not end in the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "cluster_name": "rempart",
}


BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
BUILTIN_SINCE = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A locked place, its programs and its user."""

    lock: int
    home: Path
    runner: Runner
    programs: Programs
    sockets: Path

    @property
    def folder(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "cluster"

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program as the server's user, with nothing of our environment."""
        drop: dict[str, Any] = (
            {}
            if self.runner.is_us
            else {"user": self.runner.uid, "group": self.runner.gid, "extra_groups": []}
        )
        return subprocess.run(  # noqa: S603 - our own words, no shell
            [self.programs.path(name), *arguments],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
            **drop,
        )


class EmbeddedPostgres:
    """One server, run by this process and stopped with it; also a context manager.

    ``settings`` are further parameters of the server, by name.
    """

    def __init__(
        self, *, bin_dir: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self._bin_dir = bin_dir
        self._settings = {**(settings or {}), **ALWAYS}
        self._cluster: Cluster | None = None

    def start(self, data: Path, secrets: Path, *, port: int | None = None) -> str:
        """Serve ``data``, made if it is missing; the superuser's connection string.

        The string holds no password: it names the private file that does. Without ``port`` the
        server listens on its socket alone.

        Raises:
            SetUpRefused: another process serves ``data``; it belongs to another user or another
                version of PostgreSQL; its password is lost; or the server does not start.
        """
        assert self._cluster is None, "one server at a time"
        passfile = secrets.absolute() / "superuser.pgpass"
        # (1) One process a place.
        self._cluster = cluster = hold(data, self._bin_dir)
        try:
            # (2) What is there is ours to run, or is left as it is.
            if cluster.folder.exists():
                refuse_other_version(cluster)
                refuse_lost(passfile)
            else:
                create(cluster, passfile)
            # (3) A server whose launcher was killed still runs: begin again.
            if is_running(cluster.folder):
                halt(cluster)
            # (4) Serve.
            serve(cluster, self._settings, port)
        except BaseException:
            self.stop()
            raise
        return make_conninfo(
            host=str(cluster.sockets),
            port=port or PORT,
            user=SUPERUSER,
            dbname="postgres",
            passfile=str(passfile),
        )

    def stop(self) -> None:
        """Roll back what is open, stop, and let go of the place. Harmless when stopped."""
        if self._cluster is None:
            return
        cluster, self._cluster = self._cluster, None
        try:
            if (cluster.folder / "postmaster.pid").exists():
                halt(cluster)
        finally:
            release(cluster)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def hold(data: Path, bin_dir: Path | None = None) -> Cluster:
    """Lock ``data`` and find what runs it.

    Raises:
        SetUpRefused: another process holds it, or nobody here may run it.
    """
    data = data.resolve()
    held = lock(data)
    try:
        home, runner = home_of(data)
        return Cluster(
            lock=held,
            home=home,
            runner=runner,
            programs=find_programs(runner, bin_dir),
            sockets=socket_folder(home, runner),
        )
    except BaseException:
        os.close(held)
        raise


def release(cluster: Cluster) -> None:
    """Let go of a place whose server has stopped."""
    if cluster.sockets != cluster.folder:
        with suppress(OSError):
            cluster.sockets.rmdir()
    os.close(cluster.lock)


def refuse_other_version(cluster: Cluster) -> None:
    """Return if these programs made this cluster.

    Raises:
        SetUpRefused: another major version did.
    """
    made_by = (cluster.folder / "PG_VERSION").read_text("ascii").strip()
    if made_by != str(cluster.programs.major):
        raise SetUpRefused(
            f"{cluster.folder} was made by PostgreSQL {made_by}, and this one is "
            f"{cluster.programs.major}: left as it is"
        )


def refuse_lost(passfile: Path) -> None:
    """Return if the superuser's password is there, and private.

    Raises:
        SetUpRefused: it is lost.
        KeyReadableByOthers: it is not private.
    """
    try:
        read_private(passfile)
    except KeyMissing:
        raise SetUpRefused(f"{passfile} is lost: the cluster opens to nobody without it") from None


def create(cluster: Cluster, passfile: Path) -> None:
    """Make the cluster: whole, or not at all.

    Raises:
        SetUpRefused: ``initdb`` failed; its last line says why.
    """
    draft, password_file = cluster.home / "cluster.new", cluster.home / "password.new"
    password = chance.token_urlsafe(32)
    # Left by a start that was killed.
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(mode=0o700)
        write_private(password_file, password)
        for path in (draft, password_file):
            os.chown(path, cluster.runner.uid, cluster.runner.gid)
        done = cluster.run(
            "initdb",
            *("-D", str(draft), "-U", SUPERUSER, f"--pwfile={password_file}"),
            *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--encoding=UTF8"),
            *("--locale=C", "--data-checksums", "--no-instructions"),
            *(BUILTIN_LOCALE if cluster.programs.major >= BUILTIN_SINCE else ()),
        )
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["nothing said"]
            raise SetUpRefused(f"PostgreSQL could not be set up: {said[-1]}")
        # The password first: a cluster without it would be a door without a key.
        write_private(passfile, f"*:*:*:{SUPERUSER}:{password}")
        draft.rename(cluster.folder)
    finally:
        password_file.unlink(missing_ok=True)
        shutil.rmtree(draft, ignore_errors=True)


def is_running(folder: Path) -> bool:
    """Whether a server runs on this folder: not any process that has its old number."""
    try:
        number = int((folder / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        return Path(f"/proc/{number}/cwd").readlink() == folder
    except (OSError, ValueError):
        return False


def serve(cluster: Cluster, settings: Mapping[str, str], port: int | None) -> None:
    """Start the server and wait until it answers.

    Raises:
        SetUpRefused: it does not.
    """
    parameters = {
        **settings,
        "listen_addresses": "127.0.0.1" if port else "",
        "port": str(port or PORT),
        "unix_socket_directories": f'"{cluster.sockets}"',
    }
    log = cluster.folder / "server.log"
    done = cluster.run(
        "pg_ctl",
        *("start", "-D", str(cluster.folder), "-w", "-t", str(START_WITHIN), "-l", str(log)),
        # pg_ctl hands these to a shell.
        *("-o", " ".join(f"-c {shlex.quote(f'{name}={v}')}" for name, v in parameters.items())),
    )
    if done.returncode != 0:
        raise SetUpRefused(f"PostgreSQL did not start: {log} says why")


def halt(cluster: Cluster) -> None:
    """Stop the server: open transactions are rolled back, sessions are ended."""
    within = ("-D", str(cluster.folder), "-w", "-t", str(STOP_WITHIN))
    if cluster.run("pg_ctl", "stop", "-m", "fast", *within).returncode != 0:
        # What this leaves undone, the next start recovers from the log.
        cluster.run("pg_ctl", "stop", "-m", "immediate", *within)


def erase(data: Path) -> None:
    """Remove the cluster of ``data`` for good, wherever it was moved to.

    Raises:
        SetUpRefused: a process serves it, or it is not ours.
    """
    if not data.exists():
        return
    cluster = hold(data)
    try:
        if is_running(cluster.folder):
            halt(cluster)
        shutil.rmtree(cluster.folder, ignore_errors=True)
        if cluster.home != data.resolve():
            shutil.rmtree(cluster.home)
        shutil.rmtree(data)
    finally:
        release(cluster)
