"""Who takes part, where it is people: what the vault may write of them, and what the owner writes.

``ports.Registered`` holds the people themselves, read as a whole with sites and software.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rempart.domain.person import Person, Suspension
from rempart.usecases.identity_ports import Passkey


class PeopleStore(Protocol):
    """All that the vault writes of people, and no more: it makes no professional and no staff.

    Every implementation promises, and ``tests/spec/test_people.py`` checks: a credential belongs
    to one account for ever; a code is spent once, whoever asks at the same moment; a delegate is
    only ever at the site of their sponsor. ``account`` is a person's number.

    Trust: whoever writes here can sign in as anybody who is registered, and opens nothing.
    """

    def passkeys(self, account: int) -> Sequence[Passkey]:
        """Those of an account that still open it."""
        ...

    def passkey(self, credential_id: bytes) -> tuple[int, Passkey] | None:
        """The account that a credential opens, and its key."""
        ...

    def add_passkey(self, account: int, passkey: Passkey) -> None:
        """Keep a new passkey.

        Raises:
            SignInRefused: the credential is there already, whosever it is, or was.
        """
        ...

    def move_passkey(self, passkey: Passkey) -> None:
        """Keep how far its count and backup have come.

        Raises:
            SignInRefused: it no longer opens anything, or has come further already.
        """
        ...

    def revoke_passkey(self, account: int, credential_id: bytes) -> None:
        """A passkey of this account opens nothing any more, for ever."""
        ...

    def enrolment(self, code_hash: bytes, *, now: int) -> int | None:
        """The account that an unspent code is for; it stays unspent."""
        ...

    def spend(self, code_hash: bytes, passkey: Passkey, *, now: int) -> int | None:
        """Spend a code for its account's new passkey; nothing where it is spent or over."""
        ...

    def take_delegate(self, delegate: Person, *, code_hash: bytes, until: int) -> int:
        """Keep a delegate of ``delegate.sponsor``, at the sponsor's own site; the number given.

        Raises:
            NotAllowed: no such sponsor who is in, or too many delegates.
        """
        ...

    def enrol_again(self, account: int, *, sponsor: int, code_hash: bytes, until: int) -> None:
        """A new code for a delegate of this sponsor; passkeys and codes of before end.

        Raises:
            NotAllowed: no such delegate of theirs.
        """
        ...

    def end_delegate(self, account: int, *, sponsor: int) -> None:
        """A delegate of this sponsor leaves, passkeys and codes with them.

        Raises:
            NotAllowed: no such delegate of theirs.
        """
        ...

    def end_software(self, account: int, *, sponsor: int) -> None:
        """A software of this sponsor is shut out, for ever.

        Raises:
            NotAllowed: no such software of theirs.
        """
        ...


class PeopleRegistry(Protocol):
    """What the registrar writes of people, with the owner's role."""

    def join(self, person: Person) -> int:
        """Keep a professional at a site; again, with the profession of a new contract, they are
        back. The number given.
        """
        ...

    def enrol_staff(
        self,
        person: Person,
        *,
        code_hash: bytes,
        until: int,
        confirmations: Sequence[Mapping[str, str]],
    ) -> int:
        """Keep a member of staff, or give them a new code; passkeys and codes of before end."""
        ...

    def suspend(self, people: Mapping[int, Suspension]) -> None:
        """Suspend these, together or not at all."""
        ...

    def restore(self, account: int, *, followed: bool = True, outside: str = "") -> None:
        """Somebody suspended is back; followed, or ``outside`` of the directory.

        Raises:
            Refusal: nobody suspended has this number.
        """
        ...
