"""The same hours with what 2024 had: a printed card, and agreements by the portal alone.

The facts are of the breach of February 2024, as press, Senate and opticians' papers told them;
what they leave open is said at each rule, and taken as is kinder to 2024.

(1) The same cut: until the return nobody is answered, by page or by software. One operator did cut
    its whole platform; the other shut its portal alone, which is not the day that is played.
(2) A printed card proves nothing: no signature is known in its DataMatrix. Its dates and its grid
    are believed; nobody forges any.
(3) Simple care goes on: Vitale and insurer's card still served most professions. That any of them
    stopped is not known: all go on, for whoever's card prints the domain and the day.
(4) An agreement, class A and class I included, and its amount come by the portal alone: there are
    none. Of 955 opticians who were polled, 62 % put the sale on hold; hearing is taken to be alike.
    The others sold at the customer's cost or their own: no claim comes of it.
(5) A claim goes by another way than the portal. It waits for the return at the operator that cut
    everything, which is taken to serve the largest insurer, some half of the people; at the
    other it goes the same day.
(6) A claim is judged by the rights of the day: of a card that had ended since it was printed it is
    rejected. Whether conventions paid such a claim all the same, as the card was believed in good
    faith, is not public: ``over_is_rejected`` says which, and the drill counts how many there are.
(7) The share of simple care is arithmetic, and no claim is lost or paid twice: what is accepted is
    accepted once, at its amount. So is what was answered before the cut, as here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from random import Random

from rempart.drill.cut.insurers import Card
from rempart.drill.cut.plan import Visit
from rempart.drill.insurers import THREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What professionals have while everything is cut; what stands here is 2024's."""

    card_proves: bool = False  # (2)
    agreement: bool = False  # (4)
    on_hold: float = 0.62
    stopped: str = THREE[0].amc  # (5)
    over_is_rejected: bool = True  # (6)


@dataclass(slots=True)
class Counts:
    """Of visits during the cut: people, sales, claims."""

    patients: int = 0
    proved: int = 0
    printed_true: int = 0
    believed_wrongly: int = 0
    sales: int = 0
    agreed: int = 0
    class_a: int = 0
    class_a_agreed: int = 0
    on_hold: int = 0
    claims: int = 0
    kept_back: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal2024:
    """The day's visits under those means; ``seed`` draws which sales are put on hold."""

    care: date
    seed: int
    means: Means = field(default_factory=Means)

    def __call__(self, came: Iterable[tuple[Visit, Card]]) -> Counts:
        """What comes of them."""
        seen = Counts()
        chance = Random(f"{self.seed}/2024")  # noqa: S311 - to be drawn again alike
        for visit, card in came:
            self._look(seen, visit, card)
            if visit.sale:
                self._sell(seen, visit, card, chance)
            elif card.prints(visit.domain, self.care):  # (3)
                self._believe(seen, visit, card)
        return seen

    def _look(self, seen: Counts, visit: Visit, card: Card) -> None:
        true = card.prints(visit.domain, self.care) is card.stands(visit.domain, self.care)
        seen.patients += 1
        seen.printed_true += true
        seen.proved += true and self.means.card_proves

    def _sell(self, seen: Counts, visit: Visit, card: Card, chance: Random) -> None:
        owed = card.stands(visit.domain, self.care)
        agreed = owed and self.means.agreement
        seen.sales += 1
        seen.class_a += owed and visit.class_a
        seen.agreed += agreed
        seen.class_a_agreed += agreed and visit.class_a
        seen.claims += agreed
        seen.on_hold += chance.random() < self.means.on_hold and not agreed

    def _believe(self, seen: Counts, visit: Visit, card: Card) -> None:
        wrongly = not card.stands(visit.domain, self.care)
        seen.believed_wrongly += wrongly
        seen.claims += 1
        seen.kept_back += card.amc == self.means.stopped
        seen.rejected += wrongly and self.means.over_is_rejected
