"""Judge the claims that wait: what rests on an answer, and what a device has signed while cut off.

What cites an answer of the platform is judged by ``judge_answers``; what rests on a card that was
verified offline by ``judge_shown``; on an undertaking by ``judge_undertakings``, once the cut is
over: device by device, in the order of its numbers. Where one is missing, those behind it wait
until the deposit's day is over.

A request for an agreement is judged as a claim is. On a card it uses nothing up; on an undertaking
it takes the link, and the claim that follows takes over its ruling.

What a person decided by the ledger, and was not kept with its claim, is kept first. Claims for one
care, and two cares of one day, are told apart by ``relate_claims``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import NamedTuple, Protocol

from rempart.domain.claim import Bound, Claim, Shown, Use
from rempart.domain.claim_decisions import ClaimDecisions
from rempart.domain.cut_history import CutHistory, Span, keys_of_site
from rempart.domain.devices import Device, Devices
from rempart.domain.disclosure import Entry, EntryType
from rempart.domain.errors import MalformedIdentifier
from rempart.domain.ruling import OF_CLAIMS, Ruling
from rempart.domain.site import may_bill
from rempart.domain.undertaking import Undertaking
from rempart.sealing.errors import SealBroken
from rempart.usecases.claim_ports import ClaimBook, Place, Ruled, Waiting
from rempart.usecases.judge_answers import JudgeAnswers
from rempart.usecases.judge_shown import JudgeShown
from rempart.usecases.judge_undertakings import (
    CLOCK_SKEW,
    DEPOSIT_WITHIN,
    Books,
    Deposited,
    JudgeUndertakings,
    counted,
)
from rempart.usecases.ledger_view import StoredEntry
from rempart.usecases.messages import Reply, Request
from rempart.usecases.open_claims import opened, tag_of
from rempart.usecases.ports import Clock
from rempart.usecases.relate_claims import RelateClaims, lines_of
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
    """What the ledger says, folded; and the judges of this pass."""

    devices: Devices = field(default_factory=Devices)
    cuts: CutHistory = field(default_factory=CutHistory)
    decided: ClaimDecisions = field(default_factory=ClaimDecisions)
    unopened: set[int] = field(default_factory=set, repr=False)
    answers: JudgeAnswers = field(init=False, repr=False)
    shown: JudgeShown = field(init=False, repr=False)
    relate: RelateClaims = field(init=False, repr=False)

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
    what undertakings are judged by, whose sales are those of ``book``. ``vault`` asks the vault;
    ``waits`` is how many claims the last pass has left until it answers.
    """

    book: ClaimBook
    ledger: JudgeLedger
    books: Books
    clock: Clock
    vault: Callable[[Request], Reply] = field(repr=False)
    key: bytes = field(repr=False)
    waits: int = 0

    def __call__(self) -> Mapping[Ruling, int]:
        """Rule on what can be ruled on; how many of each.

        Raises:
            TemporarilyUnavailable: somebody else judges, or nothing could be read.
        """
        tally, self.waits = dict.fromkeys(OF_CLAIMS, 0), 0
        with self.book.alone():
            # What came before the ledger was read: what it says is not yet known of the rest.
            upto, links = self.book.newest(), list[Link]()
            known = Known.of(self.ledger)
            self._keep_decided(known.decided)
            known.answers = JudgeAnswers(self.book, self.ledger.entry, known.unopened)
            known.shown = JudgeShown(self.books, known.cuts)
            known.relate = RelateClaims(self.book, self.books, self.vault, self.key)
            waiting = self.book.waiting(upto)
            while together := list(islice(waiting, AT_ONCE)):
                self._keep([r for each in together for r in self._ruled(each, known, links)], tally)
            for key_id, chain in _by_device(links).items():
                self._judge(key_id, chain, known, tally)
        return tally

    def _judge(
        self, key_id: bytes, links: Sequence[Link], known: Known, tally: dict[Ruling, int]
    ) -> None:
        """Rule on what one device has signed, one by one: each by what is kept of those before."""
        for judged, (link, ruled) in enumerate(self._chain(key_id, links, known)):
            related = self._related(link, self._counted(link, ruled), known)
            if related is None:
                self.waits += len(links) - judged
                return
            self._keep([related], tally)

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
        """The ruling on a claim; one that rests on an undertaking is put among ``links``."""
        try:
            claim = opened(waiting.sealed, self.key)
            if isinstance(claim.cites, Bound):
                deposited = Deposited(claim.cites.message, claim.cites.code)
                links.append(Link(waiting, claim, deposited, *read_signed(claim.cites.message)))
                return []
        except (SealBroken, MalformedIdentifier):
            return [Ruled(claim=waiting.number, ruling=Ruling.PERSON, rule="unreadable")]
        if isinstance(claim.cites, Shown):
            return self._on_card(waiting, claim, claim.cites.code, known)
        first, stored = known.answers.answer(claim.cites.reference)
        ruled = known.answers(waiting, claim, first, stored)
        return [known.relate.on_answer(ruled, claim, stored, site=waiting.biller.site)]

    def _on_card(self, waiting: Waiting, claim: Claim, code: str, known: Known) -> list[Ruled]:
        ruled = known.shown(waiting, claim, code, now=self.clock.now())
        if ruled is None:
            return []
        related = known.relate.on_card(
            ruled, claim, code, site=waiting.biller.site, lists=known.shown.lists(claim)
        )
        self.waits += related is None
        return [] if related is None else [related]

    def _related(self, link: Link, ruled: Ruled, known: Known) -> Ruled | None:
        return known.relate.on_card(
            ruled,
            link.claim,
            link.deposited.code,
            site=link.waiting.biller.site,
            lists=[link.made.lists.trust],
        )

    def _chain(
        self, key_id: bytes, links: Sequence[Link], known: Known
    ) -> Iterator[tuple[Link, Ruled]]:
        """Rulings on what one device has signed, as far as it can be judged."""
        device = known.devices.find(key_id)
        if device is None:
            yield from ((link, _ruled(link, Ruling.PERSON, "device")) for link in links)
            return
        judging, chain = self._judging(device, links, known), list[Link]()
        for link in links:
            if link.waiting.biller.site != device.site:
                yield link, _ruled(link, Ruling.REFUSED, "site")
            elif judging.signed(link.deposited.message) is None:
                yield link, _ruled(link, Ruling.REFUSED, "signed")
            else:
                chain.append(link)
        for link in sorted(chain, key=lambda link: (link.made.number, link.waiting.number)):
            if self._waits(judging, link):
                return
            yield link, self._of_site(link, self._link(judging, link), known)

    def _of_site(self, link: Link, ruled: Ruled, known: Known) -> Ruled:
        """The ruling on what a site's device has signed, by what is known of the site."""
        if ruled.ruling is not Ruling.HONOURED or ruled.follows is not None:
            return ruled
        waiting, since = link.waiting, link.made.at - CLOCK_SKEW
        if known.cuts.suspected(waiting.biller, since, self.clock.now()):
            return replace(ruled, ruling=Ruling.PERSON, rule="cut", why="suspicion", amount=0)
        domains = {line.domain for line in lines_of(link.claim, self.books.tariff)}
        if not may_bill(waiting.kind, domains):
            return replace(ruled, ruling=Ruling.PERSON, rule="kind", amount=0)
        return ruled

    def _counted(self, link: Link, ruled: Ruled) -> Ruled:
        """The ruling, with what the sale counts as should a person accept it."""
        if ruled.ruling is not Ruling.PERSON or link.claim.void:
            return ruled
        return replace(ruled, sold=counted(self.books, link.made, link.deposited.code))

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
        return Ruled(
            claim=link.waiting.number,
            ruling=judged.ruling,
            rule=judged.rule,
            why=judged.why,
            amount=judged.amc,
            device=link.key_id,
            link=link.made.number,
            digest=link.digest,
            ended_since=judged.ended_since,
            sold=judged.sold,
        )

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


def _by_device(links: Iterable[Link]) -> Mapping[bytes, list[Link]]:
    grouped: dict[bytes, list[Link]] = {}
    for link in links:
        grouped.setdefault(link.key_id, []).append(link)
    return grouped


def _ruled(link: Link, ruling: Ruling, rule: str) -> Ruled:
    return Ruled(claim=link.waiting.number, ruling=ruling, rule=rule)
