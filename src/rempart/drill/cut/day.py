"""The day itself: questions before the cut, cards and undertakings during it, claims on return.

(1) before the cut, practice software asks the platform, and the claim cites its answer;
(2) at ten, one operator cuts the whole platform: nobody is answered, and no claim is taken in;
(3) until six, each site goes by the card, its lists and its device, and nothing else; some have a
    software that signs nothing, and go by the card alone (``by_card``);
(4) at six, two operators open again; the cards that were verified there are reported, and each
    site deposits: a part of it twice, and all of it again after the intake was killed in the
    middle;
(5) the claims are judged, and each site asks where its own stand.

Every door, list, key and signature is the product's; only the clock is the drill's. Some come twice
to one site for one domain, with two prescriptions: asked about, served by their card, or both.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from rempart.adapters.claim_sender import CUT_OFF, NotAcknowledged, Stands
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.device import DeviceFolder
from rempart.bootstrap.lists import published
from rempart.domain.claim import CareLine, Claim, Disclosed, Use
from rempart.domain.coverage import Domain
from rempart.domain.errors import CardRefused
from rempart.drill.cut.by_card import claim_on, noted, reported
from rempart.drill.cut.ground import Ground, Shop
from rempart.drill.cut.insurers import Card
from rempart.drill.cut.plan import BY_CARD, CUT, Visit
from rempart.drill.software import PracticeSoftware, QuestionRefused
from rempart.drill.stack.clock import ClockHand
from rempart.tlog.note import NoteVerifier
from rempart.usecases.deposit_chain import claims_of
from rempart.usecases.device_messages import DeviceShown, EnrolDevice
from rempart.usecases.verify_card import Finding

MICRO = 1_000_000
SOLD = (Domain.OPTI, Domain.AUDI)
LOST = "not-acknowledged"
TWICE_ONE_IN = 30
"""Claims that are sent twice by mistake."""


@dataclass(slots=True)
class Seen:
    """What has come of the visits. ``verdicts`` are the right ones. ``class_a`` counts sales of
    classes A and I to whom they are owed: whose card stands and covers them; ``not_owed`` the rest.
    ``again`` are claims of those who came a second time; ``shown`` those on a card alone, and
    ``verified`` the cards that are reported.
    """

    patients: int = 0
    verdicts: int = 0
    believed_wrongly: int = 0
    sales: int = 0
    guaranteed: int = 0
    class_a: int = 0
    class_a_bound: int = 0
    not_owed: int = 0
    bound: int = 0
    shown: int = 0
    verified: int = 0
    again: int = 0
    refused_while_cut: int = 0
    lost: int = 0


@dataclass(slots=True)
class Owed:
    """A claim, and what it is to come to in cents."""

    shop: Shop
    claim: Claim = field(repr=False)
    cents: int


@dataclass(slots=True)
class Day:
    """``midnight`` is where the day begins, in seconds; ``intake`` the intake's address."""

    ground: Ground
    hand: ClockHand
    midnight: int
    intake: str = field(repr=False)
    vault: NoteVerifier
    seen: Seen = field(default_factory=Seen)
    owed: list[Owed] = field(default_factory=list, repr=False)
    asked: set[tuple[str, Domain, str]] = field(default_factory=set, repr=False)
    """Sites, domains, and whose cards, that were asked about."""
    answered: list[tuple[Visit, Shop, Card]] = field(default_factory=list, repr=False)
    """Visits on which rights were open, by the platform's own word."""
    came: set[str] = field(default_factory=set, repr=False)
    """Holders of the cards that were shown."""
    people: dict[int, Card] = field(default_factory=dict, repr=False)
    """Who comes, by their place among those who do."""
    apart: set[bytes] = field(default_factory=set, repr=False)
    """What devices have signed, and is not deposited with the rest."""
    due: Mapping[Domain, Sequence[Card]] = field(init=False, repr=False)
    """Who may need glasses, or a hearing aid: theirs are due to be renewed."""

    def __post_init__(self) -> None:
        self.due = {
            domain: [card for card in self.ground.cards if card.renews(domain, self.care)]
            for domain in SOLD
        }

    def at(self, second: int) -> None:
        """Let the day come to a second of it."""
        self.hand.move((self.midnight + second) * MICRO)

    def enrol(self) -> None:
        """Every device, by the operator's hand."""
        with Door(self.ground.settings.vault_socket) as door:
            for shop in self.ground.every_shop:
                reply = door.ask(EnrolDevice(shop.point, site=shop.name, by="drill"))
                assert isinstance(reply, DeviceShown), reply

    def take_lists(self) -> None:
        """Each site reads the lists that it took the evening before."""
        folder = published(self.ground.settings)
        for shop in self.ground.every_shop:
            shop.undertake = DeviceFolder(shop.device).undertake(folder)

    def ask(self, visit: Visit) -> None:
        """Ask about a patient, as their site's software; keep the claim."""
        shop, card = self.who(visit)
        self.asked.add((shop.name, visit.domain, card.holder))
        self.came.add(card.holder)
        self.at(visit.at)
        with self.software(shop) as software:
            software.sign_in()
            (told,) = software.ask(card.code, [visit.domain.name], self.care)
        if told.in_force:
            self.seen.again += visit.again
            self.answered.append((visit, shop, card))
            self._bill(visit, shop, card.amc, int(told.reference.removeprefix("D")))

    def _bill(self, visit: Visit, shop: Shop, amc: str, reference: int) -> None:
        price = sum(line.price for line in visit.lines)
        asked = max(1, round(price * 0.3))
        claim = Claim(
            number=f"F{reference}",
            use=Use.CLAIM,
            amc=amc,
            care=self.care,
            asked=asked,
            cites=Disclosed(reference),
            lines=(CareLine(visit.domain, price),),
        )
        self.owed.append(Owed(shop, claim, asked))

    def software(self, shop: Shop) -> PracticeSoftware:
        """The practice software of a site."""
        return PracticeSoftware(
            self.ground.settings.base_url,
            shop.credentials,
            authorities=self.ground.authorities,
            clock=self.hand,
            vault=self.vault,
        )

    def try_while_cut(self, visits: Sequence[Visit]) -> None:
        """Ask, and send a claim, as if nothing were cut."""
        for visit in visits:
            shop, card = self.who(visit)
            with self.software(shop) as software, self._refused():
                software.sign_in()
                software.ask(card.code, [visit.domain.name], self.care)
        for owed in self.owed[:1]:
            with owed.shop.sender(self.intake, self.ground.authorities) as send, self._refused():
                send(owed.claim)

    @contextmanager
    def _refused(self) -> Iterator[None]:
        """Count what is told to be cut; whatever else goes wrong is no refusal."""
        try:
            yield
        except (QuestionRefused, NotAcknowledged) as refusal:
            if refusal.code != CUT_OFF:
                raise
            self.seen.refused_while_cut += 1

    def serve(self, visit: Visit) -> None:
        """Go by the card: what it proves, what each pays, and who is bound."""
        shop, card = self.who(visit)
        self.came.add(card.holder)
        undertake, seen = shop.undertake, self.seen
        assert undertake is not None
        now = self.midnight + visit.at
        owed = card.stands(visit.domain, self.care)
        verdict = undertake.quote.verify(card.code, on=self.care, domain=visit.domain, now=now)
        good = verdict.finding is Finding.GOOD
        seen.patients += 1
        seen.verdicts += good is owed
        seen.believed_wrongly += good and not owed
        seen.sales += visit.sale
        seen.class_a += visit.class_a and owed
        seen.not_owed += visit.class_a and not owed
        if not good:
            return
        if shop.kind in BY_CARD:
            self._show(visit, shop, card)
            return
        try:
            undertake(card.code, visit.lines, on=self.care, now=now)
        except CardRefused:
            return
        seen.bound += 1
        seen.again += visit.again
        seen.guaranteed += visit.sale
        seen.class_a_bound += visit.class_a and owed

    def _show(self, visit: Visit, shop: Shop, card: Card) -> None:
        """Note that a card was verified, and keep the claim on it."""
        assert shop.undertake is not None
        now, care, seen = self.midnight + visit.at, self.care, self.seen
        quoted = shop.undertake.quote(card.code, visit.lines, on=care, now=now)
        seen.shown += 1
        seen.again += visit.again
        seen.verified += noted(shop, visit, card.code, quoted, care=care)
        claim = claim_on(f"C{seen.shown}", visit, card.code, quoted, care=care)
        self.owed.append(Owed(shop, claim, quoted.quote.amc))

    def report(self) -> Counter[str]:
        """Report the cards that were verified; how many of each outcome."""
        shops, authorities = self.ground.every_shop, self.ground.authorities
        return Counter(told for shop in shops for told in reported(shop, self.intake, authorities))

    def gather(self) -> None:
        """The claims for what devices have signed."""
        for shop in self.ground.every_shop:
            links = [link for link in shop.chain.links() if link[0] not in self.apart]
            for claim in claims_of(iter(links)):
                self.owed.append(Owed(shop, claim, claim.asked))

    def send(self, shop: Shop, claim: Claim) -> Stands:
        """One claim, as a shop's software sends it."""
        with shop.sender(self.intake, self.ground.authorities) as send:
            return send(claim)

    def deposit(self, told: Callable[[int], None]) -> int:
        """Send everything, some of it twice; how many were not acknowledged."""
        sent, lost = 0, 0
        for shop in self.ground.every_shop:
            with shop.sender(self.intake, self.ground.authorities) as send:
                for owed in (each for each in self.owed if each.shop is shop):
                    lost += self._sent(send, owed).code == LOST
                    sent += 1
                    told(sent)
        return lost

    def _sent(self, send: Callable[[Claim], Stands], owed: Owed) -> Stands:
        for _ in range(1 + (owed.cents % TWICE_ONE_IN == 0)):
            try:
                stands = send(owed.claim)
            except NotAcknowledged as failure:
                if failure.code == CUT_OFF:
                    raise
                stands = Stands(LOST)
        return stands

    def rulings(self, told: Callable[[int], None]) -> list[tuple[Owed, Stands]]:
        """Where every claim stands."""
        found: list[tuple[Owed, Stands]] = []
        for shop in self.ground.every_shop:
            with shop.sender(self.intake, self.ground.authorities) as send:
                for owed in (each for each in self.owed if each.shop is shop):
                    found.append((owed, send(owed.claim)))
                    told(len(found))
        return found

    @property
    def care(self) -> date:
        """The day of care."""
        return datetime.fromtimestamp(self.midnight, UTC).date()

    def who(self, visit: Visit) -> tuple[Shop, Card]:
        """Whose visit it is, and where."""
        shop = self.ground.shops[visit.kind][visit.place]
        if visit.card not in self.people:
            self.people[visit.card] = self._new(visit, shop)
        return shop, self.people[visit.card]

    def _new(self, visit: Visit, shop: Shop) -> Card:
        """Somebody who does not come by chance where they were asked about: one may hold two cards,
        and both visits would be one person's.
        """
        cards = self.due.get(visit.domain, self.ground.cards)
        places = ((visit.card + step) % len(cards) for step in range(len(cards)))
        following = (cards[place] for place in places)
        if visit.at < CUT:
            return next(following)
        asked = self.asked
        return next(
            each for each in following if (shop.name, visit.domain, each.holder) not in asked
        )
