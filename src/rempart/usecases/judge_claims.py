"""Judge the claims that wait: what rests on an answer, and what a device has signed while cut off.

What cites an answer of the platform, in this order; the first rule that does not hold decides:

(1) answer: the ledger has it, and it was opened; else refused. One that was erased, or not opened
    at the first try: a person;
(2) site: it was given to this site; else refused;
(3) same: this insurer, this domain on every line, this day of care; else refused;
(4) once: no other claim was accepted on it; else refused;
(5) agreement: where one was asked for on it, the claim takes over what a person made of that, once,
    for no more than was agreed. An answer tells that rights are open, and nothing of what is
    agreed: the request itself is for a person.

What rests on a card that was verified offline is judged by ``judge_shown``; on an undertaking by
``judge_undertakings``, once the cut is over: device by device, in the order of its numbers. Where
one is missing, those behind it wait until the deposit's day is over.

A request for an agreement is judged as a claim is. On a card it uses nothing up; on an undertaking
it takes the link, and the claim that follows takes over its ruling.

What a person decided by the ledger, and was not kept with its claim, is kept first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import NamedTuple, Protocol

from rempart.domain.budget import DAY
from rempart.domain.claim import Bound, Claim, Shown, Use
from rempart.domain.claim_decisions import ClaimDecisions
from rempart.domain.cut_history import CutHistory, Span, keys_of_site
from rempart.domain.devices import Device, Devices
from rempart.domain.disclosure import Entry, EntryType, Outcome, decode, question_detail
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.ruling import OF_CLAIMS, Ruling
from rempart.domain.undertaking import UNIX_EPOCH, Undertaking
from rempart.sealing.errors import SealBroken
from rempart.usecases.claim_ports import Agreement, ClaimBook, Place, Ruled, Waiting
from rempart.usecases.judge_shown import JudgeShown, billed_by
from rempart.usecases.judge_undertakings import (
    DEPOSIT_WITHIN,
    Books,
    Deposited,
    Judged,
    JudgeUndertakings,
    Sold,
)
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.open_claims import opened, tag_of
from rempart.usecases.ports import Clock
from rempart.usecases.undertake import read_signed

SECOND = 1_000_000
AT_ONCE = 500
"""Rulings that are kept together."""


class JudgeLedger(Protocol):
    """The ledger as the judge reads it. Trust: none; ``rempart ledger verify`` proves it."""

    def decisions(self) -> Iterator[tuple[int, Entry, bytes]]:
        """What was decided about devices, cut-offs and claims; what was not opened; in order."""
        ...

    def entry(self, index: int) -> StoredEntry | None:
        """One entry, if the ledger is that long."""
        ...


class Link(NamedTuple):
    """A claim that rests on an undertaking: its key's id, and what it says."""

    waiting: Waiting
    claim: Claim
    deposited: Deposited
    key_id: bytes
    made: Undertaking

    @property
    def digest(self) -> bytes:
        """SHA-256 of the undertaking."""
        return sha256(self.deposited.message).digest()

    def __repr__(self) -> str:
        return "Link(…)"


@dataclass(slots=True)
class Known:
    """What the ledger says, folded; and what was billed in this pass."""

    devices: Devices = field(default_factory=Devices)
    cuts: CutHistory = field(default_factory=CutHistory)
    decided: ClaimDecisions = field(default_factory=ClaimDecisions)
    unopened: set[int] = field(default_factory=set, repr=False)
    billed: set[int] = field(default_factory=set, repr=False)
    asked: dict[int, Agreement] = field(default_factory=dict, repr=False)
    """Agreements that were asked for in this pass, by the answer that they rest on."""
    shown: JudgeShown = field(init=False, repr=False)

    @classmethod
    def of(cls, ledger: JudgeLedger) -> "Known":
        """Read it whole."""
        known = cls()
        for index, entry, detail in ledger.decisions():
            if entry.type is EntryType.UNOPENED:
                known.unopened.add(entry.cites)
            known.devices.absorb(index, entry, detail)
            known.cuts.absorb(index, entry, detail)
            known.decided.absorb(index, entry, detail)
        known.devices.mark()
        known.decided.mark()
        return known


