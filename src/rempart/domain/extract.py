"""An extract of the public directory as a whole: which one is believed, and which needs a look.

* An older one than the last is refused, and so is a file that another has followed: whoever has
  left since would be let in again. Nothing confirms it.
* The same file as the last one is taken and keeps its day: a download that stands still grows old.
* One that is suddenly smaller, or would put many out, is half a file or a thief's more often than
  an exodus. Somebody looks, then says how many will be out: a number, which no timetable knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from rempart.domain.errors import FeedRefused

EXTRACT_DAYS = 3
"""Days after which what is read daily is told to be old."""

SMALLER_BY_MAX = 0.10
LEAVERS_SHARE_MAX = 0.02
"""Five professionals in a hundred leave a site in a year: two in a hundred in a day is no day."""
PEOPLE_FLOOR, SITES_FLOOR = 20, 5
"""So many may go in a day whatever their share is, as long as half remain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """One taking-in: the day that the file is of, its rows, how many were bad, its SHA-256."""

    day: date
    rows: int
    bad: int
    digest: bytes = field(repr=False)

    def age(self, today: date) -> int:
        """Days."""
        return (today - self.day).days


class Leavers(NamedTuple):
    """How many of one sort would be out, and of how many."""

    what: str
    out: int
    of: int
    floor: int

    @property
    def many(self) -> bool:
        """Whether somebody should look first."""
        most = max(self.floor, self.of * LEAVERS_SHARE_MAX)
        return self.out > most or (self.out > 1 and self.out * 2 > self.of)


def check_day(day: date, *, last: Extract | None, today: date) -> None:
    """Return if an extract of this day may be taken.

    Raises:
        FeedRefused: it is older than the last one, or of a day to come.
    """
    if day > today:
        raise FeedRefused("day: an extract of a day to come")
    if last is not None and day < last.day:
        raise FeedRefused(f"older: of {day}, and the last one taken in is of {last.day}")


def check_unseen(digest: bytes, *, last: Extract | None, taken: date | None) -> None:
    """Return if a file is new, or the last one again; ``taken`` is its day where it was ever taken.

    Raises:
        FeedRefused: it is an older one, back.
    """
    if taken is not None and last is not None and digest != last.digest:
        raise FeedRefused(f"older: this file was taken in as of {taken}, and another since")


def doubt_about(
    rows: int, *, last: Extract | None, leavers: Sequence[Leavers], said: int | None
) -> str:
    """Why somebody should look at an extract first; nothing where it is like a day's, or where
    somebody who has looked ``said`` how many it puts out.
    """
    faults = []
    if last is not None and rows < last.rows * (1 - SMALLER_BY_MAX):
        faults.append(f"smaller: {rows} rows, the last one had {last.rows}")
    faults += [
        f"leavers: {each.out} of {each.of} {each.what} would be out"
        for each in leavers
        if each.many
    ]
    out = sum(each.out for each in leavers)
    if not faults or said == out:
        return ""
    return "; ".join([*faults, f"look (--dry-run says who), then --confirm {out}"])
