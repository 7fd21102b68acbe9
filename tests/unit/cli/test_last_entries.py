"""The last entries of a thief: waited for until they are signed, or said to be missing."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from rempart.bootstrap import cases
from rempart.usecases.ledger_view import StoredCheckpoint, StoredEntry

title = "The last entries of a thief"


class View:
    """A ledger of ``size`` entries, of which ``signed`` are."""

    def __init__(self, size: int, signed: int) -> None:
        self.size, self.signed = size, signed

    def last_checkpoint(self) -> StoredCheckpoint | None:
        return StoredCheckpoint(size=self.signed, note="") if self.signed else None

    def entries(self, first: int = 0) -> list[StoredEntry]:
        return [StoredEntry(index=index) for index in range(first, self.size)]


@pytest.fixture
def signed(monkeypatch):
    def run(*sizes: tuple[int, int]) -> tuple[int, list[int]]:
        seen, views = [], iter(sizes)

        @contextmanager
        def view(_: object):
            yield View(*next(views))

        monkeypatch.setattr(cases, "database_view", view)
        monkeypatch.setattr(cases, "WAITS", len(sizes) - 1)
        monkeypatch.setattr(cases, "WAIT_SECONDS", 0)
        with cases.signed_view(None, seen.append) as last:
            return last.signed, seen

    return run


def test_what_was_written_when_it_was_asked_is_waited_for(signed):
    assert signed((10, 7), (12, 7), (12, 10)) == (10, []), "later entries are of later"
    assert signed((10, 10)) == (10, [])


def test_where_nobody_signs_the_rest_it_is_said(signed):
    assert signed((10, 7), (10, 7)) == (7, [3])
    assert signed((2, 0), (2, 0)) == (0, [2])
