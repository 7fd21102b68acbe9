"""Open a session: who is calling, proven once; an opaque handle afterwards.

(1) the assertion names a registered software, not revoked, of this instance;
(2) the certificate it came with is one of its own (RFC 8705);
(3) signature, audience, times hold, and its ``jti`` has not been seen;
(4) the account is not frozen: only who has proven all this is told so;
(5) the ledger has the sign-in;
(6) a fresh handle is given, bound to that certificate; where the assertion names a presence key,
    the session has a key of its own, which nobody on the way knows.

A handle is opaque and lives in the vault's memory alone: who relays it cannot make one.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import NamedTuple

from rempart.domain.containment import Stage
from rempart.domain.disclosure import Entry, EntryType, decode_codes
from rempart.domain.errors import AccountContained, SignInRefused
from rempart.domain.guard import Guard, Limits
from rempart.domain.practice import daily_cap
from rempart.domain.site import KIND_CODES
from rempart.sealing.presence import VaultEnd
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.messages import SignedIn, SignIn
from rempart.usecases.ports import AssertionCheck, Chance, Registered, Site, Software
from rempart.usecases.presence_keys import PresenceKeys
from rempart.usecases.pseudonyms import (
    ACCOUNT,
    ASSERTION,
    DEVICE,
    SESSION,
    SITE,
    Pseudonyms,
    code_of,
    pseudonym,
)

SESSION_LIFE = 300
"""Seconds; SMART Backend Services asks for no more than 300."""

SAME_WORDS = "sign-in refused"


class Fixed(NamedTuple):
    """What every question of a session says alike, as codes of its detail."""

    account: int
    site: int
    kind: int
    usage: int
    product: int
    place: int
    device: int


def place_code(place: str) -> int:
    """Two characters of a département as a number; 0 where it is not known."""
    return int.from_bytes(place.encode("ascii", "replace")[:2], "big")


def product_code(product: str) -> int:
    """Four bytes that stand for a product and its release; 0 where the vendor states none."""
    digest = hashlib.sha256(product.encode()).digest()[:4]
    return int.from_bytes(digest, "big") if product else 0


@dataclass(slots=True)
class Session:
    """A signed-in software, and its pseudonyms of the month.

    ``seals`` says that its assertion named a presence key: then nothing is asked in clear, as
    whoever relays could; ``sealing`` opens what is sealed, where that key serves.
    """

    software: Software
    site: Site
    certificate: bytes = field(repr=False)
    expires: int
    handle: bytes = field(repr=False)
    limits: Limits
    fixed: Fixed
    seals: bool = False
    sealing: VaultEnd | None = field(default=None, repr=False)
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
    guard: Guard
    presence: PresenceKeys
    _live: dict[bytes, Session] = field(default_factory=dict, repr=False)
    _seen: dict[bytes, int] = field(default_factory=dict, repr=False)

    def __call__(self, sign_in: SignIn) -> SignedIn:
        """Open a session.

        Raises:
            SignInRefused: for every reason the same words.
            AccountContained: the account is frozen or closed.
        """
        now = self.ledger.stamp()
        software = self._claimed(sign_in)  # (1), (2)
        proven = self.check.verify(sign_in.assertion, software, now=now)  # (3)
        assertion = f"{software.client_id}\0{proven.jti}".encode()
        self._once(assertion, proven.expires, now)
        if self.guard.stage(software.number) >= Stage.FROZEN:  # (4)
            raise AccountContained("this account is frozen")
        token = self.chance.draw(32)
        session = self._session(software, sign_in.certificate, token, now)
        period, key = self.pseudonyms.key(now)
        session.under(period, key)
        self.ledger.act(  # (5)
            EntryType.SIGN_IN,
            {
                "software": software.number,
                "assertion": self._tag(assertion),
                "expires": proven.expires,
            },
            account=session.account_as,
            site=session.site_as,
            session=session.session_as,
        )
        session.seals = bool(proven.presence)  # (6)
        session.sealing = self.presence.agree(proven.presence, session.handle, now)
        self._live[session.handle] = session
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
        cap = site.daily_cap or daily_cap(site.kind)
        return Session(
            software=software,
            site=site,
            certificate=certificate,
            expires=now + SESSION_LIFE * 1_000_000,
            handle=hashlib.sha256(token).digest(),
            limits=Limits(account=cap, site=cap),
            fixed=Fixed(
                account=software.number,
                site=site.number,
                kind=KIND_CODES[site.kind],
                usage=software.usage,
                product=product_code(software.product),
                place=place_code(site.place),
                device=code_of(self.pseudonyms.lasting, DEVICE, certificate),
            ),
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

    def end(self, account: int) -> None:
        """End every session of an account, at once."""
        self._live = {h: s for h, s in self._live.items() if s.fixed.account != account}

    def take(self, registered: Registered) -> None:
        """Go on under a new registry: sessions of what was revoked or has changed end here."""
        self.registered = registered
        self._live = {
            handle: session
            for handle, session in self._live.items()
            if registered.software.get(session.software.client_id) == session.software
            and registered.sites.get(session.site.site) == session.site
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
