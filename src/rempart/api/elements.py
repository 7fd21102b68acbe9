"""The FHIR R4 (4.0.1) data types that cross this door, and the systems that name their codes.

Written by hand: an element that is not declared is refused, ``null`` is refused as FHIR asks,
numbers stay exact decimals. What may come from a patient is hidden from ``repr``.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

# Identifiers and codes.
AMC = "urn:rempart:amc"
CARD_CODE = "urn:rempart:card-code"
PRINTED_KEY = "urn:rempart:printed-key"
SEALED_PRESENCE = "urn:rempart:sealed-presence"
DOMAIN = "urn:rempart:domain"
MODE = "urn:rempart:mode"
OUTCOME = "urn:rempart:outcome"
DISCLOSURE = "urn:rempart:disclosure"
UNDERTAKING = "urn:rempart:undertaking"
CLAIM = "urn:rempart:claim"
RULE = "urn:rempart:rule"
IDEMPOTENCY_KEY = "urn:rempart:idempotency-key"
THIS_QUESTION = "urn:rempart:this-question"
# Extensions.
PRINTED_BIRTH_DATE = "urn:rempart:printed-birth-date"
RETRY = "urn:rempart:retry"

FHIR_JSON = "application/fhir+json"

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.\-]{1,64}$")]
"""FHIR ``id``."""

Uri = Annotated[str, Meta(max_length=256)]
"""FHIR ``uri``."""

DateTime = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}"
        r"(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+\-][0-9]{2}:[0-9]{2}))?)?)?$"
    ),
]
"""FHIR ``dateTime``."""


class Element(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename="camel",
):
    """A FHIR element whose ``repr`` tells its type and nothing else."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Resource(Element, frozen=True, kw_only=True, tag_field="resourceType", tag=True):
    """A FHIR resource, told apart by ``resourceType``."""


class ResourceMeta(Element, frozen=True, kw_only=True):
    """Allowed, as many clients write it; not read."""

    profile: (
        Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=4)] | UnsetType
    ) = UNSET
    last_updated: DateTime | UnsetType = UNSET


class Identifier(Element, frozen=True, kw_only=True):
    """A value under a system. The longest value is a card code."""

    system: Annotated[str, Meta(max_length=64)]
    value: Annotated[str, Meta(pattern=r"^[ -~]{1,4096}$", max_length=4096)]


class Reference(Element, frozen=True, kw_only=True):
    """Inside the request (``#id``), or logical (an identifier): nothing is fetched from here."""

    reference: Annotated[str, Meta(pattern=r"^#[A-Za-z0-9.\-]{1,64}$")] | UnsetType = UNSET
    identifier: Identifier | UnsetType = UNSET
    type: Literal["Coverage", "Organization", "Patient"] | UnsetType = UNSET


class Coding(Element, frozen=True, kw_only=True):
    """A code of a system."""

    system: str
    code: str


class CodeableConcept(Element, frozen=True, kw_only=True):
    """Codes, and the text that people read."""

    coding: list[Coding]
    text: str | UnsetType = UNSET


class Period(Element, frozen=True, kw_only=True):
    """A period of which only the end is told."""

    end: str


class Extension(Element, frozen=True, kw_only=True):
    """An extension of ours on the way out."""

    url: str
    value_code: str | UnsetType = UNSET
    value_identifier: Identifier | UnsetType = UNSET


encode = msgspec.json.Encoder(decimal_format="number").encode
"""To JSON; a decimal keeps its digits (``500.00`` stays ``500.00``)."""
