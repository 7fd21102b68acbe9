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
from rempart.usecases.alert_ports import AlertSource
from rempart.usecases.deliver_alerts import OPEN, DeliverAlerts
from rempart.usecases.fetch_alerts import LATER, FetchAlerts, Result

AT_ONCE = 8
"""Publishers that are asked together."""

Told = tuple[str, Result | None]
"""A publisher, or a file, and what became of an alert of theirs."""


@dataclass(slots=True)
class Courier:
    """Everything that is done without a person, over and over."""

    settings: Settings
    deliver: DeliverAlerts
    fetch: FetchAlerts
    _sources: dict[str, AlertSource] = field(default_factory=dict, repr=False)
    _silent: set[str] = field(default_factory=set, repr=False)

    def lay_out(self) -> Iterator[Told]:
        """Lay ours out, for each reader. Who has read tells us nothing."""
        self.deliver()
        yield from ()

    def fetch_all(self) -> Iterator[Told]:
        """What became of each alert, under its publisher's name; nothing where one has fallen
        silent. Each has its own seconds: one that hangs, or drags, keeps nobody waiting.
        """
        cards = cards_in(self.settings.alerts / PUBLISHERS)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for told in pool.map(self._of, cards):
                yield from told

    def take_dropped(self) -> Iterator[Told]:
        """What was left as files; each goes once it was taken, or refused for good."""
        folder = self.settings.alerts / DROPPED
        cards = cards_in(self.settings.alerts / PUBLISHERS)
        for name, result in self.fetch.dropped(dropped(folder), cards).items():
            if isinstance(result, AlertTaken) or result.step not in LATER:
                (folder / name).unlink()
            yield name, result

    def take_files(self, files: list[Path]) -> Iterator[Told]:
        """Files that somebody has brought; they stay where they are."""
        cards = cards_in(self.settings.alerts / PUBLISHERS)
        found = {str(path): beginning(path) for path in files}
        yield from self.fetch.dropped(found, cards).items()

    def _of(self, card: AlertCard) -> list[Told]:
        publisher = key_id(card)
        try:
            source = self._source(card)
            results = self.fetch(card, source.latest(), source)
        except TemporarilyUnavailable:
            told_before = publisher in self._silent
            self._silent.add(publisher)
            return [] if told_before else [(card.name, None)]
        self._silent.discard(publisher)
        return [(card.name, result) for result in results]

    def _source(self, card: AlertCard) -> AlertSource:
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
