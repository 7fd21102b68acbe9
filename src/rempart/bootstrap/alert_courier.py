"""The courier of alerts: it lays ours out and fetches those of others, over and over.

What is trusted, and what it may do, is the vault's: the courier asks it as its own user.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from rempart.adapters.alert_folders import FolderOutbox, beginning, cards_in, dropped
from rempart.adapters.alert_https import HttpsSource
from rempart.adapters.system import SystemChance
from rempart.adapters.vaultdoor.client import Door
from rempart.bootstrap.alerts import DROPPED, PUBLISHERS, key_id, open_keys, own_card
from rempart.config import Settings
from rempart.domain.alert_card import AlertCard
from rempart.domain.errors import TemporarilyUnavailable
from rempart.usecases.alert_messages import (
    AlertNotTaken,
    AlertsShown,
    AlertTaken,
    IssuedAlert,
    ListAlerts,
    NextIssued,
    TakeAlert,
)
from rempart.usecases.deliver_alerts import OPEN, DeliverAlerts
from rempart.usecases.fetch_alerts import LATER, FetchAlerts, Result

AT_ONCE = 8
"""Publishers that are asked together."""


@dataclass(slots=True)
class Courier:
    """Everything that is done without a person, over and over."""

    settings: Settings
    deliver: DeliverAlerts
    fetch: FetchAlerts
    _sources: dict[str, HttpsSource] = field(default_factory=dict, repr=False)
    _silent: set[str] = field(default_factory=set, repr=False)

    def turn(self) -> Iterator[tuple[str, Result | None]]:
        """One turn; what became of each alert, under its publisher's name or its file's; nothing
        where a publisher has fallen silent.

        Raises:
            TemporarilyUnavailable: the vault does not answer.
        """
        self.deliver()
        yield from self.take_dropped()
        cards = cards_in(self.settings.alerts / PUBLISHERS)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for card, latest in zip(cards, pool.map(self._latest, cards), strict=True):
                yield from self._of(card, latest)

    def take_dropped(self) -> Iterator[tuple[str, Result]]:
        """What was left as files; each goes once it was taken, or refused for good."""
        folder = self.settings.alerts / DROPPED
        cards = cards_in(self.settings.alerts / PUBLISHERS)
        for name, result in self.fetch.dropped(dropped(folder), cards).items():
            if isinstance(result, AlertTaken) or result.step not in LATER:
                (folder / name).unlink()
            yield name, result

    def take_files(self, files: list[Path]) -> Iterator[tuple[str, Result]]:
        """Files that somebody has brought; they stay where they are."""
        cards = cards_in(self.settings.alerts / PUBLISHERS)
        found = {str(path): beginning(path) for path in files}
        yield from self.fetch.dropped(found, cards).items()

    def _latest(self, card: AlertCard) -> bytes | TemporarilyUnavailable | None:
        try:
            return self._source(card).latest()
        except TemporarilyUnavailable as error:
            return error

    def _of(
        self, card: AlertCard, latest: bytes | TemporarilyUnavailable | None
    ) -> Iterator[tuple[str, Result | None]]:
        publisher = key_id(card)
        if isinstance(latest, TemporarilyUnavailable):
            if publisher not in self._silent:
                self._silent.add(publisher)
                yield card.name, None
            return
        self._silent.discard(publisher)
        for result in self.fetch(card, latest, self._source(card)):
            yield card.name, result

    def _source(self, card: AlertCard) -> HttpsSource:
        publisher = key_id(card)
        if publisher not in self._sources:
            pem = self.settings.alerts / PUBLISHERS / f"{publisher}.pem"
            reader = own_card(self.settings).reader
            self._sources[publisher] = HttpsSource(
                card, publisher, reader, pem if pem.exists() else None
            )
        return self._sources[publisher]


def courier(settings: Settings) -> Courier:
    """The courier of this installation.

    Raises:
        KeyMissing: it has no keys yet.
    """
    keys = open_keys(settings)
    vault, own = AskVault(settings.vault_socket), key_id(own_card(settings))
    return Courier(
        settings,
        DeliverAlerts(keys, SystemChance(), FolderOutbox(settings.alerts, own), vault.next_issued),
        FetchAlerts(keys.get(OPEN), vault.take, vault.last),
    )


@dataclass(frozen=True, slots=True)
class AskVault:
    """What the courier asks of the vault, as its own user."""

    socket: Path

    def next_issued(self, after: int) -> IssuedAlert | None:
        """The first alert of ours after an entry."""
        with Door(self.socket) as door:
            reply = door.ask(NextIssued(after))
        return reply if isinstance(reply, IssuedAlert) else None

    def take(self, wanted: TakeAlert) -> Result:
        """Take one.

        Raises:
            TemporarilyUnavailable: it could not be written.
        """
        with Door(self.socket) as door:
            reply = door.ask(wanted)
        if isinstance(reply, AlertTaken | AlertNotTaken):
            return reply
        raise TemporarilyUnavailable("the vault could not write it: bring it again")

    def last(self, publisher: str) -> int:
        """The number of the last alert that it has taken of a publisher."""
        first = 0
        with Door(self.socket) as door:
            while True:
                shown = door.ask(ListAlerts(first))
                assert isinstance(shown, AlertsShown)
                for each in shown.publishers:
                    if each.publisher == publisher:
                        return each.number
                if not shown.publishers:
                    return 0
                first += len(shown.publishers)
