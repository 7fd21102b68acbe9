"""A FHIR client written by others asks the real stack, having read how to from the server."""

import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import requests
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, OperationOutcome

from rempart.adapters.identity.assertions import make_assertion
from rempart.domain.site import SiteKind

title = "A third party's FHIR client"

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
THIS_QUESTION = "urn:rempart:this-question"


@pytest.fixture
def running(stage):
    """A software of the small installation: vault, gateway and PostgreSQL behind it."""
    return SimpleNamespace(
        credentials=stage.stage.credentials(SiteKind.PHARMACY),
        authority_file=stage.settings.tls / "authority.pem",
    )


@pytest.fixture
def gateway_url(stage):
    return stage.settings.base_url


@pytest.fixture
def card_code(stage):
    return stage.people[0]["code"]


@pytest.fixture
def care_date():
    return datetime.now(UTC).date()


@pytest.fixture
def tls(running):
    credentials = running.credentials
    return {
        "verify": str(running.authority_file),
        "cert": (str(credentials.certificate), str(credentials.certificate_key)),
    }


@pytest.fixture
def token(gateway_url, running, tls):
    page = f"{gateway_url}/fhir/.well-known/smart-configuration"
    smart = requests.get(page, timeout=10, **tls).json()
    endpoint = smart["token_endpoint"]
    credentials = running.credentials
    form = {
        "grant_type": smart["grant_types_supported"][0],
        "scope": smart["scopes_supported"][0],
        "client_assertion_type": JWT_BEARER,
        "client_assertion": make_assertion(
            credentials.client_id, endpoint, credentials.key, now=time.time_ns() // 1000
        ),
    }
    response = requests.post(endpoint, data=form, timeout=10, **tls)
    assert response.status_code == 200
    return response.json()["access_token"]


@pytest.fixture
def fhir(gateway_url, token, tls):
    return SyncFHIRClient(
        f"{gateway_url}/fhir", authorization=f"Bearer {token}", requests_config=tls
    )


@pytest.fixture
def question(card_code, care_date):
    code = {"system": "urn:rempart:card-code", "value": card_code}
    domain = {"system": "urn:rempart:domain", "code": "PHAR"}
    return {
        "resourceType": "CoverageEligibilityRequest",
        "status": "active",
        "purpose": ["benefits"],
        "patient": {"identifier": {"system": THIS_QUESTION, "value": "beneficiary"}},
        "servicedDate": care_date.isoformat(),
        "created": care_date.isoformat(),
        "insurer": {"identifier": {"system": THIS_QUESTION, "value": "insurer"}},
        "insurance": [{"coverage": {"identifier": code}}],
        "item": [{"category": {"coding": [domain]}}],
    }


def test_it_reads_what_is_served(fhir):
    statement = fhir.execute("metadata", method="get")
    assert statement.fhirVersion == "4.0.1"
    assert statement.rest[0].resource[0].type == "CoverageEligibilityRequest"


@pytest.mark.parametrize("path", ["", "/$submit"], ids=["create", "submit"])
def test_it_asks_with_a_card(fhir, question, path):
    answer = fhir.execute(f"CoverageEligibilityRequest{path}", data=question)

    assert answer.resourceType == "CoverageEligibilityResponse"
    assert answer.outcome == "complete"
    assert answer.insurance[0].inforce is True
    assert answer.get_by_path(["identifier", 0, "value"]).startswith("D")


def test_it_is_told_why_there_is_no_answer(fhir, question):
    question["patient"] = {"reference": "Patient/42"}

    with pytest.raises(OperationOutcome) as refused:
        fhir.execute("CoverageEligibilityRequest", data=question)

    (issue,) = refused.value.resource["issue"]
    assert issue["code"] == "value"
    assert issue["expression"] == ["CoverageEligibilityRequest.patient.reference"]


def test_a_token_taken_to_another_machine_is_worth_nothing(gateway_url, token, running, question):
    """The thief has the token, not the certificate."""
    thief = SyncFHIRClient(
        f"{gateway_url}/fhir",
        authorization=f"Bearer {token}",
        requests_config={"verify": str(running.authority_file)},
    )
    with pytest.raises(AuthorizationError):
        thief.execute("CoverageEligibilityRequest", data=question)
