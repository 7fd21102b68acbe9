"""Read a FHIR ``Claim``: what is billed or asked beforehand, and what it rests on.

(1) the bytes are JSON and hold only elements that this door knows;
(2) patient and provider, which R4 requires, refer to this question and hold nothing else: whose
    care it is, what it rests on says; who sends it, their certificate;
(3) it rests on one thing: an answer's reference; a device's undertaking with the card's code; or
    the code alone, of a card that was verified offline;
(4) what rests on an answer or a card has its lines, of one day; an undertaking has its own;
(5) a verification that is reported says by which list, and no amount.

A refusal names an element and a rule, never what was typed.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from rempart.api.elements import (
    AMC,
    CARD_CODE,
    CLAIM,
    DISCLOSURE,
    THIS_QUESTION,
    UNDERTAKING,
    CodeableConcept,
    DateTime,
    Element,
    Id,
    Identifier,
    Reference,
    ResourceMeta,
)
from rempart.api.malformed import refusal_of
from rempart.api.question import Category
from rempart.domain.base64url import from_base64url
from rempart.domain.claim import LINES_MAX, Bound, CareLine, Cites, Claim, Disclosed, Shown, Use
from rempart.domain.coverage import Domain
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.undertaking import ENCODED_MAX
from rempart.serving.declined import Declined
from rempart.usecases.undertake import read_signed

ROOT = "Claim"
CENT = Decimal("0.01")
NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
"""A decimal of FHIR, as long as euros are."""
UseWord = Literal["claim", "preauthorization", "predetermination"]
USES: dict[UseWord, Use] = {
    "claim": Use.CLAIM,
    "preauthorization": Use.AGREEMENT,
    "predetermination": Use.VERIFICATION,
}
INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
"""To the second, in UTC: a list is made on one."""
MESSAGE_MAX = (ENCODED_MAX + 256) * 4 // 3 + 4


class Money(Element, frozen=True, kw_only=True):
    """Euros, with at most two decimals, as they are told."""

    value: Decimal
    currency: Literal["EUR"]


class SaidMoney(Element, frozen=True, kw_only=True):
    """Euros as they come: a number of JSON, and no text that reads as one."""

    value: msgspec.Raw
    currency: Literal["EUR"]


class Rests(Element, frozen=True, kw_only=True):
    """What a claim rests on: the coverage, by an answer, an undertaking, or a card's code."""

    system: Literal["urn:rempart:disclosure", "urn:rempart:undertaking", "urn:rempart:card-code"]
    value: Annotated[str, Meta(pattern=r"^[ -~]{1,5803}$", max_length=MESSAGE_MAX)]


class RestsOn(Element, frozen=True, kw_only=True):
    """A logical reference."""

    identifier: Rests


class ListMade(Element, frozen=True, kw_only=True):
    """When the status list was made that a card was verified by."""

    url: Literal["urn:rempart:status-list"]
    value_instant: Annotated[str, Meta(pattern=INSTANT)]


class ClaimInsurance(Element, frozen=True, kw_only=True):
    """The one coverage."""

    extension: Annotated[tuple[ListMade, ...], Meta(max_length=1)] = ()
    sequence: Literal[1]
    focal: Literal[True]
    coverage: RestsOn


class SupportingInfo(Element, frozen=True, kw_only=True):
    """The code of the card that an undertaking names."""

    sequence: Literal[1]
    category: CodeableConcept
    value_string: Annotated[str, Meta(pattern=r"^[ -~]{1,4096}$", max_length=4096)]


class ClaimItem(Element, frozen=True, kw_only=True):
    """Care of one domain, and its price."""

    sequence: Annotated[int, Meta(ge=1, le=LINES_MAX)]
    category: Category
    product_or_service: CodeableConcept
    serviced_date: date
    net: SaidMoney | UnsetType = UNSET


class ClaimResource(Element, frozen=True, kw_only=True):
    """A claim, a request for an agreement, or a verification that is reported."""

    resource_type: Literal["Claim"]
    id: Id | UnsetType = UNSET
    meta: ResourceMeta | UnsetType = UNSET
    identifier: Annotated[list[Identifier], Meta(min_length=1, max_length=1)]
    status: Literal["active", "cancelled"]
    type: CodeableConcept
    use: UseWord
    patient: Reference
    created: DateTime
    insurer: Reference
    provider: Reference
    priority: CodeableConcept
    supporting_info: Annotated[tuple[SupportingInfo, ...], Meta(max_length=1)] = ()
    insurance: Annotated[list[ClaimInsurance], Meta(min_length=1, max_length=1)]
    item: Annotated[tuple[ClaimItem, ...], Meta(max_length=LINES_MAX)] = ()
    total: SaidMoney | UnsetType = UNSET


_decode = msgspec.json.Decoder(ClaimResource).decode


