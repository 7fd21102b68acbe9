"""What a practice software sees at the gateway, and what the gateway sends to the vault."""

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from rempart.api.application import gateway
from rempart.domain.coverage import Domain
from rempart.domain.errors import TemporarilyUnavailable
from rempart.drill.software import eligibility_request, sealed_request
from rempart.usecases.messages import (
    Answered,
    CardShown,
    Done,
    PresenceNote,
    Refused,
    Sealed,
    SignIn,
    Typed,
)
from tests.scripted_door import (
    BEARER,
    CARD,
    CARE_DATE,
    CERTIFICATE,
    CODE,
    LEGACY_CARD,
    PERSONAL,
    TOKEN,
    FixedClock,
    ScriptedDoor,
    opened,
)
from tests.switches import OPEN

FRESH = json.loads(
    (Path(__file__).parents[2] / "specs/vectors/fresh-code.json").read_text(encoding="utf-8")
)

title = "The gateway: FHIR at the door, the vault behind"

PATH = "/fhir/CoverageEligibilityRequest"
CREATED = "2026-11-23T09:00:00Z"


@pytest.fixture
def door():
    return ScriptedDoor()


@pytest.fixture
def client(door):
    app = gateway(
        door, rows=OPEN, instance="test", base_url="https://gateway.example", clock=FixedClock()
    )
    client = TestClient(app, headers={"Authorization": f"Bearer {BEARER}"})
    client.app_state["certificate"] = CERTIFICATE
    return client


def request_for(shown, *domains):
    return eligibility_request(shown, domains or ("PHAR",), CARE_DATE, created=CREATED)


def ask(client, shown, *domains, **headers):
    return client.post(PATH, json=request_for(shown, *domains), headers=headers)


def issue_of(response):
    outcome = response.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]


def code_of(response):
    return issue_of(response)["details"]["coding"][0]["code"]


# What the vault's guard has to say.


def test_a_narrowed_account_is_told_what_still_opens(client, door):
    door.answer = lambda ask: Refused("narrowed")
    response = ask(client, LEGACY_CARD)
    assert (response.status_code, code_of(response)) == (403, "narrowed")
    assert "Lisez le code de la carte" in issue_of(response)["details"]["text"]


def test_a_frozen_account_gets_nothing_of_a_question_about_several_domains(client, door):
    door.answer = lambda ask: Refused("frozen") if ask.domain == "LPPS" else opened(ask)
    response = ask(client, CODE, "PHAR", "LPPS")
    assert (response.status_code, code_of(response)) == (403, "frozen")
    assert len(response.json()["issue"]) == 1
    assert "30 minutes" in issue_of(response)["diagnostics"]


def test_a_closed_hour_says_when_it_ends(client, door):
    """The clock of these tests stands at nine o'clock."""
    door.answer = lambda ask: Refused("closed-hour")
    response = ask(client, LEGACY_CARD)
    assert (response.status_code, code_of(response)) == (429, "closed-hour")
    assert response.headers["retry-after"] == "3600"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("testclient", ""),
    ],
)
def test_the_vault_is_told_a_network_and_no_address(door, address, network):
    app = gateway(
        door, rows=OPEN, instance="test", base_url="https://gateway.example", clock=FixedClock()
    )
    headers = {"Authorization": f"Bearer {BEARER}"}
    client = TestClient(app, headers=headers, client=(address, 50_000))
    client.app_state["certificate"] = CERTIFICATE
    ask(client, CODE)
    (sent,) = door.asked
    assert sent.network == network


# What is sent to the vault.


def test_a_card_question_carries_the_code_the_token_and_the_certificate(client, door):
    ask(client, CODE, **{"Idempotency-Key": "k1"})

    (sent,) = door.asked
    assert sent.token == TOKEN
    assert sent.certificate == CERTIFICATE
    assert (sent.key, sent.domain, sent.care_date) == ("k1", "PHAR", "2026-11-23")
    assert sent.shown == CardShown(CODE)


def test_a_fresh_code_goes_where_a_card_code_goes_once_for_all_domains(client, door):
    code = FRESH["codes"][0]["text"]
    ask(client, code, "PHAR", "LPPS", **{"Idempotency-Key": "k1"})
    assert [sent.shown for sent in door.asked] == [CardShown(code)] * 2
    # The vault tells one request of several domains by these.
    assert [sent.key for sent in door.asked] == ["k1/1", "k1/2"]


