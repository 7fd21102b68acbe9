"""Write a ``CoverageEligibilityResponse``: what was asked, answered, and nothing that was typed.

Each domain has its own ``insurance`` entry, in the order asked. References that R4 requires say
"of this question".
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import UNSET, UnsetType

from rempart.api.bridge import concept_for
from rempart.api.elements import (
    DISCLOSURE,
    DOMAIN,
    IDEMPOTENCY_KEY,
    MODE,
    OUTCOME,
    THIS_QUESTION,
    CodeableConcept,
    Coding,
    Element,
    Extension,
    Identifier,
    Period,
    Reference,
    Resource,
    encode,
)
from rempart.api.question import Purpose, Question
from rempart.serving.declined import Declined, outcome_of
from rempart.serving.outcomes import OUTCOMES
from rempart.usecases.messages import Answered


class Benefit(Element, frozen=True, kw_only=True):
    """The mode of tiers payant, as the card prints it."""

    type: CodeableConcept


class AnsweredItem(Element, frozen=True, kw_only=True):
    """One domain: its outcome and, where it was answered, the reference to cite in the claim."""

    extension: list[Extension]
    category: CodeableConcept
    excluded: bool | UnsetType = UNSET
    benefit: list[Benefit] | UnsetType = UNSET


class AnsweredInsurance(Element, frozen=True, kw_only=True):
    """The rights for one domain: in force on the date of care or not, and until when."""

    coverage: Reference
    inforce: bool | UnsetType = UNSET
    benefit_period: Period | UnsetType = UNSET
    item: list[AnsweredItem]


class ResponseError(Element, frozen=True, kw_only=True):
    """Why one of several domains got no answer."""

    code: CodeableConcept


class CoverageEligibilityResponse(Resource, frozen=True, kw_only=True):
    """The question, answered."""

    identifier: list[Identifier]
    status: Literal["active"]
    purpose: list[Purpose]
    patient: Reference
    created: str
    request: Reference
    outcome: Literal["complete", "error"]
    disposition: str
    insurer: Reference
    insurance: list[AnsweredInsurance]
    error: list[ResponseError] | UnsetType = UNSET


def _of_this_question(role: str) -> Reference:
    return Reference(identifier=Identifier(system=THIS_QUESTION, value=role))


BENEFICIARY = _of_this_question("beneficiary")
INSURER = _of_this_question("insurer")
COVERAGE = _of_this_question("coverage")

DISPOSITIONS = {
    code: f"{code}: {row.fr} {row.do_fr} / {row.en} {row.do_en}"
    for code, row in OUTCOMES.items()
    if row.status == 200
}


def write_answer(
    question: Question, replies: Sequence[Answered | Declined], *, key: str, created: str
) -> bytes:
    """The response to a question of which at least one domain was answered.

    ``replies`` are in the order of the domains; ``key`` is the caller's idempotency key.
    """
    refusals = [reply for reply in replies if isinstance(reply, Declined)]
    codes = {outcome_code(reply) for reply in replies}
    return encode(
        CoverageEligibilityResponse(
            identifier=[disclosure(r) for r in replies if isinstance(r, Answered)],
            status="active",
            purpose=question.purpose,
            patient=BENEFICIARY,
            created=created,
            request=Reference(identifier=Identifier(system=IDEMPOTENCY_KEY, value=key)),
            outcome="error" if refusals else "complete",
            disposition=DISPOSITIONS[codes.pop() if len(codes) == 1 else "mixed"],
            insurer=INSURER,
            insurance=[
                insurance_for(domain, reply)
                for domain, reply in zip(question.domains, replies, strict=True)
            ],
            error=[ResponseError(code=concept_for(outcome_of(r))) for r in refusals] or UNSET,
        )
    )


def outcome_code(reply: Answered | Declined) -> str:
    """The row of the outcome table that a reply is."""
    if isinstance(reply, Declined):
        return reply.code
    return "rights-open" if reply.in_force else "rights-closed"


def disclosure(answered: Answered) -> Identifier:
    """The reference that a later claim cites."""
    return Identifier(system=DISCLOSURE, value=f"D{answered.reference}")


def insurance_for(domain: str, reply: Answered | Declined) -> AnsweredInsurance:
    """One domain's entry. Refused: its category and its outcome, nothing else."""
    extension = [Extension(url=OUTCOME, value_code=outcome_code(reply))]
    category = CodeableConcept(coding=[Coding(system=DOMAIN, code=domain)])
    if isinstance(reply, Declined):
        item = AnsweredItem(extension=extension, category=category)
        return AnsweredInsurance(coverage=COVERAGE, item=[item])
    extension.append(Extension(url=DISCLOSURE, value_identifier=disclosure(reply)))
    mode = CodeableConcept(coding=[Coding(system=MODE, code=reply.mode)])
    return AnsweredInsurance(
        coverage=COVERAGE,
        inforce=reply.in_force,
        benefit_period=Period(end=reply.until) if reply.until else UNSET,
        item=[
            AnsweredItem(
                extension=extension,
                category=category,
                excluded=not reply.in_force,
                benefit=[Benefit(type=mode)] if reply.mode else UNSET,
            )
        ],
    )
