"""How far the judging is: asked from beside, never back, and by nobody where nobody hears."""

from __future__ import annotations

from itertools import chain, repeat
from threading import active_count
from time import sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.adapters.segments import progress
from rempart.adapters.segments.engine import opened
from rempart.adapters.segments.progress import Watch, watched

title = "Progress of a scope"


class Percents:
    """What DuckDB says of itself, one answer after another."""

    def __init__(self, *percents: float) -> None:
        self.percents = chain(percents, repeat(-1.0))

    def query_progress(self) -> float:
        return next(self.percents)


@given(st.lists(st.floats(-1, 120), max_size=30), st.integers(1, 6))
def test_it_only_grows_and_ends_at_a_hundred(percents, steps):
    heard: list[int] = []
    watch = Watch(Percents(), heard.append, steps)
    for _ in range(steps):
        for percent in percents:
            watch.say(percent)
        watch.passed()
    assert heard == sorted(set(heard))
    assert heard[-1] == 100


def test_a_long_statement_is_asked_how_far_it_is(tmp_path):
    heard: list[int] = []
    slow = "SELECT count(DISTINCT hash(i)), max(md5(i::VARCHAR)) FROM range(3_000_000) t(i)"
    with opened([tmp_path], tmp_path) as engine, watched(engine, heard.append, steps=1) as passed:
        engine.execute(slow).fetchall()
        passed()
    assert heard[-1] == 100
    assert len(heard) > 1, "it was told before it was over"


def test_nobody_is_asked_where_nobody_hears_and_nothing_is_left_running(monkeypatch):
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.001)
    before = active_count()
    with watched(Percents(), None, steps=1) as passed:
        passed()
        assert active_count() == before
    asked: list[int] = []

    def refused() -> None:
        with watched(Percents(10, 20, 30), asked.append, steps=1):
            while len(asked) < 3:
                sleep(0.001)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        refused()
    assert (active_count(), asked) == (before, [10, 20, 30])
