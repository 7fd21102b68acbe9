"""The command line's root: nouns, imported when they are asked for.

The gateway's process never loads the vault's modules, and help is quick. The table of nouns stands
in ``rempart.__main__``, the only place that knows every door.
"""

import errno
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import click

from rempart.domain.errors import IntegrityBroken, RempartError, TemporarilyUnavailable

Table = Mapping[str, tuple[str, str]]
"""Noun to its module, whose ``command`` is run, and its line of help."""

REFUSED, BROKEN = 2, 3
"""Exit codes: a refusal to mend and run again; evidence that no longer agrees with itself."""
DISK = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
        *(errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR),
    }
)
"""What a disk says that is full, or where this user may not write."""


class Nouns(click.Group):
    """A group whose commands are modules."""

    def __init__(self, *, nouns: Table, name: str, help: str) -> None:
        super().__init__(name=name, help=help)
        self.nouns = nouns

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every noun, in the order of the table."""
        del ctx
        return list(self.nouns)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the noun's module."""
        del ctx
        if cmd_name not in self.nouns:
            return None
        command = import_module(self.nouns[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        del ctx
        with formatter.section("Commandes · commands"):
            formatter.write_dl([(noun, line) for noun, (_, line) in self.nouns.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run; an error raised on purpose, or a disk that refuses, is one line, not a traceback."""
        try:
            return super().invoke(ctx)
        except RempartError as error:
            click.echo(f"rempart: {error.code}: {error}", err=True)
            ctx.exit(BROKEN if isinstance(error, IntegrityBroken) else REFUSED)
        except OSError as error:
            if error.errno not in DISK:
                raise
            name = Path(str(error.filename)).name if error.filename else "the disk"
            click.echo(
                f"rempart: {TemporarilyUnavailable.code}: {name}: {error.strerror}", err=True
            )
            ctx.exit(REFUSED)
