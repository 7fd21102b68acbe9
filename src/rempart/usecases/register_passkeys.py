"""Register a passkey: by a professional who has just signed in, or by whoever holds a code.

* A professional needs a sign-in with Pro Santé Connect of the last ten minutes: neither a session
  that was stolen nor a passkey makes another passkey.
* A delegate or a member of staff needs a one-time code, handed over in person. It makes one
  passkey and no session: with it they sign in.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from rempart.domain.containment import Stage
from rempart.domain.disclosure import EntryType
from rempart.domain.errors import AccountContained, NotAllowed, NotFresh, SignInRefused
from rempart.domain.person import ENROLMENT_SIZE, FRESH_FOR, Person, Role
from rempart.domain.sign_in import Doubt, Means
from rempart.usecases.identity_ports import Passkey
from rempart.usecases.keep_flows import Flow, Kind
from rempart.usecases.open_session import Session, columns_of
from rempart.usecases.people_messages import (
    BeginEnrolment,
    FinishEnrolment,
    FinishRegistration,
)
from rempart.usecases.people_replies import (
    PasskeyAsked,
)
from rempart.usecases.show_options import asked
from rempart.usecases.sign_in_people import SECOND, SignInPeople
from rempart.usecases.take_part import takes_part

PASSKEYS_MAX = 10
"""Of one account: a telephone, a computer, a key in a drawer."""


@dataclass(slots=True)
class RegisterPasskeys:
    """Ceremonies of registration, beside those of ``sign_in``."""

    sign_in: SignInPeople

    def begin(self, session: Session, now: int) -> PasskeyAsked:
        """A challenge for a professional's new passkey.

        Raises:
            NotAllowed: somebody who needs a code, or who has enough passkeys.
            NotFresh: no sign-in with Pro Santé Connect of the last ten minutes.
        """
        person = self._fresh(session, now)
        known = self.sign_in.store.passkeys(person.number)
        if len(known) >= PASSKEYS_MAX:
            raise NotAllowed("this account has as many passkeys as it may")
        begun = self.sign_in.flows.begin(Kind.REGISTRATION, session.key, now, person.number)
        return self._asked(*begun, person, [each.credential_id for each in known])

    def finish(self, session: Session, wanted: FinishRegistration, now: int) -> None:
        """Keep it.

        Raises:
            SignInRefused: not made here, for this challenge, by this person.
            NotFresh: it took too long.
        """
        person = self._fresh(session, now)
        with self.sign_in.failures.of(person, Means.PASSKEY):
            flow = self.sign_in.flows.spend(
                wanted.flow, Kind.REGISTRATION, key=session.key, now=now, account=person.number
            )
            passkey = self._made(wanted.response, person, flow.secret, now)
            self.sign_in.store.add_passkey(person.number, passkey)
        self._tell(person, Means.PRO_SANTE)

    def begin_enrolment(self, wanted: BeginEnrolment) -> PasskeyAsked:
        """A challenge for whoever holds a code.

        Raises:
            SignInRefused: no such code, spent, over, or of somebody who is out.
        """
        now = self.sign_in.sessions.ledger.stamp()
        code_hash = hash_of(wanted.code)
        number = self.sign_in.store.enrolment(code_hash, now=now)
        person = None if number is None else self._people.get(number)
        if person is None or not takes_part(person, self.sign_in.sessions.registered):
            raise SignInRefused(doubt=Doubt.CODE)
        begun = self.sign_in.flows.begin(
            Kind.ENROLMENT, wanted.key, now, code_hash=code_hash, of=person.number
        )
        return self._asked(*begun, person, [])

    def finish_enrolment(self, wanted: FinishEnrolment) -> None:
        """Keep it, and spend the code.

        Raises:
            SignInRefused: not made here, for this challenge; or the code was spent meanwhile.
            AccountContained: the account is frozen or closed.
        """
        sign_in = self.sign_in
        now = sign_in.sessions.ledger.stamp()
        key = sign_in.sessions.binding.proven(wanted, now=now)
        flow = sign_in.flows.spend(wanted.flow, Kind.ENROLMENT, key=key, now=now)
        person = self._people.get(flow.of)
        if person is None or not takes_part(person, self.sign_in.sessions.registered):
            raise SignInRefused(doubt=Doubt.SUSPENDED)
        with sign_in.failures.of(person, Means.ENROLMENT):
            passkey = self._made(wanted.response, person, flow.secret, now)
            if sign_in.sessions.guard.stage(person.number) >= Stage.FROZEN:
                raise AccountContained("this account is frozen")
            if sign_in.store.spend(flow.code_hash, passkey, now=now) != person.number:
                raise SignInRefused(doubt=Doubt.CODE)
        self._tell(person, Means.ENROLMENT)

    def _made(self, response: str, person: Person, challenge: bytes, now: int) -> Passkey:
        return self.sign_in.passkeys.verify_registration(
            response, account=person.login.encode(), challenge=challenge, now=now
        )

    def _asked(self, name: str, flow: Flow, person: Person, existing: list[bytes]) -> PasskeyAsked:
        options = self.sign_in.passkeys.registration_options(
            person.login.encode(), flow.secret, existing, name=person.label or person.login
        )
        return asked(name, options)

    def _fresh(self, session: Session, now: int) -> Person:
        person = session.account
        assert isinstance(person, Person)
        if person.role is not Role.PROFESSIONAL:
            raise NotAllowed("a code is needed: your sponsor, or two officers, make one")
        if session.means is not Means.PRO_SANTE or now - session.proven > FRESH_FOR * SECOND:
            raise NotFresh("sign in with Pro Santé Connect again first")
        return person

    def _tell(self, person: Person, means: Means) -> None:
        """Say in the ledger that a way into this account was made, and how."""
        ledger = self.sign_in.sessions.ledger
        _, key = self.sign_in.sessions.pseudonyms.key(ledger.stamp())
        account_as, site_as = columns_of(person, key)
        codes: dict[str, int | bytes | str] = {"passkey": person.number, "means": means.value}
        ledger.act(EntryType.DECISION, codes, account=account_as, site=site_as)

    @property
    def _people(self) -> Mapping[int, Person]:
        return self.sign_in.sessions.registered.people


def code_text(code: bytes) -> str:
    """A code as it is handed over: base32, in groups of four."""
    text = base64.b32encode(code).rstrip(b"=").decode()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def hash_of(text: str) -> bytes:
    """What is stored of a code, as somebody typed it.

    Raises:
        SignInRefused: it cannot be one.
    """
    # A code has no 0, 1 or 8: whoever types them means the letters that look so.
    plain = "".join(text.split()).replace("-", "").upper().translate(READ_AS)
    try:
        code = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError):
        raise SignInRefused(doubt=Doubt.CODE) from None
    if len(code) != ENROLMENT_SIZE:
        raise SignInRefused(doubt=Doubt.CODE)
    return code_hash(code)


READ_AS = str.maketrans("018", "OIB")


def code_hash(code: bytes) -> bytes:
    """What is stored of a code: it is chance of 128 bits, so that a plain digest does."""
    return hashlib.sha256(b"rempart/enrolment/1" + code).digest()
