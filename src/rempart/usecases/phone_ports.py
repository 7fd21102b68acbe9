"""What enrolment needs of the insurer's machine: who was invited, and which phones are enrolled."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A live card: its serial, and its claims with zeros for a secret."""

    serial: int
    claims: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """``lapses`` is in seconds since 1970; ``point`` is the phone that used it, or empty."""

    handle: bytes = field(repr=False)
    lapses: int
    point: bytes = field(default=b"", repr=False)


class PhoneBook(Protocol):
    """Who was invited, with which live cards, and which phones they enrolled.

    Every implementation promises, and ``tests/spec/test_phones.py`` checks:

    * what ended in a ``taking`` is durable, and nothing is kept of one that did not;
    * an invitation that a phone used is never another's;
    * memory stays bounded, whatever the number of people.

    Trust: it lives at the insurer. It holds handles, keyed digests of invitations, public keys,
    and what cards say without their secrets.
    """

    def taking(self) -> AbstractContextManager[None]:
        """One change, and no other at the same time.

        Raises:
            TemporarilyUnavailable: another is under way, and does not end.
        """
        ...

    def cards(self, handle: bytes) -> Sequence[KeptCard]:
        """The live cards of somebody who was invited; none for anybody else."""
        ...

    def keep(self, handle: bytes, cards: Sequence[KeptCard]) -> None:
        """These are their live cards from now on."""
        ...

    def forget(self, handle: bytes) -> None:
        """Cards, invitations and phones of this person are over."""
        ...

    def invite(self, digest: bytes, handle: bytes, lapses: int) -> None:
        """An invitation; those that they have not used yet are over."""
        ...

    def invitation(self, digest: bytes) -> Invitation | None:
        """The invitation under a keyed digest."""
        ...

    def enrol(self, digest: bytes, point: bytes, *, most: int) -> None:
        """This phone used it; beyond ``most`` phones of one person, the oldest are over."""
        ...

    def holder(self, point: bytes) -> bytes | None:
        """The handle of whom this phone was enrolled for, while it is."""
        ...

    def lapse(self, now: int) -> None:
        """Forget invitations that lapsed before."""
        ...

    def recount(self) -> None:
        """Begin to say anew who is on file: whoever is kept from now on."""
        ...

    def unread(self, handle: bytes) -> None:
        """The row of this person does not read: they are on file."""
        ...

    def missing(self) -> tuple[int, int]:
        """How many people there are, and how many of them this recount did not have."""
        ...

    def forget_missing(self) -> None:
        """Whoever this recount did not have is over."""
        ...
