"""Which other accounts are looked at, once there is a thief: whom the finding may concern.

(1) those that asked by a device or a network of the thief's, from a day before on;
(2) those that asked meanwhile about three strangers on old cards.
(3) Of these, the ones that can weigh: somebody with a clean code (``lines``), or with one of the
    thief's at any time; in a campaign, also who may have asked like a list in its hours.

Whoever is left out by (3) has no line that could be named, takes no code from the thief, and has
not enough evidence, whatever their habit is: all that they asked in four weeks, of a platform's
every busy account, would be read and change no finding (``tests/spec/test_look_further.py``).
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.change_point import at_most
from rempart.domain.finding import Whose
from rempart.domain.lines import SURE, Code
from rempart.domain.proposed_finding import ProposedFinding
from rempart.usecases.question_ports import Trail

STRANGERS = 3
"""On old cards, for which an account is looked at that nobody has stopped."""
ROUNDING = 1e-6


@dataclass(slots=True)
class LookFurther:
    """For the rounds of one finding: codes of an account are read once."""

    trail: Trail
    since: int = 0
    codes: dict[int, dict[Code, bool]] = field(default_factory=dict, repr=False)

    def near(self, proposal: ProposedFinding, now: int) -> frozenset[int]:
        """Accounts that may have been robbed in the same hours: (1), (2)."""
        sessions = [each for account in proposal.accounts for each in account.sessions]
        by_his = [each for each in sessions if each.whose is Whose.THIEF]
        if not by_his:
            return frozenset()
        began, ended = min(s.since for s in by_his), max(s.until for s in by_his)
        met = self.trail.met(proposal.codes, began - DAY, now)
        strangers = self.trail.strangers(began, ended)
        return met | {number for number, count in strangers.items() if count >= STRANGERS}

    def of_weight(
        self, proposal: ProposedFinding, accounts: Collection[int], since: int
    ) -> frozenset[int]:
        """Those of them that can change the finding, if they are read from a moment on: (3)."""
        self._read(accounts, since)
        apart = {
            number
            for number in accounts
            for code, keyed in self.codes[number].items()
            if not keyed or code in proposal.codes
        }
        return frozenset(apart | self._like_a_list(proposal, set(accounts) - apart))

    def _read(self, accounts: Collection[int], since: int) -> None:
        if since != self.since:
            self.since, self.codes = since, {}
        if missing := [number for number in accounts if number not in self.codes]:
            self.codes |= {number: {} for number in missing}
            for (number, code), keyed in self.trail.codes(missing, since).items():
                self.codes[number][code] = keyed

    def _like_a_list(self, proposal: ProposedFinding, accounts: Collection[int]) -> set[int]:
        if proposal.hours is None or not accounts:
            return set()
        first, last = proposal.hours
        canaries = self.trail.canaries(first)
        asked = (
            each._replace(canary=True) if each.ref in canaries else each
            for each in self.trail.asked(accounts, first, last)
        )
        return {n for n, most in at_most(asked).items() if most >= SURE - ROUNDING}
