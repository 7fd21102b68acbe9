"""Sign people in: proven here, by what the vault itself chose and whoever relays it cannot make.

With Pro Santé Connect:

(1) the client's key signed this request, and began this flow: another's answer is worth nothing;
(2) the ID token holds, under the nonce of this flow, which is spent hereby;
(3) the professional is contracted at the site: one activity, among those of our own registry;
(4) the account is not frozen, nor the portal cut: only who has proven all this is told so;
(5) the ledger has the sign-in;
(6) a fresh handle is given, bound to that key; it ends with Pro Santé Connect's session
    (``follow_pro_sante``).

With a passkey (2) is its assertion over the challenge of this flow. It is the way in of delegates
and staff; a professional comes back by it while Pro Santé Connect's session lasts, and no longer.
"""

from dataclasses import dataclass, field

from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import (
    AccountContained,
    CutOffStands,
    SignInRefused,
    TemporarilyUnavailable,
)
from rempart.domain.person import FRESH_FOR, LIVES, Person, Role, told
from rempart.domain.sign_in import Doubt, Means
from rempart.usecases.follow_pro_sante import FollowProSante
from rempart.usecases.identity_ports import IdentityTokens, Passkey, Passkeys, ProSanteIdentity
from rempart.usecases.keep_flows import FLOW_LIFE, Flow, Flows, Kind, text_of
from rempart.usecases.note_failures import NoteFailures
from rempart.usecases.open_session import OpenSession, Session
from rempart.usecases.people_messages import (
    BeginPasskey,
    BeginProSante,
    ChooseSite,
    FinishPasskey,
    FinishProSante,
)
from rempart.usecases.people_ports import PeopleStore
from rempart.usecases.people_replies import (
    Entered,
    PasskeyAsked,
    ProSanteBegun,
    SitesToChoose,
)
from rempart.usecases.ports import Chance
from rempart.usecases.show_options import asked
from rempart.usecases.take_part import takes_part

SECOND = 1_000_000
SESSIONS_MAX = 20
"""Of one person: past it the one longest unseen ends."""
DEVICES = frozenset({"phone", "tablet", "computer"})


