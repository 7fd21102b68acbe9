"""A scope as it is written down (``specs/scope.md``): JSON, bytes in hexadecimal, times in µs."""

from typing import Any, Literal

import msgspec

from rempart.domain.errors import MalformedIdentifier, Refusal
from rempart.domain.finding import Finding, finding_of


class RangeRead(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Entries that were read; ``day`` and ``digest`` of the file where it was a closed day."""

    first: int
    end: int
    day: str = ""
    digest: str = ""


class HoleSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Entries that were not there."""

    first: int
    end: int
    since: int
    until: int


class InsurerSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many people of one insurer are in each part."""

    amc: str
    breached: int
    undecided: int
    cleared: int


class AttemptSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked in vain."""

    whose: str
    outcome: str
    count: int


class MovedSaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many people went from one part to another; null is nowhere."""

    before: str | None
    after: str | None
    people: int


class ScopeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of it."""

    format: Literal["rempart/scope/1"] = "rempart/scope/1"
    number: int
    exercise: bool = False
    finding: dict[str, Any]
    finding_digest: str
    checkpoint: str
    ranges: tuple[RangeRead, ...]
    holes: tuple[HoleSaid, ...]
    clears: bool
    people: int
    breached: int
    undecided: int
    cleared: int
    insurers: tuple[InsurerSaid, ...]
    attempts: tuple[AttemptSaid, ...]
    unopened: dict[str, int]
    canaries: dict[str, int]
    unmet: tuple[str, ...]
    list: str
    silent: tuple[int, ...] = ()
    before: str | None = None
    moved: tuple[MovedSaid, ...] = ()

    def __repr__(self) -> str:
        return f"ScopeFile(number={self.number}, people={self.people}, …)"

    def to_json(self) -> str:
        """The text of the file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1).decode() + "\n"

    def judged(self) -> "ScopeFile":
        """What follows from ledger and finding alone, however the entries were cut into days."""
        holes = tuple(HoleSaid(each.first, each.end, 0, 0) for each in self.joined())
        return msgspec.structs.replace(
            self, number=0, ranges=(), holes=holes, before=None, moved=()
        )

    def joined(self) -> tuple[HoleSaid, ...]:
        """Its holes, those that follow one another as one."""
        found: list[HoleSaid] = []
        for each in self.holes:
            if found and found[-1].end == each.first:
                last = found.pop()
                found.append(HoleSaid(last.first, each.end, last.since, each.until))
            else:
                found.append(each)
        return tuple(found)


def read_scope(text: str | bytes) -> ScopeFile:
    """The scope in a file.

    Raises:
        Refusal: it is none, or its finding is none.
    """
    try:
        scope = msgspec.json.decode(text, type=ScopeFile)
    except (msgspec.DecodeError, UnicodeError):
        raise Refusal("this is no scope of a breach") from None
    if finding_in(scope).digest.hex() != scope.finding_digest:
        raise Refusal("the finding in this scope is not the one that it names")
    return scope


def finding_in(scope: ScopeFile) -> Finding:
    """The finding that a scope was made of.

    Raises:
        Refusal: it holds none.
    """
    try:
        return finding_of(scope.finding)
    except MalformedIdentifier as error:
        raise Refusal(f"the finding in this scope: {error}") from None
