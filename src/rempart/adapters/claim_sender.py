"""Send claims to an intake, over mutual TLS, as a practice software does."""

import base64
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from rempart.domain.claim import Bound, Claim, Shown, Use
from rempart.domain.errors import TemporarilyUnavailable

TRIES = 3
WITHIN = 15.0
CUT_OFF = "cut-off"
CARD_CODE = "urn:rempart:card-code"
THIS_QUESTION = "urn:rempart:this-question"
STATUS_LIST = "urn:rempart:status-list"
USES = {
    Use.CLAIM: "claim",
    Use.AGREEMENT: "preauthorization",
    Use.VERIFICATION: "predetermination",
}


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a claim stands, as the intake says: a row of the outcome table, a rule, what is owed in
    cents.
    """

    code: str = field(repr=False)
    rule: str = ""
    amount: int = 0


class NotAcknowledged(TemporarilyUnavailable):
    """Send it again later. ``code`` is the row of the outcome table that the intake told, or that
    of ``TemporarilyUnavailable`` where it told none.
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"not acknowledged ({code}): send it again later")
        self.code = code


class ClaimSender:
    """One software, at one address. Not to be shared by threads."""

    def __init__(self, url: str, *, certificate: Path, key: Path, authorities: Path) -> None:
        tls = ssl.create_default_context(cafile=authorities)
        tls.load_cert_chain(certificate, key)
        self._http = httpx2.Client(base_url=url, verify=tls, timeout=WITHIN)

    def __call__(self, claim: Claim) -> Stands:
        """Send a claim, until it is acknowledged; the same claim sent again is one claim.

        Raises:
            NotAcknowledged: send it again later.
        """
        body, code = claim_resource(claim), NotAcknowledged.code
        for _ in range(TRIES):
            try:
                response = self._http.post("/fhir/Claim", json=body)
            except httpx2.TransportError:
                continue
            if response.status_code < 500:
                return _stands(response.json())
            code = _told(response)
            if code == CUT_OFF:
                # Asking again at once is no use.
                break
        raise NotAcknowledged(code)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()


def _told(response: httpx2.Response) -> str:
    """What a failure is called; one that does not come from an intake has no name."""
    try:
        return _stands(response.json()).code
    except (LookupError, TypeError, ValueError):
        return NotAcknowledged.code


def _stands(said: dict[str, Any]) -> Stands:
    if said["resourceType"] == "OperationOutcome":
        issue = said["issue"][0]
        return Stands(issue["details"]["coding"][0]["code"])
    codes = {each["url"]: each["valueCode"] for each in said["extension"]}
    owed = sum(round(each["amount"]["value"] * 100) for each in said.get("total", []))
    return Stands(codes["urn:rempart:outcome"], codes.get("urn:rempart:rule", ""), owed)


def claim_resource(claim: Claim) -> dict[str, Any]:
    """A claim as a FHIR ``Claim``."""
    body = {
        "resourceType": "Claim",
        "identifier": [_identifier("urn:rempart:claim", claim.number)],
        "status": "cancelled" if claim.void else "active",
        "type": _coded("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "use": USES[claim.use],
        "patient": {"identifier": _identifier(THIS_QUESTION, "beneficiary")},
        "created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "insurer": {"identifier": _identifier("urn:rempart:amc", claim.amc)},
        "provider": {"identifier": _identifier(THIS_QUESTION, "provider")},
        "priority": _coded("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        **_said("total", claim.asked),
    }
    if isinstance(claim.cites, Bound):
        message = base64.urlsafe_b64encode(claim.cites.message).rstrip(b"=").decode()
        code = {
            "sequence": 1,
            "category": _coded(CARD_CODE, "card-code"),
            "valueString": claim.cites.code,
        }
        return {
            **body,
            "supportingInfo": [code],
            "insurance": _insurance("urn:rempart:undertaking", message),
        }
    if isinstance(claim.cites, Shown):
        rests = _by_list(_insurance(CARD_CODE, claim.cites.code), claim.cites.made)
    else:
        rests = _insurance("urn:rempart:disclosure", f"D{claim.cites.reference}")
    return {
        **body,
        "insurance": rests,
        "item": [
            {
                "sequence": number,
                "category": _coded("urn:rempart:domain", line.domain.name),
                "productOrService": _coded("urn:rempart:domain", line.domain.name),
                "servicedDate": claim.care.isoformat(),
                **_said("net", line.price),
            }
            for number, line in enumerate(claim.lines, start=1)
        ],
    }


def _insurance(system: str, value: str) -> list[dict[str, Any]]:
    coverage = {"identifier": _identifier(system, value)}
    return [{"sequence": 1, "focal": True, "coverage": coverage}]


def _by_list(insurance: list[dict[str, Any]], made: int | None) -> list[dict[str, Any]]:
    """With the status list that a card was verified by, where it is known."""
    if made is None:
        return insurance
    moment = f"{datetime.fromtimestamp(made, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return [
        {**each, "extension": [{"url": STATUS_LIST, "valueInstant": moment}]} for each in insurance
    ]


def _identifier(system: str, value: str) -> dict[str, str]:
    return {"system": system, "value": value}


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _said(element: str, cents: int) -> dict[str, Any]:
    """An amount; a verification has none."""
    return {element: _money(cents)} if cents else {}


def _money(cents: int) -> dict[str, Any]:
    # Two decimals and no more: cents of up to 100,000 euros are exact in a double's shortest form.
    return {"value": cents / 100, "currency": "EUR"}
