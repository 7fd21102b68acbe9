"""When a site could not ask: every cut-off that ever stood, folded from the ledger.

Unlike ``cutoff.CutOffs``, which tells what stands, this forgets none: what was signed meanwhile is
judged afterwards.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from rempart.domain.cutoff import EVERYTHING, CutOff, Key
from rempart.domain.cutoff_words import SUSPECTED, Channel, Scope
from rempart.domain.disclosure import CITES_NOTHING, Entry, EntryType, decode_codes

SECOND = 1_000_000


class Span(NamedTuple):
    """Seconds since 1970; ``until`` is when it was over, 0 where it is not."""

    since: int
    until: int


class Stopped(Protocol):
    """Who may be stopped: the numbers of a software and of its site, the code of its product."""

    @property
    def software(self) -> int:
        """The account."""
        ...

    @property
    def site(self) -> int:
        """The site."""
        ...

    @property
    def product(self) -> int:
        """The product and its release."""
        ...


def keys_of_rights(who: Stopped, amc: int) -> Iterator[Key]:
    """What stops a site's software from asking about a card of this insurer.

    Not what stops one way of showing a card, nor the portal: who has a software had that.
    """
    yield Scope.SITE, who.site
    yield Scope.ACCOUNT, who.software
    if who.product:
        yield Scope.SOFTWARE, who.product
    yield Scope.CHANNEL, Channel.API
    yield Scope.INSURER, amc
    yield Scope.RIGHTS, EVERYTHING
    yield Scope.PLATFORM, EVERYTHING


def keys_of_site(who: Stopped, amc: int) -> Iterator[Key]:
    """The same, or what stops it from asking for this insurer's agreement."""
    yield from keys_of_rights(who, amc)
    yield Scope.CHANNEL, Channel.AGREEMENT


@dataclass(slots=True)
class CutHistory:
    """The fold: cut-offs by their entry, each ended when it was cleared."""

    cuts: dict[int, CutOff] = field(default_factory=dict, repr=False)

    def absorb(self, index: int, entry: Entry, detail: bytes) -> None:
        """Take in an entry of the ledger."""
        if entry.type is not EntryType.CUT_OFF:
            return
        if entry.cites == CITES_NOTHING:
            self.cuts[index] = CutOff.from_codes(index, decode_codes(detail))
        elif (cut := self.cuts.get(entry.cites)) is not None and not cut.is_over(entry.at):
            if cut.since < entry.at:
                self.cuts[cut.ref] = replace(cut, until=entry.at)
            else:
                # Cleared before it began: it never stood.
                del self.cuts[cut.ref]

    def insurers(self) -> Iterator[Key]:
        """Every insurer that was ever cut."""
        yield from {cut.key for cut in self.cuts.values() if cut.scope is Scope.INSURER}

    def suspected(self, who: Stopped, since: int, now: int) -> bool:
        """Whether this site, or its account, was cut on suspicion at some time from ``since``
        (seconds) to ``now`` (microseconds).
        """
        whose = {(Scope.SITE, who.site), (Scope.ACCOUNT, who.software)}
        return any(
            cut.since <= now and (not cut.until or cut.until > since * SECOND)
            for cut in self.cuts.values()
            if cut.key in whose and cut.why in SUSPECTED
        )

    def returned(self, cut: Span, keys: Iterable[Key], now: int) -> int:
        """When claims could be sent again after a cut of these, in seconds: the intake may have
        been cut with them, or right after. ``now`` (microseconds) where they cannot yet.
        """
        both = self.spans([*keys, (Scope.CHANNEL, Channel.BILLING)], now)
        around = next(each for each in both if each.since <= cut.since and _holds(each, cut))
        return around.until or now // SECOND

    def spans(self, keys: Iterable[Key], now: int) -> list[Span]:
        """When any of these stood, up to ``now`` (microseconds), as spans that do not touch."""
        wanted = frozenset(keys)
        found = sorted(
            (cut.since, cut.until if cut.is_over(now) else 0)
            for cut in self.cuts.values()
            if cut.key in wanted and cut.since <= now
        )
        return [Span(since // SECOND, -(-until // SECOND)) for since, until in _joined(found)]


def _holds(around: Span, cut: Span) -> bool:
    return not around.until or (bool(cut.until) and cut.until <= around.until)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans by their beginning, those that touch made one; 0 is without end."""
    joined: list[tuple[int, int]] = []
    for since, until in spans:
        if joined and (not joined[-1][1] or since <= joined[-1][1]):
            before, ends = joined[-1]
            joined[-1] = (before, max(ends, until) if ends and until else 0)
        else:
            joined.append((since, until))
    return joined
