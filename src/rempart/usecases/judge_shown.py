"""Judge a claim that rests on a card which its site has verified offline, as it could not ask.

Once the cut is over, in this order; the first rule that does not hold decides:

(1) card: the code is authentic, and proves rights for every line on that day; else refused. Where
    its key is trusted no more, but was on that day: a person;
(2) cut: the ledger shows that this site could not ask about rights on that day, and that neither it
    nor its account was cut on suspicion then or since; else a person;
(3) deposit: within 24 hours of when claims could be sent again; else a person;
(4) list: the insurer's list that counted when that day began is known; or the one that the site
    says it went by, which was published by the end of that day and is no older than the insurer
    bears; else a person;
(5) over: the card was not over on it; else refused. If it ended since, the insurer bears it, and it
    is listed;
(6) kind: a site of its kind bills that domain; else a person;
(7) agreement: it is care that needs none, of up to ``MOST``: beyond, it takes an undertaking; else
    a person;

What this site has billed besides for that person, domain and day, ``relate_claims`` compares.

A verification that is reported, and asks for nothing, is judged by the first five, and uses nothing
up; one of a card that ended since is told so (``ended``).
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

import cbor2

from rempart.domain.card import CardClaims
from rempart.domain.claim import Claim, Shown, Use
from rempart.domain.coverage import Domain
from rempart.domain.cut_history import CutHistory, Span, keys_of_rights
from rempart.domain.errors import CardRefused
from rempart.domain.ruling import Ruling
from rempart.domain.site import may_bill
from rempart.domain.undertaking import UNIX_EPOCH
from rempart.usecases.card_codes import card_mark, read_card
from rempart.usecases.claim_ports import Ruled, Waiting
from rempart.usecases.judge_undertakings import DEPOSIT_WITHIN, Books, step_of

DAY, SECOND = 86_400, 1_000_000
MOST = 300_00
"""Cents a day: what a card's word alone is taken for. Beyond, somebody looks."""
AGREED = frozenset({Domain.OPTI, Domain.AUDI, Domain.DEPR, Domain.HOSP})
"""What insurers agree to beforehand."""


@dataclass(slots=True)
class JudgeShown:
    """By what is known, and by when sites could not ask."""

    books: Books
    cuts: CutHistory

    def __call__(self, waiting: Waiting, claim: Claim, code: str, *, now: int) -> Ruled | None:
        """The ruling; none while the cut lasts. ``now`` in microseconds."""
        begins = begins_of(claim)
        keys = list(keys_of_rights(waiting.biller, int(claim.amc)))
        cut = on_day(self.cuts.spans(keys, now), begins)
        if cut is not None and not cut.until:
            return None
        try:
            proven = self._proven(claim, code, self.books.newest)
        except CardRefused as refusal:  # (1)
            if self._was_proven(claim, code):
                return _ruled(waiting, Ruling.PERSON, "card", "key")
            return _ruled(waiting, Ruling.REFUSED, "card", step_of(refusal))
        made = self._list_made(claim, begins)
        over, ended = self.books.standing(claim.amc, proven.status_index, made)
        verified, domains = claim.use is Use.VERIFICATION, {line.domain for line in claim.lines}
        returned = 0 if cut is None else self.cuts.returned(cut, keys, now)
        for holds, rule, ruling in (
            (cut is not None, "cut/none", Ruling.PERSON),  # (2)
            (not self.cuts.suspected(waiting.biller, begins, now), "cut/suspicion", Ruling.PERSON),
            (waiting.received // SECOND <= returned + DEPOSIT_WITHIN, "deposit", Ruling.PERSON),
            (made and over is not None, "list", Ruling.PERSON),  # (4)
            (not over, "over", Ruling.REFUSED),  # (5)
            (verified or may_bill(waiting.kind, domains), "kind", Ruling.PERSON),  # (6)
            (verified or _needs_none(claim), "agreement", Ruling.PERSON),  # (7)
        ):
            if not holds:
                name, _, why = rule.partition("/")
                return _ruled(waiting, ruling, name, why)
        billed = _billed(waiting.biller.site, proven, claim) if claim.use is Use.CLAIM else b""
        return Ruled(
            claim=waiting.number,
            ruling=Ruling.HONOURED,
            rule="ended" if verified and ended is not None else "",
            amount=claim.asked,
            shown=billed,
            ended_since=ended is not None,
        )

    def _list_made(self, claim: Claim, begins: int) -> int:
        """When the list was made that is judged by; 0 where the site went by one too old or new."""
        counted = self.books.last_made(claim.amc, begins)
        said = claim.cites.made if isinstance(claim.cites, Shown) else None
        if said is None:
            return counted
        statement = self.books.statement(claim.amc, self.books.newest)
        # Who guarantees nothing bears no list that was older than the one that counted.
        oldest = counted if statement is None else begins - statement.list_days * DAY
        return said if oldest <= said < begins + DAY else 0

    def _proven(self, claim: Claim, code: str, number: int) -> CardClaims:
        """What a card says that proves rights for every line, by the trust list of a number.

        Raises:
            CardRefused: it does not.
        """
        card = read_card(code, keys=self.books.keys(number), on=claim.care)
        covered = {domain for domain, _ in card.domains}
        if card.amc != claim.amc:
            raise CardRefused("insurer: the card is of another one")
        if not {line.domain for line in claim.lines} <= covered:
            raise CardRefused("domain: the card does not cover it")
        return card

    def lists(self, claim: Claim) -> Sequence[int]:
        """Numbers of the trust lists that a card may be read by: the newest, and those that counted
        on that day.
        """
        begins = begins_of(claim)
        return [self.books.newest, *self.books.counted(begins, begins + DAY)]

    def _was_proven(self, claim: Claim, code: str) -> bool:
        """Whether it did by a trust list that counted on that day."""
        for number in self.lists(claim)[1:]:
            with suppress(CardRefused):
                self._proven(claim, code, number)
                return True
        return False


def _ruled(waiting: Waiting, ruling: Ruling, rule: str, why: str) -> Ruled:
    return Ruled(claim=waiting.number, ruling=ruling, rule=rule, why=why)


def begins_of(claim: Claim) -> int:
    """When the day of care begins, in seconds."""
    return (claim.care.toordinal() - UNIX_EPOCH) * DAY


def _needs_none(claim: Claim) -> bool:
    return claim.asked <= MOST and all(line.domain not in AGREED for line in claim.lines)


def on_day(spans: Iterable[Span], begins: int) -> Span | None:
    """The last cut that stood on a day, which begins at this second."""
    found = [
        span
        for span in spans
        if span.since < begins + DAY and (not span.until or span.until > begins)
    ]
    return found[-1] if found else None


def _billed(site: int, card: CardClaims, claim: Claim) -> bytes:
    """What stands for one site, card, day and invoice."""
    lines = sorted([line.domain.value, line.price] for line in claim.lines)
    said = [site, card_mark(card), claim.care.toordinal(), lines]
    return sha256(cbor2.dumps(said, canonical=True)).digest()
