"""Erase persons whose rights ended long enough ago: 27 months after their last lock's last day.

Claims of care are prescribed after two years; the rest is the post. An insurer that still lists
such a person sends them again only when their row changes, or in its next full feed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rempart.domain.days import number_of
from rempart.usecases.member_ports import MemberEraser

BATCH = 2_000


def months_before(day: date, months: int) -> date:
    """The same day that many months before, or the last one of a shorter month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseMembers:
    """The erasure; a command on a timer."""

    members: MemberEraser
    months: int

    def __call__(self, *, today: date, progress: Callable[[int], object] = lambda _: None) -> int:
        """Erase who ended over ``months`` months ago; how many were.

        Raises:
            TemporarilyUnavailable: an import or a rotation is under way.
        """
        limit = number_of(months_before(today, self.months))
        erased = 0
        with self.members.exclusive_of_all():
            while batch := self.members.erase(ended_before=limit, limit=BATCH):
                erased += batch
                progress(batch)
        return erased