def test_a_card_code_may_stand_in_a_contained_coverage(client, door):
    request = request_for(CARD)
    coverage = request["contained"][0]
    request["contained"] = [
        {
            "resourceType": "Coverage",
            "id": "card",
            "status": "active",
            "identifier": [{"system": "urn:rempart:card-code", "value": CODE}],
            "beneficiary": request["patient"],
            "payor": coverage["payor"],
        }
    ]

    assert client.post(PATH, json=request).status_code == 200
    assert door.asked[0].shown == CardShown(CODE)


def test_a_declared_question_carries_what_is_printed_as_typed(client, door):
    ask(client, CARD)

    assert door.asked[0].shown == Typed("75001234", "ADH7741936", "1963-04-17", "3", "7K3M9QXT")


def test_a_legacy_question_has_no_printed_key_and_any_printed_date(client, door):
    ask(client, LEGACY_CARD)

    assert door.asked[0].shown == Typed("75001234", "ADH7741936", "00/00/1963", "3", "")


def test_several_domains_are_several_questions_with_derived_keys(client, door):
    ask(client, CODE, "PHAR", "LPPS", "OPTI", **{"Idempotency-Key": "k"})

    assert [(a.key, a.domain) for a in door.asked] == [
        ("k/1", "PHAR"),
        ("k/2", "LPPS"),
        ("k/3", "OPTI"),
    ]


FIFTEEN = [domain.name for domain in Domain]


def test_a_sealed_question_carries_bytes_that_nobody_here_reads(client, door):
    """One a domain; fifteen of them fit the body, and each its own question."""
    values = [bytes([number]) * 408 for number in range(15)]
    request = sealed_request(values, FIFTEEN, CARE_DATE, created=CREATED)
    assert client.post(PATH, json=request, headers={"Idempotency-Key": "k"}).status_code == 200
    assert [sent.shown for sent in door.asked] == [Sealed(value) for value in values]
    assert [sent.key for sent in door.asked] == [f"k/{number}" for number in range(1, 16)]
    assert [sent.domain for sent in door.asked] == FIFTEEN


def test_a_sealed_question_comes_with_the_key_that_it_is_bound_to(client, door):
    request = sealed_request([b"1" * 408], ["PHAR"], CARE_DATE, created=CREATED)
    response = client.post(PATH, json=request)
    assert (response.status_code, code_of(response)) == (422, "malformed")
    assert "Idempotency-Key" in issue_of(response)["diagnostics"]
    assert door.asked == []
    assert client.post(PATH, json=request, headers={"Idempotency-Key": "k"}).status_code == 200
    assert door.asked[0].shown == Sealed(b"1" * 408)


def test_without_a_key_each_question_gets_a_fresh_one_and_is_told_it(client, door):
    told = [ask(client, CODE).headers["Idempotency-Key"] for _ in range(2)]

    assert told == [sent.key for sent in door.asked]
    assert told[0] != told[1]


def test_without_certificate_none_is_told(client, door):
    del client.app_state["certificate"]
    ask(client, CODE)
    assert door.asked[0].certificate == b""


# Answers.


def test_open_rights_are_answered_and_nothing_more(client):
    response = ask(client, CODE, **{"Idempotency-Key": "k1"})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/fhir+json"
    assert response.headers["x-rempart-instance"] == "test"
    assert response.headers["cache-control"] == "no-store"
    of_this_question = "urn:rempart:this-question"
    disclosure = {"system": "urn:rempart:disclosure", "value": "D41"}
    answer = response.json()
    assert answer.pop("disposition").startswith("rights-open: ")
    assert answer == {
        "resourceType": "CoverageEligibilityResponse",
        "identifier": [disclosure],
        "status": "active",
        "purpose": ["benefits", "validation"],
        "patient": {"identifier": {"system": of_this_question, "value": "beneficiary"}},
        "created": "2026-11-23T09:00:00Z",
        "request": {"identifier": {"system": "urn:rempart:idempotency-key", "value": "k1"}},
        "outcome": "complete",
        "insurer": {"identifier": {"system": of_this_question, "value": "insurer"}},
        "insurance": [
            {
                "coverage": {"identifier": {"system": of_this_question, "value": "coverage"}},
                "inforce": True,
                "benefitPeriod": {"end": "2027-12-31"},
                "item": [
                    {
                        "extension": [
                            {"url": "urn:rempart:outcome", "valueCode": "rights-open"},
                            {"url": "urn:rempart:disclosure", "valueIdentifier": disclosure},
                        ],
                        "category": {"coding": [{"system": "urn:rempart:domain", "code": "PHAR"}]},
                        "excluded": False,
                        "benefit": [
                            {"type": {"coding": [{"system": "urn:rempart:mode", "code": "100"}]}}
                        ],
                    }
                ],
            }
        ],
    }


