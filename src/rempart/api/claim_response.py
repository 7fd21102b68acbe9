"""Write a ``ClaimResponse``: the claim is kept, or what became of it; nothing of what is in it."""

from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Literal

from msgspec import UNSET, UnsetType

from rempart.api.answer import BENEFICIARY, INSURER
from rempart.api.claim import USES, Money, UseWord
from rempart.api.elements import (
    CLAIM,
    OUTCOME,
    RULE,
    CodeableConcept,
    Coding,
    Element,
    Extension,
    Identifier,
    Reference,
    Resource,
    encode,
)
from rempart.domain.claim import Bound, Claim, Use
from rempart.domain.ruling import Ruling
from rempart.serving.claim_outcomes import CLAIM_OUTCOMES
from rempart.usecases.claim_ports import Receipt
from rempart.usecases.undertake import read_signed

BENEFIT = "http://terminology.hl7.org/CodeSystem/adjudication"
WORDS: dict[Use, UseWord] = {use: word for word, use in USES.items()}
CODES = {
    None: "claim-kept",
    Ruling.HONOURED: "claim-accepted",
    Ruling.PERSON: "claim-looked-at",
    Ruling.REFUSED: "claim-refused",
    Ruling.VOID: "claim-void",
}
OF_VERIFICATIONS = {
    None: "verification-kept",
    Ruling.HONOURED: "verification-right",
    Ruling.PERSON: "verification-looked-at",
    Ruling.REFUSED: "verification-wrong",
}
"""What asks for nothing is neither paid nor void."""
CONCEPT = CodeableConcept(coding=[Coding(system=CLAIM, code="claim")])


class Total(Element, frozen=True, kw_only=True):
    """What is owed."""

    category: CodeableConcept
    amount: Money


class ClaimResponse(Resource, frozen=True, kw_only=True):
    """Where a claim stands."""

    extension: list[Extension]
    status: Literal["active"]
    type: CodeableConcept
    use: UseWord
    patient: Reference
    created: str
    insurer: Reference
    request: Reference
    outcome: Literal["queued", "complete", "partial", "error"]
    disposition: str
    pre_auth_ref: str | UnsetType = UNSET
    total: list[Total] | UnsetType = UNSET


def code_of(claim: Claim, receipt: Receipt) -> str:
    """The row of the outcome table that a claim stands at."""
    if claim.use is Use.VERIFICATION:
        return OF_VERIFICATIONS[receipt.ruling]
    provisional = claim.use is Use.AGREEMENT and isinstance(claim.cites, Bound)
    if receipt.ruling is None and provisional:
        return "agreement-provisional"
    return CODES[receipt.ruling]


def write_response(claim: Claim, receipt: Receipt) -> tuple[int, bytes]:
    """The status and the body for a claim that is kept."""
    code = code_of(claim, receipt)
    row = CLAIM_OUTCOMES[code]
    extension = [Extension(url=OUTCOME, value_code=code)]
    if receipt.rule:
        extension.append(Extension(url=RULE, value_code=receipt.rule))
    received = datetime.fromtimestamp(receipt.received // 1_000_000, UTC)
    response = ClaimResponse(
        extension=extension,
        status="active",
        type=CONCEPT,
        use=WORDS[claim.use],
        patient=BENEFICIARY,
        created=received.isoformat().replace("+00:00", "Z"),
        insurer=INSURER,
        request=Reference(identifier=Identifier(system=CLAIM, value=claim.number)),
        outcome=_outcome(receipt.ruling),
        disposition=f"{code}: {row.fr} {row.do_fr} / {row.en} {row.do_en}",
        pre_auth_ref=_agreement(claim, receipt),
        total=_total(claim, receipt),
    )
    return HTTPStatus.ACCEPTED if receipt.ruling is None else HTTPStatus.OK, encode(response)


def _outcome(ruling: Ruling | None) -> Literal["queued", "complete", "partial", "error"]:
    match ruling:
        case None:
            return "queued"
        case Ruling.HONOURED | Ruling.VOID:
            return "complete"
        case Ruling.PERSON:
            return "partial"
        case _:
            return "error"


def _agreement(claim: Claim, receipt: Receipt) -> str | UnsetType:
    """What an agreement is called: until it is ruled on, the undertaking stands for it."""
    granted = receipt.ruling in {None, Ruling.HONOURED}
    if claim.use is not Use.AGREEMENT or not isinstance(claim.cites, Bound) or not granted:
        return UNSET
    key_id, made = read_signed(claim.cites.message)
    return f"U{key_id.hex()}/{made.number}"


def _total(claim: Claim, receipt: Receipt) -> list[Total] | UnsetType:
    if receipt.ruling is not Ruling.HONOURED or claim.use is Use.VERIFICATION:
        return UNSET
    category = CodeableConcept(coding=[Coding(system=BENEFIT, code="benefit")])
    owed = Money(value=Decimal(receipt.amount).scaleb(-2), currency="EUR")
    return [Total(category=category, amount=owed)]
