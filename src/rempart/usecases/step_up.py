"""Step up: a person proves again who they are, and their account is trusted again, a little.

(1) the passkey is of the very person who is signed in, over a challenge of this session;
(2) it is for that account, or for a software of the professional's own site;
(3) the session gets a new handle, and the old one is dead: what was stolen before is worth nothing;
(4) the ledger has it;
(5) what was narrowed is lifted, once a day; the next time that day the ledger says for whom it
    was, and the guard opens a few declared questions: the same few for the whole day.

Frozen is for a person to lift. And the reverse, ``report``: whoever says that it was not them has
the account frozen at once, with every session of it.
"""

from dataclasses import dataclass

from rempart.domain.containment import Authority, Decision, Stage, Why
from rempart.domain.errors import AccountContained, ForbiddenTransition, NotAllowed, SignInRefused
from rempart.domain.person import Person, Power, check_power
from rempart.domain.sign_in import Doubt, Means
from rempart.usecases.contain_account import ContainAccounts
from rempart.usecases.keep_flows import Kind
from rempart.usecases.open_session import Session
from rempart.usecases.people_messages import (
    FinishStepUp,
    Report,
)
from rempart.usecases.people_replies import (
    PasskeyAsked,
    SteppedUp,
)
from rempart.usecases.ports import Account, Software
from rempart.usecases.show_options import asked
from rempart.usecases.sign_in_people import SECOND, SignInPeople
from rempart.usecases.vouch_sessions import speaks_for


@dataclass(slots=True)
class StepUp:
    """Ceremonies in a session, and what they are worth."""

    sign_in: SignInPeople
    contain: ContainAccounts

    def begin(self, session: Session, now: int) -> PasskeyAsked:
        """A challenge for the passkeys of this account.

        Raises:
            NotAllowed: it has none.
        """
        rows = self._rows(session)
        known = [key for row in rows for key in self.sign_in.store.passkeys(row.number)]
        if not known:
            raise NotAllowed("this account has no passkey")
        name, flow = self.sign_in.flows.begin(
            Kind.STEP_UP, session.key, now, session.account.number
        )
        options = self.sign_in.passkeys.authentication_options(
            flow.secret, [each.credential_id for each in known]
        )
        return asked(name, options)

    def finish(self, session: Session, wanted: FinishStepUp, now: int) -> SteppedUp:
        """A new session in the place of this one.

        Raises:
            SignInRefused: another's passkey, or no proof.
            NotAllowed: for an account that is not theirs to speak for.
            AccountContained: it is frozen: a person lifts that.
        """
        person = session.account
        assert isinstance(person, Person)
        with self.sign_in.failures.of(person, Means.STEP_UP):  # (1)
            flow = self.sign_in.flows.spend(
                wanted.flow, Kind.STEP_UP, key=session.key, now=now, account=person.number
            )
            holder, passkey = self.sign_in.holder(wanted.response)
            if holder not in self._rows(session):
                raise SignInRefused(doubt=Doubt.CREDENTIAL)
            self.sign_in.asserted(wanted.response, flow.secret, passkey)
        account = self.spoken_for(person, wanted.account)  # (2)
        stage = self.sign_in.sessions.guard.stage(account.number)
        if stage >= Stage.FROZEN:
            raise AccountContained("this account is frozen")
        token = self._renew(session, account if stage is Stage.NARROWED else None, now)  # (3), (4)
        lifted = stage is Stage.NARROWED and self._lift(account)  # (5)
        return SteppedUp(
            token=token,
            expires_in=(session.expires - now) // SECOND,
            stage=self.sign_in.sessions.guard.stage(account.number).name.lower(),
            lifted=lifted,
        )

    def _rows(self, session: Session) -> list[Person]:
        """The human who is signed in: a professional is one at all of their sites."""
        person = session.account
        assert isinstance(person, Person)
        return self.sign_in.sessions.accounts.by_rpps.get(person.rpps, [person])

    def spoken_for(self, person: Person, name: str) -> Account:
        """One's own account, or one that a professional may speak for: their site's software.

        Raises:
            NotAllowed: another's.
        """
        if not name or name == person.name:
            return person
        check_power(person.role, Power.VOUCH)
        account = self.sign_in.sessions.accounts.by_name.get(name)
        if isinstance(account, Software) and speaks_for(person, account):
            return account
        raise NotAllowed("not an account of this site")

    def report(self, session: Session, wanted: Report) -> None:
        """It was not me: freeze the account now; every session of it ends.

        Raises:
            NotAllowed: an account that is not theirs to speak for.
            ForbiddenTransition: it is closed, or frozen already.
        """
        person = session.account
        assert isinstance(person, Person)
        account = self.sign_in.sessions.accounts.by_name.get(wanted.account)
        if account is None or account.sponsor != person.number:
            account = self.spoken_for(person, wanted.account)
        decision = Decision(authority=Authority.OWNER, why=Why.REPORTED)
        self.contain.decide(account, Stage.FROZEN, decision)
        self.sign_in.there.forget(account.number)

    def _renew(self, session: Session, narrowed: Account | None, now: int) -> bytes:
        """The same session under a fresh handle, stepped up; the old handle opens nothing."""
        sessions, token = self.sign_in.sessions, self.sign_in.chance.draw(32)
        renewed = sessions.session(
            session.account,
            token,
            now=now,
            expires=session.expires,
            key=session.key,
        )
        renewed.fixed = session.fixed
        renewed.credential, renewed.there = session.credential, session.there
        renewed.began, renewed.means, renewed.proven = session.began, Means.STEP_UP, now
        codes = {} if narrowed is None else {"for": narrowed.number}
        self.sign_in.enter(renewed, token, session.device, now, **codes)
        sessions.drop(session)
        return token

    def _lift(self, account: Account) -> bool:
        decision = Decision(authority=Authority.OWNER, why=Why.STEP_UP)
        try:
            self.contain.decide(account, Stage.WATCHED, decision)
        except ForbiddenTransition:
            # Lifted already today: what is left are the few declared questions.
            return False
        return True
