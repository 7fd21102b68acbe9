"""A practice software, as a vendor would write one: signs in, asks, keeps its idempotency keys.

* A question keeps its key until it is answered: what got lost on the way is asked again, free.
* A token that has ended is renewed once, and the question asked again under the same key.
* What the patient brought is sealed to the vault, whose public key its vendor got from the operator
  and not from the gateway; each try is sealed anew. ``vault=None`` is a software from before.
"""

import base64
import secrets
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from rempart.adapters.identity.assertions import JWK, make_assertion
from rempart.domain.errors import Refusal, SignInRefused, TemporarilyUnavailable
from rempart.serving.outcomes import OUTCOMES
from rempart.tlog.note import NoteVerifier
from rempart.usecases.messages import CardShown, Typed
from rempart.usecases.ports import Clock
from rempart.usecases.seal_presence import SealPresence, presence_key_of

TRIES = 3
"""At once, without waiting: whoever calls knows how long a patient can wait."""

OF_THIS_QUESTION = "urn:rempart:this-question"
CUT_OFF = OUTCOMES["cut-off"].en
"""What a sign-in says where something is cut: RFC 6749 has no word of its own for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a software holds: its client id, its signing key, its certificate's two files."""

    client_id: str
    key: JWK = field(repr=False)
    certificate: Path
    certificate_key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCard:
    """What is printed on a card, as typed; no printed key on a card from before Rempart."""

    amc: str
    member_number: str
    birth_date: str
    birth_rank: str
    printed_key: str = ""

    def __repr__(self) -> str:
        return "PrintedCard(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The answer for one domain. ``until`` is empty without end; ``refused`` names an outcome."""

    domain: str
    in_force: bool
    until: str
    mode: str
    reference: str
    refused: str = ""


class QuestionRefused(Refusal):
    """No answer; ``code`` is a row of the outcome catalogue."""

    def __init__(self, code: str, status: int, diagnostics: str) -> None:
        super().__init__(f"{diagnostics} ({status})")
        self.code = code
        self.status = status


