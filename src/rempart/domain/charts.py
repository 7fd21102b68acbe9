"""The charts of one account: cumulated evidence that somebody else asks in its name.

Each is a CUSUM (Page 1954): the sum, never below zero, of log-likelihood ratios between "a share
``f`` of the questions is a thief's" and "the account does as it always did". It crosses a
threshold h about once in e^h honest questions if the model is right; events are capped so that it
takes many, whatever the model. Arithmetic and pictures: ``docs/explanation/guard.md``.

* **strangers**: people whom this site has not seen for twelve months, on cards without printed
  key: what a list stolen in 2024 lets one ask. Four shares of theft, from nearly all to a drip.
  Evidence of honest work is what no list holds: a proof of presence (card, phone, known), a
  printed key, somebody whom the site knew before.
* **one insurer**: strangers of one insurer, beyond its share among this account's strangers: a
  list was stolen at an insurer, patients come from all of them. It speaks where newness does not,
  in the first weeks of a site or of the platform.
* **misses**: typed things under which nothing lies.
* **order**: numbers or dates beside those typed just before.
* **replays**: card codes used a short while ago in another département.

The account's own past is eight full weeks; the present week teaches nothing until it is over, so
that a thief's first days are not taken for a habit.
"""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from math import log, log1p
from typing import Self

from rempart.domain.budget import DAY
from rempart.domain.containment import Why
from rempart.domain.disclosure import Presence
from rempart.domain.familiar import FAMILIAR_AFTER, Whereabouts, remember
from rempart.domain.trace import NEVER, Order, Trace

HOUR = DAY // 24
WEEKS = 9
"""The present one and eight full ones."""
SHOWN, SHOWN_NEW, COUNTED, STRANGERS, HOURS, BUSIEST, ASKED, MISSED = range(8)
"""Columns of a week: proofs, those of people new here, what was counted and what of it were
strangers (in tenths, by weight as evidence), a bit an hour of the day, questions in the busiest
hour, what was typed and what of it missed (a retry once).
"""
TENTHS = 10
COLUMNS = 8

SHARES = (0.7, 0.3, 0.1, 0.04)
"""Of the questions, a thief's: alone, half and half, one in ten, a drip."""
HONEST = tuple(log1p(-share) for share in SHARES)
STRANGER_MAX = 2.25
"""A stranger weighs no more: nine are needed, whatever the account's habit says."""
FAMILY = 0.4
"""Of a stranger's weight, for one more person of the contract just asked about."""
DOUBT = 10.0
"""Level from which on a week teaches no habit: that of watching."""
UNFAMILIAR, UNFAMILIAR_MAX = 0.5, 1.5
"""More for a stranger asked from a device, a network, a country or at an hour that this account
never had; and the most for all of these, as a new country is a new network too.
"""
THEIRS = 0.7
"""Of a thief's strangers and the owner's together, the part of the stolen insurer."""
INSURER_SHARE, INSURER_WEIGHT = 0.3, 4
"""A local mutuelle or an employer may have so much of a site: believed of any, at first, as if of
so many strangers.
"""
OTHERS = log1p(-THEIRS)
INSURERS = 4
"""Insurers that have a level at the same time: a list is of one."""
PRINTED_KEY, TYPED_REGULAR = 0.7, 0.5
"""Of a proof's weight: somebody's printed key; somebody whom this site knew a fortnight ago."""
REGULAR_AFTER, REGULAR_EVERY = 14, 7
"""Days since the first time, and since the last: yesterday's victims buy nothing today."""

MISS, MISS_CARD, TYPED_FOUND, PROOF = 2.4, 1.2, -0.6, -0.05
"""A card that is read says little of what else is typed: a guesser works beside the owner."""
GUESSES, MISSES_WEIGHT, MISSES_USUAL = 0.45, 100, 0.03
"""Of what is typed, a guesser's share; of misses, the habit of any, as if of so many typed things:
from it a miss weighs ``MISS``. An office that bills from files has a habit of its own beside it.
"""
STALE = 0.45
"""Of a stranger's weight, for an old card that opens nothing: a list of 2024 is partly stale."""
RETRIED = 0.15
"""Of a miss's weight, for the same wrong things typed again: all that it can try is a rank."""
BESIDE, NOT_BESIDE = 3.0, -0.3
REPLAY, NO_REPLAY = 2.5, -0.05