def test_closed_rights_are_an_answer_with_a_code_of_its_own(client, door):
    door.answer = lambda ask: Answered(9, in_force=False, until="", mode="", repeated=False)

    answer = ask(client, CODE).json()

    assert answer["disposition"].startswith("rights-closed: ")
    assert answer["identifier"] == [{"system": "urn:rempart:disclosure", "value": "D9"}]
    insurance = answer["insurance"][0]
    assert insurance["inforce"] is False
    assert "benefitPeriod" not in insurance
    assert insurance["item"][0]["excluded"] is True
    assert "benefit" not in insurance["item"][0]


def test_rights_without_end_tell_no_end(client, door):
    door.answer = lambda ask: Answered(9, in_force=True, until="", mode="TM", repeated=False)

    insurance = ask(client, CODE).json()["insurance"][0]

    assert insurance["inforce"] is True
    assert "benefitPeriod" not in insurance


def test_several_domains_are_answered_in_the_order_asked(client):
    answer = ask(client, CODE, "OPTI", "PHAR").json()

    assert [i["value"] for i in answer["identifier"]] == ["D43", "D41"]
    categories = [i["item"][0]["category"]["coding"][0]["code"] for i in answer["insurance"]]
    assert categories == ["OPTI", "PHAR"]


def test_a_refused_domain_does_not_hide_the_answer_of_another(client, door):
    door.answer = lambda ask: (
        Refused("forbidden-domain")
        if ask.domain == "OPTI"
        else Answered(5, in_force=True, until="", mode="TM", repeated=False)
    )

    answer = ask(client, CODE, "OPTI", "PHAR").json()

    assert answer["outcome"] == "error"
    assert answer["disposition"].startswith("mixed: ")
    assert answer["error"][0]["code"]["coding"][0]["code"] == "forbidden-domain"
    refused, opened = answer["insurance"]
    assert "inforce" not in refused
    assert refused["item"][0]["extension"] == [
        {"url": "urn:rempart:outcome", "valueCode": "forbidden-domain"}
    ]
    assert opened["inforce"] is True


def test_domains_all_refused_give_one_issue_each(client, door):
    door.answer = lambda ask: Refused("forbidden-domain")

    response = ask(client, CODE, "OPTI", "AUDI")

    assert response.status_code == 403
    assert [i["expression"] for i in response.json()["issue"]] == [
        ["CoverageEligibilityRequest.item[0]"],
        ["CoverageEligibilityRequest.item[1]"],
    ]


def test_a_service_that_cannot_answer_one_domain_answers_none(client, door):
    door.answer = lambda ask: (
        Refused("unavailable")
        if ask.domain == "OPTI"
        else Answered(5, in_force=True, until="", mode="TM", repeated=False)
    )

    response = ask(client, CODE, "PHAR", "OPTI", **{"Idempotency-Key": "k"})

    assert response.status_code == 503
    assert response.headers["Idempotency-Key"] == "k"


# Refusals of the vault.


