"""What the functional tests share: a gateway that runs alone, and a whole small installation."""

import os
from pathlib import Path

import pytest

from tests.browsers import Shots, axe_rules, launched
from tests.functional.stage import small_stage
from tests.running_gateway import running_gateway


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """A gateway over TLS, and a software that may sign in there."""
    with running_gateway(tmp_path_factory.mktemp("shared-gateway")) as running:
        yield running


@pytest.fixture(scope="session")
def stage():
    """Every real part, small, as processes: shared, so leave its insurers and budgets as found."""
    with small_stage() as running:
        yield running


@pytest.fixture
def typed(stage):
    """A command, as somebody types it on the shared installation: what it said."""

    def run(*words, code=0, **environ) -> str:
        done = stage.run(*words, COLUMNS="120", **environ)
        assert done.code == code, done.said
        return done.said

    return run


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    return axe_rules(tmp_path_factory.mktemp("axe"))


@pytest.fixture(scope="module")
def shots():
    folder = os.environ.get("SCREENSHOTS")
    return Shots(Path(folder) if folder else None)
