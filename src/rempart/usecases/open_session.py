"""Open a session: who is calling, proven once; an opaque handle afterwards.

(1) the assertion names a registered software, in with its site, of this instance;
(2) the certificate it came with is one of its own (RFC 8705);
(3) signature, audience, times hold, and its ``jti`` has not been seen;
(4) the account is not frozen, nor cut: only who has proven all this is told so;
(5) the ledger has the sign-in;
(6) a fresh handle is given, bound to that certificate; where the assertion names a presence key,
    the session has a key of its own, which nobody on the way knows.

A handle is opaque and lives in the vault's memory alone: who relays it cannot make one. People
have theirs in the same table, bound to their client's key (``sign_in_people``).
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rempart.domain.containment import Stage
from rempart.domain.cutoff import EVERYTHING, CutOffs, Key, Subject, keys_of_caller, seconds_left
from rempart.domain.cutoff_words import Channel
from rempart.domain.disclosure import NOBODY, Entry, EntryType, decode_codes, product_code
from rempart.domain.errors import AccountContained, CutOffStands, NotSignedIn, SignInRefused
from rempart.domain.guard import Guard, Limits
from rempart.domain.person import Person, Power, may
from rempart.domain.practice import daily_cap, own_cap
from rempart.domain.sign_in import Means
from rempart.domain.site import KIND_CODES, SiteKind
from rempart.sealing.presence import VaultEnd
from rempart.usecases.check_binding import CheckBinding
from rempart.usecases.find_accounts import Accounts
from rempart.usecases.keep_ledger import KeepLedger
from rempart.usecases.messages import SignedIn, SignIn
from rempart.usecases.ports import Account, AssertionCheck, Chance, Registered, Site, Software
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
from rempart.usecases.session_there import SessionThere
from rempart.usecases.software_keys import key_ends, with_live_keys
from rempart.usecases.take_part import delegated, takes_part, unchanged

SESSION_LIFE = 300
"""Seconds; SMART Backend Services asks for no more than 300."""

SAME_WORDS = "sign-in refused"

NOWHERE = Site(site="", kind=SiteKind.DEVICES, daily_cap=1)
"""Where staff sign in: no site that bills, and no power to ask."""


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


@dataclass(slots=True)
class Session:
    """A signed-in account, and its pseudonyms of the month.

    It is bound to a ``certificate``, or to the ``key`` of a person's client. Times are
    microseconds; ``proven`` is when the person last proved who they are, ``idle`` how long it may
    be left alone, ``ref`` its name in its owner's list; a professional's rests on a session
    ``there``, at Pro Santé Connect, and ends with it.

    ``seals`` says that its assertion named a presence key: then nothing is asked in clear, as
    whoever relays could; ``sealing`` opens what is sealed, where that key serves.
    """

    account: Account
    site: Site
    certificate: bytes = field(repr=False)
    expires: int
    handle: bytes = field(repr=False)
    limits: Limits
    fixed: Fixed
    subject: Subject
    key: str = field(default="", repr=False)
    means: Means = Means.ASSERTION
    began: int = 0
    proven: int = 0
    seen: int = 0
    idle: int = 0
    device: str = field(default="", repr=False)
    credential: bytes = field(default=b"", repr=False)
    there: SessionThere | None = None
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
            self.account_as, self.site_as = columns_of(self.account, key)
            self.session_as = pseudonym(key, SESSION, self.handle)

    def over(self, now: int) -> bool:
        """Whether it has ended by itself."""
        alone = self.idle > 0 and self.seen + self.idle < now
        return self.expires < now or alone or (self.there is not None and self.there.over(now))

    def used(self, now: int) -> None:
        """Somebody is there."""
        self.seen = now
        if self.there is not None:
            self.there.seen = now

    @property
    def ref(self) -> str:
        """Its name in its owner's list: opens nothing."""
        return hashlib.sha256(b"ref" + self.handle).hexdigest()[:16]


def columns_of(account: Account, key: bytes) -> tuple[bytes, bytes]:
    """Pseudonyms of an account and of its site under the key of a month."""
    site = account.site.encode()
    return (
        pseudonym(key, ACCOUNT, account.name.encode()),
        pseudonym(key, SITE, site) if site else NOBODY,
    )


