"""Read a ``CoverageEligibilityRequest``: what is asked, and what the patient brought.

(1) the bytes are JSON and hold only elements that this door knows;
(2) patient and insurer, which R4 requires, refer to this question and hold nothing else;
(3) either a card code, alone, or the things printed on a card, or one of these sealed to the vault,
    once for each domain: this door cannot read it;
(4) each domain is asked once.

Values are not judged here: the vault reads them. A refusal names an element and a rule, never
what was typed.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from rempart.api.elements import (
    AMC,
    CARD_CODE,
    PRINTED_BIRTH_DATE,
    PRINTED_KEY,
    SEALED_PRESENCE,
    THIS_QUESTION,
    DateTime,
    Element,
    Id,
    Identifier,
    Reference,
    Resource,
    ResourceMeta,
)
from rempart.api.malformed import ROOT, refusal_of
from rempart.domain.base64url import from_base64url
from rempart.serving.declined import Declined
from rempart.usecases.messages import CardShown, Sealed, Typed

Purpose = Literal["benefits", "validation"]
Printed = Annotated[str, Meta(pattern=r"^[^\u0000-\u001f\u007f]{1,64}$", max_length=64)]
"""Something printed on a card, as typed; the vault knows its grammar."""

DOMAINS_MAX = 15


class PrintedBirthDate(Element, frozen=True, kw_only=True):
    """A birth date as printed on a card, where FHIR's ``date`` cannot say it."""

    url: Literal["urn:rempart:printed-birth-date"]
    value_string: Annotated[str, Meta(pattern=r"^[0-9/\-]{4,10}$")]


class BirthDateExtensions(Element, frozen=True, kw_only=True):
    """``_birthDate``."""

    extension: Annotated[list[PrintedBirthDate], Meta(min_length=1, max_length=1)]


