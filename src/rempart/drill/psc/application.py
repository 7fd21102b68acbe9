"""The simulator's addresses, those of the real one behind another host."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Error
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rempart.drill.psc import pages
from rempart.drill.psc.faults import Fault
from rempart.drill.psc.logout import tell_logouts
from rempart.drill.psc.memory import METHODS, SCOPES, Memory, PscSession
from rempart.drill.psc.professionals import user_info
from rempart.drill.psc.provider import Asked, Provider

REALM = "/auth/realms/esante-wallet"
PROTOCOL = f"{REALM}/protocol/openid-connect"
COOKIE = "simulator_session"
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def application(memory: Memory) -> Starlette:
    """The simulator over a memory."""
    doors, both = Doors(Provider(memory)), ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/", doors.front),
            Route(f"{REALM}/.well-known/openid-configuration", doors.configuration),
            Route(f"{REALM}/.well-known/wallet-openid-configuration", doors.configuration),
            Route(f"{PROTOCOL}/certs", doors.certs),
            Route(f"{PROTOCOL}/auth", doors.authorize, methods=both),
            Route(f"{PROTOCOL}/token", doors.token, methods=["POST"]),
            Route(f"{PROTOCOL}/userinfo", doors.userinfo, methods=both),
            Route(f"{PROTOCOL}/logout", doors.logout, methods=both),
        ],
        middleware=[Middleware(Outage, memory=memory)],
    )


@dataclass(frozen=True, slots=True)
class Doors:
    """One method for each address."""

    provider: Provider

    @property
    def memory(self) -> Memory:
        """What the simulator remembers."""
        memory: Memory = self.provider.memory
        return memory

    async def front(self, request: Request) -> Response:
        """What this is."""
        del request
        return HTMLResponse(pages.front(self.memory.issuer), headers=HEADERS)

    async def configuration(self, request: Request) -> Response:
        """The discovery document."""
        del request
        return JSONResponse(discovery(self.memory.issuer))

    async def certs(self, request: Request) -> Response:
        """The public keys."""
        del request
        return JSONResponse(self.memory.jwks())

    async def authorize(self, request: Request) -> Response:
        """The page where somebody is chosen, and the way back."""
        return _authorize(self.provider, await _asked(request), request.cookies.get(COOKIE, ""))

    async def token(self, request: Request) -> Response:
        """A code, or a refresh token, for tokens."""
        asked = await _asked(request)
        code = self.memory.codes.get(asked.form.get("code", ""))
        if code is not None and code.session.fault is Fault.DOWN:
            return _down()
        return _response(self.provider.create_token_response(asked))

    async def userinfo(self, request: Request) -> Response:
        """Who somebody is."""
        asked = await _asked(request)
        try:
            return JSONResponse(user_info(self.provider.userinfo_session(asked).person))
        except OAuth2Error as error:
            return _response(self.provider.handle_error_response(asked, error))

    async def logout(self, request: Request) -> Response:
        """The end of a session, and the way back."""
        answer = self.provider.create_endpoint_response("end_session", await _asked(request))
        await tell_logouts(self.memory)
        response = answer or HTMLResponse(pages.signed_out(), headers=HEADERS)
        response.delete_cookie(COOKIE)
        return _response(response)


class Outage:
    """Answers 503 to everything while the memory says so."""

    def __init__(self, app: ASGIApp, *, memory: Memory) -> None:
        self.app, self.memory = app, memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or not."""
        down = scope["type"] == "http" and self.memory.down
        await (_down() if down else self.app)(scope, receive, send)


def discovery(issuer: str) -> dict[str, Any]:
    """The discovery document."""
    at = f"{issuer}/protocol/openid-connect"
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{at}/auth",
        "token_endpoint": f"{at}/token",
        "userinfo_endpoint": f"{at}/userinfo",
        "end_session_endpoint": f"{at}/logout",
        "jwks_uri": f"{at}/certs",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "scopes_supported": list(SCOPES),
        "acr_values_supported": ["eidas1"],
        "code_challenge_methods_supported": ["S256"],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


def _authorize(provider: Provider, asked: Asked, sid: str) -> Response:
    memory = provider.memory
    session = memory.session(sid)
    try:
        grant = provider.get_consent_grant(asked, end_user=session)
    except OAuth2Error as error:
        return _response(provider.handle_error_response(asked, error))
    chosen = [each for each in memory.people if each.rpps == asked.form.get("person")]
    if chosen:
        fault = _fault(asked.form.get("fault", ""))
        declined = fault is Fault.DECLINED
        session = None if declined else memory.sign_in(chosen[0], fault)
    elif session is None or _again(asked.args, session, memory.now()):
        return HTMLResponse(pages.choice(memory.people, memory.client.client_id), headers=HEADERS)
    answer = provider.create_authorization_response(asked, grant_user=session, grant=grant)
    if session is not None and session.fault is Fault.NONE:
        session.seen = memory.now()
        answer.set_cookie(COOKIE, session.sid, httponly=True, samesite="lax")
    return _response(answer)


def _again(args: Mapping[str, str], session: PscSession, now: int) -> bool:
    """Whether the service wants the person to sign in again."""
    oldest = args.get("max_age", "")
    return "login" in args.get("prompt", "").split() or (
        oldest.isdecimal() and now > session.auth_time + int(oldest)
    )


def _fault(named: str) -> Fault:
    try:
        return Fault(named)
    except ValueError:
        return Fault.NONE


async def _asked(request: Request) -> Asked:
    form = parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True)
    return Asked(request, dict(form))


def _response(answer: Any) -> Response:
    assert isinstance(answer, Response)
    return answer


def _down() -> Response:
    return JSONResponse({"error": "temporarily_unavailable"}, status_code=503)
