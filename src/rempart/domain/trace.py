"""A question as budgets and guard see it: what stands in its entry and its detail, and no more.

Ages are in days, counted from the day of the question; ``NEVER`` where it never was, or longer ago
than twelve months. They are those of one beneficiary at one site, before this question.
"""

from enum import IntEnum
from typing import NamedTuple

from rempart.domain.disclosure import NOBODY, Entry, EntryType, Outcome, Presence, question_detail

NEVER = 0xFFFF
KNOWN_FOR = 365
"""Days: a beneficiary proven by card is known to the site for twelve months."""


class Ages(NamedTuple):
    """Days since this site first answered about this beneficiary, last answered, last answered
    on typed things, on an old card's, and last saw a proof (card or phone).
    """

    first: int = NEVER
    seen: int = NEVER
    typed: int = NEVER
    legacy: int = NEVER
    proved: int = NEVER


STRANGER = Ages()


class Order(IntEnum):
    """How the typed things stand to those typed just before on the same account."""

    NONE = 0
    SAME_CONTRACT = 1
    """The same member number: one family."""
    IDENTICAL = 2
    """The same number and date again: a retry."""
    NEAR = 3
    """A number or a date beside the last one: how guesses are made."""
    AGAIN = 4
    """Typed a short while ago, with others in between. It makes a miss a retry, and nothing else:
    who has asked in vain first is found as a stranger like another.
    """


class Trace(NamedTuple):
    """What is left of one question. ``account`` and ``site`` are the registry's numbers; ``tenure``
    is for how many days the site has taken part.
    """

    at: int
    account: int
    site: int
    kind: int
    usage: int
    product: int
    place: int
    amc: int
    presence: Presence
    found: bool
    person: bytes
    order: Order = Order.NONE
    network: int = 0
    device: int = 0
    ages: Ages = STRANGER
    tenure: int = NEVER
    opened: bool = True
    refused_card: bool = False
    country: int = 0


LOOKED_UP = frozenset(
    {
        Outcome.OPENED,
        Outcome.MISSED,
        Outcome.OVER_BUDGET,
        Outcome.NARROWED,
        Outcome.CLOSED_HOUR,
        Outcome.CARD_REFUSED,
    }
)
"""Outcomes that cost, or tell, something; the others were refused before anything was looked up."""


def trace_of(entry: Entry, detail: bytes) -> Trace | None:
    """The trace of an entry; none where there is nothing to weigh: a repeat, an early refusal.

    Raises:
        IntegrityBroken: a question without the detail of one.
    """
    if entry.type is not EntryType.QUESTION or entry.outcome not in LOOKED_UP:
        return None
    codes = question_detail(detail)
    if not codes.site:
        # Of the first version: it has no account to weigh.
        return None
    if codes.code and entry.outcome is Outcome.CARD_REFUSED:
        # A phone's own code, late or used: a slow till or a wrong clock is no sign of a thief.
        return None
    return Trace(
        at=entry.at,
        account=codes.software,
        site=codes.site,
        kind=codes.kind,
        usage=codes.usage,
        product=codes.product,
        place=codes.place,
        amc=entry.amc,
        presence=entry.presence,
        found=entry.person != NOBODY,
        person=entry.person,
        order=Order(codes.order),
        network=codes.network,
        device=codes.device,
        ages=Ages(codes.first, codes.seen, codes.typed, codes.legacy, codes.proved),
        tenure=codes.tenure,
        opened=entry.outcome is Outcome.OPENED,
        refused_card=entry.outcome is Outcome.CARD_REFUSED,
        country=codes.country,
    )