def read_claim(body: bytes) -> Claim:
    """Read a request body.

    Raises:
        Declined: ``unreadable`` when it is not JSON, ``malformed`` for every other rule.
    """
    try:
        said = _decode(body)  # (1)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # Without its cause: what the decoder says may quote what was typed.
        raise refusal_of(error, root=ROOT) from None
    _check_roles(said)  # (2)
    cites = _cites(said)  # (3)
    lines, care = _lines(said, cites)  # (4)
    try:
        return Claim(
            number=_number(said),
            use=USES[said.use],
            void=said.status == "cancelled",
            amc=_amc(said),
            care=care,
            asked=_cents(said, said.total, "total"),  # (5)
            cites=cites,
            lines=lines,
        )
    except MalformedIdentifier as malformed:
        raise _of_rule(malformed) from None


def _of_rule(malformed: MalformedIdentifier) -> Declined:
    return _malformed(malformed.kind, malformed.rule)


def _malformed(element: str, rule: str) -> Declined:
    return Declined("malformed", detail=rule, expression=f"{ROOT}.{element}")


def _check_roles(said: ClaimResource) -> None:
    for element, reference, role in (
        ("patient", said.patient, "beneficiary"),
        ("provider", said.provider, "provider"),
    ):
        expected = Reference(identifier=Identifier(system=THIS_QUESTION, value=role))
        if reference != expected:
            raise _malformed(element, f"expected the identifier {role} of {THIS_QUESTION}")


def _number(said: ClaimResource) -> str:
    if said.identifier[0].system != CLAIM:
        raise _malformed("identifier", f"expected a number under {CLAIM}")
    return said.identifier[0].value


def _amc(said: ClaimResource) -> str:
    identifier = said.insurer.identifier
    if identifier is UNSET or identifier.system != AMC or said.insurer.reference is not UNSET:
        raise _malformed("insurer", f"expected an AMC number under {AMC}")
    return identifier.value


def _cites(said: ClaimResource) -> Cites:
    at, rests = "insurance[0].coverage.identifier", said.insurance[0].coverage.identifier
    if rests.system != UNDERTAKING and said.supporting_info:
        raise _malformed("supportingInfo", "goes with an undertaking")
    made = _list_made(said)
    if made is not None and rests.system != CARD_CODE:
        raise _malformed("insurance[0].extension", "goes with a card's code")
    if rests.system == CARD_CODE:
        return Shown(rests.value, made)
    if rests.system == DISCLOSURE:
        number = rests.value.removeprefix("D")
        if number == rests.value or not number.isdecimal() or len(number) > 18:
            raise _malformed(at, "expected the reference of an answer")
        return Disclosed(int(number))
    codes = [info.value_string for info in said.supporting_info if _is_code(info)]
    if not codes:
        raise _malformed("supportingInfo", f"expected the card's code under {CARD_CODE}")
    try:
        return Bound(from_base64url(rests.value), *codes)
    except ValueError:
        raise _malformed(at, "expected base64url without padding") from None


def _list_made(said: ClaimResource) -> int | None:
    """Seconds since 1970; a verification says it."""
    if not said.insurance[0].extension:
        if said.use == "predetermination":
            raise _malformed("insurance[0].extension", "expected when the status list was made")
        return None
    try:
        moment = datetime.fromisoformat(said.insurance[0].extension[0].value_instant)
    except ValueError:
        raise _malformed("insurance[0].extension", "expected a moment, to the second") from None
    return int(moment.timestamp())


def _is_code(info: SupportingInfo) -> bool:
    return [(coding.system, coding.code) for coding in info.category.coding] == [
        (CARD_CODE, "card-code")
    ]


def _lines(said: ClaimResource, cites: Cites) -> tuple[tuple[CareLine, ...], date]:
    if isinstance(cites, Bound):
        if said.item:
            raise _malformed("item", "an undertaking has its own lines")
        try:
            return (), read_signed(cites.message)[1].day
        except MalformedIdentifier as malformed:
            raise _malformed("insurance[0].coverage.identifier", malformed.rule) from None
    if not said.item:
        raise _malformed("item", "expected what was charged")
    days = {item.serviced_date for item in said.item}
    if len(days) > 1:
        raise _malformed("item", "one day of care a claim")
    lines = [_line(said, number, item) for number, item in enumerate(said.item)]
    return tuple(lines), days.pop()


def _line(claim: ClaimResource, number: int, item: ClaimItem) -> CareLine:
    code = item.category.coding[0].code
    try:
        domain = Domain[code]
    except KeyError:
        raise _malformed(f"item[{number}].category", "expected a domain") from None
    return CareLine(domain, _cents(claim, item.net, f"item[{number}].net"))


def _cents(claim: ClaimResource, money: SaidMoney | UnsetType, element: str) -> int:
    """Cents; 0 of a verification, which has none."""
    if (money is UNSET) is not (claim.use == "predetermination"):
        raise _malformed(element, "a verification says no amount, and anything else does")
    if isinstance(money, UnsetType):
        return 0
    said = bytes(money.value).decode("ascii", "replace")
    value = Decimal(said if NUMBER.fullmatch(said) else "NaN")
    if not value.is_finite() or not 0 < value < 10**8 or value != value.quantize(CENT):
        raise _malformed(element, "expected euros, with two decimals at most")
    return int(value * 100)
