"""What the vault tells insurers' people about: feeds in the database, lists in the home."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from rempart.adapters.list_shelf import FolderShelf
from rempart.adapters.postgres.feeds import PostgresFeeds
from rempart.domain.errors import ListRefused
from rempart.usecases.card_lists import read_status, read_trust
from rempart.usecases.insurer_staff_ports import FeedSeen, ListSeen

SECOND = 1_000_000


@dataclass(slots=True)
class HomeFacts:
    """``InsurerFacts`` of an installation; a host without the lists knows of none."""

    connect: Callable[[], psycopg.Connection[Any]] = field(repr=False)
    lists: Path
    _feeds: PostgresFeeds = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._feeds = PostgresFeeds(self.connect)

    def feed(self, amc: int) -> FeedSeen | None:
        """Its last feed."""
        return self._feeds.last(amc)

    def status_list(self, amc: int) -> ListSeen | None:
        """Its status list, if its own keys have signed it, as the trust list has them."""
        shelf = FolderShelf(self.lists)
        try:
            kept, data = shelf.trust(), shelf.status(f"{amc:08d}")
            if kept is None or data is None:
                return None
            status = read_status(data, read_trust(kept, shelf.roots()))
        except (ListRefused, OSError):
            return None
        return ListSeen(made=status.made * SECOND, until=status.until * SECOND)