@pytest.mark.parametrize(
    ("reason", "status", "retry"),
    [
        ("read-the-card", 422, "new-key"),
        ("card-not-known", 422, "new-key"),
        ("card-refused", 422, "new-key"),
        ("forbidden-domain", 403, "no"),
        ("forbidden-date", 403, "new-key"),
        ("over-budget", 429, "new-key"),
        ("key-reused", 409, "new-key"),
        ("malformed", 422, "new-key"),
        ("unopened", 500, "no"),
        ("not-signed-in", 401, "same-key"),
        ("unavailable", 503, "same-key"),
    ],
)
def test_each_refusal_has_its_status_its_code_and_what_to_do(client, door, reason, status, retry):
    door.answer = lambda ask: Refused(reason)

    response = ask(client, CODE)

    assert response.status_code == status
    assert code_of(response) == reason
    issue = issue_of(response)
    assert issue["severity"] == "error"
    assert issue["extension"] == [{"url": "urn:rempart:retry", "valueCode": retry}]
    assert len(issue["details"]["text"]) > 40
    assert len(issue["diagnostics"]) > 40


def test_the_rule_that_the_vault_names_is_told(client, door):
    door.answer = lambda ask: Refused("malformed", "AMC number: expected 8 digits")
    assert "AMC number: expected 8 digits" in issue_of(ask(client, CODE))["diagnostics"]


def test_a_vault_that_is_away_is_safe_to_ask_again(client, door):
    def away(ask):
        raise TemporarilyUnavailable("no vault behind the door")

    door.answer = away
    response = ask(client, CODE)

    assert response.status_code == 503
    assert code_of(response) == "unavailable"
    assert response.headers["retry-after"] == "2"


@pytest.mark.parametrize("domains", [("PHAR",), ("PHAR", "OPTI")], ids=["one", "several"])
def test_an_unknown_error_says_nothing(client, door, domains):
    def broken(ask):
        raise RuntimeError(f"while reading {ask.shown.code}")

    door.answer = broken
    response = ask(client, CODE, *domains)

    assert response.status_code == 500
    assert code_of(response) == "internal"
    assert response.headers["x-rempart-instance"] == "test"
    assert "while reading" not in response.text


def test_a_reply_of_the_wrong_kind_is_an_error_of_ours(client, door):
    door.answer = lambda ask: Done()
    assert code_of(ask(client, CODE)) == "internal"


# Who is calling.


def test_without_token_nothing_is_asked(client, door):
    del client.headers["Authorization"]
    response = ask(client, CODE)

    assert response.status_code == 401
    assert code_of(response) == "no-token"
    assert response.headers["www-authenticate"] == 'Bearer realm="rempart"'
    assert door.asked == []


@pytest.mark.parametrize(
    "authorization",
    ["Basic YTpi", "Bearer", "Bearer a b", "Bearer A", "Bearer é", "Bearer " + "A" * 129],
)
def test_what_cannot_be_a_token_is_not_relayed(client, door, authorization):
    response = ask(client, CODE, Authorization=authorization.encode())

    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert door.asked == []


def test_a_token_that_the_vault_does_not_know_is_refused(client):
    response = ask(client, CODE, Authorization="bearer " + "A" * 43)

    assert response.status_code == 401
    assert code_of(response) == "not-signed-in"
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


# What is not a question.


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 65])
def test_a_key_is_1_to_64_visible_characters(client, door, key):
    response = ask(client, CODE, **{"Idempotency-Key": key.encode()})

    assert code_of(response) == "malformed"
    assert "Idempotency-Key" in issue_of(response)["diagnostics"]
    assert door.asked == []


def test_only_json_is_read(client, door):
    response = client.post(
        PATH, content=b"<xml/>", headers={"Content-Type": "application/fhir+xml"}
    )
    assert response.status_code == 415
    assert code_of(response) == "not-json"


@pytest.mark.parametrize(
    "media", ["application/fhir+json", "application/json", "Application/FHIR+json; charset=utf-8"]
)
def test_both_json_media_types_are_read(client, media):
    body = json.dumps(request_for(CODE))
    response = client.post(PATH, content=body, headers={"Content-Type": media})
    assert response.status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b'{"status":"\xff"}', b'{"status":"\\ud800"}'])
def test_what_does_not_parse_is_unreadable(client, body):
    response = client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert code_of(response) == "unreadable"