PRIOR_WEIGHT = 150
"""Questions: how long a kind's habit outweighs an account's own."""
NEWNESS_WEIGHT = 50
NEWNESS_MEMORY = 25
"""Proofs over which the newness of the present crowd is averaged: a fair, August, a new estate."""
NEWNESS_MAX = 8.0
UNINFORMATIVE = 0.8
"""Habit from which on a stranger says nothing: a site's first weeks, a platform's first months."""
SAFETY, FLOOR = 1.3, 0.004
"""The habit is taken a third larger than it looks: honest days are uneven."""
TOGETHER = 600_000_000
"""Microseconds between two questions that make two places of two networks."""
PACE_MIN = 20


@dataclass(slots=True)
class Trail:
    """What one account has done. Every sum follows from the ledger alone."""

    week: int = 0
    weeks: "array[int]" = field(default_factory=lambda: array("q", bytes(8 * WEEKS * COLUMNS)))
    past: list[int] = field(default_factory=lambda: [0] * COLUMNS)
    past_weeks: int = 0
    strangers: list[float] = field(default_factory=lambda: [0.0] * len(SHARES))
    misses: float = 0.0
    order: float = 0.0
    replays: float = 0.0
    newness: float = -1.0
    hour: int = 0
    this_hour: int = 0
    devices: dict[int, int] = field(default_factory=dict)
    networks: dict[int, int] = field(default_factory=dict)
    last_network: int = 0
    last_at: int = 0
    countries: Whereabouts = field(default_factory=Whereabouts)
    insurers: dict[int, float] = field(default_factory=dict)
    seen_insurers: tuple[dict[int, int], ...] = ({},)
    past_insurers: dict[int, int] = field(default_factory=dict)
    warm: bool = False
    last_found: bool = False
    last_amc: int = 0
    doubt: bool = False

    def copy(self) -> Self:
        """Another of the same contents."""
        return type(self)(
            self.week,
            self.weeks[:],
            self.past[:],
            self.past_weeks,
            self.strangers[:],
            self.misses,
            self.order,
            self.replays,
            self.newness,
            self.hour,
            self.this_hour,
            dict(self.devices),
            dict(self.networks),
            self.last_network,
            self.last_at,
            self.countries.copy(),
            dict(self.insurers),
            (dict(self.seen_insurers[0]), *self.seen_insurers[1:]),
            self.past_insurers,
            self.warm,
            self.last_found,
            self.last_amc,
            self.doubt,
        )

    @property
    def strangeness(self) -> float:
        """The highest of the strangers' charts."""
        return max(self.strangers)

    @property
    def one_insurer(self) -> float:
        """The highest of the insurers' charts."""
        return max(self.insurers.values(), default=0.0)

    def advance(self, week: int) -> None:
        """Let weeks pass, and sum up the past ones."""
        gone = week - self.week
        if gone <= 0:
            return
        if self.doubt:
            # A week in which it was watched is no habit: a drip would become one.
            self.doubt = False
            for column in (COUNTED, STRANGERS):
                self.weeks[self.week % WEEKS * COLUMNS + column] = 0
        for passed in range(self.week + 1, self.week + 1 + min(gone, WEEKS)):
            start = passed % WEEKS * COLUMNS
            self.weeks[start : start + COLUMNS] = array("q", bytes(8 * COLUMNS))
        self.week = week
        rows = [self._row(week - back) for back in range(1, WEEKS)]
        self.past = [sum(row[column] for row in rows) for column in range(COLUMNS)]
        hours = 0
        for row in rows:
            hours |= row[HOURS]
        self.past[HOURS] = hours
        self.past[BUSIEST] = max(row[BUSIEST] for row in rows)
        self.past_weeks = sum(1 for row in rows if row[COUNTED])
        empty: tuple[dict[int, int], ...] = tuple({} for _ in range(min(gone, WEEKS)))
        self.seen_insurers = (*empty, *self.seen_insurers)[:WEEKS]
        self.past_insurers = dict(sum(map(Counter, self.seen_insurers[1:]), Counter[int]()))

    def _row(self, week: int) -> "array[int]":
        start = week % WEEKS * COLUMNS
        return self.weeks[start : start + COLUMNS]

    def count(self, column: int, more: int = 1) -> None:
        """So many more this week."""
        self.weeks[self.week % WEEKS * COLUMNS + column] += more

    def habit(self, *, new: float, legacy: float) -> float:
        """Probability that an honest question is about a stranger, here and now.

        ``new`` and ``legacy`` are what is believed of this kind of site, before it has a past.
        """
        past = self.past
        prior = PRIOR_WEIGHT * TENTHS
        own = (past[STRANGERS] + prior * new * legacy) / (past[COUNTED] + prior)
        usual = (past[SHOWN_NEW] + NEWNESS_WEIGHT * new) / (past[SHOWN] + NEWNESS_WEIGHT)
        ratio = min(NEWNESS_MAX, max(1.0, self.newness / usual)) if self.newness > 0 else 1.0
        return own * ratio * SAFETY + FLOOR

    def show(self, trace: Trace, *, new: float) -> None:
        """A proof of presence: evidence of honest work, and of how many new faces there are."""
        self.misses = max(0.0, self.misses + PROOF)
        if trace.presence is Presence.KNOWN:
            # Typed, and known: a thief who has watched this site may type it too.
            self.count(ASKED)
            self.honest(TYPED_REGULAR)
            return
        fresh_face = trace.ages.first == NEVER
        if self.newness < 0:
            self.newness = new
        self.newness += (fresh_face - self.newness) / NEWNESS_MEMORY
        self.count(SHOWN)
        if fresh_face:
            self.count(SHOWN_NEW)
        self.honest(1.0)

    def honest(self, weight: float) -> None:
        """Evidence that no thief has."""
        self.count(COUNTED, round(TENTHS * weight))
        strangers = self.strangers
        if not any(strangers):
            return
        for place, step in enumerate(HONEST):
            level = strangers[place] + step * weight
            strangers[place] = level if level > 0 else 0.0

    def type_in(self, trace: Trace, habit: float) -> bool:
        """Typed things under which somebody lies; whether they are a stranger here."""
        ages = trace.ages
        self.count(ASKED)
        self.misses = max(0.0, self.misses + TYPED_FOUND)
        if trace.presence is not Presence.LEGACY:
            # The printed key is not in what was stolen before keys were printed.
            self.honest(PRINTED_KEY)
            return False
        if ages.first != NEVER:
            if ages.first >= REGULAR_AFTER and ages.seen >= REGULAR_EVERY:
                self.honest(TYPED_REGULAR)
            return False
        # Only what was just answered about, at the same insurer, makes a retry or a relative.
        follows = self.last_found and self.last_amc == trace.amc
        if trace.order is Order.IDENTICAL and follows:
            return False
        if trace.order is Order.SAME_CONTRACT and follows:
            return self._stranger(trace, habit, FAMILY)
        self._of_insurer(trace.amc)
        return self._stranger(trace, habit, 1.0)

    def _stranger(self, trace: Trace, habit: float, weight: float) -> bool:
        """One more, of so much weight; whether that says anything here."""
        self.count(COUNTED, round(TENTHS * weight))
        self.count(STRANGERS, round(TENTHS * weight))
        if habit > UNINFORMATIVE:
            return False
        more = self._unusual(trace)
        for place, share in enumerate(SHARES):
            ratio = log((share + (1 - share) * habit) / habit)
            self.strangers[place] += (min(STRANGER_MAX, ratio) + more) * weight
        self.doubt = self.doubt or self.strangeness >= DOUBT
        return True

    def _of_insurer(self, amc: int) -> None:
        """One more stranger of an insurer, whose family has not just been counted."""
        now, past = self.seen_insurers[0], self.past_insurers
        now[amc] = now.get(amc, 0) + 1
        total = sum(past.values()) + INSURER_WEIGHT
        share = (past.get(amc, 0) + INSURER_SHARE * INSURER_WEIGHT) / total
        step = min(STRANGER_MAX, log((THEIRS + (1 - THEIRS) * share) / share))
        levels = {each: level + OTHERS for each, level in self.insurers.items() if each != amc}
        levels[amc] = self.insurers.get(amc, 0.0) + step
        kept = sorted(levels, key=levels.__getitem__, reverse=True)[:INSURERS]
        self.insurers = {each: levels[each] for each in kept if levels[each] > 0}

    def _unusual(self, trace: Trace) -> float:
        """What makes a stranger weigh more."""
        day, more = trace.at // DAY, 0.0
        for code, known in ((trace.device, self.devices), (trace.network, self.networks)):
            if code and day - known.get(code, day) < FAMILIAR_AFTER and self.past_weeks:
                more += UNFAMILIAR
        if trace.country and self.past_weeks and self.countries.new(trace.country, day):
            more += UNFAMILIAR
        if self.past_weeks > 1 and not self.past[HOURS] >> (trace.at // HOUR % 24) & 1:
            more += UNFAMILIAR
        return min(more, UNFAMILIAR_MAX)

    def miss(self, trace: Trace, habit: float, weight: float) -> None:
        """Typed things, or a code, under which nothing lies; ``weight`` is less in a storm."""
        if trace.refused_card:
            self.misses += MISS_CARD * weight
        elif trace.presence in TYPED_PRESENCES:
            identical = trace.order is Order.IDENTICAL
            again = trace.order is Order.AGAIN
            retried = again or (identical and self.last_amc == trace.amc)
            if not retried:
                self.count(ASKED)
                self.count(MISSED)
            self.misses += MISS * weight * (RETRIED if retried else 1.0)
            if trace.presence is Presence.LEGACY and not (identical or again):
                self._stranger(trace, habit, STALE * weight)

    @property
    def of_an_office(self) -> float:
        """Of a miss's weight, where files are billed of people who are not there: what a likelihood
        ratio gives it, once this account's own habit is known.
        """
        usual = MISSES_WEIGHT * MISSES_USUAL
        habit = SAFETY * (self.past[MISSED] + usual) / (self.past[ASKED] + MISSES_WEIGHT)
        return min(1.0, log((GUESSES + (1 - GUESSES) * habit) / habit) / MISS)

    def place(self, trace: Trace) -> Why | None:
        """Where and when it asks: a second place at once, a country or a pace it never had."""
        day, found = trace.at // DAY, None
        if trace.country:
            abroad = self.countries.follow(trace.country, trace.at)
            found = abroad if self.past_weeks else None
        if (
            trace.network
            and trace.network != self.last_network
            and trace.at - self.last_at < TOGETHER
            and day - self.networks.get(trace.network, day) < FAMILIAR_AFTER
            and self.past_weeks
        ):
            found = Why.TWO_PLACES
        self.last_network, self.last_at = trace.network, trace.at
        if trace.device not in self.devices:
            remember(self.devices, trace.device, day)
        if trace.network not in self.networks:
            remember(self.networks, trace.network, day)
        self.weeks[self.week % WEEKS * COLUMNS + HOURS] |= 1 << (trace.at // HOUR % 24)
        return self._pace(trace) or found

    def _pace(self, trace: Trace) -> Why | None:
        hour = trace.at // HOUR
        if hour != self.hour:
            self.hour, self.this_hour = hour, 0
        self.this_hour += 1
        busiest = self.week % WEEKS * COLUMNS + BUSIEST
        self.weeks[busiest] = max(self.weeks[busiest], self.this_hour)
        fast = self.this_hour > max(PACE_MIN, 2 * self.past[BUSIEST]) and self.past_weeks > 1
        return Why.PACE if fast else None

    def beside(self, trace: Trace) -> None:
        """Whether typed things follow those just before; colleagues have neighbouring numbers, so
        that only what lies beside and opens nothing is a guess.
        """
        if trace.order is Order.NEAR and not trace.found:
            self.order += BESIDE
        elif trace.order is Order.NONE:
            self.order = max(0.0, self.order + NOT_BESIDE)

    def calm(self, *, keep: float) -> None:
        """Somebody answers for the account: so much of the evidence is kept, all of the habit."""
        self.strangers = [level * keep for level in self.strangers]
        self.insurers = {each: level * keep for each, level in self.insurers.items() if keep}
        self.misses, self.order = self.misses * keep, self.order * keep
        self.replays *= keep
        self.warm = self.warm and keep > 0

    def replay(self, *, elsewhere: bool) -> None:
        """A card code, used elsewhere a short while ago or not."""
        self.replays = max(0.0, self.replays + (REPLAY if elsewhere else NO_REPLAY))


TYPED_PRESENCES = frozenset({Presence.DECLARED, Presence.LEGACY})
