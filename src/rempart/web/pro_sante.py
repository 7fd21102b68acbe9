"""To Pro Santé Connect and back: two requests of the page, with the browser's journey between.

* ``POST /pro-sante/begin`` asks the vault for a nonce and a state, and says where to go.
* ``GET /return`` is where the browser lands: a page, whose script sends on what it came with.
* ``POST /pro-sante/back`` exchanges the code for the ID token, and gives it to the page, which
  signs it with its key and sends it to the vault. We cannot: the key is the page's. The refresh
  token goes straight to the vault, and never to a page.

``state`` and the PKCE verifier travel in a cookie of ten minutes that no script reads: another's
answer, or a page elsewhere, has none that fits. There is no other cookie.
"""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from starlette.types import Receive, Scope, Send

from rempart.domain.activity import activities_in
from rempart.domain.errors import RempartError, SignInRefused, TemporarilyUnavailable
from rempart.serving.cut_offs import Switches
from rempart.serving.declined import Declined
from rempart.serving.exchange import Headers, body_of, headers_of
from rempart.usecases.follow_pro_sante import REFRESH_MAX
from rempart.usecases.identity_ports import ProfessionalSignIn, SignInTokens
from rempart.usecases.keep_flows import FLOW_LIFE
from rempart.usecases.messages import Done, Reply
from rempart.usecases.people_messages import BeginProSante
from rempart.usecases.people_replies import ProSanteBegun
from rempart.usecases.ports import VaultDoor
from rempart.usecases.pro_sante_messages import KeepRefresh
from rempart.web.relay import list_in, message_of
from rempart.web.replies import declined_of, send_declined, send_json, send_reply

COOKIE = "__Host-flow"
"""A name that a browser takes over TLS alone, from this very host, for all of it."""
NAMES_WITHIN = 3.0
"""Seconds for the names of sites: a comfort, nothing waits longer for it."""

_FLOW = re.compile(r"(?P<state>[\w-]{1,64})\.(?P<flow>[\w-]{1,64})\.(?P<verifier>[\w-]{43,128})")


@dataclass(frozen=True, slots=True)
class Flow:
    """What the browser keeps during its journey."""

    state: str = field(repr=False)
    flow: str = field(repr=False)
    verifier: str = field(repr=False)

    def cookie(self) -> tuple[bytes, bytes]:
        """As a header."""
        return _cookie(f"{self.state}.{self.flow}.{self.verifier}", FLOW_LIFE)


NO_FLOW = ("", 0)


def _cookie(value: str, seconds: int) -> tuple[bytes, bytes]:
    # Lax: the way back is a link followed from another site.
    kept = f"{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}"
    return b"set-cookie", kept.encode()


