"""The pages that tell a software what is served, and how to sign in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from rempart.api.bridge import send_refusal
from rempart.api.sign_in import SCOPE
from rempart.domain.errors import TemporarilyUnavailable
from rempart.serving.declined import Declined, declined_for
from rempart.serving.exchange import send_whole
from rempart.usecases.messages import PresenceKey, PresenceNote
from rempart.usecases.ports import VaultDoor

FHIR_VERSION = "4.0.1"
PRESENCE_KEY = "/.well-known/rempart-presence-key"
NOTE_MEDIA = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class TellPresenceKey:
    """``GET /.well-known/rempart-presence-key``: the vault's signed note, relayed as it is."""

    door: VaultDoor = field(repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the vault, and say."""
        try:
            reply = await self.door.ask(PresenceKey())
        except TemporarilyUnavailable as error:
            await send_refusal(send, declined_for(error))
            return
        if isinstance(reply, PresenceNote):
            await send_whole(send, reply.note.encode(), media=NOTE_MEDIA)
        else:
            await send_refusal(send, Declined("unavailable"))


def smart_configuration(base_url: str) -> Mapping[str, Any]:
    """SMART App Launch 2.2, section 3.6, for Backend Services; and RFC 8705, section 3.3."""
    return {
        "token_endpoint": f"{base_url}/token",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "ES384"],
        "scopes_supported": [SCOPE],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        # Required even of a server without an authorization endpoint.
        "code_challenge_methods_supported": ["S256"],
        "tls_client_certificate_bound_access_tokens": True,
    }


def capability_statement(*, instance: str, base_url: str, date: str) -> Mapping[str, Any]:
    """What this instance does in FHIR."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": "Rempart"},
        "implementation": {"description": f"Rempart, {instance}", "url": f"{base_url}/fhir"},
        "fhirVersion": FHIR_VERSION,
        "format": ["application/fhir+json"],
        "rest": [{"mode": "server", "security": security(base_url), "resource": [ELIGIBILITY]}],
    }


def security(base_url: str) -> Mapping[str, Any]:
    """How a software signs in, as SMART writes it in a CapabilityStatement."""
    return {
        "cors": False,
        "service": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                        "code": "SMART-on-FHIR",
                    }
                ]
            }
        ],
        "description": "SMART Backend Services; tokens are bound to the client's TLS certificate "
        "(RFC 8705).",
        "extension": [
            {
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [{"url": "token", "valueUri": f"{base_url}/token"}],
            }
        ],
    }


ELIGIBILITY: Mapping[str, Any] = {
    "type": "CoverageEligibilityRequest",
    "interaction": [
        {
            "code": "create",
            "documentation": "The answer is a CoverageEligibilityResponse (200); nothing is kept "
            "under an address, nothing can be read or searched.",
        }
    ],
    "operation": [
        {
            "name": "submit",
            "definition": "http://hl7.org/fhir/OperationDefinition/"
            "CoverageEligibilityRequest-submit",
        }
    ],
}