class Patient(Resource, frozen=True, kw_only=True):
    """The beneficiary as far as this door may know: a birth date."""

    id: Id
    meta: ResourceMeta | UnsetType = UNSET
    birth_date: Annotated[str, Meta(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")] | UnsetType = (
        UNSET
    )
    birth_date_extensions: BirthDateExtensions | UnsetType = msgspec.field(
        default=UNSET, name="_birthDate"
    )


class Coverage(Resource, frozen=True, kw_only=True):
    """A card: its code, what is printed on it, or either of them sealed."""

    id: Id
    meta: ResourceMeta | UnsetType = UNSET
    identifier: Annotated[tuple[Identifier, ...], Meta(max_length=DOMAINS_MAX)] = ()
    status: Literal["active"]
    subscriber_id: Printed | UnsetType = UNSET
    beneficiary: Reference
    dependent: Printed | UnsetType = UNSET
    payor: Annotated[list[Reference], Meta(min_length=1, max_length=1)]


class DomainCoding(Element, frozen=True, kw_only=True):
    """A domain of care, as cards print it."""

    system: Literal["urn:rempart:domain"]
    code: Annotated[str, Meta(pattern=r"^[A-Z]{4}$", max_length=4)]


class Category(Element, frozen=True, kw_only=True):
    """One domain of care."""

    coding: Annotated[list[DomainCoding], Meta(min_length=1, max_length=1)]


class Item(Element, frozen=True, kw_only=True):
    """One question: is this domain open?"""

    category: Category


class Insurance(Element, frozen=True, kw_only=True):
    """Where the card is."""

    coverage: Reference
    focal: Literal[True] | UnsetType = UNSET


class CoverageEligibilityRequest(Element, frozen=True, kw_only=True):
    """Are the rights of one beneficiary open, for some domains, on one date of care?"""

    resource_type: Literal["CoverageEligibilityRequest"]
    id: Id | UnsetType = UNSET
    meta: ResourceMeta | UnsetType = UNSET
    contained: Annotated[tuple[Coverage | Patient, ...], Meta(max_length=2)] = ()
    status: Literal["active"]
    purpose: Annotated[list[Purpose], Meta(min_length=1, max_length=2)]
    patient: Reference
    serviced_date: date
    created: DateTime
    insurer: Reference
    insurance: Annotated[list[Insurance], Meta(min_length=1, max_length=1)]
    item: Annotated[list[Item], Meta(min_length=1, max_length=DOMAINS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: one question a domain, under one presence; sealed, it comes once a domain."""

    purpose: list[Purpose]
    domains: list[str]
    care_date: str
    shown: CardShown | Typed | tuple[Sealed, ...] = field(repr=False)

    def shown_for(self, number: int) -> CardShown | Typed | Sealed:
        """What was brought, for the domain of this number."""
        return self.shown[number] if isinstance(self.shown, tuple) else self.shown


_decode = msgspec.json.Decoder(CoverageEligibilityRequest).decode


def read_question(body: bytes) -> Question:
    """Read a request body.

    Raises:
        Declined: ``unreadable`` when it is not JSON, ``malformed`` for every other rule.
    """
    try:
        request = _decode(body)  # (1)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # Without its cause: what the decoder says may quote what was typed.
        raise refusal_of(error) from None
    shown = _shown(request)  # (2), (3)
    domains = [item.category.coding[0].code for item in request.item]
    if len(set(domains)) != len(domains):  # (4)
        raise _malformed("item", "each domain is asked once")
    return Question(
        purpose=request.purpose,
        domains=domains,
        care_date=request.serviced_date.isoformat(),
        shown=shown,
    )


def _malformed(element: str, rule: str) -> Declined:
    return Declined("malformed", detail=rule, expression=f"{ROOT}.{element}")


def _shown(request: CoverageEligibilityRequest) -> CardShown | Typed | tuple[Sealed, ...]:
    patient = next((c for c in request.contained if isinstance(c, Patient)), None)
    coverage = next((c for c in request.contained if isinstance(c, Coverage)), None)
    if len(request.contained) != (patient is not None) + (coverage is not None):
        raise _malformed("contained", "one Coverage and one Patient at most")
    _check_beneficiary("patient", request.patient, patient)
    _check_insurer("insurer", request.insurer)
    named = request.insurance[0].coverage
    if named.identifier is not UNSET:
        if request.contained or named.reference is not UNSET:
            raise _malformed("contained", "goes without a card code in the reference")
        return CardShown(_card_code("insurance[0].coverage.identifier", named.identifier))
    if coverage is None or named.reference != f"#{coverage.id}":
        raise _malformed("insurance[0].coverage", "expected a card code or the contained Coverage")
    return _of_coverage(request, coverage, patient)


def _of_coverage(
    request: CoverageEligibilityRequest, coverage: Coverage, patient: Patient | None
) -> CardShown | Typed | tuple[Sealed, ...]:
    at = f"contained[{request.contained.index(coverage)}]"
    _check_beneficiary(f"{at}.beneficiary", coverage.beneficiary, patient)
    _check_insurer(f"{at}.payor[0]", coverage.payor[0])
    system = coverage.identifier[0].system if coverage.identifier else ""
    if system == SEALED_PRESENCE:
        _check_alone(coverage, patient, at, "a sealed presence")
        return _sealed(request, coverage, at)
    if len(coverage.identifier) > 1:
        raise _malformed(f"{at}.identifier", "one, unless it is a sealed presence")
    if system == CARD_CODE:
        _check_alone(coverage, patient, at, "a card code")
        return CardShown(coverage.identifier[0].value)
    return _typed(request, coverage, patient, at)


def _check_alone(coverage: Coverage, patient: Patient | None, at: str, what: str) -> None:
    """Return if nothing comes beside what says it all: it is more than this question needs.

    Raises:
        Declined: something does.
    """
    if coverage.subscriber_id is not UNSET:
        raise _malformed(f"{at}.subscriberId", f"goes without {what}")
    if coverage.dependent is not UNSET:
        raise _malformed(f"{at}.dependent", f"goes without {what}")
    if patient is not None:
        raise _malformed("contained", f"a Patient goes without {what}")


def _sealed(request: CoverageEligibilityRequest, coverage: Coverage, at: str) -> tuple[Sealed, ...]:
    """One a domain, in their order; the insurer is inside, and stands nowhere else."""
    for place, payor in (("insurer", request.insurer), (f"{at}.payor[0]", coverage.payor[0])):
        if payor.identifier is UNSET or not _of_this_question(payor.identifier, "insurer"):
            raise _malformed(place, f"expected the identifier insurer of {THIS_QUESTION}")
    if len(coverage.identifier) != len(request.item):
        raise _malformed(f"{at}.identifier", "expected a sealed presence for each item")
    return tuple(
        Sealed(_sealed_value(identifier, f"{at}.identifier[{number}]"))
        for number, identifier in enumerate(coverage.identifier)
    )


def _sealed_value(identifier: Identifier, at: str) -> bytes:
    text = identifier.value
    if identifier.system != SEALED_PRESENCE:
        raise _malformed(f"{at}.system", f"expected {SEALED_PRESENCE}")
    try:
        return from_base64url(text)
    except ValueError:
        raise _malformed(f"{at}.value", "expected base64url without padding") from None


def _typed(
    request: CoverageEligibilityRequest, coverage: Coverage, patient: Patient | None, at: str
) -> Typed:
    payor = coverage.payor[0].identifier
    if payor is UNSET or payor.system != AMC:
        raise _malformed(f"{at}.payor[0].identifier", f"expected the AMC number, system {AMC}")
    insurer = request.insurer.identifier
    if insurer is not UNSET and insurer.system == AMC and insurer.value != payor.value:
        raise _malformed("insurer", "differs from the payor of the Coverage")
    if coverage.subscriber_id is UNSET:
        raise _malformed(f"{at}.subscriberId", "expected the member number")
    if coverage.dependent is UNSET:
        raise _malformed(f"{at}.dependent", "expected the birth rank")
    if patient is None:
        raise _malformed("contained", "expected a Patient with a birth date")
    return Typed(
        amc=payor.value,
        member_number=coverage.subscriber_id,
        birth_date=_birth_date(patient, f"contained[{request.contained.index(patient)}]"),
        birth_rank=coverage.dependent,
        printed_key=_printed_key(coverage, at),
    )


def _printed_key(coverage: Coverage, at: str) -> str:
    if not coverage.identifier:
        return ""
    identifier = coverage.identifier[0]
    if identifier.system != PRINTED_KEY:
        raise _malformed(f"{at}.identifier[0].system", f"expected {PRINTED_KEY} or {CARD_CODE}")
    return identifier.value


def _birth_date(patient: Patient, at: str) -> str:
    plain, printed = patient.birth_date, patient.birth_date_extensions
    if plain is not UNSET and printed is UNSET:
        return plain
    if printed is not UNSET and plain is UNSET:
        return printed.extension[0].value_string
    raise _malformed(f"{at}.birthDate", f"expected a date, or the extension {PRINTED_BIRTH_DATE}")


def _card_code(at: str, identifier: Identifier) -> str:
    if identifier.system != CARD_CODE:
        raise _malformed(f"{at}.system", f"expected {CARD_CODE}")
    return identifier.value


def _check_beneficiary(at: str, reference: Reference, patient: Patient | None) -> None:
    """Return if it is the contained Patient, or says no more than "of this question".

    Raises:
        Declined: it could hold something about a person.
    """
    if reference.identifier is UNSET:
        if patient is not None and reference.reference == f"#{patient.id}":
            return
    elif reference.reference is UNSET and _of_this_question(reference.identifier, "beneficiary"):
        return
    raise _malformed(
        at, f"expected the contained Patient, or the identifier beneficiary of {THIS_QUESTION}"
    )


def _check_insurer(at: str, reference: Reference) -> None:
    """Return if it is an AMC number, or says no more than "of this question".

    Raises:
        Declined: it could hold something about a person.
    """
    identifier = reference.identifier
    if (
        reference.reference is UNSET
        and identifier is not UNSET
        and (_amc_number(identifier) or _of_this_question(identifier, "insurer"))
    ):
        return
    raise _malformed(at, f"expected an AMC number, or the identifier insurer of {THIS_QUESTION}")


def _amc_number(identifier: Identifier) -> bool:
    return identifier.system == AMC and identifier.value.isdigit() and len(identifier.value) <= 10


def _of_this_question(identifier: Identifier, role: str) -> bool:
    return identifier.system == THIS_QUESTION and identifier.value == role
