"""What the vault said, as JSON for a page; the words are those of the one outcome table.

A refusal says what happens and what to do, in French and in English, and no more than the vault
has said. Nothing that was typed is in any reply.
"""

import base64
from collections.abc import Mapping
from functools import singledispatch
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from starlette.types import Send

from rempart.serving.access import place_of
from rempart.serving.declined import Declined, declined_for, outcome_of
from rempart.serving.exchange import Pairs, send_whole
from rempart.serving.outcomes import OUTCOMES
from rempart.usecases.message import Message
from rempart.usecases.messages import Answered, Refused, Reply
from rempart.web.words import words_of

JSON = "application/json"


def declined_of(error: Exception) -> Declined:
    """The refusal for an error; one that nobody foresaw is told in a line, without its words."""
    declined = declined_for(error)
    if declined.code == "internal":
        structlog.get_logger("rempart.web").error(
            "failed", error=type(error).__name__, at=place_of(error)
        )
    return declined


async def send_json(
    send: Send, told: Mapping[str, Any], *, status: int = HTTPStatus.OK, headers: Pairs = ()
) -> None:
    """Send a JSON object."""
    body = msgspec.json.encode(told)
    await send_whole(send, body, status=status, media=JSON, headers=headers)


async def send_declined(send: Send, declined: Declined, *, headers: Pairs = ()) -> None:
    """Send why there is no answer."""
    row = outcome_of(declined)
    told = {"kind": "refused", **words_of(row), "detail": declined.detail}
    if after := declined.after or row.retry_after:
        headers = [(b"retry-after", b"%d" % after), *headers]
    if row.status == HTTPStatus.UNAUTHORIZED:
        headers = [(b"www-authenticate", b'DPoP realm="rempart", algs="ES256"'), *headers]
    await send_json(send, told, status=row.status, headers=headers)


async def send_reply(send: Send, reply: Reply, *, headers: Pairs = ()) -> None:
    """Send what the vault said."""
    if isinstance(reply, Refused):
        declined = Declined(reply.reason, detail=reply.detail, after=reply.after)
        await send_declined(send, declined, headers=headers)
        return
    await send_json(send, told(reply), headers=headers)


def told(reply: Message) -> dict[str, Any]:
    """A reply by the names of its fields; an answer in words too."""
    kind = reply.__struct_config__.tag
    fields = {name: plain(getattr(reply, name)) for name in reply.__struct_fields__}
    if isinstance(reply, Answered):
        row = OUTCOMES["rights-open" if reply.in_force else "rights-closed"]
        return {"kind": kind, **fields, **words_of(row), "reference": f"D{reply.reference}"}
    return {"kind": kind, **fields}


@singledispatch
def plain(value: object) -> Any:
    """A value as JSON has it."""
    return value


@plain.register
def _(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@plain.register
def _(value: tuple) -> list[Any]:  # type: ignore[type-arg]
    return [plain(each) for each in value]


@plain.register
def _(value: Message) -> dict[str, Any]:
    return told(value)
