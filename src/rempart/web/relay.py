"""``POST /people/KIND``: what a person's page asks, relayed to the vault.

The body is the very list that the page has signed (``usecases/request_proofs.py``); the session
handle and the proof come in headers (RFC 9449). Nothing here knows who is asking, and nothing that
is changed here is taken by the vault.

(1) in a session, a handle: without one, the vault could take us for the operator's own hand;
(2) the list, with as many elements as this kind of request has fields;
(3) sent on, with the network that it came from; a question under a cut-off for its entry alone;
(4) what the vault said, as JSON.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec
from starlette.types import Receive, Scope, Send

from rempart.serving.cut_offs import ENTRY_WITHIN, Switches, leave_entry
from rempart.serving.declined import Declined
from rempart.serving.exchange import Headers, body_of, handle_of, headers_of, network_of
from rempart.usecases import people_messages as people
from rempart.usecases.cut_off_messages import ClearCutOff, ListCutOffs, SetCutOff
from rempart.usecases.incident_messages import ListIncidents
from rempart.usecases.message import Message
from rempart.usecases.messages import Allow, Ask, Contain, Reply, SignOut, Standings
from rempart.usecases.ports import VaultDoor
from rempart.usecases.request_proofs import ENVELOPE
from rempart.web.replies import declined_of, send_declined, send_reply

Kind = type[Message]

BEGINS_ELSEWHERE = frozenset({people.BeginProSante})
"""Needs more than relaying: ``pro_sante.py``."""
KINDS: tuple[Kind, ...] = (
    *[kind for kind in get_args(people.PeopleRequest) if kind not in BEGINS_ELSEWHERE],
    Ask,
    SignOut,
    Contain,
    Allow,
    Standings,
    SetCutOff,
    ClearCutOff,
    ListCutOffs,
    ListIncidents,
)
"""What people ask. What only software or the operator's hand may ask is not here."""

PROOF_MAX = 2048
"""Characters; one has some 700."""

NUMBER_MAX = 2**53
"""Whole numbers that every browser writes exactly; larger ones are no field of ours."""

_DPOP = re.compile(rb"[Dd][Pp][Oo][Pp] +([A-Za-z0-9_-]{1,128})")


def tag_of(kind: Kind) -> str:
    """The name of a kind of request: the last part of its address."""
    tag = kind.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def said_in(kind: Kind) -> tuple[str, ...]:
    """The fields that a body holds, in their order: all but those that say how it came."""
    return tuple([name for name in kind.__struct_fields__ if name not in ENVELOPE])


@dataclass(frozen=True, slots=True)
class Relay:
    """The endpoint of one kind of request, as an ASGI application."""

    kind: Kind
    door: VaultDoor = field(repr=False)
    switches: Switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope)
        try:
            in_session = "token" in self.kind.__struct_fields__
            token = handle_of(headers, _DPOP) if in_session else b""  # (1)
            said = list_in(headers, await body_of(headers, receive))
            envelope = {
                "token": token,
                "proof": proof_of(headers),
                "certificate": b"",
                "network": network_of(scope),
            }
            message: Any = message_of(self.kind, said, envelope)  # (2)
            reply = await self._ask(message)  # (3)
        except Exception as error:
            await send_declined(send, declined_of(error))
            return
        await send_reply(send, reply)  # (4)

    async def _ask(self, message: Any) -> Reply:
        """The vault says who is staff, and goes on; a portal that is cut does not wait for it."""
        if self.kind is Ask and (cut := await self.switches.over_rights()) is not None:
            await leave_entry(cut, lambda: self.door.ask(message))
            raise cut
        cut = await self.switches.over_way()
        if cut is None or cut.code != "cut-off":
            return await self.door.ask(message)
        try:
            async with asyncio.timeout(ENTRY_WITHIN):
                return await self.door.ask(message)
        except TimeoutError:
            raise cut from None


def proof_of(headers: Headers) -> str:
    """The proof of the page's key, unread; the vault refuses a request that needs one.

    Raises:
        Declined: it cannot be one.
    """
    proof = headers.get(b"dpop", b"")
    if len(proof) > PROOF_MAX or not proof.isascii():
        raise Declined("malformed", detail="DPoP: expected a proof")
    return proof.decode("ascii")


def list_in(headers: Headers, body: bytes) -> Sequence[Any]:
    """The list that a body is.

    Raises:
        Declined: not JSON, or not a list.
    """
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise Declined("not-json")
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Without its cause: what the decoder says may quote what was typed.
        raise Declined("unreadable") from None
    if not isinstance(said, list):
        raise Declined("malformed", detail="expected the list of the fields of this request")
    return said


def message_of(kind: Kind, said: Sequence[Any], envelope: Mapping[str, Any]) -> Message:
    """The message that a page has signed, with how it came.

    Raises:
        Declined: other fields than this kind has.
    """
    if len(said) != len(said_in(kind)):
        raise Declined("malformed", detail="expected the list of the fields of this request")
    if any(type(value) is int and abs(value) > NUMBER_MAX for value in said):
        raise Declined("malformed", detail="a number is too large")
    values = iter(said)
    fields = [
        envelope[name] if name in ENVELOPE else next(values) for name in kind.__struct_fields__
    ]
    try:
        return msgspec.convert([tag_of(kind), *fields], type=kind)
    except (msgspec.ValidationError, UnicodeError):
        raise Declined("malformed", detail="a field has another type") from None
