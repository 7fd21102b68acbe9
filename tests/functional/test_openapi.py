"""The OpenAPI document is what is served: a machine reads it and tries every way in."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from rempart.api.application import gateway
from tests.scripted_door import BEARER, FixedClock, ScriptedDoor
from tests.switches import OPEN

title = "The OpenAPI document"

APP = gateway(
    ScriptedDoor(),
    rows=OPEN,
    instance="test",
    base_url="http://gateway.example",
    clock=FixedClock(),
)
# 413 is a refusal too: what is too long for the document may be too long to be read at all.
REFUSALS = ["400", "401", "403", "404", "405", "408", "409", "413", "415", "422", "429"]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP, config=CONFIG)


@SCHEMA.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_announces(case):
    # A body that fits the schema may still break a rule between two elements, and is refused.
    case.call_and_validate(
        headers={"Authorization": f"Bearer {BEARER}"}, excluded_checks=[positive_data_acceptance]
    )
