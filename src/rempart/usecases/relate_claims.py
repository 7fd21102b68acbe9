"""Relate the claims of one site for one person, domain and day: is it one care, billed twice?

(1) they are found by a digest of whom, which domain and which day. On an answer, its entry in the
    ledger says the *pair* (a beneficiary at a site); on a card, shown or named by an undertaking,
    the vault is asked for it, and the card stands for itself beside it, known there or not;
(2) where the site has billed on other evidence, or on a card that was only shown, and no person has
    refused that, the lines are compared: what may be one care is for a person (``once``), and so
    is what has ``MANY`` others. Two prescriptions of a day have their own lines, and are accepted;
(3) what is only shown is accepted up to ``MOST`` a day in all, as one claim is: beyond, a person
    (``agreement``).

Two answers are not compared: the platform was asked twice. Nor are two undertakings: their insurer
has said how many it bears. With the vault away, claims on cards wait.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

import cbor2

from rempart.domain.card import CardClaims
from rempart.domain.claim import Bound, Claim, Disclosed, Shown, Use
from rempart.domain.coverage import Domain
from rempart.domain.disclosure import NOBODY, question_detail
from rempart.domain.errors import CardRefused, MalformedIdentifier, TemporarilyUnavailable
from rempart.domain.ruling import Ruling
from rempart.domain.same_care import Priced, one_care
from rempart.domain.tariff import Tariff
from rempart.sealing.errors import SealBroken
from rempart.sealing.locks import find_of
from rempart.usecases.card_codes import card_mark, read_card
from rempart.usecases.claim_messages import FindPair, PairFound
from rempart.usecases.claim_ports import Alike, ClaimBook, Ruled
from rempart.usecases.judge_shown import MOST
from rempart.usecases.judge_undertakings import Books
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.messages import Reply, Request
from rempart.usecases.open_claims import opened
from rempart.usecases.undertake import read_signed

STANDS = frozenset({Ruling.HONOURED, Ruling.PERSON})
"""Rulings by which a claim is paid, or may be."""
MANY = 20
"""Claims of a site for one person, domain and day from which on each is for a person."""


@dataclass(frozen=True, slots=True)
class Other:
    """A claim that is compared: what it rests on is its ``cites``; ``owed`` in cents."""

    number: int
    claim: Claim = field(repr=False)
    owed: int


@dataclass(slots=True)
class RelateClaims:
    """``vault`` asks the vault; ``key`` opens claims; ``_met`` is what this pass has come to, by
    care.
    """

    book: ClaimBook
    books: Books
    vault: Callable[[Request], Reply] = field(repr=False)
    key: bytes = field(repr=False)
    _met: dict[bytes, list[Other]] = field(default_factory=dict, repr=False)
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
        return self._related(ruled, claim, self._cares([detail.pair], claim))

    def on_card(
        self, ruled: Ruled, claim: Claim, code: str, *, site: int, lists: Sequence[int]
    ) -> Ruled | None:
        """The same where a site rests on a card, which is read by the trust lists of these numbers;
        none while the vault is away.
        """
        if not _bills(ruled, claim):
            return ruled
        card = self._read(code, lists)
        if card is None:
            return ruled
        try:
            pair = self._pair(FindPair(site, int(claim.amc), find_of(card.secret)))  # (1)
        except TemporarilyUnavailable:
            self._away = True
            return None
        itself = sha256(cbor2.dumps([site, card_mark(card)], canonical=True)).digest()
        return self._related(ruled, claim, self._cares([itself, *([pair] if pair else [])], claim))

    def _related(self, ruled: Ruled, claim: Claim, cares: tuple[bytes, ...]) -> Ruled:
        rule = self._broken(claim, cares)
        if rule and ruled.ruling is Ruling.HONOURED:
            ruled = replace(ruled, ruling=Ruling.PERSON, rule=rule, amount=0, shown=b"")
        for care in cares:
            self._met.setdefault(care, []).append(Other(ruled.claim, claim, ruled.amount))
        return replace(ruled, cares=cares, answered=isinstance(claim.cites, Disclosed))

    def _broken(self, claim: Claim, cares: tuple[bytes, ...]) -> str:
        """The rule that a claim for these cares does not keep, beside the others, if any."""
        try:
            others = list(self._others(cares, on_cards=isinstance(claim.cites, Disclosed)))
        except (SealBroken, MalformedIdentifier):
            # One of them opens no more: nobody can tell that it is another care.
            return "once"
        if len(others) >= MANY or any(self._one(claim, each.claim) for each in others):  # (2)
            return "once"
        return "" if _within(claim, others) else "agreement"  # (3)

    def _others(self, cares: Sequence[bytes], *, on_cards: bool) -> Iterator[Other]:
        """What the site has billed of these cares, each once; ``on_cards``: on cards alone."""
        seen = set[int]()
        met = (each for care in cares for each in self._met.get(care, []))
        kept = map(self._opened, self.book.same_care(cares, on_cards=on_cards, limit=MANY))
        for each in (*met, *kept):
            answered = isinstance(each.claim.cites, Disclosed)
            if each.number not in seen and not (on_cards and answered):
                seen.add(each.number)
                yield each

    def _opened(self, alike: Alike) -> Other:
        return Other(alike.claim, opened(alike.sealed, self.key), alike.owed)

    def _one(self, claim: Claim, other: Claim) -> bool:
        """Whether these may be one care; those that are not compared are not."""
        kinds = {type(claim.cites), type(other.cites)}
        if kinds in ({Disclosed}, {Bound}):
            return False
        return one_care(self._lines(claim), self._lines(other))

    def _lines(self, claim: Claim) -> Iterator[Priced]:
        return lines_of(claim, self.books.tariff)

    def _cares(self, whose: Sequence[bytes], claim: Claim) -> tuple[bytes, ...]:
        """What stands for each care of a claim (SHA-256)."""
        domains = {line.domain for line in self._lines(claim)}
        return tuple(
            _care(each, domain, claim.care) for each in whose for domain in sorted(domains)
        )

    def _read(self, code: str, lists: Sequence[int]) -> CardClaims | None:
        """A card by one of these lists; none where it is no card."""
        for number in lists:
            try:
                return read_card(code, keys=self.books.keys(number), on=None)
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


def lines_of(claim: Claim, tariff: Tariff) -> Iterator[Priced]:
    """The lines of a claim; those of an undertaking as far as the tariff has them."""
    yield from (Priced(line.domain, line.price) for line in claim.lines)
    if isinstance(claim.cites, Bound):
        made = read_signed(claim.cites.message)[1]
        for line in made.lines:
            try:
                yield Priced(line.domain or tariff.item(line.item, made.day).domain, line.price)
            except MalformedIdentifier:
                continue


def _within(claim: Claim, others: Sequence[Other]) -> bool:
    """Whether what is only shown stays within what a card's word is taken for."""
    if not isinstance(claim.cites, Shown):
        return True
    shown = sum(each.owed for each in others if isinstance(each.claim.cites, Shown))
    return shown + claim.asked <= MOST


def _bills(ruled: Ruled, claim: Claim) -> bool:
    return claim.use is Use.CLAIM and ruled.ruling in STANDS


def _care(whose: bytes, domain: Domain, day: date) -> bytes:
    said = [whose, domain.value, day.toordinal()]
    return sha256(cbor2.dumps(said, canonical=True)).digest()
