"""Phones and invitations of an insurer in memory: the reference of ``PhoneBook``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace

from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.phone_ports import Invitation, KeptCard


@dataclass(slots=True)
class MemoryPhoneBook:
    """Three dictionaries."""

    people: dict[bytes, tuple[KeptCard, ...]] = field(default_factory=dict, repr=False)
    invitations: dict[bytes, Invitation] = field(default_factory=dict, repr=False)
    phones: dict[bytes, bytes] = field(default_factory=dict, repr=False)
    said: set[bytes] = field(default_factory=set, repr=False)
    under_way: bool = False

    @contextmanager
    def taking(self) -> Iterator[None]:
        """One change; what it does not end is gone."""
        if self.under_way:
            raise TemporarilyUnavailable("another change of the phones is under way here")
        before = deepcopy((self.people, self.invitations, self.phones, self.said))
        self.under_way = True
        try:
            yield
        except BaseException:
            self.people, self.invitations, self.phones, self.said = before
            raise
        finally:
            self.under_way = False

    def cards(self, handle: bytes) -> Sequence[KeptCard]:
        """The live cards of somebody."""
        return self.people.get(handle, ())

    def keep(self, handle: bytes, cards: Sequence[KeptCard]) -> None:
        """These are their live cards."""
        self.people[handle] = tuple(cards)
        self.said.add(handle)

    def forget(self, handle: bytes) -> None:
        """This person is over."""
        self.people.pop(handle, None)
        self.invitations = {k: v for k, v in self.invitations.items() if v.handle != handle}
        self.phones = {k: v for k, v in self.phones.items() if v != handle}

    def invite(self, digest: bytes, handle: bytes, lapses: int) -> None:
        """An invitation."""
        for other, each in list(self.invitations.items()):
            if each.handle == handle and not each.point:
                del self.invitations[other]
        self.invitations[digest] = Invitation(handle, lapses)

    def invitation(self, digest: bytes) -> Invitation | None:
        """The one under a digest."""
        return self.invitations.get(digest)

    def enrol(self, digest: bytes, point: bytes, *, most: int) -> None:
        """This phone used it."""
        invited = self.invitations[digest]
        self.invitations[digest] = replace(invited, point=point)
        self.phones[point] = invited.handle
        theirs = [each for each, handle in self.phones.items() if handle == invited.handle]
        for oldest in theirs[:-most]:
            del self.phones[oldest]

    def holder(self, point: bytes) -> bytes | None:
        """Of whom this phone is."""
        return self.phones.get(point)

    def lapse(self, now: int) -> None:
        """Forget invitations that lapsed."""
        self.invitations = {k: v for k, v in self.invitations.items() if v.lapses >= now}

    def recount(self) -> None:
        """Begin to say anew who is on file."""
        self.said = set()

    def unread(self, handle: bytes) -> None:
        """They are."""
        self.said.add(handle)

    def missing(self) -> tuple[int, int]:
        """How many people there are, and how many are not on file."""
        return len(self.people), len(self.people.keys() - self.said)

    def forget_missing(self) -> None:
        """Whoever is not is over."""
        for handle in self.people.keys() - self.said:
            self.forget(handle)
