"""Judge a claim that cites an answer of the platform.

In this order; the first rule that does not hold decides:

(1) answer: the ledger has it, and it was opened; else refused. One that was erased, or not opened
    at the first try: a person;
(2) site: it was given to this site; else refused;
(3) same: this insurer, this domain on every line, this day of care; else refused;
(4) once: no other claim was judged by it; else refused;
(5) agreement: where one was asked for on it, the claim takes over what a person made of that, once,
    for no more than was agreed. An answer tells that rights are open, and nothing of what is
    agreed: the request itself is for a person.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from rempart.domain.budget import DAY
from rempart.domain.claim import Claim, Use
from rempart.domain.disclosure import EntryType, Outcome, decode, question_detail
from rempart.domain.ruling import Ruling
from rempart.domain.undertaking import UNIX_EPOCH
from rempart.usecases.claim_ports import Agreement, ClaimBook, Ruled, Waiting
from rempart.usecases.ledger_view import StoredEntry


@dataclass(slots=True)
class JudgeAnswers:
    """``entry`` is an entry of the ledger, ``unopened`` those that could not be opened; ``billed``
    and ``asked`` are the answers that this pass has judged claims by, and agreements asked for on.
    """

    book: ClaimBook
    entry: Callable[[int], StoredEntry | None]
    unopened: set[int] = field(repr=False)
    billed: set[int] = field(default_factory=set, repr=False)
    asked: dict[int, Agreement] = field(default_factory=dict, repr=False)

    def answer(self, reference: int) -> tuple[int, StoredEntry | None]:
        """An answer's first entry, where it was given again; and its index."""
        stored = self.entry(reference)
        if stored is not None and stored.body is not None:
            entry = decode(stored.body)
            if entry.type is EntryType.REPEAT:
                return entry.cites, self.entry(entry.cites)
        return reference, stored

    def __call__(
        self, waiting: Waiting, claim: Claim, first: int, stored: StoredEntry | None
    ) -> Ruled:
        """The ruling on a claim on an answer, which ``answer`` has found."""
        if first in self.unopened or (stored is not None and stored.body is None):
            # Opened at another try, perhaps; or erased after twelve months.
            return Ruled(claim=waiting.number, ruling=Ruling.PERSON, rule="answer")  # (1)
        rule = _broken(waiting, claim, stored)
        if not rule and claim.use is Use.AGREEMENT:
            self.asked[first] = Agreement(claim=waiting.number, ruling=Ruling.PERSON)
            return Ruled(claim=waiting.number, ruling=Ruling.PERSON, rule="agreement", asks=first)
        agreed = self.book.agreed(first) or self.asked.get(first)
        if not rule and self._billed(first, agreed):
            rule = "once"  # (4)
        if rule:
            return Ruled(claim=waiting.number, ruling=Ruling.REFUSED, rule=rule)
        self.billed.add(first)
        if agreed is not None:
            return _followed(waiting, claim, first, agreed)  # (5)
        return Ruled(
            claim=waiting.number, ruling=Ruling.HONOURED, amount=claim.asked, disclosure=first
        )

    def _billed(self, first: int, agreed: Agreement | None) -> bool:
        followed = agreed is not None and agreed.followed
        return followed or first in self.billed or self.book.billed(first)


def _broken(waiting: Waiting, claim: Claim, stored: StoredEntry | None) -> str:
    """The first rule that a claim on this answer breaks, if any."""
    if stored is None or stored.body is None or stored.detail is None:
        return "answer"
    entry = decode(stored.body)
    if entry.type is not EntryType.QUESTION or entry.outcome is not Outcome.OPENED:
        return "answer"
    detail = question_detail(stored.detail)
    care = entry.at // DAY + detail.care_offset + UNIX_EPOCH
    asked = (int(claim.amc), {line.domain.value for line in claim.lines}, claim.care.toordinal())
    if detail.site != waiting.biller.site:
        return "site"  # (2)
    return "" if asked == (entry.amc, {entry.domain}, care) else "same"  # (3)


def _followed(waiting: Waiting, claim: Claim, first: int, agreed: Agreement) -> Ruled:
    """What becomes of a claim on an answer on which an agreement was asked for."""
    honoured = agreed.ruling is Ruling.HONOURED
    return Ruled(
        claim=waiting.number,
        ruling=agreed.ruling,
        rule="" if honoured else "agreement",
        amount=min(claim.asked, agreed.amount),
        disclosure=first if honoured else None,
        follows=agreed.claim,
    )
