"""Open a session: who is calling, proven once; an opaque handle afterwards.

(1) the assertion names a registered software, not revoked, of this instance;
(2) the certificate it came with is one of its own (RFC 8705);
(3) signature, audience, times hold, and its ``jti`` has not been seen;
(4) the ledger has the sign-in;
(5) a fresh handle is given, bound to that certificate.

A handle is opaque and lives in the vault's memory alone: who relays it cannot make one.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from rempart.domain.disclosure import Entry, EntryType, decode_codes
from rempart.domain.errors import SignInRefused
from rempart.domain.site import SCOPES
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.messages import SignedIn, SignIn
from rempart.usecases.ports import AssertionCheck, Chance, Registered, Site, Software
from rempart.usecases.pseudonyms import ACCOUNT, ASSERTION, SESSION, SITE, Pseudonyms, pseudonym

SESSION_LIFE = 300
"""Seconds; SMART Backend Services asks for no more than 300."""

SAME_WORDS = "sign-in refused"


@dataclass(slots=True)
class Session:
    """A signed-in software, and its pseudonyms of the month."""

    software: Software
    site: Site
    certificate: bytes = field(repr=False)
    expires: int
    handle: bytes = field(repr=False)
    cap: int
    period: int = -1
    account_as: bytes = b""
    site_as: bytes = b""
    session_as: bytes = b""

    def under(self, period: int, key: bytes) -> None:
        """Take the pseudonyms of a month."""
        if self.period != period:
            self.period = period
            self.account_as = pseudonym(key, ACCOUNT, self.software.client_id.encode())
            self.site_as = pseudonym(key, SITE, self.site.site.encode())
            self.session_as = pseudonym(key, SESSION, self.handle)


@dataclass(slots=True)
class OpenSession:
    """Sessions of one vault."""

    check: AssertionCheck
    ledger: KeepLedger
    pseudonyms: Pseudonyms
    chance: Chance
    registered: Registered
    sandbox: bool
    _live: dict[bytes, Session] = field(default_factory=dict, repr=False)
    _seen: dict[bytes, int] = field(default_factory=dict, repr=False)

    def __call__(self, sign_in: SignIn) -> SignedIn:
        """Open a session.

        Raises:
            SignInRefused: for every reason the same words.
        """
        now = self.ledger.stamp()
        software = self._claimed(sign_in)  # (1), (2)
        jti, expires = self.check.verify(sign_in.assertion, software, now=now)  # (3)
        self._once(f"{software.client_id}\0{jti}".encode(), expires, now)
        token = self.chance.draw(32)
        session = self._session(software, sign_in.certificate, token, now)
        period, key = self.pseudonyms.key(now)
        session.under(period, key)
        self.ledger.act(  # (4)
            EntryType.SIGN_IN,
            {
                "software": software.number,
                "assertion": self._tag(f"{software.client_id}\0{jti}".encode()),
                "expires": expires,
            },
            account=session.account_as,
            site=session.site_as,
            session=session.session_as,
        )
        self._live[session.handle] = session  # (5)
        return SignedIn(token=token, expires_in=SESSION_LIFE)

    def _claimed(self, sign_in: SignIn) -> Software:
        software = self.registered.software.get(self.check.client_id(sign_in.assertion))
        if (
            software is None
            or software.revoked
            or software.sandbox is not self.sandbox
            or not any(hmac.compare_digest(sign_in.certificate, c) for c in software.certificates)
        ):
            raise SignInRefused(SAME_WORDS)
        return software

    def _tag(self, assertion: bytes) -> bytes:
        # Not under the month's key: an assertion may live across the turn of a month.
        return hashlib.sha256(ASSERTION + assertion).digest()[:16]

    def _once(self, assertion: bytes, expires: int, now: int) -> None:
        if len(self._seen) > 10_000:
            self._seen = {tag: end for tag, end in self._seen.items() if end >= now}
        tag = self._tag(assertion)
        if tag in self._seen:
            raise SignInRefused(SAME_WORDS)
        self._seen[tag] = expires

    def _session(self, software: Software, certificate: bytes, token: bytes, now: int) -> Session:
        site = self.registered.sites[software.site]
        return Session(
            software=software,
            site=site,
            certificate=certificate,
            expires=now + SESSION_LIFE * 1_000_000,
            handle=hashlib.sha256(token).digest(),
            cap=site.daily_cap or SCOPES[site.kind].daily_cap,
        )

    def caller(self, token: bytes, certificate: bytes, now: int) -> Session | None:
        """The live session behind a handle presented with its own certificate, if any."""
        session = self._live.get(hashlib.sha256(token).digest())
        if session is None or not hmac.compare_digest(session.certificate, certificate):
            return None
        if session.expires < now:
            del self._live[session.handle]
            return None
        return session

    def close(self, token: bytes) -> None:
        """End a session, if there is one."""
        self._live.pop(hashlib.sha256(token).digest(), None)

    def take(self, registered: Registered) -> None:
        """Go on under a new registry: sessions of revoked or changed software end here."""
        self.registered = registered
        self._live = {
            handle: session
            for handle, session in self._live.items()
            if registered.software.get(session.software.client_id) == session.software
        }

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Remember the assertions of the day: a restart replays none."""
        del index
        if entry.type is EntryType.SIGN_IN:
            codes = decode_codes(detail)
            tag, expires = codes["assertion"], codes["expires"]
            assert isinstance(tag, bytes)
            assert isinstance(expires, int)
            self._seen[tag] = expires

    @property
    def live(self) -> int:
        """Sessions in memory."""
        return len(self._live)

    def sweep(self, now: int) -> None:
        """Drop what has expired."""
        self._live = {h: s for h, s in self._live.items() if s.expires >= now}
