"""The simulator's OpenID provider: Authlib's, with the claims and lifetimes of the real one."""

import secrets
from collections.abc import Mapping
from typing import Any

from authlib.oauth2 import rfc6749, rfc6750, rfc7523, rfc7636
from authlib.oauth2.rfc6749 import grants, requests
from authlib.oidc.core.grants import OpenIDCode, OpenIDToken
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from joserfc.jwk import KeySet, RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from rempart.drill.psc.faults import claims_under, token_under
from rempart.drill.psc.memory import (
    ACCESS_LIFE,
    CODE_LIFE,
    METHODS,
    SCOPES,
    Client,
    Code,
    Memory,
    PscSession,
    Token,
    on_this_machine,
)
from rempart.drill.psc.professionals import LEVEL


class Asked(requests.OAuth2Request):
    """A request as Authlib reads it: both halves parsed before."""

    def __init__(self, request: Request, form: Mapping[str, str]) -> None:
        super().__init__(request.method, str(request.url), headers=request.headers)
        self._args, self._form = dict(request.query_params), dict(form)
        self.payload = requests.BasicOAuth2Payload({**self._args, **self._form})

    @property
    def args(self) -> dict[str, str]:
        """Of the address."""
        return self._args

    @property
    def form(self) -> dict[str, str]:
        """Of the body."""
        return self._form


class Provider(rfc6749.AuthorizationServer):
    """Authorization, token and logout endpoints over a ``Memory``."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self.memory = memory
        self.register_token_generator("default", _bearer())
        self.register_client_auth_method("private_key_jwt", ClientAssertion(memory))
        self.register_grant(CodeGrant, [ChallengeS256(required=True), IdTokenOfCode(memory)])
        self.register_grant(RefreshGrant, [IdTokenOfRefresh(memory)])
        self.register_endpoint(Logout)

    def query_client(self, client_id: str) -> Client | None:
        """The one client, if it is that one."""
        return self.memory.client if client_id == self.memory.client.client_id else None

    def save_token(self, token: Mapping[str, Any], request: Asked) -> None:
        """Remember a token."""
        kept = Token(
            access=token["access_token"],
            refresh=token.get("refresh_token", ""),
            scope=token.get("scope", ""),
            client=request.client,
            session=request.user,
            made=self.memory.now(),
            now=self.memory.now,
        )
        self.memory.tokens[kept.access] = self.memory.refreshes[kept.refresh] = kept

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Asked) -> Asked:
        """Requests are ready when they come here."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        """As Starlette says it."""
        told = dict(headers)
        if "Location" in told:
            return RedirectResponse(told["Location"], status_code=303)
        return JSONResponse(body, status_code=status, headers=told)

    def userinfo_session(self, request: Asked) -> PscSession:
        """Whose access token this is.

        Raises:
            OAuth2Error: nobody's, or it is over.
        """
        protector = rfc6749.ResourceProtector()
        protector.register_token_validator(BearerTokens(self.memory))
        session = protector.validate_request(["openid"], request).session
        assert isinstance(session, PscSession)
        return session


def _bearer() -> rfc6750.BearerTokenGenerator:
    def fresh(**_: object) -> str:
        return secrets.token_urlsafe(32)

    return rfc6750.BearerTokenGenerator(fresh, fresh, lambda *_: ACCESS_LIFE)


class BearerTokens(rfc6750.BearerTokenValidator):
    """Access tokens."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.memory = memory

    def authenticate_token(self, token_string: str) -> Token | None:
        """The token, if there is one."""
        return self.memory.tokens.get(token_string)


class ClientAssertion(rfc7523.JWTBearerClientAssertion):
    """``private_key_jwt``."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.memory = memory

    def get_audiences(self) -> list[str]:
        """The token endpoint, or the issuer."""
        return [self.memory.issuer, f"{self.memory.issuer}/protocol/openid-connect/token"]

    def validate_jti(self, claims: Mapping[str, Any], jti: str) -> bool:
        """Each once."""
        seen = jti in self.memory.jtis
        self.memory.jtis.add(jti)
        return not seen

    def resolve_client_public_key(self, client: Client) -> KeySet:
        """The client's registered keys."""
        if client.jwks is None:
            raise rfc6749.InvalidClientError(description="this client has a secret")
        keys: Any = client.jwks
        return KeySet.import_key_set(keys)


