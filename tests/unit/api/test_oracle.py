"""A second reader of FHIR, generated from its definitions, agrees with what this door sends."""

import json

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.coverageeligibilityrequest import CoverageEligibilityRequest
from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse
from fhir.resources.R4B.operationoutcome import OperationOutcome

from rempart.api.answer import write_answer
from rempart.api.bridge import body_for
from rempart.api.discovery import capability_statement
from rempart.api.question import read_question
from rempart.drill.software import eligibility_request, sealed_request
from rempart.serving.declined import Declined
from rempart.serving.outcomes import OUTCOMES
from rempart.usecases.messages import Answered
from tests.scripted_door import CARD, CARE_DATE, CODE, LEGACY_CARD

CREATED = "2026-11-23T09:00:00Z"
OPEN = Answered(1, in_force=True, until="2027-12-31", mode="100", repeated=False)
CLOSED = Answered(2, in_force=False, until="", mode="", repeated=False)


def request_for(shown):
    return eligibility_request(shown, ["PHAR", "OPTI"], CARE_DATE, created=CREATED)


@pytest.mark.parametrize("shown", [CODE, CARD, LEGACY_CARD], ids=["card", "declared", "legacy"])
def test_the_requests_that_this_door_takes_are_fhir(shown):
    CoverageEligibilityRequest.model_validate(request_for(shown))


def test_a_sealed_request_is_fhir():
    request = sealed_request([b"1" * 408] * 2, ["PHAR", "OPTI"], CARE_DATE, created=CREATED)
    CoverageEligibilityRequest.model_validate(request)


@pytest.mark.parametrize(
    "replies",
    [[OPEN, CLOSED], [OPEN, OPEN], [CLOSED, CLOSED], [Declined("forbidden-domain"), OPEN]],
)
def test_answers_are_fhir(replies):
    question = read_question(json.dumps(request_for(CODE)).encode())
    body = write_answer(question, replies, key="k", created=CREATED)

    read = CoverageEligibilityResponse.model_validate_json(body)

    assert json.loads(read.model_dump_json()) == json.loads(body)


@pytest.mark.parametrize("code", OUTCOMES)
def test_refusals_are_fhir(code):
    body = body_for([Declined(code, detail="rule", expression="CoverageEligibilityRequest.item")])
    assert json.loads(OperationOutcome.model_validate_json(body).model_dump_json()) == json.loads(
        body
    )


def test_the_capability_statement_is_fhir():
    statement = capability_statement(instance="x", base_url="https://x", date=CREATED)
    CapabilityStatement.model_validate(statement)