class PracticeSoftware:
    """One software at one site, over mutual TLS. Not to be shared by threads.

    ``vault`` is the verifier key of the vault that presence is sealed to; ``source`` the address
    to call from, where this machine has several.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        authorities: Path,
        clock: Clock,
        vault: NoteVerifier | None,
        source: str | None = None,
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._vault = vault
        self._seal: SealPresence | None = None
        self._token_url = f"{base_url}/token"
        self._token: str | None = None
        self._until = 0
        tls = ssl.create_default_context(cafile=authorities)
        tls.load_cert_chain(credentials.certificate, credentials.certificate_key)
        transport = httpx2.HTTPTransport(verify=tls, local_address=source)
        self._http = httpx2.Client(base_url=base_url, transport=transport, timeout=10.0)

    def sign_in(self) -> None:
        """Get a token.

        Raises:
            SignInRefused: not known, or not proven.
            QuestionRefused: the operator, or the guard, has cut this software or its way in.
            TemporarilyUnavailable: try again later.
            IntegrityBroken: the key to seal to is not the vault's.
        """
        seal = self._fresh_seal()
        assertion = make_assertion(
            self._credentials.client_id,
            self._token_url,
            self._credentials.key,
            now=self._clock.now(),
            presence=seal.claim if seal else b"",
        )
        response = self._post(
            "/token",
            data={
                "grant_type": "client_credentials",
                "scope": "system/CoverageEligibilityRequest.c",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
            },
        )
        if response.status_code >= 500:
            if CUT_OFF in response.text:
                raise QuestionRefused("cut-off", response.status_code, CUT_OFF)
            raise TemporarilyUnavailable("sign-in is not possible at this moment")
        if response.status_code != 200:
            raise SignInRefused(f"sign-in refused ({response.json()['error']})")
        said = response.json()
        token: str = said["access_token"]
        self._until = self._clock.now() + said["expires_in"] * 1_000_000
        if seal:
            seal.begin(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        self._token, self._seal = token, seal

    def _fresh_seal(self) -> SealPresence | None:
        """A key of our own for one session, and the vault's, asked for each time: it may change."""
        if self._vault is None:
            return None
        return SealPresence(self.presence_key(), secrets.token_bytes(32))

    def presence_key(self) -> bytes:
        """The vault's presence key, as it is now.

        Raises:
            TemporarilyUnavailable: try again later.
            IntegrityBroken: what the gateway gave is not the vault's.
        """
        assert self._vault is not None, "a software from before knows no vault"
        try:
            response = self._http.get("/.well-known/rempart-presence-key")
        except httpx2.TransportError as error:
            raise TemporarilyUnavailable("no connection to the gateway") from error
        if response.status_code != 200:
            raise TemporarilyUnavailable("no presence key at this moment")
        return presence_key_of(response.text, self._vault, now=self._clock.now())

    @property
    def token(self) -> str | None:
        """The token of the last sign-in."""
        return self._token

    def ask(
        self,
        shown: str | PrintedCard,
        domains: Sequence[str],
        care_date: date,
        *,
        key: str | None = None,
    ) -> list[Told]:
        """Ask about each domain, showing a card's code or what is printed on it.

        Raises:
            QuestionRefused: the outcome says why.
            SignInRefused: a new token was needed and refused.
            TemporarilyUnavailable: nothing was answered; ask again with the same ``key``.
            IntegrityBroken: the key to seal to is not the vault's.
        """
        key = key or secrets.token_urlsafe(16)
        for _ in range(TRIES):
            try:
                response = self._ask_once(shown, domains, care_date, key)
            except TemporarilyUnavailable:
                continue
            if response.status_code == 200:
                return told(response.json())
            if response.status_code == 401:
                self._token = None
            elif response.status_code != 503 or refusal(response).code == "cut-off":
                # What is cut is told when it is back: asking again at once is no use.
                raise refusal(response)
        raise TemporarilyUnavailable("asked several times without an answer")

    def _ask_once(
        self, shown: str | PrintedCard, domains: Sequence[str], care_date: date, key: str
    ) -> httpx2.Response:
        if self._token is None or self._clock.now() >= self._until:
            self.sign_in()
        if self._seal is None:
            request = eligibility_request(shown, domains, care_date, created=self._now())
        else:
            values = seal_each(self._seal, shown, domains, care_date, key)
            request = sealed_request(values, domains, care_date, created=self._now())
        return self._post(
            "/fhir/CoverageEligibilityRequest",
            json=request,
            headers={"Authorization": f"Bearer {self._token}", "Idempotency-Key": key},
        )

    def _post(self, path: str, **content: Any) -> httpx2.Response:
        try:
            return self._http.post(path, **content)
        except httpx2.TransportError as error:
            raise TemporarilyUnavailable("no connection to the gateway") from error

    def _now(self) -> str:
        moment = datetime.fromtimestamp(self._clock.now() // 1_000_000, UTC)
        return moment.isoformat()

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def eligibility_request(
    shown: str | PrintedCard, domains: Sequence[str], care_date: date, *, created: str
) -> dict[str, Any]:
    """The FHIR request for a question in clear: a card's code, or what is printed on a card."""
    request = _request(domains, care_date, created)
    if isinstance(shown, str):
        code = {"system": "urn:rempart:card-code", "value": shown}
        return {**request, "insurance": [{"coverage": {"identifier": code}}]}
    return {
        **request,
        "contained": [_coverage(shown), _patient(shown)],
        "insurance": [{"coverage": {"reference": "#card"}}],
    }


def sealed_request(
    values: Sequence[bytes], domains: Sequence[str], care_date: date, *, created: str
) -> dict[str, Any]:
    """The FHIR request for a question that only the vault can read: a sealed value a domain."""
    coverage = {
        "resourceType": "Coverage",
        "id": "card",
        "status": "active",
        "identifier": [
            {
                "system": "urn:rempart:sealed-presence",
                "value": base64.urlsafe_b64encode(value).rstrip(b"=").decode(),
            }
            for value in values
        ],
        "beneficiary": _of_this_question("beneficiary"),
        "payor": [_of_this_question("insurer")],
    }
    return {
        **_request(domains, care_date, created),
        "contained": [coverage],
        "insurance": [{"coverage": {"reference": "#card"}}],
    }


def seal_each(
    seal: SealPresence,
    shown: str | PrintedCard,
    domains: Sequence[str],
    care_date: date,
    key: str,
) -> list[bytes]:
    """What was brought, sealed once for each domain; several take keys derived from ours."""
    brought = CardShown(shown) if isinstance(shown, str) else typed_of(shown)
    several = len(domains) > 1
    return [
        seal(
            brought,
            key=f"{key}/{number}" if several else key,
            domain=domain,
            care_date=care_date.isoformat(),
        )
        for number, domain in enumerate(domains, start=1)
    ]


def typed_of(card: PrintedCard) -> Typed:
    """What is printed on a card, as the vault reads it."""
    return Typed(card.amc, card.member_number, card.birth_date, card.birth_rank, card.printed_key)


def _request(domains: Sequence[str], care_date: date, created: str) -> dict[str, Any]:
    return {
        "resourceType": "CoverageEligibilityRequest",
        "status": "active",
        "purpose": ["benefits", "validation"],
        "patient": _of_this_question("beneficiary"),
        "servicedDate": care_date.isoformat(),
        "created": created,
        "insurer": _of_this_question("insurer"),
        "item": [
            {"category": {"coding": [{"system": "urn:rempart:domain", "code": domain}]}}
            for domain in domains
        ],
    }


def _coverage(card: PrintedCard) -> dict[str, Any]:
    coverage: dict[str, Any] = {
        "resourceType": "Coverage",
        "id": "card",
        "status": "active",
        "subscriberId": card.member_number,
        "beneficiary": {"reference": "#beneficiary"},
        "dependent": card.birth_rank,
        "payor": [{"identifier": {"system": "urn:rempart:amc", "value": card.amc}}],
    }
    if card.printed_key:
        printed = {"system": "urn:rempart:printed-key", "value": card.printed_key}
        coverage["identifier"] = [printed]
    return coverage


def _patient(card: PrintedCard) -> dict[str, Any]:
    patient: dict[str, Any] = {"resourceType": "Patient", "id": "beneficiary"}
    try:
        patient["birthDate"] = date.fromisoformat(card.birth_date).isoformat()
    except ValueError:
        # Cards print dates that no calendar has (19630231, 00/00/1963): FHIR's date cannot.
        url = "urn:rempart:printed-birth-date"
        patient["_birthDate"] = {"extension": [{"url": url, "valueString": card.birth_date}]}
    return patient


def _of_this_question(role: str) -> dict[str, Any]:
    return {"identifier": {"system": OF_THIS_QUESTION, "value": role}}


def told(response: Mapping[str, Any]) -> list[Told]:
    """What a ``CoverageEligibilityResponse`` says, domain by domain."""
    return [_told(insurance) for insurance in response["insurance"]]


def _told(insurance: Mapping[str, Any]) -> Told:
    item = insurance["item"][0]
    said = {extension["url"]: extension for extension in item["extension"]}
    benefit = item.get("benefit", [])
    outcome = said["urn:rempart:outcome"]["valueCode"]
    disclosure = said.get("urn:rempart:disclosure", {}).get("valueIdentifier", {})
    return Told(
        domain=item["category"]["coding"][0]["code"],
        in_force=insurance.get("inforce", False),
        until=insurance.get("benefitPeriod", {}).get("end", ""),
        mode=benefit[0]["type"]["coding"][0]["code"] if benefit else "",
        reference=disclosure.get("value", ""),
        refused="" if outcome.startswith("rights-") else outcome,
    )


def refusal(response: httpx2.Response) -> QuestionRefused:
    """The refusal that an ``OperationOutcome`` says."""
    issue = response.json()["issue"][0]
    code = issue["details"]["coding"][0]["code"]
    return QuestionRefused(code, response.status_code, issue["diagnostics"])
