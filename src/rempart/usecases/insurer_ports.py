"""What the insurer's side needs of the world: its own machine."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFeed:
    """A feed that was made: its number, its digest, and the file it was written to."""

    sequence: int
    digest: bytes
    file: str = field(repr=False)


class Met(NamedTuple):
    """What is known of a handle when a row of the file brings it.

    ``first_line`` is where this file had it before, ``digest`` what the last feed said of it,
    ``lowest`` the lowest serial that their cards may have since one was replaced, ``serial`` the
    lowest that they were last said to have.
    """

    first_line: int | None
    digest: bytes | None
    lowest: int = 0
    serial: int = 0


class Said(NamedTuple):
    """What a feed says of somebody: their digest, their lowest serial, the last day of their cards.

    An empty digest is that of no row: the next file says this person again.
    """

    digest: bytes
    serial: int = 0
    ends: int = 0


class FeedState(Protocol):
    """What the last feed said, by handle: so that the next one says only what changed.

    Every implementation promises, and ``test_member_feed`` and ``test_replace_cards`` check:

    * nothing of a preparation is kept unless ``keep`` was called in it; then all of it, durably;
    * memory stays bounded, whatever the number of handles.

    Trust: it lives at the insurer and holds handles and digests only.
    """

    def last(self) -> SentFeed | None:
        """The last feed that was made."""
        ...

    def sent(self, sequence: int) -> SentFeed | None:
        """The feed made under a number."""
        ...

    def preparing(self) -> AbstractContextManager[None]:
        """One preparation, and no other at the same time.

        Raises:
            TemporarilyUnavailable: another preparation is under way in this folder.
        """
        ...

    def meet(self, rows: Sequence[tuple[bytes, int]]) -> Sequence[Met]:
        """Meet handles with their lines, in order; a handle met twice stays with its first line."""
        ...

    def meet_printed(self, tags: Iterable[int]) -> int:
        """How many of these printed things (as 64-bit tags) the file had before."""
        ...

    def say(self, rows: Sequence[tuple[bytes, Said]]) -> None:
        """Handles with what this feed says of them."""
        ...

    def lose(self, after: int) -> None:
        """Feeds after this one were lost: nobody's digest is known, and who left by them is back.

        Before the first one nobody was there to leave.
        """
        ...

    def replace(self, rows: Sequence[tuple[bytes, int]], *, feed: int) -> None:
        """Handles with the lowest serial that is theirs from this feed on.

        It is kept as long as they are known and, once they left, until the last day of their cards.
        """
        ...

    def replaced(self, *, after: int = 0) -> Mapping[bytes, int]:
        """All of them that feeds after this one replaced, as they were kept.

        Raises:
            TemporarilyUnavailable: a preparation is being kept.
        """
        ...

    def unmet(self) -> Iterator[bytes]:
        """Handles of the last feed that this file does not have, in order."""
        ...

    def counts(self) -> tuple[int, int]:
        """How many handles the last feed had, and how many of them this file does not have."""
        ...

    def keep(self, sent: SentFeed, *, drop_unmet: bool, today: int) -> None:
        """Make this preparation the last feed, durably; ``today`` in days since 2000-01-01.

        Who is dropped can be lost with this feed until the last day of their cards.
        """
        ...


@dataclass(frozen=True, slots=True)
class CardPlace:
    """A card as the register knows it; ``until`` is its last day, days since 2000-01-01."""

    handle: bytes = field(repr=False)
    serial: int
    until: int


class CardRegister(Protocol):
    """Which place of the status list each card has that was ever issued, and which are over.

    Every implementation promises, and ``tests/spec/test_card_lists.py`` checks:

    * a card keeps its place, whatever is issued after it; no two have one at the same time;
    * a ``taking`` that ended well is durable, and nothing is kept of one that did not;
    * memory stays bounded, whatever the number of cards.

    Trust: it lives at the insurer and holds handles and numbers only.
    """

    def taking(self) -> AbstractContextManager[None]:
        """One run over a member file, and no other at the same time.

        Raises:
            TemporarilyUnavailable: another is under way in this folder.
        """
        ...

    def place(self, card: CardPlace, draw: Callable[[int], int]) -> int:
        """The place of a card that is issued, drawn if it has none: ``draw(n)`` is below n.

        Raises:
            SetUpRefused: it has none, and this is not in a ``taking``.
        """
        ...

    def recount(self) -> None:
        """Begin to say anew which cards are on file; whoever is not said is over."""
        ...

    def on_file(self, cards: Sequence[CardPlace]) -> None:
        """These are, until these days: a card that was printed with a later day is over."""
        ...

    def unread(self, handle: bytes) -> None:
        """The row of this person does not read: their cards stay as they were."""
        ...

    def end(self, handle: bytes, below: int) -> None:
        """Cards of this person below a serial are over, whatever was said before."""
        ...

    def over(self, today: int) -> Iterator[int]:
        """Places of cards that are over, and would not be by their own last day."""
        ...

    def ending(self, today: int) -> tuple[int, int]:
        """How many cards are not over, and how many became so in this recount."""
        ...

    def places(self) -> int:
        """How many places there are: a power of two, twice as many as cards at least."""
        ...

    def forget(self, before: int) -> None:
        """Free the places of cards whose own last day is earlier."""
        ...


class FeedFile(Protocol):
    """The file that a feed is written to: there under its name only when it is whole."""

    @property
    def name(self) -> str:
        """Where it will be."""
        ...

    def write(self, data: bytes) -> object:
        """Append."""
        ...

    def settle(self) -> None:
        """Make what was written durable."""
        ...

    def publish(self) -> None:
        """Give it its name, durably."""
        ...


class PlannedCard(NamedTuple):
    """A card to print: its row's line, where that row lies in the file (bytes), and its serial."""

    line: int
    start: int
    size: int
    serial: int


Family = tuple[PlannedCard, ...]
"""The cards that share a sheet, in the order of the file."""


class SheetPlan(Protocol):
    """Which rows of the member file share a sheet: found in one reading, kept outside memory.

    Every implementation promises, and ``tests/spec/test_family_sheets.py`` checks:

    * families come in the order in which the file first has them, whatever the order of rows;
    * memory stays bounded, whatever the number of cards.

    Trust: it holds digests under a key of this run, lines and places; nothing of anybody.
    """

    def meet(self, reference: bytes, line: int) -> int | None:
        """Meet the digest of a reference; the line that had it before, if one did."""
        ...

    def add(self, family: bytes, card: PlannedCard) -> None:
        """A card, under the digest of what its sheet has in common."""
        ...

    def families(self) -> Iterator[Family]:
        """Every family, once all was added."""
        ...