def test_a_body_is_bounded_whether_it_says_its_length_or_not(client, door):
    def pieces():
        for _ in range(13):
            yield b" " * 1024

    for content in (b" " * 12_289, pieces()):
        response = client.post(PATH, content=content, headers={"Content-Type": "application/json"})
        assert response.status_code == 413
        assert code_of(response) == "too-long"
    assert door.asked == []


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"name": [{"family": "Durand"}]}, "contained[1].name"),
        ({"gender": "female"}, "contained[1].gender"),
        ({"identifier": [{"value": "163041799999942"}]}, "contained[1].identifier"),
        ({"birthDate": None}, "contained[1].birthDate"),
        ({"birthDate": "17 avril"}, "contained[1].birthDate"),
        ({"text": {"status": "generated", "div": "<div/>"}}, "contained[1].text"),
    ],
)
def test_a_patient_is_a_birth_date_and_nothing_else(client, door, change, element):
    request = request_for(CARD)
    request["contained"][1] |= change

    response = client.post(PATH, json=request)

    assert response.status_code == 422
    assert issue_of(response)["expression"] == [f"CoverageEligibilityRequest.{element}"]
    for value in ("Durand", "female", "163041799999942", "17 avril"):
        assert value not in response.text
    assert door.asked == []


def test_an_element_that_fhir_does_not_know_is_not_even_named(client):
    request = request_for(CARD)
    request["contained"][1]["Durand"] = 1

    response = client.post(PATH, json=request)

    assert issue_of(response)["expression"] == ["CoverageEligibilityRequest.contained[1]"]
    assert "Durand" not in response.text


def test_a_code_that_is_not_accepted_is_not_quoted(client):
    response = client.post(PATH, json={**request_for(CODE), "status": "Durand"})

    assert issue_of(response)["expression"] == ["CoverageEligibilityRequest.status"]
    assert "Durand" not in response.text


# Sign-in.

FORM = {
    "grant_type": "client_credentials",
    "scope": "system/CoverageEligibilityRequest.c",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "header.claims.signature",
}


@pytest.fixture
def stranger(client):
    del client.headers["Authorization"]
    return client


def test_sign_in_relays_the_assertion_and_returns_the_handle_of_the_vault(stranger, door):
    response = stranger.post("/token", data=FORM)

    assert response.status_code == 200
    assert response.json() == {
        "access_token": BEARER,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "system/CoverageEligibilityRequest.c",
    }
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["pragma"] == "no-cache"
    assert door.asked == [SignIn("header.claims.signature", CERTIFICATE)]


def test_a_frozen_account_is_told_whom_to_call(stranger, door):
    """The vault says so only to who has proven whose account it is."""
    door.sign_in = lambda sign_in: Refused("frozen")
    response = stranger.post("/token", data=FORM)
    assert response.status_code == 403
    assert response.json()["error"] == "unauthorized_client"
    assert "within 30 minutes" in response.json()["error_description"]


def test_a_refused_sign_in_says_invalid_client(stranger, door):
    door.sign_in = lambda sign_in: Refused("sign-in-refused", "whatever the vault knows")
    response = stranger.post("/token", data=FORM)

    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert "whatever" not in response.text
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "other"}, "invalid_request"),
        ({"client_assertion": None}, "invalid_request"),
        ({"client_assertion": "x" * 8193}, "invalid_request"),
        ({"client_secret": "s"}, "invalid_request"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"client_assertion": ["a", "b"]}, "invalid_request"),
    ],
)
def test_a_sign_in_of_another_shape_is_refused_here(stranger, door, changes, error):
    form = {name: value for name, value in (FORM | changes).items() if value is not None}
    response = stranger.post("/token", data=form)

    assert response.status_code == 400
    assert response.json()["error"] == error
    assert response.json()["error_description"]
    assert door.asked == []


def test_a_sign_in_uses_one_method_and_a_form(client, stranger, door):
    basic = stranger.post("/token", data=FORM, headers={"Authorization": "Basic YTpi"})
    assert basic.json()["error"] == "invalid_request"
    assert stranger.post("/token", json=FORM).json()["error"] == "invalid_request"
    hostile = b"grant_type=%ff&client_assertion=\xff"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert stranger.post("/token", content=hostile, headers=form).status_code == 400
    assert door.asked == []


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        ("unavailable", 503, "temporarily_unavailable"),
        ("over-budget", 429, "temporarily_unavailable"),
        ("malformed", 422, "invalid_request"),
        ("unopened", 500, "server_error"),
    ],
)
def test_other_refusals_keep_the_shape_of_oauth(stranger, door, reason, status, error):
    door.sign_in = lambda sign_in: Refused(reason)
    response = stranger.post("/token", data=FORM)

    assert response.status_code == status
    assert response.json()["error"] == error


