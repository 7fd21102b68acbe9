"""The day of the theft: owners and the thief ask through one vault, in order of time.

What is true is written down here, question by question, from what each was told: whom the thief
read, by person. It is compared with the scope afterwards, and tells the scope nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random

from rempart.domain.disclosure import Outcome
from rempart.drill.incident.plan import Fall
from rempart.drill.landscape import World
from rempart.drill.population import NOBODY
from rempart.drill.stack.past import Past
from rempart.drill.theft import Attack, Setting, go_through
from rempart.drill.traffic import Asked, day


@dataclass(slots=True)
class Strike:
    """The theft; ``read`` is whom the thief read, and when first (microseconds)."""

    world: World
    platform: Past
    falls: Sequence[Fall]
    read: dict[int, int] = field(default_factory=dict, repr=False)
    asked: int = 0
    honest: int = 0

    def play(self, when: int) -> Iterator[tuple[int, int]]:
        """Until he has given up everywhere; tells questions done of the day's, now and then."""
        questions = day(self.world, when)
        waiting: list[tuple[int, int, Asked, Attack]] = []
        for place, attack in enumerate(self._begun(when)):
            if (first := next(attack, None)) is not None:
                heappush(waiting, (first.at, place, first, attack))
        for done, asked in enumerate(questions):
            while waiting and waiting[0][0] <= asked.at:
                self._steal(waiting)
            if not waiting and self.asked:
                return
            self.platform.ask(asked)
            self.honest += 1
            if done % 100 == 0:
                yield done, len(questions)
        while waiting:
            self._steal(waiting)

    def _begun(self, when: int) -> list[Attack]:
        found = []
        for place, fallen in enumerate(self.falls):
            setting = Setting(
                world=self.world,
                accounts=(fallen.account,),
                chance=Random(f"{self.world.seed}/hand/{place}"),  # noqa: S311 - drawn again alike
                starts=fallen.starts,
                ends=self.world.midnight(when) + 20 * 3_600_000_000,
            )
            found.append(go_through(setting, fallen.hand, fallen.loot, fallen.pace))
        return found

    def _steal(self, waiting: list[tuple[int, int, Asked, Attack]]) -> None:
        """His next question, and the one after it."""
        _, place, asked, attack = heappop(waiting)
        outcome = self.platform.ask(asked, self.falls[place].way.hand)
        self.asked += 1
        if outcome is Outcome.OPENED and asked.person != NOBODY:
            self.read.setdefault(asked.person, asked.at)
        try:
            following = attack.send(outcome)
        except StopIteration:
            return
        heappush(waiting, (following.at, place, following, attack))
