"""Pro Santé Connect's sessions, relayed: what it posts about them, and what the vault wants asked.

* ``POST /pro-sante/logout`` is Pro Santé Connect's to call (OpenID Connect Back-Channel Logout 1.0,
  section 2.5): a logout token, which the vault verifies.
* Beside the pages, one task asks the vault whose refresh is due, and Pro Santé Connect for it. What
  comes of it goes to the vault; nothing is kept here. Several web processes share the work: what
  one has taken is not given to another.

A process that is killed between the two has spent a refresh token that the vault still holds: that
professional signs in again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from rempart.domain.errors import RempartError, SignInRefused, TemporarilyUnavailable
from rempart.serving.declined import Declined
from rempart.serving.exchange import Headers, body_of, headers_of, send_whole
from rempart.usecases.identity_ports import ProfessionalSignIn
from rempart.usecases.messages import Done, Refused
from rempart.usecases.ports import VaultDoor
from rempart.usecases.pro_sante_messages import (
    ListDue,
    LogOut,
    RefreshDue,
    Refreshed,
    RefreshesDue,
    RefreshRefused,
)
from rempart.web.replies import JSON, declined_of, send_json

PAUSE = 10.0
"""Seconds between two looks when nothing is due."""
TELL_MAX = 12_000
"""Characters of tokens in one message to the vault: longer ones fit no frame."""


@dataclass(frozen=True, slots=True)
class BackChannel:
    """Where Pro Santé Connect says that a session is over, as an ASGI application.

    Whatever goes wrong is a 400, as section 2.8 wants; which of them is for nobody to learn.
    """

    door: VaultDoor = field(repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relay one logout token."""
        headers, error = headers_of(scope), "invalid_request"
        try:
            token = logout_token_in(headers, await body_of(headers, receive))
            reply = await self.door.ask(LogOut(token))
            if isinstance(reply, Done):
                await send_whole(send, b"", media=JSON)
                return
            if isinstance(reply, Refused) and reply.reason == "unavailable":
                error = "temporarily_unavailable"
        except TemporarilyUnavailable:
            error = "temporarily_unavailable"
        except RempartError:
            pass
        await send_json(send, {"error": error}, status=HTTPStatus.BAD_REQUEST)


def logout_token_in(headers: Headers, body: bytes) -> str:
    """The logout token of a form.

    Raises:
        Declined: not a form, or not with one token.
    """
    media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=8)
    except ValueError:
        fields = {}
    tokens = fields.get("logout_token", [])
    if media != b"application/x-www-form-urlencoded" or len(tokens) != 1:
        raise Declined("malformed", detail="logout_token: expected one, in a form")
    return tokens[0]


@asynccontextmanager
async def asking_after(
    door: VaultDoor, pro_sante: ProfessionalSignIn | None
) -> AsyncIterator[None]:
    """Refresh what is due, for as long as this lasts; what is under way is brought to its end."""
    if pro_sante is None:
        yield
        return
    stop = asyncio.Event()
    task = asyncio.create_task(_ask_after(door, pro_sante, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _ask_after(door: VaultDoor, pro_sante: ProfessionalSignIn, stop: asyncio.Event) -> None:
    while not stop.is_set():
        more = False
        try:
            more = await refresh_due(door, pro_sante)
        except TemporarilyUnavailable:
            # No vault: no session either, by the time that there is one again.
            pass
        except Exception as error:
            # Told in a line; the next look comes all the same.
            declined_of(error)
        if not more:
            try:
                await asyncio.wait_for(stop.wait(), PAUSE)
            except TimeoutError:
                continue


async def refresh_due(door: VaultDoor, pro_sante: ProfessionalSignIn) -> bool:
    """Refresh what is due now, all at once; whether there was any.

    Raises:
        TemporarilyUnavailable: the vault does not answer.
    """
    reply = await door.ask(ListDue())
    if not isinstance(reply, RefreshesDue) or not reply.due:
        return False
    await asyncio.gather(*[_refresh(door, pro_sante, each) for each in reply.due])
    return True


async def _refresh(door: VaultDoor, pro_sante: ProfessionalSignIn, due: RefreshDue) -> None:
    try:
        tokens = await pro_sante.refresh(due.refresh_token)
    except SignInRefused:
        await door.ask(RefreshRefused(due.ref))
        return
    except TemporarilyUnavailable:
        # Not Pro Santé Connect's word: the vault gives it out again, until it believes no more.
        return
    if len(tokens.refresh_token) + len(tokens.id_token) <= TELL_MAX:
        await door.ask(Refreshed(due.ref, tokens.refresh_token, tokens.id_token))
