"""``POST /fhir/CoverageEligibilityRequest``: relay a question to the vault, write its answer.

(1) a token, opaque here, and the certificate that the connection showed;
(2) an idempotency key, the caller's or a fresh one;
(3) the question, read by shape alone;
(4) one question a domain, sent to the vault together; under a cut-off for their entries alone;
(5) the answers, in the order of the domains.
"""

import asyncio
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.types import Receive, Scope, Send

from rempart.api.answer import write_answer
from rempart.api.bridge import send_refusal
from rempart.api.elements import FHIR_JSON
from rempart.api.question import Question, read_question
from rempart.serving.cut_offs import Switches, leave_entry
from rempart.serving.declined import Declined, shown_for
from rempart.serving.exchange import (
    Headers,
    Pairs,
    body_of,
    handle_of,
    headers_of,
    network_of,
    send_whole,
)
from rempart.usecases.messages import Answered, Ask, Refused, Reply
from rempart.usecases.ports import Clock, VaultDoor

ACCEPTED = frozenset({FHIR_JSON, "application/json"})

# A handle of 32 bytes takes 43 characters; room for longer ones.
BEARER = re.compile(rb"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9_-]{1,128})")
_KEY = re.compile(r"[!-~]{1,64}")

# Said of the caller or of the service, not of one domain: then nothing is answered.
OF_THE_WHOLE = frozenset({"not-signed-in", "frozen", "cut-off", "unavailable", "internal"})


@dataclass(frozen=True, slots=True)
class AskRights:
    """The endpoint, as an ASGI application."""

    door: VaultDoor = field(repr=False)
    clock: Clock
    switches: Switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope)
        named: Pairs = ()
        try:
            token = handle_of(headers, BEARER)  # (1)
            key = key_of(headers)  # (2)
            named = [(b"idempotency-key", key.encode())]
            check_media(headers)
            question = read_question(await body_of(headers, receive))  # (3)
            check_key_given(question, headers)
            certificate = scope["state"].get("certificate", b"")
            asks = asks_for(question, token, certificate, key, network_of(scope))
            if (cut := await self.switches.over_rights()) is not None:
                await leave_entry(cut, lambda: self._ask(asks))
                raise cut
            replies = await self._ask(asks)  # (4)
            answers = told(question, replies)
        except Declined as refusal:
            await send_refusal(send, refusal, headers=named)
            return
        if all(isinstance(answer, Declined) for answer in answers):
            refusals = [answer for answer in answers if isinstance(answer, Declined)]
            await send_refusal(send, *refusals, headers=named, now=self.clock.now())
            return
        body = write_answer(question, answers, key=key, created=self._now())  # (5)
        await send_whole(send, body, media=FHIR_JSON, headers=named)

    async def _ask(self, asks: Sequence[Ask]) -> list[Reply]:
        try:
            if len(asks) == 1:
                return [await self.door.ask(asks[0])]
            return await asyncio.gather(*[self.door.ask(ask) for ask in asks])
        except Exception as error:
            # One of several may have been answered: asking again with the same key is free.
            raise shown_for(error) from error

    def _now(self) -> str:
        moment = datetime.fromtimestamp(self.clock.now() // 1_000_000, UTC)
        return moment.isoformat().replace("+00:00", "Z")


def key_of(headers: Headers) -> str:
    """The caller's idempotency key, or a fresh one.

    Raises:
        Declined: not 1 to 64 visible ASCII characters.
    """
    given = headers.get(b"idempotency-key")
    if given is None:
        return secrets.token_urlsafe(16)
    key = given.decode("latin-1")
    if _KEY.fullmatch(key) is None:
        raise Declined("malformed", detail="Idempotency-Key: 1 to 64 visible ASCII characters")
    return key


def check_key_given(question: Question, headers: Headers) -> None:
    """Return if the caller knew the key that a sealed presence is bound to.

    Raises:
        Declined: it is one that was made here.
    """
    if isinstance(question.shown, tuple) and b"idempotency-key" not in headers:
        raise Declined("malformed", detail="Idempotency-Key: required with a sealed presence")


def check_media(headers: Headers) -> None:
    """Return if the body is said to be JSON.

    Raises:
        Declined: ``not-json``.
    """
    media = headers.get(b"content-type", b"").decode("latin-1")
    if media not in ACCEPTED and media.partition(";")[0].strip().lower() not in ACCEPTED:
        raise Declined("not-json")


def asks_for(
    question: Question, token: bytes, certificate: bytes, key: str, network: str
) -> list[Ask]:
    """One question a domain; several take keys derived from the caller's: ``key/1``, ``key/2``."""
    keys = [key]
    if len(question.domains) > 1:
        keys = [f"{key}/{number}" for number in range(1, len(question.domains) + 1)]
    return [
        Ask(
            token=token,
            certificate=certificate,
            key=own_key,
            domain=domain,
            care_date=question.care_date,
            shown=question.shown_for(number),
            network=network,
        )
        for number, (own_key, domain) in enumerate(zip(keys, question.domains, strict=True))
    ]


def told(question: Question, replies: Sequence[Reply]) -> list[Answered | Declined]:
    """The vault's replies as answers and refusals, a domain each.

    Raises:
        Declined: what is said of the caller or of the service holds for the whole request.
    """
    answers: list[Answered | Declined] = []
    for number, reply in enumerate(replies):
        match reply:
            case Answered():
                answers.append(reply)
            case Refused(reason=reason, after=after) if reason in OF_THE_WHOLE:
                raise Declined(reason, after=after)
            case Refused(reason=reason, detail=detail):
                answers.append(Declined(reason, detail=detail, expression=place(question, number)))
            case _:
                raise TypeError("the vault answered something else than a question")
    return answers


def place(question: Question, number: int) -> str:
    """The element that a refusal is about, where there are several."""
    return f"CoverageEligibilityRequest.item[{number}]" if len(question.domains) > 1 else ""