class CameBack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the browser came back with, as Pro Santé Connect put it in the address."""

    returned: Annotated[
        dict[
            Annotated[str, msgspec.Meta(max_length=64)],
            Annotated[str, msgspec.Meta(max_length=4096)],
        ],
        msgspec.Meta(max_length=16),
    ]

    def __repr__(self) -> str:
        return "CameBack(…)"


@dataclass(frozen=True, slots=True)
class Begin:
    """The first request, as an ASGI application; the list of ``BeginProSante``'s fields."""

    door: VaultDoor = field(repr=False)
    pro_sante: ProfessionalSignIn | None = field(repr=False)
    switches: Switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin, or say why not."""
        headers = headers_of(scope)
        try:
            if self.pro_sante is None:
                raise Declined("psc-not-set-up")
            if (cut := await self.switches.over_way()) is not None:
                # Before anybody is sent away to come back for nothing.
                raise cut
            said = list_in(headers, await body_of(headers, receive))
            message = message_of(BeginProSante, said, {})
            assert isinstance(message, BeginProSante)
            reply = await self.door.ask(message)
            if not isinstance(reply, ProSanteBegun):
                await send_reply(send, reply)
                return
            verifier = secrets.token_urlsafe(48)
            address = await self._address(self.pro_sante, reply, verifier)
        except Exception as error:
            await send_declined(send, declined_of(error))
            return
        kept = Flow(reply.state, reply.flow, verifier).cookie()
        await send_json(send, {"kind": "pro-sante-begun", "address": address}, headers=[kept])

    async def _address(
        self, pro_sante: ProfessionalSignIn, begun: ProSanteBegun, verifier: str
    ) -> str:
        try:
            return await pro_sante.authorization_url(
                state=begun.state,
                nonce=begun.nonce,
                verifier=verifier,
                max_age=begun.max_age or None,
            )
        except TemporarilyUnavailable:
            raise Declined("psc-down") from None


@dataclass(frozen=True, slots=True)
class Back:
    """The second request, as an ASGI application. Whatever comes of it, the cookie is gone."""

    door: VaultDoor = field(repr=False)
    pro_sante: ProfessionalSignIn | None = field(repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Exchange the code, or say why not."""
        headers, gone = headers_of(scope), [_cookie(*NO_FLOW)]
        try:
            if self.pro_sante is None:
                raise Declined("psc-not-set-up")
            came = came_back(headers, await body_of(headers, receive))
            flow = flow_in(headers)
            tokens = await _exchange(self.pro_sante, came.returned, flow)
            reply = await self._keep(flow, tokens)
            if not isinstance(reply, Done):
                await send_reply(send, reply, headers=gone)
                return
            names = await _names(self.pro_sante, tokens)
        except Exception as error:
            await send_declined(send, declined_of(error), headers=gone)
            return
        told = {
            "kind": "pro-sante-back",
            "flow": flow.flow,
            "id_token": tokens.id_token,
            "names": names,
        }
        await send_json(send, told, headers=gone)

    async def _keep(self, flow: Flow, tokens: SignInTokens) -> Reply:
        """Without one that can be kept, the vault believes in the session for half an hour."""
        if not 0 < len(tokens.refresh_token) <= REFRESH_MAX:
            return Done()
        return await self.door.ask(KeepRefresh(flow.flow, tokens.refresh_token))


def came_back(headers: Headers, body: bytes) -> CameBack:
    """What the page says that it came back with.

    Raises:
        Declined: something else.
    """
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
        raise Declined("not-json")
    try:
        return msgspec.json.decode(body, type=CameBack)
    except msgspec.ValidationError:
        raise Declined("malformed", detail="expected what the address held") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Declined("unreadable") from None


def flow_in(headers: Headers) -> Flow:
    """The journey that this browser began.

    Raises:
        SignInRefused: none, or not here.
    """
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE and (found := _FLOW.fullmatch(value)):
            return Flow(*found.group("state", "flow", "verifier"))
    raise SignInRefused("sign-in refused")


async def _exchange(
    pro_sante: ProfessionalSignIn, returned: Mapping[str, str], flow: Flow
) -> SignInTokens:
    try:
        code = pro_sante.code_in(returned, state=flow.state)
        return await pro_sante.exchange(code, verifier=flow.verifier)
    except TemporarilyUnavailable:
        raise Declined("psc-down") from None


async def _names(pro_sante: ProfessionalSignIn, tokens: SignInTokens) -> dict[str, str]:
    """Names of the professional's sites, for whoever has several to choose from.

    Unproven, and only ever shown to that professional: which sites there are is the vault's word.
    """
    try:
        subject = _claims(tokens.id_token)["sub"]
        async with asyncio.timeout(NAMES_WITHIN):
            info = await pro_sante.user_info(tokens.access_token, subject=subject)
        return {activity.site.value: activity.name for activity in activities_in(info)}
    except (RempartError, TimeoutError, ValueError, KeyError, TypeError):
        return {}


def _claims(id_token: str) -> dict[str, str]:
    """What a token says, unproven."""
    payload = id_token.split(".")[1] if id_token.count(".") == 2 else ""
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims if isinstance(claims, dict) else {}
