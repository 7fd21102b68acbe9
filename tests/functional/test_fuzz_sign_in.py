"""Every way to sign in, and everything that people ask, tried by a machine from the documents."""

import time

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from rempart.adapters.vaultdoor.frames import bodies, decode_request, frame
from rempart.api.application import gateway
from rempart.usecases.messages import Done, Refused, ReloadKeys, SignIn, Status
from rempart.web.application import portal
from tests.people import WEB as WEB_URL
from tests.people import PeopleWorld
from tests.scripted_door import FixedClock, ScriptedDoor
from tests.switches import OPEN
from tests.unit.web.test_relay import SESSION, ProSante

title = "Fuzzing the ways in"

REFUSALS = ["400", "401", "403", "404", "405", "408", "409", "413", "415", "422", "429"]
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
EXAMPLES = {"max_examples": 12, "suppress_health_check": list(HealthCheck)}


class Refusing(ScriptedDoor):
    """A vault that knows nobody, and counts what only its own user may ask."""

    async def ask(self, request):
        assert not isinstance(request, ReloadKeys)
        if not isinstance(request, SignIn | Status):
            # In a session without a handle the vault could take us for the operator's hand.
            assert getattr(request, "token", b"x"), type(request).__name__
            return Done() if getattr(request, "token", b"") else Refused("sign-in-refused")
        self.sign_in = lambda _: Refused("sign-in-refused")
        return await super().ask(request)


class Vault:
    """A real vault that knows nobody, behind real frames."""

    def __init__(self):
        self.world = PeopleWorld()

    async def ask(self, request):
        assert getattr(request, "token", b"x"), type(request).__name__
        (_, body), *_ = bodies(bytearray(frame(1, request)))
        return self.world.service([decode_request(body)])[0]


WEB = portal(
    Refusing(),
    rows=OPEN,
    clock=FixedClock(),
    instance="test",
    web_url="http://web.example",
    pro_sante=ProSante(),
)
GATEWAY = gateway(
    Refusing(), rows=OPEN, instance="test", base_url="http://gateway", clock=FixedClock()
)
REAL = portal(
    Vault(), rows=OPEN, clock=FixedClock(), instance="test", web_url=WEB_URL, pro_sante=ProSante()
)
PEOPLE = schemathesis.openapi.from_asgi(
    "/openapi.json", WEB, config=schemathesis.Config.from_dict(CONFIG)
)
STRANGERS = schemathesis.openapi.from_asgi(
    "/openapi.json", REAL, config=schemathesis.Config.from_dict(CONFIG)
)
TOKEN = schemathesis.openapi.from_asgi(
    "/openapi.json", GATEWAY, config=schemathesis.Config.from_dict(CONFIG)
).include(path="/token")
REAL_GATEWAY = gateway(
    Vault(), rows=OPEN, instance="test", base_url="http://gateway", clock=FixedClock()
)
REAL_TOKEN = schemathesis.openapi.from_asgi(
    "/openapi.json", REAL_GATEWAY, config=schemathesis.Config.from_dict(CONFIG)
).include(path="/token")
EXCLUDED = [positive_data_acceptance, unsupported_method]


@PEOPLE.parametrize()
@settings(**EXAMPLES)
def test_whatever_a_page_sends_is_answered_as_announced(case):
    began = time.perf_counter()
    # The session and the proof are the vault's to read: here they only have to have their form.
    handle = {"Authorization": SESSION["Authorization"]}
    case.call_and_validate(headers=handle, excluded_checks=EXCLUDED)
    assert time.perf_counter() - began < 5


@STRANGERS.exclude(method="GET").parametrize()
@settings(**EXAMPLES)
def test_whatever_a_stranger_sends_to_a_real_vault_is_refused(case):
    handle = {"Authorization": SESSION["Authorization"]}
    response = case.call_and_validate(headers=handle, excluded_checks=EXCLUDED)
    assert response.status_code < 500
    told = response.json()
    # Pro Santé Connect's own door speaks as its standard does.
    assert told.get("error") == "invalid_request" or told["kind"] in {
        *("refused", "passkey-asked", "pro-sante-begun", "done"),
    }


@TOKEN.parametrize()
@settings(**EXAMPLES | {"max_examples": 60})
def test_whatever_a_software_sends_is_answered_as_announced(case):
    case.call_and_validate(excluded_checks=EXCLUDED)


@REAL_TOKEN.parametrize()
@settings(**EXAMPLES | {"max_examples": 40})
def test_whatever_a_software_sends_to_a_real_vault_is_refused(case):
    response = case.call_and_validate(excluded_checks=EXCLUDED)
    assert 400 <= response.status_code < 500
    assert "access_token" not in response.json()
