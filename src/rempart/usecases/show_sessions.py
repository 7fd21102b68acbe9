"""What a person sees of themselves: who they are, their sessions and passkeys, which they end."""

import hashlib
from dataclasses import dataclass

from rempart.domain.disclosure import EntryType
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.person import FRESH_FOR, POWERS, Person, Role, told
from rempart.usecases.identity_ports import Passkey
from rempart.usecases.open_session import NOWHERE, Session
from rempart.usecases.people_replies import (
    Me,
    PasskeyShown,
    PasskeysShown,
    SessionShown,
    SessionsShown,
)
from rempart.usecases.ports import Account
from rempart.usecases.sign_in_people import SECOND, SignInPeople


@dataclass(slots=True)
class ShowSessions:
    """The owner's own view."""

    sign_in: SignInPeople

    def me(self, session: Session, now: int) -> Me:
        """Who is signed in here."""
        person, sessions = session.account, self.sign_in.sessions
        assert isinstance(person, Person)
        return Me(
            login=person.login,
            role=told(person.role.name),
            powers=tuple(power.name for power in sorted(POWERS[person.role])),
            site=person.site,
            kind="" if session.site is NOWHERE else session.site.kind.value,
            stage=told(sessions.guard.stage(person.number).name),
            means=told(session.means.name),
            fresh=is_fresh(session, now),
            passkeys=len(self.sign_in.store.passkeys(person.number)),
            expires_in=max(0, session.expires - now) // SECOND,
        )

    def mine(self, session: Session) -> SessionsShown:
        """One's own sessions, the latest first."""
        own = self.sign_in.sessions.of(session.account.number)
        own.sort(key=lambda each: -each.seen)
        return SessionsShown(tuple([shown(each, this=each is session) for each in own]))

    def end(self, session: Session, ref: str) -> None:
        """End one of one's own.

        Raises:
            MalformedIdentifier: none has this reference.
        """
        for each in self.sign_in.sessions.of(session.account.number):
            if each.ref == ref:
                self.sign_in.sessions.drop(each)
                return
        raise MalformedIdentifier("session", "none of yours has this reference")

    def end_all(self, session: Session) -> None:
        """End all of one's own; a passkey alone brings no professional back."""
        self.sign_in.sessions.end(session.account.number)
        self.sign_in.there.forget(session.account.number)

    def passkeys(self, session: Session) -> PasskeysShown:
        """One's own passkeys, the oldest first."""
        own = self.sign_in.store.passkeys(session.account.number)
        rows = [
            PasskeyShown(
                passkey_ref(each),
                each.made,
                each.backed_up,
                each.credential_id == session.credential,
            )
            for each in own
        ]
        return PasskeysShown(tuple(rows))

    def revoke(self, session: Session, ref: str) -> None:
        """A passkey opens nothing any more; sessions that it opened end, and the ledger has it.

        Raises:
            MalformedIdentifier: none of one's own has this reference, or it is the only way in.
        """
        number, sessions = session.account.number, self.sign_in.sessions
        own = self.sign_in.store.passkeys(number)
        for passkey in own:
            if passkey_ref(passkey) == ref:
                only_way_in = len(own) == 1 and not by_pro_sante(session.account)
                if only_way_in:
                    raise MalformedIdentifier("passkey", "the only way in: add another first")
                self.sign_in.store.revoke_passkey(number, passkey.credential_id)
                for each in sessions.of(number):
                    if each.credential == passkey.credential_id:
                        sessions.drop(each)
                sessions.ledger.act(
                    EntryType.DECISION,
                    {"passkey": number, "revoked": 1},
                    account=session.account_as,
                    site=session.site_as,
                )
                return
        raise MalformedIdentifier("passkey", "none of yours has this reference")


def by_pro_sante(account: Account) -> bool:
    """Whether somebody comes back without a passkey."""
    return isinstance(account, Person) and account.role is Role.PROFESSIONAL


def passkey_ref(passkey: Passkey) -> str:
    """A passkey's name in its owner's list: opens nothing."""
    return hashlib.sha256(b"ref" + passkey.credential_id).hexdigest()[:16]


def is_fresh(session: Session, now: int) -> bool:
    """Whether the person has just proven who they are."""
    return now - session.proven <= FRESH_FOR * SECOND


def shown(session: Session, *, this: bool) -> SessionShown:
    """A session as its owner sees it: never where from."""
    return SessionShown(
        ref=session.ref,
        since=session.began,
        seen=session.seen,
        device=session.device,
        means=told(session.means.name),
        this=this,
    )
