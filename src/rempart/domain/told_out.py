"""Who is out, and who is in outside of the directory, as the ledger has been told: a fold of it.

The registry says who takes part now; it is changed by another process, and what it said before is
gone. The ledger keeps each change: whoever was put out, why, and whoever came back.
"""

from collections.abc import Mapping
from typing import NamedTuple

from rempart.domain.disclosure import Codes, Entry, EntryType, decode_codes
from rempart.domain.reversible import Reversible

SITE, PERSON = "site", "person"

Who = tuple[str, int]
"""A site or a person, by its number."""


class Standing(NamedTuple):
    """Why somebody is out (a ``Suspension``, 0 where they are in); 16 bytes of the SHA-256 of the
    reason why they are in whatever the directory says, or nothing.
    """

    out: int = 0
    outside: bytes = b""

    def copy(self) -> "Standing":
        """Itself: it does not change."""
        return self


USUAL = Standing()
"""In, and followed: nothing to tell of whoever was never anything else."""


def standing_codes(who: Who, standing: Standing) -> Codes:
    """How the ledger says where somebody stands from now on."""
    codes: Codes = {"part": who[0], "number": who[1], "suspended": standing.out}
    return codes | ({"outside": standing.outside} if standing.outside else {})


class ToldOut:
    """The fold: everybody who is not as usual, or was."""

    def __init__(self) -> None:
        self._told: Reversible[Who, Standing] = Reversible()
        self.mark, self.undo = self._told.mark, self._told.undo
        self.forget = self._told.forget

    def absorb(self, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is not EntryType.DECISION:
            return
        codes = decode_codes(detail)
        if "part" not in codes:
            return
        who = str(codes["part"]), int(codes["number"])
        outside = codes.get("outside", b"")
        assert isinstance(outside, bytes), "16 bytes"
        self._told.touch(who)
        self._told.put(who, Standing(int(codes["suspended"]), outside))

    def differing(self, now: Mapping[Who, Standing]) -> dict[Who, Standing]:
        """Those of whom the ledger says something else. Of a number that is nobody's any more, what
        it said stands.
        """
        told = self._told.states
        return {who: is_now for who, is_now in now.items() if told.get(who, USUAL) != is_now}
