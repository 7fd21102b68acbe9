"""Erase persons whose rights ended long enough ago: 27 months after their last lock's last day.

Claims of care are prescribed after two years; the rest is the post. An insurer that still lists
such a person sends them again only when their row changes, or in its next full feed.

(1) their locks go, and all that is known of them: nobody is answered about them any more;
(2) until then somebody may have been, by a signed code, and an incident names whom by the table of
    that day, which is made when the day is closed. So the handle alone, which only their insurer
    reads, waits for it; and no longer than the entries of these days stand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from rempart.domain.budget import DAY
from rempart.domain.days import number_of
from rempart.usecases.close_days import SETTLED, date_of
from rempart.usecases.member_ports import MemberEraser
from rempart.usecases.retain_days import TERM

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


class Erased(NamedTuple):
    """How many were erased, and how many handles wait for days to be closed."""

    erased: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseMembers:
    """The erasure; a command on a timer."""

    members: MemberEraser
    months: int

    def __call__(self, *, now: int, progress: Callable[[int], object] = lambda _: None) -> Erased:
        """Erase who ended over ``months`` months before ``now`` (microseconds).

        Raises:
            TemporarilyUnavailable: an import or a rotation is under way.
        """
        ended = number_of(months_before(date_of(now // DAY), self.months))
        erased = 0
        with self.members.exclusive_of_all():
            while batch := self.members.erase(ended_before=ended, at=now, limit=BATCH):  # (1)
                erased += batch
                progress(batch)
            closed = self.members.named_until() - SETTLED
            waiting = self.members.let_go(before=max(closed, now - TERM))  # (2)
        return Erased(erased, waiting)
