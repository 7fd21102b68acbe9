"""The OpenAPI 3.1 document of what the pages' scripts ask, from the messages that are relayed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from rempart.serving.pages import HealthPage
from rempart.serving.status import StatusPage
from rempart.usecases.people_messages import BeginProSante
from rempart.web.history import AT as HISTORY
from rempart.web.history import TEXT_MAX
from rempart.web.pro_sante import CameBack
from rempart.web.relay import KINDS, NUMBER_MAX, Kind, said_in, tag_of

Json = Mapping[str, Any]

STATUSES = (400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 503)

REFUSED: Json = {
    "type": "object",
    "required": ["kind", "outcome", "fr", "do_fr", "en", "do_en", "detail"],
    "properties": {
        "kind": {"const": "refused"},
        **{name: {"type": "string"} for name in ("outcome", "fr", "do_fr", "en", "do_en")},
        "detail": {"type": "string"},
    },
}
TOLD: Json = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"type": "string"}},
}
PROOF: Json = {
    "name": "DPoP",
    "in": "header",
    "required": False,
    "description": "A proof (RFC 9449) over this very request, with the claim cth: the digest of "
    "the body.",
    "schema": {"type": "string", "maxLength": 2048},
}


BACK_CHANNEL: Json = {
    "post": {
        "operationId": "logout",
        "description": "Pro Santé Connect's to call: OpenID Connect Back-Channel Logout 1.0.",
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "required": ["logout_token"],
                        "properties": {"logout_token": {"type": "string"}},
                    }
                }
            },
        },
        "responses": {
            "200": {"description": "over"},
            "400": {
                "description": "refused, or not done",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["error"],
                            "properties": {"error": {"type": "string"}},
                        }
                    }
                },
            },
        },
    }
}


def openapi(*, instance: str, web_url: str) -> Json:
    """The document."""
    paths: dict[str, Json] = {f"/people/{tag_of(kind)}": _post(kind) for kind in KINDS}
    paths["/pro-sante/begin"] = _post(BeginProSante)
    paths["/pro-sante/back"] = _operation("back", msgspec.json.schema(CameBack), signed=False)
    paths["/pro-sante/logout"] = BACK_CHANNEL
    paths[HISTORY] = _history()
    page = {"type": "object"}
    paths["/openapi.json"] = _get("openapi", page)
    paths["/status.json"] = _get("status", msgspec.json.schema(StatusPage))
    paths["/health"] = _get("health", msgspec.json.schema(HealthPage), 503)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Rempart, {instance}: portal",
            "version": "1",
            "license": {"name": "EUPL-1.2"},
        },
        "servers": [{"url": web_url}],
        "paths": paths,
        "components": {
            "schemas": {"Refused": REFUSED, "Told": TOLD, **_definitions()},
            "securitySchemes": {"session": {"type": "http", "scheme": "DPoP"}},
        },
    }


def _definitions() -> dict[str, Any]:
    references, components = msgspec.json.schema_components(
        [CameBack, HealthPage, StatusPage], ref_template="#/components/schemas/{name}"
    )
    del references
    return components


def _post(kind: Kind) -> Json:
    session = "token" in kind.__struct_fields__
    return _operation(tag_of(kind), _said(kind), session=session, signed=kind is not BeginProSante)


def _said(kind: Kind) -> Json:
    """The list that a body is: the fields that are said, in their order."""
    (_,), components = msgspec.json.schema_components([kind])
    whole = components[kind.__name__]["prefixItems"][1:]
    by_name = dict(zip(kind.__struct_fields__, whole, strict=True))
    items = [_unfolded(by_name[name], components) | {"description": name} for name in said_in(kind)]
    size = len(items)
    bounds = {"minItems": size, "maxItems": size}
    return {"type": "array", **({"prefixItems": items} if items else {}), **bounds, "items": False}


def _unfolded(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with what it refers to in its place."""
    if "anyOf" in schema:
        return {"anyOf": [_unfolded(each, components) for each in schema["anyOf"]]}
    if "$ref" in schema:
        return dict(components[schema["$ref"].rpartition("/")[2]])
    if schema.get("type") == "integer":
        return {"type": "integer", "minimum": -NUMBER_MAX, "maximum": NUMBER_MAX}
    return {name: value for name, value in schema.items() if name != "default"}


def _operation(name: str, body: Json, *, session: bool = False, signed: bool = True) -> Json:
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}
    told = {"application/json": {"schema": {"$ref": "#/components/schemas/Told"}}}
    operation: dict[str, Any] = {
        "operationId": name,
        "parameters": [PROOF] if signed else [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {"description": "done", "content": told},
            **{str(each): {"description": "refused", "content": refused} for each in STATUSES},
        },
    }
    if session:
        operation["security"] = [{"session": []}]
    return {"post": operation}


def _history() -> Json:
    """What a phone asks of itself: the text of a code, from a page of any origin."""
    text = {"schema": {"type": "string", "maxLength": TEXT_MAX}}
    body = {"required": True, "content": {"text/plain": text}}
    operation = dict(_operation("history", {}, signed=False)["post"])
    statuses = {"200", "403", "405", "408", "413", "429", "500", "503"}
    responses = {code: said for code, said in operation["responses"].items() if code in statuses}
    return {"post": {**operation, "requestBody": body, "responses": responses}}


def _get(name: str, schema: Json, *others: int) -> Json:
    content = {"application/json": {"schema": schema}}
    statuses = (200, *others)
    return {
        "get": {
            "operationId": name,
            "responses": {
                str(each): {"description": name, "content": content} for each in statuses
            },
        }
    }
