"""The OpenAPI 3.1 document of what is served, its schemas taken from the structs that serve it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from rempart.api.answer import CoverageEligibilityResponse
from rempart.api.bridge import OperationOutcome
from rempart.api.devices import Device, DeviceList, NewDevice, OldDevice
from rempart.api.discovery import NOTE_MEDIA, PRESENCE_KEY
from rempart.api.elements import FHIR_JSON
from rempart.api.question import CoverageEligibilityRequest
from rempart.api.sign_in import ASSERTION_TYPE, SCOPE, Token, TokenError
from rempart.serving.outcomes import OUTCOMES
from rempart.serving.pages import HealthPage
from rempart.serving.status import StatusPage

Json = Mapping[str, Any]

JSON = "application/json"
TYPES = (
    CoverageEligibilityRequest,
    CoverageEligibilityResponse,
    OperationOutcome,
    Token,
    TokenError,
    HealthPage,
    StatusPage,
    NewDevice,
    OldDevice,
    Device,
    DeviceList,
)

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same question with the same key is the same question asked again: one "
    "entry, free. Made, and told in the response, when absent; required with a sealed presence.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,64}$"},
}


def openapi(*, instance: str, base_url: str) -> Json:
    """The document."""
    references, components = msgspec.json.schema_components(
        TYPES, ref_template="#/components/schemas/{name}"
    )
    schema = dict(zip(TYPES, references, strict=True))
    question = _question(schema)
    page = {"type": "object"}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Rempart, {instance}", "version": "1", "license": {"name": "EUPL-1.2"}},
        "servers": [{"url": base_url}],
        "paths": {
            "/fhir/CoverageEligibilityRequest": {"post": {"operationId": "ask", **question}},
            "/fhir/CoverageEligibilityRequest/$submit": {
                "post": {"operationId": "submit", **question}
            },
            "/fhir/metadata": _page("metadata", page, FHIR_JSON),
            "/.well-known/smart-configuration": _page("smart", page),
            "/fhir/.well-known/smart-configuration": _page("smart-of-fhir", page),
            PRESENCE_KEY: _presence_key(schema),
            "/device": _devices(schema),
            "/device/end": _end_device(schema),
            "/openapi.json": _page("openapi", page),
            "/health": _page("health", schema[HealthPage], statuses=(200, 503)),
            "/status": _page("status", schema[StatusPage]),
            "/token": _token(schema),
        },
        "components": {"schemas": components, "securitySchemes": _security(base_url)},
    }


def _security(base_url: str) -> Json:
    return {
        "smart": {
            "type": "oauth2",
            "description": "SMART Backend Services; the token is bound to the TLS certificate.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": f"{base_url}/token",
                    "scopes": {SCOPE: "Ask whether rights are open."},
                }
            },
        },
        "certificate": {"type": "mutualTLS"},
    }


def _content(media: str, schema: Json) -> Json:
    return {"content": {media: {"schema": schema}}}


def _responses(refused: Json, media: str, statuses: Mapping[int, str]) -> dict[str, Json]:
    return {
        str(int(status)): {"description": said, **_content(media, refused)}
        for status, said in sorted(statuses.items())
    }


def _question(schema: Mapping[Any, Json]) -> Json:
    statuses: dict[int, str] = {}
    for row in OUTCOMES.values():
        if row.status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
            said = statuses.get(row.status)
            statuses[row.status] = f"{said}, {row.code}" if said else row.code
    answer = _content(FHIR_JSON, schema[CoverageEligibilityResponse])
    asked = schema[CoverageEligibilityRequest]
    return {
        "summary": "Are the rights of one beneficiary open?",
        "security": [{"smart": [SCOPE], "certificate": []}],
        "parameters": [IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {FHIR_JSON: {"schema": asked}, JSON: {"schema": asked}},
        },
        "responses": {
            "200": {"description": "rights-open, rights-closed, mixed", **answer},
            **_responses(schema[OperationOutcome], FHIR_JSON, statuses),
        },
    }


def _token(schema: Mapping[Any, Json]) -> Json:
    form = {
        "type": "object",
        "required": ["grant_type", "client_assertion_type", "client_assertion"],
        "properties": {
            "grant_type": {"const": "client_credentials"},
            "client_assertion_type": {"const": ASSERTION_TYPE},
            "client_assertion": {"type": "string", "minLength": 1, "maxLength": 8192},
            "scope": {"const": SCOPE},
        },
    }
    statuses = {
        400: "invalid_request, invalid_scope, unsupported_grant_type",
        401: "invalid_client",
        403: "unauthorized_client",
        408: "invalid_request",
        413: "invalid_request",
        422: "invalid_request",
        429: "temporarily_unavailable",
        500: "server_error",
        503: "temporarily_unavailable",
    }
    errors = _responses(schema[TokenError], JSON, statuses)
    method_refused = _responses(schema[OperationOutcome], FHIR_JSON, {405: "no-such-method"})
    return {
        "post": {
            "operationId": "sign-in",
            "summary": "A token for a signed assertion (RFC 7523) and a TLS certificate.",
            "requestBody": {
                "required": True,
                "content": {"application/x-www-form-urlencoded": {"schema": form}},
            },
            "responses": {
                "200": {"description": "signed in", **_content(JSON, schema[Token])},
                **errors,
                **method_refused,
            },
        }
    }


DEVICE_REFUSED = {
    **{400: "unreadable", 401: "no-token, not-signed-in", 403: "frozen, not-allowed"},
    **{408: "too-slow", 413: "too-long", 422: "malformed", 500: "internal"},
    503: "cut-off, unavailable",
}


def _device(name: str, summary: str, schema: Mapping[Any, Json], status: int, reply: Json) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"smart": [SCOPE], "certificate": []}],
        "responses": {
            str(status): {"description": name, **_content(JSON, reply)},
            **_responses(schema[OperationOutcome], FHIR_JSON, DEVICE_REFUSED),
        },
    }


def _devices(schema: Mapping[Any, Json]) -> Json:
    body = {"required": True, **_content(JSON, schema[NewDevice])}
    enrol = "Enrol a device that may bind insurers while its site is cut off."
    return {
        "post": {
            **_device("enrol-device", enrol, schema, 201, schema[Device]),
            "requestBody": body,
        },
        "get": _device(
            "devices", "The devices of the caller's site.", schema, 200, schema[DeviceList]
        ),
    }


def _end_device(schema: Mapping[Any, Json]) -> Json:
    body = {"required": True, **_content(JSON, schema[OldDevice])}
    end = _device("end-device", "Take a device out.", schema, 200, {"type": "object"})
    return {"post": {**end, "requestBody": body}}


def _presence_key(schema: Mapping[Any, Json]) -> Json:
    note = _content(NOTE_MEDIA, {"type": "string"})
    away = _responses(schema[OperationOutcome], FHIR_JSON, {503: "unavailable"})
    return {
        "get": {
            "operationId": "presence-key",
            "summary": "The vault's key to seal presence to, in a note that it has signed.",
            "responses": {"200": {"description": "presence-key", **note}, **away},
        }
    }


def _page(name: str, schema: Json, media: str = JSON, statuses: tuple[int, ...] = (200,)) -> Json:
    return {
        "get": {
            "operationId": name,
            "responses": {
                str(status): {"description": name, **_content(media, schema)} for status in statuses
            },
        }
    }
