"""Proof of who a person is: what the vault verifies, and what the web only relays.

The vault verifies ID tokens, logout tokens and passkeys itself, without a network: the nonce or the
challenge is its own, the keys it trusts are a file that the operator keeps fresh under the vault's
user. The web process talks to Pro Santé Connect; it is trusted for nothing but not losing messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rempart.domain.hidden import Hidden
from rempart.domain.identifiers import RPPS


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProSanteIdentity(Hidden):
    """A professional, proven by Pro Santé Connect.

    ``subject`` is Pro Santé Connect's own name of the person, ``sid`` that of its session;
    ``authenticated``, ``issued`` and ``session_ends`` are microseconds. No session of ours outlives
    ``session_ends``; its idle time is the vault's to keep.
    """

    rpps: RPPS
    subject: str
    authenticated: int
    issued: int
    session_ends: int
    acr: str
    amr: tuple[str, ...]
    level: str
    sid: str | None
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LoggedOut(Hidden):
    """Pro Santé Connect's word that a session there is over, or all of a person's (no ``sid``).

    ``at`` is when it said so, ``until`` when the token is too old to be taken anyway; microseconds.
    """

    subject: str
    sid: str
    jti: str
    at: int
    until: int


class IdentityTokens(Protocol):
    """Tokens of one issuer, for one client.

    The nonce is the vault's, fresh for each sign-in and spent by its first use: nothing here
    remembers a token that it has seen.
    """

    def verify(
        self, id_token: str, *, nonce: str, now: int, max_age: int | None = None
    ) -> ProSanteIdentity:
        """Who signed in, once everything about the token holds.

        ``max_age`` (seconds) asks that the person was authenticated that recently: step-up.

        Raises:
            SignInRefused: anything about it does not.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        ...

    def verify_again(self, id_token: str, *, nonce: str, now: int) -> ProSanteIdentity:
        """Who is still signed in there, by the ID token of a refresh; ``nonce`` that of the first.

        Such a token signs nobody in: it need not have a nonce (OpenID Connect Core, section 12.2).

        Raises:
            SignInRefused: anything about it does not hold.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        ...

    def verify_logout(self, logout_token: str, *, now: int) -> LoggedOut:
        """Whose session has ended there (OpenID Connect Back-Channel Logout 1.0).

        Raises:
            SignInRefused: anything about it does not hold.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Passkey(Hidden):
    """A registered passkey; ``account`` is the opaque handle of the one account that it opens.

    ``backup_eligible`` says that it may be copied to other devices of its owner, ``backed_up`` that
    it has been. ``sign_count`` is 0 for those that do not count. ``made`` is microseconds.
    """

    account: bytes
    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    aaguid: str
    made: int


class Passkeys(Protocol):
    """Passkeys (WebAuthn) of one relying party at one origin, each with user verification.

    The challenge is the vault's, fresh for each ceremony and used once. A credential belongs to one
    account: the caller finds the account by the credential, never by what the answer says of its
    user, and refuses a registration whose credential is already there.
    """

    def registration_options(
        self, account: bytes, challenge: bytes, existing: Sequence[bytes], *, name: str
    ) -> dict[str, Any]:
        """What the browser passes to ``navigator.credentials.create``, as JSON.

        ``name`` is what the person's device shows; ``existing`` keeps one authenticator from
        being registered twice.
        """
        ...

    def verify_registration(
        self, response: str, *, account: bytes, challenge: bytes, now: int
    ) -> Passkey:
        """The passkey that was made for this challenge.

        Raises:
            SignInRefused: anything about it does not hold.
        """
        ...

    def authentication_options(self, challenge: bytes, allowed: Sequence[bytes]) -> dict[str, Any]:
        """What the browser passes to ``navigator.credentials.get``; nobody named: any passkey."""
        ...

    def credential_id(self, response: str) -> bytes:
        """Which passkey an answer claims to come from, unproven.

        Raises:
            SignInRefused: not an answer.
        """
        ...

    def verify_assertion(self, response: str, *, challenge: bytes, passkey: Passkey) -> Passkey:
        """The passkey as it must now be kept: its count and backup state moved on.

        Raises:
            SignInRefused: anything about it does not hold.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTokens:
    """What Pro Santé Connect gave for a code or a refresh; ``expires_in`` in seconds.

    A refresh may give no new ID token.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires_in: int


class ProfessionalSignIn(Protocol):
    """Pro Santé Connect as the web process sees it. Everything it says is verified elsewhere."""

    async def authorization_url(
        self, *, state: str, nonce: str, verifier: str, max_age: int | None = None
    ) -> str:
        """Where to send the browser. ``verifier`` (PKCE) and ``state`` stay with its session.

        Raises:
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        ...

    def code_in(self, returned: Mapping[str, str], *, state: str) -> str:
        """The code with which the browser came back.

        Raises:
            SignInRefused: another's answer, or the person declined.
            TemporarilyUnavailable: Pro Santé Connect says that it cannot.
        """
        ...

    async def exchange(self, code: str, *, verifier: str) -> SignInTokens:
        """The tokens of a code.

        Raises:
            SignInRefused: the code gives nothing.
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        ...

    async def refresh(self, refresh_token: str) -> SignInTokens:
        """Fresh tokens, while the session at Pro Santé Connect lives.

        Raises:
            SignInRefused: the session is over.
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        ...

    async def user_info(self, access_token: str, *, subject: str) -> Mapping[str, Any]:
        """What Pro Santé Connect tells of the person: see ``domain.activity.activities_in``.

        Raises:
            SignInRefused: the token is over, or this is somebody else.
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        ...

    async def logout_url(self, *, id_token: str, return_to: str, state: str) -> str:
        """Where to send the browser to end the session at Pro Santé Connect too.

        Raises:
            TemporarilyUnavailable: Pro Santé Connect does not answer.
        """
        ...

    async def published_keys(self) -> bytes:
        """The issuer's JWK set, for the operator's file of trusted keys.

        Raises:
            TemporarilyUnavailable: Pro Santé Connect does not answer, or what it says is no set.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Proven(Hidden):
    """A request that the client's key has signed: the key's thumbprint, and what is used once.

    ``key`` is the RFC 7638 thumbprint in base64url; ``until`` (microseconds) is when the proof is
    too old to be taken anyway.
    """

    key: str
    jti: str
    until: int


class ProofCheck(Protocol):
    """Proofs of possession (DPoP, RFC 9449) by the client's own ES256 key."""

    def verify(  # each argument is one claim that must hold
        self, proof: str, *, method: str, address: str, content: bytes, handle: bytes, now: int
    ) -> Proven:
        """Whose key signed this request, once everything about the proof holds.

        ``content`` and ``handle`` are digests; ``handle`` is empty where there is no session yet.
        Nothing here remembers what it has seen: once is for the caller to keep.

        Raises:
            SignInRefused: anything about it does not hold.
        """
        ...
