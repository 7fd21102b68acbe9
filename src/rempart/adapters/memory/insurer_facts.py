"""What came from insurers, in memory: the reference of ``InsurerFacts``."""

from dataclasses import dataclass, field

from rempart.usecases.insurer_staff_ports import FeedSeen, ListSeen


@dataclass(slots=True)
class MemoryFacts:
    """The last feed and the status list of each insurer, by its number."""

    feeds: dict[int, FeedSeen] = field(default_factory=dict, repr=False)
    lists: dict[int, ListSeen] = field(default_factory=dict, repr=False)

    def feed(self, amc: int) -> FeedSeen | None:
        """Its last feed."""
        return self.feeds.get(amc)

    def status_list(self, amc: int) -> ListSeen | None:
        """Its status list."""
        return self.lists.get(amc)