@dataclass(slots=True)
class JudgeClaims:
    """``key`` is the private half of what claims are sealed to (X25519, 32 bytes); ``books`` are
    what undertakings are judged by, whose sales are those of ``book``.
    """

    book: ClaimBook
    ledger: JudgeLedger
    books: Books
    clock: Clock
    key: bytes = field(repr=False)

    def __call__(self) -> Mapping[Ruling, int]:
        """Rule on what can be ruled on; how many of each.

        Raises:
            TemporarilyUnavailable: somebody else judges, or nothing could be read.
        """
        tally = dict.fromkeys(OF_CLAIMS, 0)
        with self.book.alone():
            # What came before the ledger was read: what it says is not yet known of the rest.
            upto, links = self.book.newest(), list[Link]()
            known = Known.of(self.ledger)
            self._keep_decided(known.decided)
            known.shown = JudgeShown(self.book, self.books, known.cuts)
            waiting = self.book.waiting(upto)
            while together := list(islice(waiting, AT_ONCE)):
                self._keep([r for each in together for r in self._ruled(each, known, links)], tally)
            for key_id, chain in _by_device(links).items():
                # One by one: each is judged by what is kept of those before it.
                for ruled in self._chain(key_id, chain, known):
                    self._keep([ruled], tally)
        return tally

    def _keep_decided(self, decided: ClaimDecisions) -> None:
        """Keep what was decided by the ledger alone: whoever decided was stopped before they kept
        it, or what was kept has been lost. A claim that does not open waits for its person.
        """
        if decided.claims() <= self.book.decided():
            return
        for number, software, sealed in self.book.left():
            try:
                found = decided.find(tag_of(software, opened(sealed, self.key), self.key))
            except (SealBroken, MalformedIdentifier):
                continue
            if found is not None:
                self.book.decide(number, found)

    def _keep(self, rulings: Sequence[Ruled], tally: dict[Ruling, int]) -> None:
        if rulings:
            self.book.keep(rulings)
        for each in rulings:
            tally[each.ruling] += 1

    def _ruled(self, waiting: Waiting, known: Known, links: list[Link]) -> list[Ruled]:
        """The ruling on a claim that cites an answer; another is put among ``links``."""
        try:
            claim = opened(waiting.sealed, self.key)
            if isinstance(claim.cites, Bound):
                deposited = Deposited(claim.cites.message, claim.cites.code)
                links.append(Link(waiting, claim, deposited, *read_signed(claim.cites.message)))
                return []
        except (SealBroken, MalformedIdentifier):
            return [Ruled(claim=waiting.number, ruling=Ruling.PERSON, rule="unreadable")]
        if isinstance(claim.cites, Shown):
            ruled = known.shown(waiting, claim, claim.cites.code, now=self.clock.now())
            return [] if ruled is None else [ruled]
        return [self._on_answer(waiting, claim, claim.cites.reference, known)]

    def _on_answer(self, waiting: Waiting, claim: Claim, reference: int, known: Known) -> Ruled:
        first, stored = self._answer(reference)
        if first in known.unopened or (stored is not None and stored.body is None):
            # Opened at another try, perhaps; or erased after twelve months.
            return Ruled(claim=waiting.number, ruling=Ruling.PERSON, rule="answer")
        rule = _broken(waiting, claim, stored)
        if not rule and claim.use is Use.AGREEMENT:
            known.asked[first] = Agreement(claim=waiting.number, ruling=Ruling.PERSON)
            return Ruled(claim=waiting.number, ruling=Ruling.PERSON, rule="agreement", asks=first)
        agreed = self.book.agreed(first) or known.asked.get(first)
        if not rule and self._billed(first, agreed, known):
            rule = "once"
        if rule:
            return Ruled(claim=waiting.number, ruling=Ruling.REFUSED, rule=rule)
        known.billed.add(first)
        if agreed is not None:
            return _followed(waiting, claim, first, agreed)
        return Ruled(
            claim=waiting.number, ruling=Ruling.HONOURED, amount=claim.asked, disclosure=first
        )

    def _billed(self, first: int, agreed: Agreement | None, known: Known) -> bool:
        """Whether a claim has been judged by this answer before."""
        followed = agreed is not None and agreed.followed
        return followed or first in known.billed or self.book.billed(first)

    def _answer(self, reference: int) -> tuple[int, StoredEntry | None]:
        """An answer's first entry, where it was given again; and its index."""
        stored = self.ledger.entry(reference)
        if stored is not None and stored.body is not None:
            entry = decode(stored.body)
            if entry.type is EntryType.REPEAT:
                return entry.cites, self.ledger.entry(entry.cites)
        return reference, stored

    def _chain(self, key_id: bytes, links: Sequence[Link], known: Known) -> Iterator[Ruled]:
        """Rulings on what one device has signed, as far as it can be judged."""
        device = known.devices.find(key_id)
        if device is None:
            yield from (_ruled(link, Ruling.PERSON, "device") for link in links)
            return
        judging, chain = self._judging(device, links, known), list[Link]()
        for link in links:
            if link.waiting.biller.site != device.site:
                yield _ruled(link, Ruling.REFUSED, "site")
            elif judging.signed(link.deposited.message) is None:
                yield _ruled(link, Ruling.REFUSED, "signed")
            else:
                chain.append(link)
        for link in sorted(chain, key=lambda link: (link.made.number, link.waiting.number)):
            if self._waits(judging, link):
                return
            yield self._link(judging, link)

    def _judging(self, device: Device, links: Sequence[Link], known: Known) -> JudgeUndertakings:
        """The judgement of a device's chain, from where it stands; cuts of its site, and of the
        software that deposits.
        """
        now = self.clock.now()
        billers = [link.waiting.biller for link in links]
        who = next((each for each in billers if each.site == device.site), billers[0])

        @cache
        def cuts(amc: str) -> list[Span]:
            return known.cuts.spans(keys_of_site(who, int(amc)), now)

        def returned(cut: Span) -> int:
            # Of whatever insurer: the intake is one for all.
            return known.cuts.returned(cut, [*keys_of_site(who, 0), *known.cuts.insurers()], now)

        judging = JudgeUndertakings(device, cuts, self.books, returned)
        if (sealed := self.book.head(device.key_id)) is not None:
            before = opened(sealed, self.key).cites
            assert isinstance(before, Bound), "a place in a chain is taken by an undertaking"
            judging.last = read_signed(before.message)[1], before.message
        return judging

    def _waits(self, judging: JudgeUndertakings, link: Link) -> bool:
        """Whether a link is not to be judged yet: the cut lasts, or one before may still come."""
        cut = judging.cut_of(link.made)
        if cut is not None and not cut.until:
            return True
        expected = 1 if judging.last is None else judging.last[0].number + 1
        due = link.waiting.received // SECOND + DEPOSIT_WITHIN
        if cut is not None:
            due = judging.due(cut)
        return link.made.number > expected and self.clock.now() // SECOND <= due

    def _link(self, judging: JudgeUndertakings, link: Link) -> Ruled:
        place = self.book.place(judging.device.key_id, link.made.number)
        if place is not None:
            return self._taken_before(link, place)
        if link.claim.void:
            judged = judging.pass_over(link.deposited)
        else:
            (judged,) = judging([link.deposited], at=link.waiting.received // SECOND)
        if judged.sold and self._shown_before(link, judged.sold):
            judged = Judged(number=link.made.number, ruling=Ruling.PERSON, rule="once")
        return Ruled(
            claim=link.waiting.number,
            ruling=judged.ruling,
            rule=judged.rule,
            amount=judged.amc,
            device=link.key_id,
            link=link.made.number,
            digest=link.digest,
            ended_since=judged.ended_since,
            sold=judged.sold,
        )

    def _shown_before(self, link: Link, sold: Iterable[Sold]) -> bool:
        """Whether the same site has billed the same care by the card alone."""
        site, care = link.waiting.biller.site, link.claim.care
        return any(self.book.shown(billed_by(site, each.card, each.domain, care)) for each in sold)

    def _taken_before(self, link: Link, place: Place) -> Ruled:
        """The ruling where the place in the chain is taken: a claim follows its agreement, once."""
        if link.digest != place.digest:
            return _ruled(link, Ruling.REFUSED, "number")
        follows = place.use is Use.AGREEMENT and link.claim.use is Use.CLAIM and not place.followed
        if not follows:
            return _ruled(link, Ruling.REFUSED, "once")
        if link.claim.void:
            return Ruled(claim=link.waiting.number, ruling=Ruling.VOID, follows=place.claim)
        return Ruled(
            claim=link.waiting.number,
            ruling=place.ruling,
            rule="" if place.ruling is Ruling.HONOURED else "agreement",
            amount=place.amount,
            follows=place.claim,
        )


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
        return "site"
    return "" if asked == (entry.amc, {entry.domain}, care) else "same"


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


def _by_device(links: Iterable[Link]) -> Mapping[bytes, list[Link]]:
    grouped: dict[bytes, list[Link]] = {}
    for link in links:
        grouped.setdefault(link.key_id, []).append(link)
    return grouped


def _ruled(link: Link, ruling: Ruling, rule: str) -> Ruled:
    return Ruled(claim=link.waiting.number, ruling=ruling, rule=rule)
