"""A small installation of every real part: what the functional tests share.

A sandbox of its own, 600 members, with vault and gateway as processes; it is up within about four
seconds. Whoever spends a budget does it as a site that no other test asks as.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

import pytest
from click.testing import CliRunner

from rempart.__main__ import main
from rempart.adapters.identity.certificates import issue_client, make_authority
from rempart.adapters.keys.file import KeyFile
from rempart.adapters.system import SystemClock
from rempart.bootstrap.insurer import InsurerFolder
from rempart.bootstrap.public_key import vault_key
from rempart.config import Settings
from rempart.domain.site import SiteKind
from rempart.drill.processes import free_port, processes
from rempart.drill.software import PracticeSoftware
from rempart.drill.stage import Stage, database, waiting
from tests.postgres_servers import reachable_folder

MEMBERS = 600


class Silent:
    """A line of progress that nobody reads."""

    def at(self, done: int) -> None:
        del done

    def more(self, rows: int) -> None:
        del rows


@dataclass(frozen=True)
class Ran:
    """What a command said; ``said`` has its two streams, and the traceback if it ended in one."""

    code: int
    said: str


@dataclass(frozen=True)
class SmallStage:
    """The installation, its administrator's way in, and the environment of its commands."""

    stage: Stage
    admin: str
    environ: dict[str, str]

    @property
    def settings(self) -> Settings:
        return self.stage.settings

    @property
    def home(self) -> Path:
        return self.settings.home

    @property
    def countries(self) -> Path:
        """Whose network is where: there is no such file until a test puts it there."""
        return self.home / "countries"

    @property
    def today(self) -> date:
        """The day of a question asked now."""
        return datetime.now(UTC).date()

    @cached_property
    def people(self) -> list[dict[str, str]]:
        """The waiting room."""
        return [dict(person) for person in waiting(self.stage)]

    def certificate(self, folder: Path) -> Path:
        """A client certificate that nobody has yet."""
        now = SystemClock().now()
        issue_client(make_authority("tests", now=now), "vendor.example", now=now).write(
            folder, "new"
        )
        return folder / "new.pem"

    def software(self, kind: SiteKind, *, seals: bool = True) -> PracticeSoftware:
        """The practice software of a site; the caller closes it.

        Those of this stage may do both: whoever asks by hand with its token needs one in clear.
        """
        return PracticeSoftware(
            self.settings.base_url,
            self.stage.credentials(kind),
            authorities=self.settings.tls / "authority.pem",
            clock=SystemClock(),
            vault=vault_key(self.settings.vault_key_file) if seals else None,
        )

    def insurer(self, amc: str) -> InsurerFolder:
        """An insurer's folder, unlocked."""
        folder = self.home / "insurers" / amc
        return InsurerFolder.open(folder, KeyFile(folder / "insurer.key"))

    def run(self, *words: str | Path, **environ: str) -> Ran:
        """``rempart WORDS`` in this installation; ``environ`` comes on top of its own."""
        env = {**self.environ, **environ}
        done = CliRunner().invoke(main, [str(word) for word in words], env=env)
        said = done.output
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            said += "".join(traceback.format_exception(done.exception))
        return Ran(done.exit_code, said)


@contextmanager
def small_stage(**extra: str) -> Iterator[SmallStage]:
    """Build it, run it, take it down; ``extra`` settings come on top of its own."""
    with reachable_folder() as home, pytest.MonkeyPatch.context() as patch:
        environ = {
            "REMPART_HOME": str(home),
            "REMPART_PORT": str(free_port()),
            "REMPART_INSTANCE": "sandbox",
            "REMPART_COUNTRY_FILES": str(home / "countries"),
            **extra,
        }
        for name in [name for name in os.environ if name.startswith("REMPART_")]:
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        stage = Stage(Settings.from_environ())
        stage.mark(whole=False)
        with database(stage.settings) as admin:
            stage.build(admin, MEMBERS, lambda title, total: Silent(), seals=False)
            with processes(stage.settings):
                # The processes have their environment; the tests keep theirs.
                patch.undo()
                yield SmallStage(stage, admin.replace("dbname=postgres", "dbname=rempart"), environ)


@contextmanager
def changed(path: Path, mode: int) -> Iterator[None]:
    """A file or folder with another mode for a while."""
    before = path.stat().st_mode & 0o7777
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)
