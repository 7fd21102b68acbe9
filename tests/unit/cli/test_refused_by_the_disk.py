"""A disk that refuses is one line, whatever is typed; a fault of ours stays a traceback."""

from __future__ import annotations

import errno
import sys
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from rempart.cli.nouns import REFUSED, Nouns

title = "A disk that refuses"


@pytest.fixture
def typed(monkeypatch):
    def run(error: OSError) -> Result:
        @click.command()
        def command() -> None:
            raise error

        module = ModuleType("a_noun")
        module.command = command
        monkeypatch.setitem(sys.modules, "a_noun", module)
        root = Nouns(nouns={"noun": ("a_noun", "")}, name="rempart", help="")
        return CliRunner().invoke(root, ["noun"])

    return run


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.ENOENT])
def test_it_is_one_line_that_names_the_file(typed, code):
    done = typed(OSError(code, "it refuses", "/home/secret/report.pdf"))
    assert done.exit_code == REFUSED
    assert done.output == "rempart: unavailable: report.pdf: it refuses\n"


def test_without_a_file_it_is_the_disk(typed):
    assert "the disk: it refuses" in typed(OSError(errno.ENOSPC, "it refuses")).output


def test_what_is_no_disk_is_not_hidden(typed):
    assert isinstance(typed(OSError(errno.EBADF, "a fault of ours")).exception, OSError)
