"""What cut-offs need of the world: a row that other processes read, orders left in files.

And what the page that tells them needs: whether the intake answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rempart.usecases.cut_off_messages import SetCutOff


class CutRow(Protocol):
    """The one signed row that every other process reads, as the vault writes it.

    Trust: none for truth (it is signed, and readers tell old from new), none for being there: a
    row that cannot be read closes rights and portal for who reads it.
    """

    def put(self, *, epoch: int, note: str) -> None:
        """Replace the row.

        Raises:
            Fenced: another vault has taken over.
            TemporarilyUnavailable: it may be the old one still.
        """
        ...


class CutRowSource(Protocol):
    """The same row, as a door reads it."""

    async def read(self) -> str | None:
        """The note, or nothing where none can be read, in a bounded time. Never raises."""
        ...


class IntakeUp(Protocol):
    """Whether the intake of claims answers, as the status page tells it. Trust: none."""

    async def answers(self) -> bool:
        """Whether it does, in a bounded time. Never raises."""
        ...


class Order(NamedTuple):
    """A cut-off that was ordered while no vault answered: ``asked`` in microseconds."""

    asked: int
    wanted: SetCutOff

    def __repr__(self) -> str:
        return "Order(…)"


class CutOrders(Protocol):
    """Orders left for the vault. Trusted: only its own user writes there."""

    def waiting(self) -> bool:
        """Whether there may be some; costs next to nothing."""
        ...

    def read(self) -> Sequence[Order]:
        """All of them, the oldest first.

        Raises:
            TemporarilyUnavailable: one cannot be read: nothing may be opened until it is.
        """
        ...

    def done(self, order: Order) -> None:
        """It is in the ledger."""
        ...


@dataclass(slots=True)
class NoRow:
    """Nobody else reads."""

    def put(self, *, epoch: int, note: str) -> None:
        """Tell nobody."""
        del epoch, note


@dataclass(slots=True)
class NoOrders:
    """Nobody leaves any."""

    orders: list[Order] = field(default_factory=list, repr=False)

    def waiting(self) -> bool:
        """Never, unless a test has left one."""
        return bool(self.orders)

    def read(self) -> Sequence[Order]:
        """None."""
        return tuple(self.orders)

    def done(self, order: Order) -> None:
        """Forget it."""
        self.orders.remove(order)
