"""An insurer asks who read its members' rights (GDPR art. 15): what may be asked, and a fold.

A request is opened once. The same within a day is the same opening, for whoever was interrupted;
later it is a replay, and the insurer makes another.
"""

from typing import NamedTuple

from rempart.domain.budget import DAY
from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.errors import NotAllowed
from rempart.domain.reversible import Reversible

PEOPLE_MAX = 100
"""Of one request: people who have asked, and no population."""
A_DAY = 500
"""People of one insurer that are told on a day (UTC)."""
VALID = 30 * DAY
"""Microseconds after which a request has lapsed: the month in which a person is answered."""
AHEAD = 300_000_000
"""Microseconds that an insurer's clock may be ahead of ours."""
TOLD_BACK = 365 * DAY
"""Microseconds that are told of: twelve months, whatever an incident holds for longer."""


class Opening(NamedTuple):
    """An opening: its entry, when, of which insurer and of how many people."""

    ref: int
    at: int
    amc: int
    people: int

    def copy(self) -> "Opening":
        """Itself: it does not change."""
        return self


def access_codes(request: bytes, amc: int, people: int, by: str) -> Codes:
    """How the ledger says that a request (its digest, 32 bytes) was opened, and by whom."""
    return {"access": request, "amc": amc, "people": people, "by": by}


class AccessBook:
    """The fold: every opening, by the digest of its request."""

    def __init__(self) -> None:
        self._openings: Reversible[bytes, Opening] = Reversible()
        self.mark, self.undo = self._openings.mark, self._openings.undo
        self.forget = self._openings.forget

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        codes = decode_codes(detail) if entry.type is EntryType.DECISION else {}
        request = codes.get("access", b"")
        if not request:
            return
        assert isinstance(request, bytes), "codes of ours"
        opening = Opening(index, entry.at, int(codes["amc"]), int(codes["people"]))
        self._openings.touch(request)
        self._openings.put(request, opening)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccessBook) and self._openings.states == other._openings.states

    __hash__ = None  # type: ignore[assignment]

    def standing(self, request: bytes, *, now: int) -> Opening | None:
        """The opening of a request that goes on; nothing where it is new.

        Raises:
            NotAllowed: it was opened on another day.
        """
        opening = self._openings.states.get(request)
        if opening is not None and now - opening.at > DAY:
            raise NotAllowed(f"it was opened in entry {opening.ref}: the insurer makes another one")
        return opening

    def check_room(self, amc: int, people: int, *, now: int) -> None:
        """Return if as many more of this insurer may be told of today.

        Raises:
            NotAllowed: that would be too many.
        """
        told = sum(
            each.people
            for each in self._openings.states.values()
            if each.amc == amc and each.at // DAY == now // DAY
        )
        if told + people > A_DAY:
            raise NotAllowed(f"{A_DAY} people of one insurer a day: {told} were told of today")
