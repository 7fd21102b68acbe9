"""What the functional tests share: a gateway that runs, and what it takes to ask it."""

import pytest

from tests.running_gateway import running_gateway
from tests.scripted_door import CARE_DATE, CODE


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """A gateway over TLS, and a software that may sign in there."""
    with running_gateway(tmp_path_factory.mktemp("shared-gateway")) as running:
        yield running


@pytest.fixture(scope="session")
def gateway_url(running):
    return running.url


@pytest.fixture(scope="session")
def card_code():
    """The code of a card that opens PHAR on ``care_date``."""
    return CODE


@pytest.fixture(scope="session")
def care_date():
    return CARE_DATE
