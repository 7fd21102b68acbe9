"""Protections, attested on a whole installation; one is broken on purpose, and that shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from rempart.domain.measure import State, catalogue
from rempart.usecases.measures_told import state_name
from tests.functional.stage import SmallStage

title = "Protections, attested"

QUICK = ("measures", "attest", "--no-audit")


@pytest.fixture
def typed(stage):
    def run(*words, code=0, **environ) -> str:
        done = stage.run(*words, COLUMNS="120", **environ)
        assert done.code == code, done.said
        return done.said

    return run


def states(typed) -> dict[str, str]:
    said = json.loads(typed("measures", "at", "now", "--json"))
    return {each["code"]: each["state"] for each in said["measures"]}


@contextmanager
def changed(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode & 0o7777
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


@contextmanager
def administered(stage: SmallStage, sql: str, back: str) -> Iterator[None]:
    with psycopg.connect(stage.admin, autocommit=True) as admin:
        admin.execute(sql)
        try:
            yield
        finally:
            admin.execute(back)


def test_what(typed):
    print(typed("measures", "attest"))
    print(typed("measures", "at", "today"))
    print(typed("measures", "between", "today", "today"))
