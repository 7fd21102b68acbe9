"""The one bridge from errors to HTTP and FHIR. An error without a row of its own says nothing."""

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Literal

from msgspec import UNSET, UnsetType
from starlette.types import Send

from rempart.api.elements import (
    FHIR_JSON,
    OUTCOME,
    RETRY,
    CodeableConcept,
    Coding,
    Element,
    Extension,
    Resource,
    encode,
)
from rempart.serving.declined import Declined, outcome_of
from rempart.serving.exchange import Pairs, send_whole
from rempart.serving.outcomes import OUTCOMES, Outcome

HOUR = 3600


class Issue(Element, frozen=True, kw_only=True):
    """One thing to say: ``details`` in French, ``diagnostics`` in English, with the rule."""

    extension: list[Extension]
    severity: Literal["error"]
    code: str
    details: CodeableConcept
    diagnostics: str
    expression: list[str] | UnsetType = UNSET


class OperationOutcome(Resource, frozen=True, kw_only=True):
    """Why there is no answer."""

    issue: list[Issue]


def body_for(refusals: Sequence[Declined]) -> bytes:
    """An ``OperationOutcome`` with one issue a refusal."""
    if len(refusals) == 1 and not refusals[0].detail and not refusals[0].expression:
        return _plain(refusals[0].code)
    return encode(OperationOutcome(issue=[issue_for(refusal) for refusal in refusals]))


@lru_cache(maxsize=len(OUTCOMES))
def _plain(code: str) -> bytes:
    return encode(OperationOutcome(issue=[issue_for(Declined(code))]))


def issue_for(declined: Declined) -> Issue:
    """The issue of one refusal."""
    row = outcome_of(declined)
    rule = f" ({declined.detail})" if declined.detail else ""
    return Issue(
        extension=[Extension(url=RETRY, value_code=row.retry)],
        severity="error",
        code=row.issue,
        details=concept_for(row),
        diagnostics=f"{row.en} {row.do_en}{rule}",
        expression=[declined.expression] if declined.expression else UNSET,
    )


def concept_for(row: Outcome) -> CodeableConcept:
    """The code of a row, and its French words."""
    return CodeableConcept(
        coding=[Coding(system=OUTCOME, code=row.code)], text=f"{row.fr} {row.do_fr}"
    )


def headers_for(
    row: Outcome, *, now: int | None = None, after: int = 0
) -> list[tuple[bytes, bytes]]:
    """The headers that go with a refusal; ``now`` in microseconds, where an hour is waited for.

    ``after`` is what the refusal itself says of when to come back, in seconds.
    """
    headers, after = [], after or row.retry_after or 0
    if row.code == "closed-hour" and now is not None:
        after = HOUR - now // 1_000_000 % HOUR
    if after:
        headers.append((b"retry-after", b"%d" % after))
    if row.status == HTTPStatus.UNAUTHORIZED:
        # RFC 6750, section 3.1: no error code for who presented nothing.
        error = b"" if row.code == "no-token" else b', error="invalid_token"'
        headers.append((b"www-authenticate", b'Bearer realm="rempart"' + error))
    return headers


async def send_refusal(
    send: Send, *refusals: Declined, headers: Pairs = (), now: int | None = None
) -> None:
    """Send why there is no answer; the first refusal gives the status."""
    row = outcome_of(refusals[0])
    headers = [*headers_for(row, now=now, after=refusals[0].after), *headers]
    await send_whole(send, body_for(refusals), status=row.status, media=FHIR_JSON, headers=headers)
