"""One question of an account in doubt, and what it says of who asked: the thief, or the owner.

A list that was stolen lets one type what is printed on cards, mostly of people whom the site never
saw. A card or a phone that was read is what no list holds; somebody whom the site knew long before
says little for a thief. The weights are those of the guard's charts, from the ledger alone.
"""

from collections.abc import Sequence
from math import log, log1p
from typing import NamedTuple

from rempart.domain.budget import DAY
from rempart.domain.charts import FAMILY, REGULAR_AFTER, STALE, STRANGER_MAX, TYPED_PRESENCES
from rempart.domain.disclosure import (
    KEYED,
    NOBODY,
    Entry,
    EntryType,
    Outcome,
    Presence,
    question_detail,
)
from rempart.domain.trace import LOOKED_UP, NEVER, Order

RETRIES = frozenset({Order.IDENTICAL, Order.AGAIN})
CANARY_READ = 6.0
"""Of a beneficiary whom nobody presents: no honest question reads one but by a slip."""
USUAL, USUAL_WEIGHT = 0.03, 100
"""Of honest questions, those about strangers on old cards: believed of any account at first."""
SAFETY, FLOOR = 1.3, 0.004


class Entered(NamedTuple):
    """An entry of the ledger, its index and its detail."""

    ref: int
    entry: Entry
    detail: bytes

    def __repr__(self) -> str:
        return f"Entered({self.ref}, …)"


class Line(NamedTuple):
    """A device and a network, by their keyed codes; 0 where one is not known."""

    device: int
    network: int


class Seen(NamedTuple):
    """One question, or its repeat: ``first`` and ``proved`` are in days, as ``trace.Ages``;
    ``found`` is whether somebody lies under what was brought.
    """

    ref: int
    at: int
    account: int
    site: int
    session: bytes
    line: Line
    presence: Presence
    found: bool
    opened: bool
    looked_up: bool
    repeat: bool
    order: Order = Order.NONE
    first: int = NEVER
    proved: int = NEVER
    canary: bool = False

    def __repr__(self) -> str:
        return f"Seen({self.ref}, …)"

    @property
    def keyed(self) -> bool:
        """Whether it showed what no list of 2024 holds: a card, a phone, or a printed key."""
        return self.presence in KEYED and self.found

    def at_home(self, since: int) -> bool:
        """Whether the site had seen this person's card, or them at all before a moment."""
        known = self.first != NEVER and self.at // DAY - self.first < since // DAY
        return self.found and (self.proved != NEVER or known)

    @property
    def doubtful(self) -> bool:
        """Whether a thief with a list may have asked it: typed without a printed key, about nobody
        long known here.
        """
        return self.doubtful_since(self.at - REGULAR_AFTER * DAY)

    def doubtful_since(self, since: int) -> bool:
        """The same; whoever was first seen after ``since`` may have been seen by the thief."""
        if not self.looked_up:
            return False
        typed = self.presence in TYPED_PRESENCES and not self.keyed
        return self.canary or (typed and not self.at_home(since))


def seen_of(entered: Entered) -> Seen | None:
    """What a question says; none of an entry that is no question, or was made before accounts.

    Raises:
        IntegrityBroken: a question without the detail of one.
    """
    ref, entry, detail = entered
    if entry.type not in {EntryType.QUESTION, EntryType.REPEAT}:
        return None
    return seen(
        ref,
        entry.at,
        entry.session,
        entry.presence,
        entry.outcome,
        detail,
        found=entry.person != NOBODY,
        repeat=entry.type is EntryType.REPEAT,
    )


def seen(  # noqa: PLR0917
    ref: int,
    at: int,
    session: bytes,
    presence: Presence,
    outcome: Outcome,
    detail: bytes,
    *,
    found: bool,
    repeat: bool,
) -> Seen:
    """What a question says, of the parts of its entry.

    Raises:
        IntegrityBroken: not the detail of a question.
    """
    codes = question_detail(detail)
    return Seen(
        ref=ref,
        at=at,
        account=codes.software,
        site=codes.site,
        session=session,
        line=Line(codes.device, codes.network),
        presence=presence,
        found=found,
        opened=outcome is Outcome.OPENED,
        looked_up=outcome in LOOKED_UP,
        repeat=repeat,
        order=Order(codes.order),
        first=codes.first,
        proved=codes.proved,
    )


def habit_of(past: Sequence[Seen]) -> float:
    """Probability that an honest question of this account is about a stranger on an old card."""
    told = [each for each in past if each.looked_up and not each.repeat]
    strangers = sum(each.doubtful and each.presence is Presence.LEGACY for each in told)
    usual = (strangers + USUAL * USUAL_WEIGHT) / (len(told) + USUAL_WEIGHT)
    return min(0.9, usual * SAFETY + FLOOR)


def weight(seen: Seen, share: float, habit: float) -> float:
    """Log-likelihood ratio of one question, between "so large a share of them is a thief's" and
    "the account does as it always did"; 0 where it says nothing.
    """
    if seen.canary:
        return CANARY_READ
    if not seen.looked_up or seen.repeat:
        return 0.0
    if seen.keyed or not seen.doubtful:
        return log1p(-share)
    return _told(seen) * min(STRANGER_MAX, log((share + (1 - share) * habit) / habit))


def _told(seen: Seen) -> float:
    """The part of a stranger's weight that a doubtful question has."""
    if not seen.found:
        return 0.0 if seen.order in RETRIES else STALE
    if seen.order in RETRIES:
        return 0.0
    return FAMILY if seen.order is Order.SAME_CONTRACT else 1.0
