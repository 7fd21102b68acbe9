"""Relate claims for one care that rest on different evidence: on an answer, or on the card itself.

What stands for a care is a digest of the pair (a beneficiary at a site), the domain and the day.

(1) on an answer, its entry in the ledger says the pair; on a card, shown or named by an
    undertaking, the vault is asked for it. What it does not know is judged without this rule;
(2) where the same site has billed the same care on the other evidence, and no person has refused
    that, the later claim is for a person (``once``): two prescriptions on a day are honest.

With the vault away, claims on cards wait.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

import cbor2

from rempart.domain.claim import Claim, Use
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import NOBODY, question_detail
from rempart.domain.errors import CardRefused, MalformedIdentifier, TemporarilyUnavailable
from rempart.domain.ruling import Ruling
from rempart.domain.tariff import Tariff
from rempart.domain.undertaking import Undertaking
from rempart.sealing.locks import find_of
from rempart.usecases.card_codes import read_card
from rempart.usecases.claim_messages import FindPair, PairFound
from rempart.usecases.claim_ports import ClaimBook, Ruled
from rempart.usecases.judge_undertakings import Books
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.messages import Reply, Request

STANDS = frozenset({Ruling.HONOURED, Ruling.PERSON})
"""Rulings by which a claim is paid, or may be."""


@dataclass(slots=True)
class RelateClaims:
    """``vault`` asks the vault; ``_met`` is what this pass has come to, by care and evidence."""

    book: ClaimBook
    books: Books
    vault: Callable[[Request], Reply] = field(repr=False)
    _met: set[tuple[bytes, bool]] = field(default_factory=set, repr=False)
    _away: bool = False
    """Whether the vault did not answer: it is not asked again in this pass."""

    def on_answer(
        self, ruled: Ruled, claim: Claim, stored: StoredEntry | None, *, site: int
    ) -> Ruled:
        """The ruling on a claim of a site that cites this answer, related to others."""
        if not _bills(ruled, claim) or stored is None or stored.detail is None:
            return ruled
        detail = question_detail(stored.detail)  # (1)
        if detail.site != site or detail.pair == NOBODY:
            return ruled
        domains = {line.domain for line in claim.lines}
        return self._related(ruled, _cares(detail.pair, domains, claim.care), answered=True)

    def on_card(
        self,
        ruled: Ruled,
        claim: Claim,
        code: str,
        *,
        site: int,
        domains: Iterable[Domain],
        lists: Sequence[int],
    ) -> Ruled | None:
        """The same where a site rests on a card, which is read by the trust lists of these numbers;
        none while the vault is away.
        """
        if not _bills(ruled, claim):
            return ruled
        find = self._find(code, lists)
        if find is None:
            return ruled
        try:
            pair = self._pair(FindPair(site, int(claim.amc), find))  # (1)
        except TemporarilyUnavailable:
            self._away = True
            return None
        if not pair:
            return ruled
        return self._related(ruled, _cares(pair, domains, claim.care), answered=False)

    def _related(self, ruled: Ruled, cares: tuple[bytes, ...], *, answered: bool) -> Ruled:
        """(2)"""
        twice = any((care, not answered) in self._met for care in cares)
        twice = twice or self.book.same_care(cares, answered=not answered)
        self._met.update((care, answered) for care in cares)
        ruled = replace(ruled, cares=cares, answered=answered)
        if twice and ruled.ruling is Ruling.HONOURED:
            return replace(ruled, ruling=Ruling.PERSON, rule="once", amount=0, sold=())
        return ruled

    def _find(self, code: str, lists: Sequence[int]) -> bytes | None:
        """Under what a card's lock is found, which does not open it; none where it is no card."""
        for number in lists:
            try:
                return find_of(read_card(code, keys=self.books.keys(number), on=None).secret)
            except CardRefused:
                continue
        return None

    def _pair(self, wanted: FindPair) -> bytes:
        if self._away:
            raise TemporarilyUnavailable("the vault did not answer")
        match self.vault(wanted):
            case PairFound(pair):
                return pair
            case _:
                raise TemporarilyUnavailable("the vault did not answer")


def domains_of(made: Undertaking, tariff: Tariff) -> set[Domain]:
    """Of the lines of an undertaking, as far as the tariff has them."""
    found = set()
    for line in made.lines:
        try:
            found.add(line.domain or tariff.item(line.item, made.day).domain)
        except MalformedIdentifier:
            continue
    return found


def _bills(ruled: Ruled, claim: Claim) -> bool:
    return claim.use is Use.CLAIM and ruled.ruling in STANDS


def _cares(pair: bytes, domains: Iterable[Domain], care: date) -> tuple[bytes, ...]:
    """What stands for each care of a claim (SHA-256)."""
    said = [[pair, domain.value, care.toordinal()] for domain in sorted(domains)]
    return tuple(sha256(cbor2.dumps(each, canonical=True)).digest() for each in said)
