"""Why claims wait that are not ruled on: the first of these that holds of each.

(1) ``cut``: what its site could not ask about is still cut off;
(2) ``link``: one before it, of its device, has not come yet;
(3) ``vault``: it rests on a card, and others that came later are ruled on: the vault was away;
(4) ``judge``: nobody has judged since it came.

The ledger and the claims say so now; nothing is kept of why the judge left one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rempart.domain.claim import Bound, Claim, Disclosed
from rempart.domain.cut_history import CutHistory, keys_of_rights, keys_of_site
from rempart.domain.errors import MalformedIdentifier
from rempart.sealing.errors import SealBroken
from rempart.usecases.claim_ports import ClaimsToReconcile, Waiting
from rempart.usecases.judge_shown import begins_of, on_day
from rempart.usecases.judge_undertakings import CLOCK_SKEW
from rempart.usecases.open_claims import opened
from rempart.usecases.undertake import read_signed

CUT, LINK, VAULT, JUDGE = "cut", "link", "vault", "judge"


@dataclass(frozen=True, slots=True)
class WhyWaiting:
    """``now`` in microseconds; ``key`` opens claims."""

    claims: ClaimsToReconcile
    cuts: CutHistory
    now: int
    key: bytes = field(repr=False)

    def __call__(self) -> Mapping[int, str]:
        """Why, by the claims' numbers; one that does not open waits for the judge."""
        whys: dict[int, str] = {}
        chains: dict[bytes, list[tuple[int, int]]] = {}
        ruled = self.claims.last_ruled()
        for waiting in self.claims.waiting(self.claims.newest()):
            try:
                claim = opened(waiting.sealed, self.key)
                whys[waiting.number] = self._why(waiting, claim, ruled)
                if isinstance(claim.cites, Bound):
                    device, made = read_signed(claim.cites.message)
                    chains.setdefault(device, []).append((made.number, waiting.number))
            except (SealBroken, MalformedIdentifier):
                whys[waiting.number] = JUDGE
        for device, links in chains.items():
            later = self._behind(device, links, ruled)
            whys.update((number, why) for number, why in later if whys[number] != CUT)
        return whys

    def _why(self, waiting: Waiting, claim: Claim, ruled: int) -> str:
        if isinstance(claim.cites, Disclosed):
            return JUDGE
        if self._cut_off(waiting, claim):
            return CUT
        return VAULT if waiting.number < ruled else JUDGE

    def _cut_off(self, waiting: Waiting, claim: Claim) -> bool:
        """Whether the cut lasts in which it was signed, or its card was shown."""
        signed = isinstance(claim.cites, Bound)
        keys_of = keys_of_site if signed else keys_of_rights
        spans = self.cuts.spans(keys_of(waiting.biller, int(claim.amc)), self.now)
        if isinstance(claim.cites, Bound):
            at = read_signed(claim.cites.message)[1].at
            return any(not cut.until and cut.since - CLOCK_SKEW <= at for cut in spans)
        cut = on_day(spans, begins_of(claim))
        return cut is not None and not cut.until

    def _behind(
        self, device: bytes, links: list[tuple[int, int]], ruled: int
    ) -> Iterator[tuple[int, str]]:
        """The claims behind a link of this device that has not come, or came after the judge."""
        sealed, expected = self.claims.head(device), 1
        if sealed is not None:
            before = opened(sealed, self.key).cites
            assert isinstance(before, Bound), "a place in a chain is taken by an undertaking"
            expected = read_signed(before.message)[1].number + 1
        newest = 0
        for link, number in sorted(links):
            newest = max(newest, number)
            if link > expected:
                yield number, LINK
                continue
            expected = max(expected, link + 1)
            if newest > ruled:
                yield number, JUDGE
