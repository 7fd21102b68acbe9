"""What the judge of claims prints."""

from contextlib import nullcontext
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from rempart.cli import claims
from rempart.domain.ruling import OF_CLAIMS

title = "What the judge of claims prints"


@dataclass
class Judging:
    """A judge that has left so many claims until the vault answers."""

    waits: int

    def __call__(self):
        return dict.fromkeys(OF_CLAIMS, 0)


@pytest.mark.parametrize("waits", [0, 2])
def test_what_waits_for_the_vault_is_said(monkeypatch, tmp_path, waits):
    monkeypatch.setenv("REMPART_HOME", str(tmp_path))
    monkeypatch.setattr(claims, "judge", lambda *_: nullcontext(Judging(waits)))
    done = CliRunner().invoke(claims.command, ["judge"])
    assert (done.exit_code, done.stdout.count("\n")) == (0, len(OF_CLAIMS))
    assert ("2  en attente du coffre" in done.stderr) is bool(waits)