def test_a_sign_in_without_vault_may_be_tried_again(stranger, door):
    def away(sign_in):
        raise TemporarilyUnavailable("no vault behind the door")

    door.sign_in = away
    response = stranger.post("/token", data=FORM)

    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"


def test_a_sign_in_answered_by_something_else_is_an_error_of_ours(stranger, door):
    door.sign_in = lambda sign_in: Done()
    assert code_of(stranger.post("/token", data=FORM)) == "internal"


# What anybody may read.


def test_the_capability_statement_tells_how_to_ask(stranger):
    response = stranger.get("/fhir/metadata")

    assert response.headers["content-type"] == "application/fhir+json"
    statement = response.json()
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["implementation"] == {
        "description": "Rempart, test",
        "url": "https://gateway.example/fhir",
    }
    (rest,) = statement["rest"]
    assert [r["type"] for r in rest["resource"]] == ["CoverageEligibilityRequest"]
    oauth = rest["security"]["extension"][0]["extension"][0]
    assert oauth == {"url": "token", "valueUri": "https://gateway.example/token"}


def test_smart_configuration_is_the_same_at_both_addresses(stranger):
    pages = [
        stranger.get(f"{prefix}/.well-known/smart-configuration").json() for prefix in ("", "/fhir")
    ]

    assert pages[0] == pages[1]
    assert pages[0]["token_endpoint"] == "https://gateway.example/token"
    assert pages[0]["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert pages[0]["tls_client_certificate_bound_access_tokens"] is True


def test_the_presence_key_is_the_vaults_note_as_it_is(stranger, door):
    door.presence = PresenceNote("signed\n\n— by the vault\n")
    response = stranger.get("/.well-known/rempart-presence-key")
    assert response.content.decode() == "signed\n\n— by the vault\n"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"

    for away in (TemporarilyUnavailable("away"), Refused("unavailable")):
        door.presence = away
        response = stranger.get("/.well-known/rempart-presence-key")
        assert (response.status_code, code_of(response)) == (503, "unavailable")


def test_health_is_that_of_the_vault(stranger, door):
    assert stranger.get("/health").json() == {"status": "up", "instance": "test"}

    door.health = TemporarilyUnavailable("no vault behind the door")
    response = stranger.get("/health")
    assert response.status_code == 503
    assert response.json() == {"status": "down", "instance": "test"}


def test_submit_is_the_same_question(client):
    response = client.post(f"{PATH}/$submit", json=request_for(CODE))
    assert response.json()["resourceType"] == "CoverageEligibilityResponse"


@pytest.mark.parametrize("path", ["/", "/fhir", f"{PATH}/1", f"{PATH}/", "/fhir/Patient", "/docs"])
def test_nothing_else_is_served(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert code_of(response) == "no-such-page"


def test_a_question_is_never_in_an_address(client, door):
    response = client.get(PATH, params={"subscriberId": "ADH7741936"})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert code_of(response) == "no-such-method"
    assert door.asked == []


# Silence.


def quoting(ask):
    raise RuntimeError(f"cannot read {ask.shown} {msgspec.to_builtins(ask.shown)}")


@pytest.mark.parametrize(
    "answer",
    [lambda ask: Refused("read-the-card"), opened, quoting],
    ids=["refused", "answered", "broken"],
)
@pytest.mark.parametrize(
    "shown",
    [CODE, CARD, LEGACY_CARD, replace(CARD, birth_rank="\x00")],
    ids=["card", "declared", "legacy", "malformed"],
)
def test_no_line_and_no_response_holds_what_a_patient_brought(client, door, shown, answer, capfd):
    door.answer = answer
    responses = [
        ask(client, shown),
        client.get(f"{PATH}/{CARD.member_number}", params={"key": CARD.printed_key}),
        client.request("ADH7741936", PATH),
    ]

    written = "".join(capfd.readouterr())
    assert "route" in written
    for secret in PERSONAL:
        assert secret not in written
        for response in responses:
            assert secret not in response.text
