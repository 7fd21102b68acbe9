"""Fetch other operators' alerts and bring them to the vault, the oldest first.

What comes from outside is bounded before it is looked at, opened under our key, and read under the
key of its publisher's card; the vault verifies it again (``take_alerts``). An alert that was held
back is missed by number once a later one comes; a place that goes back in time is told.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import AlertRefused
from rempart.sealing.cose import kid_of
from rempart.usecases.alert_messages import AlertNotTaken, AlertTaken, TakeAlert
from rempart.usecases.alert_ports import AlertSource
from rempart.usecases.p256_keys import key_at
from rempart.usecases.seal_alerts import SIGNED, open_alert, read_alert, signer_of
from rempart.usecases.take_alerts import FUTURE, NEWER, PACE

BACK = 64
"""Alerts before the latest that are fetched; what is older is over, or was said too fast."""
LATER = frozenset({FUTURE, PACE})
"""Steps that may hold another time."""

Result = AlertTaken | AlertNotTaken
Take = Callable[[TakeAlert], Result]


@dataclass(slots=True)
class FetchAlerts:
    """``private`` is our X25519 key; ``take`` asks the vault; ``last`` is the number of the last
    alert that it has taken of a publisher, by key id in hexadecimal.
    """

    private: bytes = field(repr=False)
    take: Take
    last: Callable[[str], int]
    _handled: dict[str, bytes] = field(default_factory=dict, repr=False)

    def __call__(self, card: AlertCard, latest: bytes | None, source: AlertSource) -> list[Result]:
        """Bring what is new of one publisher, whose latest was fetched; what became of each.

        Raises:
            TemporarilyUnavailable: the source, or the vault, does not answer: ask again.
        """
        publisher = kid_of(key_at(card.signs)).hex()
        if latest is None or self._handled.get(publisher) == latest:
            return []
        results = list(self._bring(card, latest, source, self.last(publisher)))
        if not any(isinstance(r, AlertNotTaken) and r.step in LATER for r in results):
            self._handled[publisher] = latest
        return [each for each in results if not (isinstance(each, AlertTaken) and each.known)]

    def _bring(
        self, card: AlertCard, latest: bytes, source: AlertSource, last: int
    ) -> Iterator[Result]:
        try:
            message = open_alert(latest, private=self.private)
            number = read_alert(message, card.signs).number
        except AlertRefused as refusal:
            yield AlertNotTaken(refusal.step, refusal.words)
            return
        for each in range(max(last + 1, number - BACK), number):
            if (sealed := source.numbered(each)) is not None:
                yield self.opened(sealed)
        if number < last:
            yield AlertNotTaken(NEWER, "the place shows an older one than it did")
            return
        yield self.take(TakeAlert(message))

    def opened(self, sealed: bytes) -> Result:
        """Bring one alert, from wherever it was found."""
        try:
            return self.take(TakeAlert(open_alert(sealed, private=self.private)))
        except AlertRefused as refusal:
            return AlertNotTaken(refusal.step, refusal.words)

    def dropped(self, found: Mapping[str, bytes], cards: list[AlertCard]) -> dict[str, Result]:
        """Bring alerts that were left as files, in the order of their rows; by name of file."""
        results: dict[str, Result] = {}
        rows: list[tuple[str, int, str, bytes]] = []
        by_key = {kid_of(key_at(card.signs)): card for card in cards}
        for name, sealed in found.items():
            try:
                message = open_alert(sealed, private=self.private)
                kid = signer_of(message)
                if kid not in by_key:
                    raise AlertRefused(SIGNED, "by nobody whose alerts are taken here")
                number = read_alert(message, by_key[kid].signs).number
                rows.append((kid.hex(), number, name, message))
            except AlertRefused as refusal:
                results[name] = AlertNotTaken(refusal.step, refusal.words)
        for _, _, name, message in sorted(rows):
            results[name] = self.take(TakeAlert(message))
        return results
