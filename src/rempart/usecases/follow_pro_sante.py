"""Follow Pro Santé Connect's sessions: a session here ends when the one there does.

* Posted there (back-channel logout): the vault verifies the token; the sessions that it names end.
* Asked after: while somebody works, their refresh token goes out every five minutes to the web
  process, which alone may talk to Pro Santé Connect. Refused there, the sessions end here. A fresh
  ID token, which the vault verifies, is the proof that the session there was alive.
* Without such a proof for as long as a refresh token lives, they end too: Pro Santé Connect is
  away, or whoever relays keeps quiet.

Refresh tokens live in the vault's memory alone. They open nothing here, and nothing there without
what Pro Santé Connect knows the service by, which the web process has and the vault has not.
Whoever has the vault's socket can take those that are due, and say of those that they were refused:
it ends sessions, and begins none.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush

from rempart.domain.errors import MalformedIdentifier, SignInRefused, TemporarilyUnavailable
from rempart.domain.person import Person
from rempart.domain.sign_in import Doubt, Means
from rempart.usecases.identity_ports import IdentityTokens, LoggedOut, ProSanteIdentity
from rempart.usecases.keep_flows import FLOW_LIFE, Flow, Flows, text_of
from rempart.usecases.messages import Done
from rempart.usecases.note_failures import NoteFailures
from rempart.usecases.open_session import OpenSession
from rempart.usecases.ports import Chance
from rempart.usecases.pro_sante_messages import (
    KeepRefresh,
    ListDue,
    LogOut,
    ProSanteRequest,
    RefreshDue,
    Refreshed,
    RefreshesDue,
    RefreshRefused,
)
from rempart.usecases.session_there import SessionThere

SECOND = 1_000_000
REFRESHED_EVERY = 300
"""Seconds between two refreshes of a session that is used: a sixth of a refresh token's life, so
that Pro Santé Connect may be away for 25 minutes and nobody notices."""
TRIED_AGAIN = 60
"""Seconds after which one that nothing came of is tried again."""
REFRESH_MAX = 4096
"""Characters of a refresh token; Pro Santé Connect's have some 1,000."""
ROOM = 12_000
"""Characters of refresh tokens in one reply: it must fit a frame."""
REMEMBERED = FLOW_LIFE + 600
"""Seconds for which a logout is remembered: longer than any sign-in that it could overtake."""