class CodeGrant(grants.AuthorizationCodeGrant):
    """Codes: one use, one minute."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code: str, request: Asked) -> None:
        """Remember a code."""
        asked, memory = request.payload.data, self.server.memory
        memory.codes[code] = Code(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=asked.get("redirect_uri", ""),
            scope=request.scope,
            nonce=asked.get("nonce", ""),
            code_challenge=asked["code_challenge"],
            code_challenge_method="S256",
            session=request.user,
            until=memory.now() + CODE_LIFE,
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """The code, if it is this client's and not over."""
        found: Code | None = self.server.memory.codes.get(code)
        good = found and found.client_id == client.client_id
        return found if found and good and self.server.memory.now() < found.until else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Used."""
        self.server.memory.codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Code) -> PscSession | None:
        """The session behind it."""
        session = authorization_code.session
        return session if session.live(self.server.memory.now()) else None


class RefreshGrant(grants.RefreshTokenGrant):
    """Refresh tokens: each once."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        """The token, if it can still be refreshed."""
        token: Token | None = self.server.memory.refreshes.get(refresh_token)
        return token if token and token.refreshable() else None

    def authenticate_user(self, refresh_token: Token) -> PscSession:
        """The session behind it, seen now."""
        refresh_token.session.seen = self.server.memory.now()
        return refresh_token.session

    def revoke_old_credential(self, refresh_token: Token) -> None:
        """Used."""
        refresh_token.replaced = True


class ChallengeS256(rfc7636.CodeChallenge):
    """PKCE for everybody, and never ``plain``."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """There must be one."""
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise rfc6749.InvalidRequestError("PKCE with S256 is needed")
        super().validate_code_challenge(grant, redirect_uri)


class IdTokens(OpenIDToken):
    """ID tokens with the claims of the real ones, malformed where a failure is played."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        """The simulator's one key."""
        return self.memory.key

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        """As the real one's."""
        return {"alg": "RS256", "typ": "JWT", "kid": self.memory.key.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """For whom, and for how long."""
        now = self.memory.now()
        told = {"iss": self.memory.issuer, "aud": client.client_id, "azp": client.client_id}
        return told | {"iat": now, "exp": now + ACCESS_LIFE, "typ": "ID"}

    def generate_user_info(self, user: PscSession, scope: str) -> dict[str, Any]:
        """About whom; a failure has the last word."""
        person = user.person
        told = {
            "sub": person.subject,
            "jti": secrets.token_hex(16),
            "auth_time": user.auth_time,
            "acr": "eidas1",
            "amr": ["ecps"],
            "sid": user.sid,
            "session_state": user.sid,
            "preferred_username": person.national_id,
            "SubjectNameID": person.national_id,
            "Palier_Authentification": LEVEL,
        }
        return told | claims_under(user.fault, self.memory.now())

    def encode_id_token(self, token: Mapping[str, Any], request: Asked) -> str:
        """Signed; or not, where that is the failure."""
        return token_under(request.user.fault, super().encode_id_token(token, request))


class IdTokenOfCode(IdTokens, OpenIDCode):
    """ID tokens of a code."""

    def __init__(self, memory: Memory) -> None:
        IdTokens.__init__(self, memory)
        self.require_nonce = True

    def exists_nonce(self, nonce: str, request: Asked) -> bool:
        """A code in flight has this nonce."""
        return any(code.nonce == nonce for code in self.memory.codes.values())


class IdTokenOfRefresh(IdTokens):
    """ID tokens of a refresh: without nonce."""


class Logout(EndSessionEndpoint):
    """RP-initiated logout."""

    def get_server_jwks(self) -> KeySet:
        """The simulator's keys."""
        return KeySet([self.server.memory.key])

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        """End the session of the ID token."""
        sid = (end_session_request.id_token_claims or {}).get("sid")
        if session := self.server.memory.sessions.get(str(sid)):
            self.server.memory.end(session)

    def _is_valid_post_logout_redirect_uri(
        self, client: Client, post_logout_redirect_uri: str
    ) -> bool:
        return on_this_machine(post_logout_redirect_uri)
