"""Folders of an incident: one run at a time, and nothing that a killed one left."""

from __future__ import annotations

from hashlib import sha256

import pytest

from rempart.adapters.dossier_shelf import DossierFolder
from rempart.adapters.segments.scope_folder import ScopeFolder
from rempart.domain.errors import TemporarilyUnavailable
from tests.papers import a_scope

title = "Folders of an incident"


def test_two_runs_do_not_mix_what_they_make(tmp_path):
    scopes = ScopeFolder(tmp_path / "case")
    with (
        scopes.scratch(),
        pytest.raises(TemporarilyUnavailable, match="another run"),
        scopes.scratch(),
    ):
        pytest.fail("two at once")
    with scopes.scratch() as scratch:
        assert scratch.stat().st_mode & 0o777 == 0o700


def test_what_a_killed_run_left_in_the_clear_is_gone_with_the_next(tmp_path):
    left = tmp_path / ".scope-killed"
    left.mkdir()
    (left / "whose.lines").write_text("pseudonym,handle")
    with ScopeFolder(tmp_path).scratch() as scratch:
        assert [path.name for path in tmp_path.iterdir()] == [scratch.name]
    assert not list(tmp_path.iterdir())


def test_a_disk_that_refuses_is_told(tmp_path):
    (tmp_path / "case").write_text("no folder")
    with (
        pytest.raises(TemporarilyUnavailable, match="it goes on"),
        ScopeFolder(tmp_path / "case").scratch(),
    ):
        pytest.fail("it is no folder")


def test_what_a_person_has_put_beside_is_no_dossier_and_no_scope(tmp_path):
    for name in ("99990001.old/0001", "99990001/0001.old", "99990001/1"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "manifest.note").write_text("a copy")
    (tmp_path / "scope-0001-copy.json").write_text("{}")
    shelf = DossierFolder(tmp_path)
    assert list(shelf.insurers()) == []
    assert shelf.last(99990001) is None
    assert ScopeFolder(tmp_path).numbers() == []


def test_a_list_of_millions_that_has_not_changed_is_kept_once(tmp_path):
    scopes = ScopeFolder(tmp_path)

    def keep(number: int, text: str) -> int:
        with scopes.scratch() as scratch:
            made = scratch / "people.csv"
            made.write_text(text)
            scope = a_scope(number=number, list=sha256(text.encode()).hexdigest())
            scopes.keep(scope, made)
        listed = scopes.list_of(number)
        assert (listed.read_text(), listed.stat().st_mode & 0o777) == (text, 0o600)
        return listed.stat().st_ino

    first = keep(1, "one")
    assert keep(2, "one") == first
    assert keep(3, "two") != first
    scopes.list_of(3).write_text("spoilt")
    keep(4, "two")
