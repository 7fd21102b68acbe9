"""Is a request sent by whoever the session was given to? One function decides.

A software's session is bound to its TLS certificate (RFC 8705), as the gateway tells it; a person's
to a key of their client (RFC 9449), whose proof of this very request is verified here.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from rempart.domain.errors import NotSignedIn, SignInRefused
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import ProofCheck
from rempart.usecases.message import Message
from rempart.usecases.request_proofs import METHOD, address_of, content_digest, handle_digest

REMEMBERED = 10_000
"""Proofs after which those that are too old to be taken are forgotten."""


@dataclass(slots=True)
class CheckBinding:
    """``proofs`` is absent where no person signs in; ``web_url`` is where their requests go."""

    proofs: ProofCheck | None = None
    web_url: str = ""
    _seen: dict[bytes, int] = field(default_factory=dict, repr=False)

    def __call__(self, request: object, *, certificate: bytes, key: str, now: int) -> None:
        """Return if a request brings what its session is bound to.

        Raises:
            NotSignedIn: it does not.
        """
        if not key:
            shown = getattr(request, "certificate", b"")
            if not certificate or not hmac.compare_digest(certificate, shown):
                raise NotSignedIn("no live session")
            return
        assert isinstance(request, Message)
        try:
            proven = self.proven(request, now=now)
        except SignInRefused:
            raise NotSignedIn("no live session") from None
        if not hmac.compare_digest(proven, key):
            raise NotSignedIn("no live session")

    def proven(self, request: Message, *, now: int) -> str:
        """The thumbprint of the key that signed this request, whose proof is spent hereby.

        Raises:
            SignInRefused: none did, or the proof was spent before.
        """
        if self.proofs is None:
            raise SignInRefused(doubt=Doubt.PROOF)
        token = getattr(request, "token", b"")
        proven = self.proofs.verify(
            getattr(request, "proof", ""),
            method=METHOD,
            address=address_of(self.web_url, type(request)),
            content=content_digest(request),
            handle=handle_digest(token) if token else b"",
            now=now,
        )
        tag = hashlib.sha256(f"{proven.key}\0{proven.jti}".encode()).digest()[:16]
        if len(self._seen) > REMEMBERED:
            self._seen = {each: until for each, until in self._seen.items() if until >= now}
        if tag in self._seen:
            raise SignInRefused(doubt=Doubt.REPLAYED)
        self._seen[tag] = proven.until
        return proven.key
