"""Claims of a breach as they are counted and written down (``specs/scope.md``)."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from rempart.domain.errors import IntegrityBroken, Refusal

UNOPENED = ""
"""In the place of an insurer: claims that nobody could open."""


class ClaimsSaid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Claims of one insurer, or of all: how many are in each part.

    The rest is of those that are breached or undecided: ``late`` came after containment alone;
    ``sent`` and ``told`` again by the accounts; by name, how many each of ``uses``, ``shown``,
    ``domains`` and ``outcomes`` is of; ``asked`` and ``owed`` in cents; the first and the last
    moment in microseconds; ``list`` is the SHA-256 of their list in clear.
    """

    breached: int = 0
    undecided: int = 0
    cleared: int = 0
    late: int = 0
    sent: int = 0
    told: int = 0
    uses: dict[str, int] = {}
    shown: dict[str, int] = {}
    domains: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    asked: int = 0
    owed: int = 0
    first: int = 0
    last: int = 0
    list: str = ""

    def __repr__(self) -> str:
        return f"ClaimsSaid(breached={self.breached}, undecided={self.undecided}, …)"

    @property
    def touched(self) -> int:
        """Those that are breached or undecided."""
        return self.breached + self.undecided

    @property
    def sums(self) -> tuple[int, ...]:
        """What adds up over insurers."""
        parts = (self.breached, self.undecided, self.cleared)
        return *parts, self.late, self.sent, self.told, self.asked, self.owed


class ClaimsFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Claims beside the scope of this number, up to a moment; by insurer, those that nobody could
    open under no number.
    """

    format: Literal["rempart/claims/1"] = "rempart/claims/1"
    incident: int
    exercise: bool
    scope: int
    finding_digest: str
    until: int
    whole: ClaimsSaid
    insurers: dict[str, ClaimsSaid]

    def __repr__(self) -> str:
        return f"ClaimsFile(scope={self.scope}, …)"

    @property
    def unopened(self) -> ClaimsSaid:
        """Those that nobody could open."""
        return self.insurers.get(UNOPENED, ClaimsSaid())

    def check(self) -> None:
        """Return if insurers add up to the whole.

        Raises:
            IntegrityBroken: they do not.
        """
        if added(self.insurers.values()) != self.whole.sums:
            raise IntegrityBroken("the claims of insurers do not add up to all of them")

    def to_json(self) -> bytes:
        """The text of the file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


def added(some: Iterable[ClaimsSaid]) -> tuple[int, ...]:
    """The sums of several together."""
    each: Sequence[tuple[int, ...]] = [ClaimsSaid().sums, *(said.sums for said in some)]
    return tuple(map(sum, zip(*each, strict=True)))


def read_claims(text: bytes) -> ClaimsFile:
    """The claims in a file.

    Raises:
        Refusal: they are none.
        IntegrityBroken: they do not add up.
    """
    try:
        said = msgspec.json.decode(text, type=ClaimsFile)
    except msgspec.DecodeError:
        raise Refusal("these are no claims of a breach") from None
    said.check()
    return said
