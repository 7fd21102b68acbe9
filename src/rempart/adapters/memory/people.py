"""People in memory: the reference of ``PeopleStore`` and ``PeopleRegistry``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rempart.adapters.memory.world import MemoryRegistry
from rempart.domain.errors import NotAllowed, Refusal, SignInRefused
from rempart.domain.person import DELEGATES_MAX, Person, Role, Suspension, is_in
from rempart.domain.sign_in import Doubt
from rempart.usecases.identity_ports import Passkey


@dataclass(slots=True)
class MemoryPeople:
    """Dictionaries beside those of a registry: passkeys by credential, codes by their hash."""

    registry: MemoryRegistry
    keys: dict[bytes, tuple[int, Passkey]] = field(default_factory=dict, repr=False)
    shut: set[bytes] = field(default_factory=set, repr=False)
    codes: dict[bytes, tuple[int, int]] = field(default_factory=dict, repr=False)
    confirmed: dict[int, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def passkeys(self, account: int) -> Sequence[Passkey]:
        """Those of an account that still open it."""
        return [
            key
            for credential, (whose, key) in self.keys.items()
            if whose == account and credential not in self.shut
        ]

    def passkey(self, credential_id: bytes) -> tuple[int, Passkey] | None:
        """The account that a credential opens, and its key."""
        return None if credential_id in self.shut else self.keys.get(credential_id)

    def add_passkey(self, account: int, passkey: Passkey) -> None:
        """Keep a new passkey."""
        if passkey.credential_id in self.keys:
            raise SignInRefused(doubt=Doubt.CREDENTIAL)
        self.keys[passkey.credential_id] = account, passkey

    def move_passkey(self, passkey: Passkey) -> None:
        """Keep how far its count and backup have come."""
        known = self.passkey(passkey.credential_id)
        if known is None or passkey.sign_count < known[1].sign_count:
            raise SignInRefused(doubt=Doubt.SIGN_COUNT)
        whose, _ = known
        self.keys[passkey.credential_id] = whose, passkey

    def revoke_passkey(self, account: int, credential_id: bytes) -> None:
        """A passkey of this account opens nothing any more."""
        if self.keys.get(credential_id, (None,))[0] == account:
            self.shut.add(credential_id)

    def enrolment(self, code_hash: bytes, *, now: int) -> int | None:
        """The account that an unspent code is for."""
        account, until = self.codes.get(code_hash, (None, 0))
        return account if until > now else None

    def spend(self, code_hash: bytes, passkey: Passkey, *, now: int) -> int | None:
        """Spend a code for its account's new passkey."""
        account = self.enrolment(code_hash, now=now)
        if account is not None:
            self.add_passkey(account, passkey)
            del self.codes[code_hash]
        return account

    def take_delegate(self, delegate: Person, *, code_hash: bytes, until: int) -> int:
        """Keep a delegate at the site of their sponsor."""
        people = self.registry.people
        sponsor = people.get(delegate.sponsor)
        siblings = [p for p in people.values() if p.sponsor == delegate.sponsor and not p.left]
        if (
            sponsor is None
            or sponsor.role is not Role.PROFESSIONAL
            or not is_in(sponsor, people)
            or len(siblings) >= DELEGATES_MAX
        ):
            raise NotAllowed("this sponsor takes no delegate more")
        return self._keep(replace(delegate, site=sponsor.site), code_hash, until)

    def enrol_again(self, account: int, *, sponsor: int, code_hash: bytes, until: int) -> None:
        """A new code for a delegate of this sponsor."""
        self._keep(self._delegate(account, sponsor), code_hash, until)

    def end_delegate(self, account: int, *, sponsor: int) -> None:
        """A delegate of this sponsor leaves."""
        delegate = self._delegate(account, sponsor)
        self._shut(account)
        self.registry.keep_person(replace(delegate, left=True, label=""))

    def end_software(self, account: int, *, sponsor: int) -> None:
        """A software of this sponsor is shut out."""
        for software in self.registry.software.values():
            if (software.number, software.sponsor, software.revoked) == (account, sponsor, False):
                self.registry.revoke_software(software.client_id)
                return
        raise NotAllowed("no delegate of this sponsor")

    def _delegate(self, account: int, sponsor: int) -> Person:
        found = self.registry.people.get(account)
        if found is None or found.sponsor != sponsor or found.left:
            raise NotAllowed("no delegate of this sponsor")
        return found

    def _keep(self, person: Person, code_hash: bytes, until: int) -> int:
        number = self.registry.keep_person(replace(person, ways=person.ways + 1))
        self._shut(number)
        self.codes[code_hash] = number, until
        return number

    def _shut(self, account: int) -> None:
        self.shut |= {name for name, (whose, _) in self.keys.items() if whose == account}
        self.codes = {h: code for h, code in self.codes.items() if code[0] != account}

    def join(self, person: Person) -> int:
        """Keep a professional at a site."""
        for known in self.registry.people.values():
            if known.role is Role.PROFESSIONAL and (known.rpps, known.site) == (
                person.rpps,
                person.site,
            ):
                person = replace(
                    known,
                    profession=person.profession,
                    usage=person.usage,
                    suspended=None,
                    followed=person.followed,
                    outside=person.outside or known.outside,
                )
        return self.registry.keep_person(person)

    def enrol_staff(
        self,
        person: Person,
        *,
        code_hash: bytes,
        until: int,
        confirmations: Sequence[Mapping[str, str]],
    ) -> int:
        """Keep a member of staff, or give them a new code."""
        for known in self.registry.people.values():
            if known.login == person.login:
                if (known.role, known.amc) != (person.role, person.amc):
                    raise Refusal("this login is another's, or of another role")
                person = replace(known, suspended=None)
        number = self._keep(person, code_hash, until)
        self.confirmed[number] = confirmations
        return number

    def suspend(self, people: Mapping[int, Suspension]) -> None:
        """Suspend these."""
        for number, why in people.items():
            self.registry.keep_person(replace(self.registry.people[number], suspended=why))

    def restore(self, account: int, *, followed: bool = True, outside: str = "") -> None:
        """Somebody suspended is back."""
        known = self.registry.people.get(account)
        if known is None or known.suspended is None:
            raise Refusal("nobody suspended has this name")
        reason = outside or known.outside
        self.registry.keep_person(replace(known, suspended=None, followed=followed, outside=reason))