class Bound(Protocol):
    """A request in a session."""

    @property
    def token(self) -> bytes:
        """The session handle."""
        ...


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
    cut_offs: CutOffs
    binding: CheckBinding
    presence: PresenceKeys
    _live: dict[bytes, Session] = field(default_factory=dict, repr=False)
    _seen: dict[bytes, int] = field(default_factory=dict, repr=False)
    _accounts: Accounts | None = field(default=None, repr=False)

    def __call__(self, sign_in: SignIn) -> SignedIn:
        """Open a session.

        Raises:
            SignInRefused: for every reason the same words.
            AccountContained: the account is frozen or closed.
            CutOffStands: it is cut, or its way in.
        """
        now = self.ledger.stamp()
        software = self._claimed(sign_in)  # (1), (2)
        proven = self.check.verify(  # (3)
            sign_in.assertion, with_live_keys(software, now), now=now
        )
        assertion = f"{software.client_id}\0{proven.jti}".encode()
        self._once(assertion, proven.expires, now)
        if self.guard.stage(software.number) >= Stage.FROZEN:  # (4)
            raise AccountContained("this account is frozen")
        token = self.chance.draw(32)
        session = self.session(
            software,
            token,
            now=now,
            expires=min([now + SESSION_LIFE * 1_000_000, *key_ends(software, now)]),
            certificate=sign_in.certificate,
        )
        self.check_cut(session, now)
        period, key = self.pseudonyms.key(now)
        session.under(period, key)
        self.ledger.act(  # (5)
            EntryType.SIGN_IN,
            {
                "software": software.number,
                "means": Means.ASSERTION.value,
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

    def named(self, sign_in: SignIn) -> Software | None:
        """The software that an assertion claims to be, unproven, if there is one."""
        try:
            return self.registered.software.get(self.check.client_id(sign_in.assertion))
        except SignInRefused:
            return None

    def _claimed(self, sign_in: SignIn) -> Software:
        software = self.registered.software.get(self.check.client_id(sign_in.assertion))
        if (
            software is None
            or not takes_part(software, self.registered)
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

    def session(
        self,
        account: Account,
        token: bytes,
        *,
        now: int,
        expires: int,
        certificate: bytes = b"",
        key: str = "",
        device: bytes = b"",
    ) -> Session:
        """A session that is not yet in the table; ``device`` is what tells one device apart."""
        site = self.registered.sites[account.site] if account.site else NOWHERE
        cap = site.daily_cap or daily_cap(site.kind)
        desk = account.sponsor > 0
        own = own_cap(site.kind, account.usage, desk=desk) if delegated(account) else cap
        product = product_code(account.product if isinstance(account, Software) else "")
        return Session(
            account=account,
            site=site,
            certificate=certificate,
            key=key,
            began=now,
            seen=now,
            expires=expires,
            handle=hashlib.sha256(token).digest(),
            limits=Limits(account=min(own, cap), site=cap),
            subject=Subject(account.number, site.number, product, channel_of(account)),
            fixed=Fixed(
                account=account.number,
                site=site.number,
                kind=KIND_CODES[site.kind],
                usage=account.usage,
                product=product,
                place=place_code(site.place),
                device=code_of(self.pseudonyms.lasting, DEVICE, device or certificate),
            ),
        )

    @property
    def accounts(self) -> Accounts:
        """Who takes part, by name, number and professional; made again when the registry moves."""
        if self._accounts is None or self._accounts.generation != self.registered.generation:
            self._accounts = Accounts.of(self.registered)
        return self._accounts

    def admit(self, session: Session) -> None:
        """Let a session live; its entry is written."""
        self._live[session.handle] = session

    def caller(self, request: Bound, now: int) -> Session:
        """The live session behind a request that brings what it is bound to.

        Raises:
            NotSignedIn: there is none.
        """
        session = self._live.get(hashlib.sha256(request.token).digest())
        if session is None:
            raise NotSignedIn("no live session")
        if session.over(now):
            del self._live[session.handle]
            raise NotSignedIn("no live session")
        self.binding(request, certificate=session.certificate, key=session.key, now=now)
        session.used(now)
        return session

    def asker(self, request: Bound, now: int) -> Session:
        """The caller, where they may ask at all: staff does not, whatever else it may.

        Raises:
            NotSignedIn: nobody who asks.
        """
        session = self.caller(request, now)
        if isinstance(session.account, Person) and not may(session.account.role, Power.ASK):
            raise NotSignedIn("no session that asks")
        return session

    def check_cut(self, session: Session, now: int) -> None:
        """Return unless who is calling is cut, or their way in.

        Raises:
            CutOffStands: they are.
        """
        cut = self.cut_offs.over(keys_of_caller(session.subject), now)
        if cut is not None:
            raise CutOffStands(after=seconds_left(cut, now))

    def end_under(self, keys: frozenset[Key]) -> None:
        """End every session of these accounts, sites or products."""
        self._live = {
            h: s for h, s in self._live.items() if keys.isdisjoint(keys_of_caller(s.subject))
        }

    def of(self, account: int) -> list[Session]:
        """The sessions of an account."""
        return [s for s in self._live.values() if s.fixed.account == account]

    def drop(self, session: Session) -> None:
        """End one session."""
        self._live.pop(session.handle, None)

    def close(self, token: bytes) -> None:
        """End a session, if there is one."""
        self._live.pop(hashlib.sha256(token).digest(), None)

    def end(self, account: int) -> None:
        """End every session of an account, at once."""
        self._live = {h: s for h, s in self._live.items() if s.fixed.account != account}

    def take(self, registered: Registered) -> None:
        """Go on under a new registry: sessions of what was revoked or has changed end here."""
        self.registered = registered
        self._live = {h: s for h, s in self._live.items() if stays(s, registered)}

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Remember the assertions of the day: a restart replays none."""
        del index
        if entry.type is EntryType.SIGN_IN:
            codes = decode_codes(detail)
            if "assertion" not in codes:
                return
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
        self._live = {h: s for h, s in self._live.items() if not s.over(now)}


def channel_of(account: Account) -> int:
    """The way that an account comes in by. Staff has none that is cut: somebody opens again."""
    if isinstance(account, Software):
        return Channel.API
    return Channel.PORTAL if may(account.role, Power.ASK) else EVERYTHING


def stays(session: Session, registered: Registered) -> bool:
    """Whether a session goes on under a new registry: nothing about its account has changed."""
    account = session.account
    if session.site is not NOWHERE and registered.sites.get(account.site) != session.site:
        return False
    return unchanged(account, registered) and takes_part(account, registered)
