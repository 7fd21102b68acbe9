"""``POST /token``: SMART Backend Services sign-in, relayed.

The assertion (RFC 7523) is verified by the vault alone; here only the shape of RFC 6749 is read.
The token is the vault's opaque handle, bound to the certificate of this connection (RFC 8705).
"""

import base64
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope, Send

from rempart.domain.errors import Refusal, RempartError
from rempart.serving.cut_offs import Switches, leave_entry
from rempart.serving.declined import Declined, outcome_of, shown_for
from rempart.serving.exchange import Headers, body_of, headers_of, send_whole
from rempart.usecases.messages import Refused, SignedIn, SignIn
from rempart.usecases.ports import VaultDoor

SCOPE = "system/CoverageEligibilityRequest.c"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_MAX = 8192
"""Characters. An assertion with a P-384 signature takes under 1,000."""

PARAMETERS_MAX = 12

OAuthError = Literal[
    "invalid_request",
    "invalid_client",
    "unauthorized_client",
    "invalid_scope",
    "unsupported_grant_type",
    "temporarily_unavailable",
    "server_error",
]

NO_CACHE = (b"pragma", b"no-cache")


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- the name of a kind, no secret
    expires_in: int
    scope: str

    def __repr__(self) -> str:
        return "Token(…)"


class TokenError(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 6749, section 5.2."""

    error: OAuthError
    error_description: str


class NoToken(Refusal):
    """A sign-in that gets no token: its error, its HTTP status."""

    def __init__(self, error: OAuthError, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = msgspec.json.encode(TokenError(error=error, error_description=description))


@dataclass(frozen=True, slots=True)
class RelaySignIn:
    """The endpoint, as an ASGI application."""

    door: VaultDoor = field(repr=False)
    switches: Switches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope)
        try:
            assertion = assertion_of(headers, await body_of(headers, receive))
            certificate = scope["state"].get("certificate", b"")
            sign_in = SignIn(assertion, certificate)
            if (cut := await self.switches.over_way()) is not None:
                await leave_entry(cut, lambda: self.door.ask(sign_in))
                raise cut
            reply = await self.door.ask(sign_in)
            token = token_for(reply)
        except NoToken as error:
            await send_no_token(send, error)
        except RempartError as error:
            refusal = shown_for(error)
            await send_no_token(send, no_token_for(refusal), refusal)
        else:
            await send_whole(
                send, msgspec.json.encode(token), media="application/json", headers=[NO_CACHE]
            )


def assertion_of(headers: Headers, body: bytes) -> str:
    """The client assertion of a token request.

    Raises:
        NoToken: the request is not one that this server knows.
    """
    media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media != b"application/x-www-form-urlencoded":
        raise NoToken("invalid_request", "expected a form (application/x-www-form-urlencoded)")
    fields = fields_of(body)
    if b"authorization" in headers or "client_secret" in fields:
        raise NoToken("invalid_request", "sign in by client_assertion alone")
    if "grant_type" not in fields:
        raise NoToken("invalid_request", "grant_type is missing")
    if fields["grant_type"] != "client_credentials":
        raise NoToken("unsupported_grant_type", "expected client_credentials")
    if fields.get("client_assertion_type") != ASSERTION_TYPE:
        raise NoToken("invalid_request", f"client_assertion_type: expected {ASSERTION_TYPE}")
    if set(fields.get("scope", SCOPE).split()) != {SCOPE}:
        raise NoToken("invalid_scope", f"this server grants {SCOPE}")
    assertion = fields.get("client_assertion", "")
    if not 0 < len(assertion) <= ASSERTION_MAX:
        raise NoToken("invalid_request", f"client_assertion: 1 to {ASSERTION_MAX} characters")
    return assertion


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form, each given once.

    Raises:
        NoToken: it does not read as a form, or repeats a field.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError:
        raise NoToken("invalid_request", "the form does not read") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NoToken("invalid_request", "a parameter is repeated")
    return fields


def token_for(reply: object) -> Token:
    """The token that the vault's handle makes.

    Raises:
        Declined: the vault said why not.
    """
    match reply:
        case SignedIn(token=handle, expires_in=seconds):
            text = base64.urlsafe_b64encode(handle).rstrip(b"=").decode()
            return Token(access_token=text, expires_in=seconds, scope=SCOPE)
        case Refused(reason=reason, detail=detail, after=after):
            raise Declined(reason, detail=detail, after=after)
        case _:
            raise TypeError("the vault answered something else than a sign-in")


def no_token_for(refusal: Declined) -> NoToken:
    """RFC 6749's words for a refusal; the vault's reasons for refusing are not told apart."""
    row = outcome_of(refusal)
    if row.status == HTTPStatus.UNAUTHORIZED:
        row = outcome_of(Declined("sign-in-refused"))
        return NoToken("invalid_client", f"{row.en} {row.do_en}", row.status)
    if row.code == "frozen":
        # RFC 6749: authenticated, and not authorized. Who proves nothing never reads this.
        return NoToken("unauthorized_client", f"{row.en} {row.do_en}", row.status)
    if row.retry_after is not None or row.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return NoToken("temporarily_unavailable", f"{row.en} {row.do_en}", row.status)
    if row.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return NoToken("invalid_request", f"{row.en} {row.do_en}", row.status)
    return NoToken("server_error", f"{row.en} {row.do_en}", row.status)


async def send_no_token(send: Send, no_token: NoToken, refusal: Declined | None = None) -> None:
    """Send RFC 6749's error."""
    headers = [NO_CACHE]
    if no_token.status == HTTPStatus.UNAUTHORIZED:
        headers.append((b"www-authenticate", b'Bearer realm="rempart"'))
    after = 0 if refusal is None else refusal.after or outcome_of(refusal).retry_after or 0
    if after:
        headers.append((b"retry-after", b"%d" % after))
    await send_whole(
        send, no_token.body, status=no_token.status, media="application/json", headers=headers
    )