@dataclass(slots=True)
class SignInPeople:
    """``tokens`` is absent where Pro Santé Connect is not set up: professionals do not sign in.

    ``there`` are the sessions at Pro Santé Connect that professionals' own rest on.
    """

    sessions: OpenSession
    flows: Flows
    failures: NoteFailures
    passkeys: Passkeys
    store: PeopleStore
    chance: Chance
    tokens: IdentityTokens | None = None
    there: FollowProSante = field(init=False)

    def __post_init__(self) -> None:
        self.there = FollowProSante(
            self.sessions, self.flows, self.failures, self.chance, self.tokens
        )

    # Pro Santé Connect

    def begin_pro_sante(self, wanted: BeginProSante) -> ProSanteBegun:
        """A nonce and a state to go away with.

        Raises:
            TemporarilyUnavailable: Pro Santé Connect is not set up here.
        """
        if self.tokens is None:
            raise TemporarilyUnavailable("Pro Santé Connect is not set up")
        now = self.sessions.ledger.stamp()
        name, flow = self.flows.begin(Kind.PRO_SANTE, wanted.key, now, again=wanted.again)
        return ProSanteBegun(
            flow=name,
            state=text_of(self.chance.draw(16)),
            nonce=flow.nonce,
            max_age=FRESH_FOR if wanted.again else 0,
            expires_in=FLOW_LIFE,
        )

    def finish_pro_sante(self, wanted: FinishProSante) -> Entered | SitesToChoose:
        """A session, or the sites to choose from.

        Raises:
            SignInRefused: for every reason the same words.
            AccountContained: the account is frozen or closed.
            TemporarilyUnavailable: the trusted keys cannot be read.
        """
        if self.tokens is None:
            raise TemporarilyUnavailable("Pro Santé Connect is not set up")
        now = self.sessions.ledger.stamp()
        key = self.sessions.binding.proven(wanted, now=now)  # (1)
        flow = self.flows.spend(wanted.flow, Kind.PRO_SANTE, key=key, now=now)
        identity = self.tokens.verify(  # (2)
            wanted.id_token,
            nonce=flow.nonce,
            now=now,
            max_age=FRESH_FOR if flow.again else None,
        )
        rows = self._contracted(identity)
        live = [each.site for each in rows if self._is_in(each)]
        if not wanted.site and len(live) > 1:
            name, _ = self.flows.begin(
                Kind.CHOICE, key, now, identity=identity, refresh=flow.refresh
            )
            return SitesToChoose(flow=name, sites=tuple(live))
        site = wanted.site or (live[0] if live else rows[0].site)
        return self._at(identity, rows, site, flow, wanted.device)

    def choose_site(self, wanted: ChooseSite) -> Entered:
        """A session at one of the sites that were to be chosen from.

        Raises:
            SignInRefused: for every reason the same words.
            AccountContained: the account is frozen or closed.
        """
        now = self.sessions.ledger.stamp()
        key = self.sessions.binding.proven(wanted, now=now)
        flow = self.flows.spend(wanted.flow, Kind.CHOICE, key=key, now=now)
        assert flow.identity is not None, "a choice follows a proof"
        rows = self._contracted(flow.identity)
        return self._at(flow.identity, rows, wanted.site, flow, wanted.device)

    def _contracted(self, identity: ProSanteIdentity) -> list[Person]:
        rows = self.sessions.accounts.by_rpps.get(identity.rpps.value)
        if not rows:
            # Nobody of ours: an entry would only say that somebody knocked.
            raise SignInRefused(doubt=Doubt.UNKNOWN)
        return rows

    def _at(
        self, identity: ProSanteIdentity, rows: list[Person], site: str, flow: Flow, device: str
    ) -> Entered:
        now = self.sessions.ledger.stamp()
        person = next((each for each in rows if each.site == site), rows[0])
        with self.failures.of(person, Means.PRO_SANTE):  # (3)
            if person.site != site:
                raise SignInRefused(doubt=Doubt.ACTIVITY)
            if not self._is_in(person):
                raise SignInRefused(doubt=Doubt.SUSPENDED)
            self.there.check(identity)
        session = self.sessions.session(
            person,
            token := self.chance.draw(32),
            now=now,
            expires=identity.session_ends,
            key=flow.key,
            device=flow.key.encode(),
        )
        session.means, session.proven = Means.PRO_SANTE, min(now, identity.authenticated)
        entered = self.enter(session, token, device, now)
        session.there = self.there.begin(person, identity, flow, now)
        session.used(now)
        return entered

    # Passkeys

    def begin_passkey(self, wanted: BeginPasskey) -> PasskeyAsked:
        """A challenge for any passkey of this site."""
        now = self.sessions.ledger.stamp()
        name, flow = self.flows.begin(Kind.PASSKEY, wanted.key, now)
        return asked(name, self.passkeys.authentication_options(flow.secret, []))

    def finish_passkey(self, wanted: FinishPasskey) -> Entered:
        """A session of whoever the passkey opens.

        Raises:
            SignInRefused: for every reason the same words.
            AccountContained: the account is frozen or closed.
        """
        now = self.sessions.ledger.stamp()
        key = self.sessions.binding.proven(wanted, now=now)  # (1)
        flow = self.flows.spend(wanted.flow, Kind.PASSKEY, key=key, now=now)
        person, passkey = self.holder(wanted.response)
        with self.failures.of(person, Means.PASSKEY):
            self.asserted(wanted.response, flow.secret, passkey)  # (2)
            if not self._is_in(person):  # (3)
                raise SignInRefused(doubt=Doubt.SUSPENDED)
            expires = now + LIVES[person.role].most * SECOND
            there = self.there.of(person.number, now)
            if person.role is Role.PROFESSIONAL:
                if there is None:
                    raise SignInRefused(doubt=Doubt.OVER)
                expires = there.ends
        session = self.sessions.session(
            person,
            token := self.chance.draw(32),
            now=now,
            expires=expires,
            key=key,
            device=passkey.credential_id,
        )
        session.means, session.proven = Means.PASSKEY, now
        session.credential, session.there = passkey.credential_id, there
        return self.enter(session, token, wanted.device, now)

    def holder(self, response: str) -> tuple[Person, Passkey]:
        """Whom an answer claims to come from, unproven.

        Raises:
            SignInRefused: nobody who takes part.
        """
        found = self.store.passkey(self.passkeys.credential_id(response))
        if found is None:
            raise SignInRefused(doubt=Doubt.CREDENTIAL)
        person = self.sessions.registered.people.get(found[0])
        if person is None:
            raise SignInRefused(doubt=Doubt.UNKNOWN)
        return person, found[1]

    def asserted(self, response: str, challenge: bytes, passkey: Passkey) -> None:
        """Return once an answer is proven, and its count is kept.

        Raises:
            SignInRefused: it is not.
        """
        moved = self.passkeys.verify_assertion(response, challenge=challenge, passkey=passkey)
        self.store.move_passkey(moved)

    # Both

    def enter(self, session: Session, token: bytes, device: str, now: int, **codes: int) -> Entered:
        """Let a proven session in: (4), (5), (6).

        Raises:
            AccountContained: the account is frozen or closed.
            CutOffStands: it is cut, or the portal.
        """
        person = session.account
        assert isinstance(person, Person)
        if self.sessions.guard.stage(person.number) >= Stage.FROZEN:  # (4)
            raise AccountContained("this account is frozen")
        try:
            self.sessions.check_cut(session, now)
        except CutOffStands:
            self.failures.note(person, session.means, Doubt.CUT_OFF)
            raise
        session.idle = LIVES[person.role].idle * SECOND
        session.device = device if device in DEVICES else ""
        session.under(*self.sessions.pseudonyms.key(now))
        self.sessions.ledger.act(  # (5)
            EntryType.SIGN_IN,
            {"person": person.number, "means": session.means.value, **codes},
            account=session.account_as,
            site=session.site_as,
            session=session.session_as,
        )
        live = sorted(self.sessions.of(person.number), key=lambda each: each.seen)
        for oldest in live[: max(0, len(live) - SESSIONS_MAX + 1)]:
            self.sessions.drop(oldest)
        self.sessions.admit(session)  # (6)
        return Entered(
            token=token,
            expires_in=(session.expires - now) // SECOND,
            login=person.login,
            role=told(person.role.name),
            site=person.site,
        )

    def sweep(self, now: int) -> None:
        """Forget what is over."""
        self.flows.sweep(now)
        self.there.sweep(now)

    def _is_in(self, person: Person) -> bool:
        return takes_part(person, self.sessions.registered)
