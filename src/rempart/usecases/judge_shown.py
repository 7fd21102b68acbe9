"""Judge a claim that rests on a card which its site has verified offline, as it could not ask.

Once the cut is over, in this order; the first rule that does not hold decides:

(1) card: the code is authentic, and proves rights for every line on that day; else refused;
(2) cut: the ledger shows that this site could not ask on that day; else a person;
(3) deposit: within 24 hours of the return; else a person;
(4) over: the card was not over when that day began; else refused. If it ended since, the insurer
    bears it, and it is listed;
(5) once: this site has not billed this card, domain and day before; else refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import cbor2

from rempart.domain.claim import Claim, Use
from rempart.domain.cut_history import CutHistory, Span, keys_of_site
from rempart.domain.errors import CardRefused
from rempart.usecases.card_codes import read_card
from rempart.usecases.claim_ports import ClaimBook, Ruled, Ruling, Waiting
from rempart.usecases.judge_undertakings import DEPOSIT_WITHIN, Books
from rempart.usecases.undertake import UNIX_EPOCH, card_digest

DAY, SECOND = 86_400, 1_000_000


@dataclass(slots=True)
class JudgeShown:
    """``billed`` are the cards, sites and days that were billed in this pass."""

    book: ClaimBook
    books: Books
    cuts: CutHistory
    billed: set[bytes] = field(default_factory=set, repr=False)

    def __call__(self, waiting: Waiting, claim: Claim, code: str, *, now: int) -> Ruled | None:
        """The ruling; none while the cut lasts. ``now`` in microseconds."""
        begins = (claim.care.toordinal() - UNIX_EPOCH) * DAY
        spans = self.cuts.spans(keys_of_site(waiting.biller.site, int(claim.amc)), now)
        cut = _on_day(spans, begins)
        if cut is not None and not cut.until:
            return None
        try:
            place = self._place(claim, code)
        except CardRefused:
            return Ruled(claim=waiting.number, ruling=Ruling.REFUSED, rule="card")  # (1)
        over = self.books.over_since(claim.amc, place)
        billed = _billed(waiting, claim, code)
        for holds, rule, ruling in (
            (cut is not None, "cut", Ruling.PERSON),  # (2)
            (cut is None or _in_time(waiting, cut), "deposit", Ruling.PERSON),  # (3)
            (over is None or over > begins, "over", Ruling.REFUSED),  # (4)
            (billed not in self.billed and not self.book.shown(billed), "once", Ruling.REFUSED),
        ):
            if not holds:
                return Ruled(claim=waiting.number, ruling=ruling, rule=rule)
        bills = claim.use is Use.CLAIM
        if bills:
            self.billed.add(billed)  # (5)
        return Ruled(
            claim=waiting.number,
            ruling=Ruling.ACCEPTED,
            amount=claim.asked,
            shown=billed if bills else b"",
            ended_since=over is not None,
        )

    def _place(self, claim: Claim, code: str) -> int | None:
        """The place on its insurer's list of a card that proves rights for every line.

        Raises:
            CardRefused: it does not.
        """
        card = read_card(code, keys=self.books.card_key, on=claim.care)
        covered = {domain for domain, _ in card.domains}
        if card.amc != claim.amc or not {line.domain for line in claim.lines} <= covered:
            raise CardRefused("card: of another insurer, or it does not cover this care")
        return card.status_index


def _on_day(spans: Iterable[Span], begins: int) -> Span | None:
    """The last cut that stood on a day, which begins at this second."""
    found = [
        span
        for span in spans
        if span.since < begins + DAY and (not span.until or span.until > begins)
    ]
    return found[-1] if found else None


def _in_time(waiting: Waiting, cut: Span) -> bool:
    return waiting.received // SECOND <= cut.until + DEPOSIT_WITHIN


def _billed(waiting: Waiting, claim: Claim, code: str) -> bytes:
    """What stands for one site, card, domains and day."""
    domains = sorted({line.domain.value for line in claim.lines})
    said = [waiting.biller.site, card_digest(code), domains, claim.care.toordinal()]
    return sha256(cbor2.dumps(said, canonical=True)).digest()
