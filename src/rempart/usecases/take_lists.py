"""Take newer lists in, where cards are verified: never an older one, never one of nobody's.

(1) signed: a trust list by an operator's key that is known here, a status list by its insurer;
(2) well formed: the claims of its kind, in their one spelling;
(3) newer than the one that is there: by number, or by the moment at which it was made;
(4) not of the future: a list that nobody can have made yet is a wrong clock, here or there.

The operator's next key comes in its trust list. A list that this next key has signed ends the key
before it: whoever finds an old key signs nothing any more.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Protocol

from rempart.domain.errors import ListRefused
from rempart.domain.insurer import grouped
from rempart.domain.status_list import StatusList
from rempart.domain.trust_list import TrustList
from rempart.sealing.cose import kid_of, read1
from rempart.sealing.errors import SealBroken
from rempart.usecases.card_lists import (
    SIGNED,
    TRUST,
    Points,
    read_status,
    read_trust,
    status_issuer,
)
from rempart.usecases.p256_keys import key_at

NEWER, FUTURE = "newer", "future"
AHEAD = 300
"""Seconds by which the clock of who made a list may be fast."""


class ListShelf(Protocol):
    """The lists that are kept where cards are verified.

    Every implementation promises, and ``tests/spec/test_card_lists.py`` checks: what ``put`` has
    returned from is durable, and whole.

    Trust: whoever writes on this shelf decides which cards count here. Nothing on it is secret.
    """

    def roots(self) -> Points:
        """The operator's keys that are trusted here, by key id."""
        ...

    def put_roots(self, points: Collection[bytes]) -> None:
        """Trust these keys of the operator, 65 bytes each, and no others."""
        ...

    def trust(self) -> bytes | None:
        """The trust list, as it came."""
        ...

    def put_trust(self, data: bytes) -> None:
        """Keep a trust list instead of the one that is there."""
        ...

    def status(self, amc: str) -> bytes | None:
        """The status list of an insurer (8 digits), as it came."""
        ...

    def put_status(self, amc: str, data: bytes) -> None:
        """Keep a status list instead of the insurer's one that is there."""
        ...

    def statuses(self) -> Iterator[bytes]:
        """Every status list."""
        ...


class Taken(Enum):
    """What has become of a list that was shown."""

    NEW = "new"
    KNOWN = "known"
    OLDER = "older"
    """Kept for what it said once, where every list is."""


@dataclass(frozen=True, slots=True)
class TakeLists:
    """``shelf`` is this machine's."""

    shelf: ListShelf

    def trust_operator(self, point: bytes) -> str:
        """Begin: trust an operator's key; its fingerprint, to be compared by another way.

        Raises:
            ListRefused: no key, or another operator's list is kept here already.
        """
        try:
            kid = kid_of(key_at(point))
        except ValueError:
            raise ListRefused("not a key on P-256") from None
        if not (roots := self.shelf.roots()):
            self.shelf.put_roots([point])
        elif kid not in roots:
            raise ListRefused("another operator's key is trusted here: begin in another folder")
        return fingerprint_of(point)

    def __call__(self, data: bytes, *, now: int) -> Taken:
        """Take a list in; ``now`` is this machine's clock in seconds.

        Raises:
            ListRefused: one of (1) to (4) does not hold.
        """
        return self._trust(data, now) if is_trust(data) else self._status(data, now)

    def lists(self) -> tuple[TrustList, dict[str, StatusList]]:
        """What is kept, verified anew; a status list whose key is trusted no more is left out.

        Raises:
            ListRefused: there is no trust list yet, or it is not what was kept.
        """
        kept = self.shelf.trust()
        if kept is None:
            raise ListRefused("there is no trust list here yet: take one in first", step=SIGNED)
        trust, statuses = read_trust(kept, self.shelf.roots()), dict[str, StatusList]()
        for data in self.shelf.statuses():
            try:
                status = read_status(data, trust)
            except ListRefused:
                continue
            statuses[status.amc] = status
        return trust, statuses

    def _trust(self, data: bytes, now: int) -> Taken:
        roots, kept = self.shelf.roots(), self.shelf.trust()
        trust = read_trust(data, roots)  # (1), (2)
        if kept == data:
            return Taken.KNOWN
        if kept is not None and trust.number <= read_trust(kept, roots).number:  # (3)
            raise ListRefused("older than the trust list that is here", step=NEWER)
        _check_made(trust.made, now)
        self.shelf.put_trust(data)
        signer = roots[read1(data, kind=TRUST).kid]
        self.shelf.put_roots([signer, *([trust.next_key] if trust.next_key else [])])
        return Taken.NEW

    def _status(self, data: bytes, now: int) -> Taken:
        amc = status_issuer(data)
        trust, statuses = self.lists()
        status = read_status(data, trust)  # (1), (2)
        if self.shelf.status(amc) == data:
            return Taken.KNOWN
        if amc in statuses and status.made <= statuses[amc].made:  # (3)
            raise ListRefused("older than the status list that is here", step=NEWER)
        _check_made(status.made, now)
        self.shelf.put_status(amc, data)
        return Taken.NEW


def fingerprint_of(point: bytes) -> str:
    """How an operator's list key is read out: 128 bits of its SHA-256, in groups of four."""
    return grouped(sha256(point).digest())


def _check_made(made: int, now: int) -> None:  # (4)
    if made > now + AHEAD:
        raise ListRefused("made in the future: look at this machine's clock", step=FUTURE)


def is_trust(data: bytes) -> bool:
    """Whether this has the shape of a trust list; nothing is verified."""
    try:
        read1(data, kind=TRUST)
    except SealBroken:
        return False
    return True
