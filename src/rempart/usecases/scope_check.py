"""Hold a scope that was said against the one that comes out of the ledger again.

(1) its ranges and its holes are all entries up to its checkpoint;
(2) a closed day that it names is one that was signed, with this file and these entries;
(3) its holes are those that come out. Their times may be wider or narrower only where the entries
    were cut into other ranges: a day that is gone knows its own times, what is erased in the open
    ledger has those of its neighbours;
(4) the first scope has none before it, and nobody has moved.

Whatever cannot be verified where it is made again is told (``Verified``), and not repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rempart.domain.errors import IntegrityBroken
from rempart.usecases.closed_day import ClosedDay
from rempart.usecases.scope_file import HoleSaid, RangeRead, ScopeFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The scope that came out, and what of the one that was said nobody could verify here: closed
    days whose manifests are not here, times of holes, and, unless ``followed``, its number and who
    has moved since the scope before.
    """

    scope: ScopeFile
    days: tuple[str, ...] = ()
    times: bool = False
    followed: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing is left."""
        return self.followed and not self.days and not self.times


def check_against(
    said: ScopeFile, again: ScopeFile, days: Sequence[ClosedDay], *, size: int
) -> Verified:
    """Return if ``said`` is what came out; ``days`` are those that were signed, all of them.

    Raises:
        IntegrityBroken: it is not; the first member that differs is named.
    """
    check_tiling(said, size)  # (1)
    unseen = check_days(said.ranges, days, size)  # (2)
    times = check_holes(said, again)  # (3)
    check_first(said)  # (4)
    if again.judged() != said.judged():
        raise IntegrityBroken(f"another scope comes out: {_differing(said, again)}")
    return Verified(scope=again, days=unseen, times=times)


def check_first(said: ScopeFile) -> None:
    """(4) Return if the first scope, and no other, has none before it.

    Raises:
        IntegrityBroken: it says otherwise.
    """
    if said.number < 1 or (said.number == 1) != (said.before is None):
        raise IntegrityBroken("another scope comes out: its number, or the one before it")
    if said.before is None and said.moved:
        raise IntegrityBroken("another scope comes out: moved, and none was before it")


def check_tiling(said: ScopeFile, size: int) -> None:
    """(1) Return if every entry up to ``size`` was read, or is said to be missing.

    Raises:
        IntegrityBroken: some are in no range and no hole, or in two.
    """
    read = [(each.first, each.end) for each in said.ranges]
    missing = [(each.first, each.end) for each in said.holes]
    for name, parts in (("ranges", read), ("holes", missing)):
        ends = [0, *(end for _, end in parts)]
        begins = [*(first for first, _ in parts), size]
        if any(first >= end for first, end in parts) or any(map(int.__gt__, ends, begins)):
            raise IntegrityBroken(f"another scope comes out: {name} overlap, or reach beyond it")
    at = 0
    for first, end in sorted(read + missing):
        if first > at:
            break
        at = max(at, end)
    if at < size:
        raise IntegrityBroken(f"another scope comes out: ranges, entry {at} is in none of them")


def check_days(
    ranges: Sequence[RangeRead], days: Sequence[ClosedDay], size: int
) -> tuple[str, ...]:
    """(2) Names of days that are in no manifest here; what they hold was read elsewhere.

    Raises:
        IntegrityBroken: one is not what was signed.
    """
    signed = {
        each.name: RangeRead(each.first, min(each.end, size), each.name, each.digest.hex())
        for each in days
    }
    unseen = []
    for each in ranges:
        within = any(day.first < each.end and each.first < day.end for day in days)
        if signed.get(each.day) == each or not (each.day or each.digest):
            continue
        if not each.day or each.day in signed or within:
            raise IntegrityBroken(f"another scope comes out: ranges, {each.day[:10]!r}")
        unseen.append(each.day)
    return tuple(unseen)


def check_holes(said: ScopeFile, again: ScopeFile) -> bool:
    """(3) Whether the times of its holes are other ones, which another cut explains.

    Raises:
        IntegrityBroken: it has other holes, or no cut explains their times.
    """
    theirs, ours = said.joined(), again.joined()
    if [(each.first, each.end) for each in theirs] != [(each.first, each.end) for each in ours]:
        raise IntegrityBroken("another scope comes out: holes")
    if theirs == ours:
        return False
    pairs = list(zip(theirs, ours, strict=True))
    if said.ranges == again.ranges or not all(_nested(*each) for each in pairs):
        raise IntegrityBroken("another scope comes out: holes, their times")
    return True


def _nested(one: HoleSaid, other: HoleSaid) -> bool:
    """Whether the times of one lie in those of the other."""
    wide, narrow = sorted((one, other), key=lambda each: each.since - each.until)
    return wide.since <= narrow.since <= narrow.until <= wide.until


def _differing(said: ScopeFile, again: ScopeFile) -> str:
    ours, theirs = again.judged(), said.judged()
    names = [
        name for name in ours.__struct_fields__ if getattr(ours, name) != getattr(theirs, name)
    ]
    return ", ".join(names)
