"""Sponsor delegates: a professional takes them in at their own site, and answers for them.

A delegate may be a software with a key (a night batch), registered under their sponsor's name: it
is listed here, and ended here.

The code is shown once, to the sponsor, who hands it over in person; only its digest is kept. What
the sponsor calls a delegate is theirs alone: the ledger knows a number.
"""

import base64
from dataclasses import dataclass

from rempart.domain.disclosure import Codes, EntryType
from rempart.domain.errors import NotAllowed
from rempart.domain.person import (
    ENROLMENT_LIFE,
    ENROLMENT_SIZE,
    Person,
    Role,
    check_person,
    told,
)
from rempart.domain.practice import Usage
from rempart.usecases.contain_account import named
from rempart.usecases.open_session import Session
from rempart.usecases.people_messages import (
    Sponsor,
)
from rempart.usecases.people_replies import (
    DelegateShown,
    DelegatesShown,
    EnrolmentMade,
)
from rempart.usecases.ports import Account, Chance, Software
from rempart.usecases.register_passkeys import code_hash, code_text
from rempart.usecases.sign_in_people import SECOND, SignInPeople
from rempart.usecases.take_part import takes_part


@dataclass(slots=True)
class SponsorDelegates:
    """A sponsor's own delegates, and nobody else's."""

    sign_in: SignInPeople

    def take(self, session: Session, wanted: Sponsor, now: int) -> EnrolmentMade:
        """Take somebody in.

        Raises:
            MalformedIdentifier: no such usage, or not a label.
            NotAllowed: this sponsor has as many as they may.
        """
        sponsor, chance = session.account, self.sign_in.chance
        delegate = Person(
            number=0,
            login=fresh_login(Role.DELEGATE, chance),
            role=Role.DELEGATE,
            sponsor=sponsor.number,
            site=sponsor.site,
            usage=named(Usage, wanted.usage, "usage"),
            label=wanted.label.strip(),
        )
        check_person(delegate)
        code, until = chance.draw(ENROLMENT_SIZE), now + ENROLMENT_LIFE * SECOND
        number = self.sign_in.store.take_delegate(delegate, code_hash=code_hash(code), until=until)
        self._tell(session, {"delegate": number, "sponsor": sponsor.number})
        return EnrolmentMade(delegate.name, code_text(code), ENROLMENT_LIFE)

    def again(self, session: Session, name: str, now: int) -> EnrolmentMade:
        """A new code for a delegate who has lost their device: every way of before ends.

        Raises:
            NotAllowed: no delegate of theirs.
        """
        delegate = self._own(session, name)
        if isinstance(delegate, Software):
            raise NotAllowed("a software has a key: rempart software rotate")
        code = self.sign_in.chance.draw(ENROLMENT_SIZE)
        self.sign_in.store.enrol_again(
            delegate.number,
            sponsor=session.account.number,
            code_hash=code_hash(code),
            until=now + ENROLMENT_LIFE * SECOND,
        )
        self.sign_in.sessions.end(delegate.number)
        self._tell(session, {"delegate": delegate.number, "again": 1})
        return EnrolmentMade(delegate.name, code_text(code), ENROLMENT_LIFE)

    def end(self, session: Session, name: str) -> None:
        """A delegate leaves.

        Raises:
            NotAllowed: no delegate of theirs.
        """
        delegate, store = self._own(session, name), self.sign_in.store
        end = store.end_software if isinstance(delegate, Software) else store.end_delegate
        end(delegate.number, sponsor=session.account.number)
        self.sign_in.sessions.end(delegate.number)
        self._tell(session, {"delegate": delegate.number, "left": 1})

    def mine(self, session: Session) -> DelegatesShown:
        """Who is sponsored by whoever is signed in."""
        accounts = self.sign_in.sessions.accounts.by_name.values()
        own = [each for each in accounts if each.sponsor == session.account.number]
        return DelegatesShown(tuple([self._shown(each) for each in own if not has_left(each)]))

    def _shown(self, delegate: Account) -> DelegateShown:
        sessions, software = self.sign_in.sessions, isinstance(delegate, Software)
        return DelegateShown(
            account=delegate.name,
            label=delegate.product if isinstance(delegate, Software) else delegate.label,
            usage=told(delegate.usage.name),
            here=takes_part(delegate, sessions.registered),
            passkeys=0 if software else len(self.sign_in.store.passkeys(delegate.number)),
            stage=sessions.guard.stage(delegate.number).name.lower(),
            software=software,
        )

    def _own(self, session: Session, name: str) -> Account:
        account = self.sign_in.sessions.accounts.by_name.get(name)
        if account is None or account.sponsor != session.account.number:
            raise NotAllowed("not a delegate of yours")
        return account

    def _tell(self, session: Session, codes: Codes) -> None:
        self.sign_in.sessions.ledger.act(
            EntryType.DECISION, codes, account=session.account_as, site=session.site_as
        )


def has_left(delegate: Account) -> bool:
    """Whether a delegate was ended."""
    return delegate.revoked if isinstance(delegate, Software) else delegate.left


def fresh_login(role: Role, chance: Chance) -> str:
    """An opaque handle: 80 bits, and a letter for the role."""
    text = base64.b32encode(chance.draw(10)).decode().lower()
    return f"{'p' if role is Role.PROFESSIONAL else 'd'}-{text}"