@dataclass(slots=True)
class FollowProSante:
    """Sessions at Pro Santé Connect, as far as the vault knows."""

    sessions: OpenSession
    flows: Flows
    failures: NoteFailures
    chance: Chance
    tokens: IdentityTokens | None = None
    _there: dict[str, SessionThere] = field(default_factory=dict, repr=False)
    _named: dict[tuple[str, str], SessionThere] = field(default_factory=dict, repr=False)
    _of: dict[int, SessionThere] = field(default_factory=dict, repr=False)
    _due: list[tuple[int, str]] = field(default_factory=list, repr=False)
    _gone: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict, repr=False)
    _told: dict[str, int] = field(default_factory=dict, repr=False)

    def __call__(self, request: ProSanteRequest) -> Done | RefreshesDue:
        """One request of the web process.

        Raises:
            SignInRefused: a token does not hold, or no such flow or session.
            MalformedIdentifier: no refresh token is that long.
            TemporarilyUnavailable: Pro Santé Connect is not set up, or its keys cannot be read.
        """
        now = self.sessions.ledger.stamp()
        match request:
            case KeepRefresh():
                check_refresh(request.refresh_token)
                self.flows.put_refresh(request.flow, request.refresh_token)
            case ListDue():
                return self.due(now)
            case Refreshed():
                self.refreshed(request, now)
            case RefreshRefused():
                self.end(self._known(request.ref), now)
            case LogOut():
                self.log_out(request.logout_token, now)
        return Done()

    # A session begins

    def check(self, identity: ProSanteIdentity) -> None:
        """Return unless Pro Santé Connect has said that this session is over.

        Raises:
            SignInRefused: it has.
        """
        for name in ((identity.subject, ""), ("", identity.sid or "")):
            if name in self._gone and identity.authenticated <= self._gone[name][0]:
                raise SignInRefused(doubt=Doubt.OVER)

    def begin(
        self, person: Person, identity: ProSanteIdentity, flow: Flow, now: int
    ) -> SessionThere:
        """The session there of somebody who has just signed in: one, however often they do."""
        there = self._named.get((identity.subject, identity.sid or ""))
        if there is None or there.over(now):
            ref = text_of(self.chance.draw(16))
            there = SessionThere(
                ref=ref, account=person.number, subject=identity.subject, sid=identity.sid or ""
            )
            self._there[ref] = there
            if there.sid:
                self._named[there.subject, there.sid] = there
            heappush(self._due, (now + REFRESHED_EVERY * SECOND, ref))
        there.nonce, there.refresh = identity.nonce, flow.refresh
        there.ends = max(there.ends, identity.session_ends)
        there.prove(identity.issued, now, now + REFRESHED_EVERY * SECOND)
        self._of[person.number] = there
        return there

    def of(self, account: int, now: int) -> SessionThere | None:
        """The session there of an account, if it lasts."""
        there = self._of.get(account)
        return None if there is None or there.over(now) else there

    def forget(self, account: int) -> None:
        """No passkey brings this professional back: only Pro Santé Connect does."""
        self._of.pop(account, None)

    # It is asked after

    def due(self, now: int) -> RefreshesDue:
        """Those that were used since they were last asked after, the longest waiting first."""
        taken: list[RefreshDue] = []
        room = ROOM
        while room >= REFRESH_MAX and self._due and self._due[0][0] <= now:
            _, ref = heappop(self._due)
            there = self._there.get(ref)
            if there is None or there.over(now):
                continue
            if there.due <= now:
                there.due = now + TRIED_AGAIN * SECOND
                if there.refresh and there.seen > there.asked:
                    taken.append(RefreshDue(ref, there.refresh))
                    room -= len(there.refresh)
            heappush(self._due, (there.due, ref))
        return RefreshesDue(tuple(taken))

    def refreshed(self, wanted: Refreshed, now: int) -> None:
        """Keep the next refresh token, then see what the ID token proves.

        The token first: the one of before is spent, whatever the vault thinks of the other.

        Raises:
            SignInRefused: no such session, or the ID token proves nothing of it.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        there = self._known(wanted.ref)
        check_refresh(wanted.refresh_token)
        there.refresh = wanted.refresh_token or there.refresh
        person = self.sessions.registered.people.get(there.account)
        if person is None:
            raise SignInRefused(doubt=Doubt.UNKNOWN)
        with self.failures.of(person, Means.PRO_SANTE):
            identity = self._tokens().verify_again(wanted.id_token, nonce=there.nonce, now=now)
            if (identity.subject, identity.sid or "") != (there.subject, there.sid):
                raise SignInRefused(doubt=Doubt.IDENTIFIER)
        there.prove(identity.issued, now, now + REFRESHED_EVERY * SECOND)

    # It is over

    def log_out(self, logout_token: str, now: int) -> None:
        """End what Pro Santé Connect says is over; nobody's is as well.

        Raises:
            SignInRefused: it does not say so, or has said so before.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        told = self._tokens().verify_logout(logout_token, now=now)
        if told.jti in self._told:
            raise SignInRefused(doubt=Doubt.REPLAYED)
        self._told[told.jti] = told.until
        # A person's name alone ends all of theirs; with a session's, that session.
        name = ("", told.sid) if told.sid else (told.subject, "")
        self._gone[name] = (told.at, now + REMEMBERED * SECOND)
        for there in self._meant(told):
            self.end(there, now)

    def _meant(self, told: LoggedOut) -> list[SessionThere]:
        if told.sid and told.subject:
            found = self._named.get((told.subject, told.sid))
            return [] if found is None else [found]
        return [
            each
            for each in self._there.values()
            if (told.sid and each.sid == told.sid) or (each.subject == told.subject != "")
        ]

    def end(self, there: SessionThere, now: int) -> None:
        """A session there is over: every session here that rests on it is."""
        there.ended = True
        self.sessions.sweep(now)
        self._drop(there)

    def _drop(self, there: SessionThere) -> None:
        self._there.pop(there.ref, None)
        if self._named.get((there.subject, there.sid)) is there:
            del self._named[there.subject, there.sid]

    def sweep(self, now: int) -> None:
        """Forget what is over."""
        for there in [each for each in self._there.values() if each.over(now)]:
            self._drop(there)
        self._of = {number: each for number, each in self._of.items() if not each.over(now)}
        self._gone = {name: when for name, when in self._gone.items() if when[1] > now}
        self._told = {jti: until for jti, until in self._told.items() if until > now}

    def _known(self, ref: str) -> SessionThere:
        there = self._there.get(ref)
        if there is None:
            raise SignInRefused(doubt=Doubt.UNKNOWN)
        return there

    def _tokens(self) -> IdentityTokens:
        if self.tokens is None:
            raise TemporarilyUnavailable("Pro Santé Connect is not set up")
        return self.tokens


def check_refresh(refresh_token: str) -> None:
    """Return if this can be a refresh token.

    Raises:
        MalformedIdentifier: none is that long.
    """
    if len(refresh_token) > REFRESH_MAX:
        raise MalformedIdentifier("refresh_token", f"expected at most {REFRESH_MAX} characters")
