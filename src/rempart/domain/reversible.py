"""Tables that can go back to where they stood: folds run ahead of the commit that makes them true.

A batch is weighed question after question, each seeing the ones before it, and only then
committed. ``mark`` opens a batch, ``undo`` takes back what was touched since.
"""

from typing import Generic, Protocol, Self, TypeVar


class Copied(Protocol):
    """A state that can be copied."""

    def copy(self) -> Self:
        """Another of the same contents."""
        ...


class Undoable(Protocol):
    """What can go back to its last mark."""

    def mark(self) -> None:
        """What has been done stays."""
        ...

    def undo(self) -> None:
        """Go back to the last mark."""
        ...

    def forget(self) -> None:
        """Start again from nothing."""
        ...


K = TypeVar("K")
S = TypeVar("S", bound=Copied)


class Reversible(Generic[K, S]):
    """States by key. Change one only after ``touch``."""

    __slots__ = ("_before", "states")

    def __init__(self) -> None:
        self.states: dict[K, S] = {}
        self._before: dict[K, S | None] = {}

    def touch(self, key: K) -> S | None:
        """The state to change, kept as it was; none where there is none yet."""
        state = self.states.get(key)
        if key not in self._before:
            self._before[key] = None if state is None else state.copy()
        return state

    def put(self, key: K, state: S) -> S:
        """Begin a state; ``touch`` came first."""
        self.states[key] = state
        return state

    def clear(self) -> None:
        """Drop every state; ``undo`` brings them back."""
        for key, state in self.states.items():
            self._before.setdefault(key, state)
        self.states = {}

    def mark(self) -> None:
        """What has been done stays."""
        if self._before:
            self._before = {}

    def undo(self) -> None:
        """Go back to the last mark."""
        for key, state in self._before.items():
            if state is None:
                self.states.pop(key, None)
            else:
                self.states[key] = state
        self._before = {}

    def forget(self) -> None:
        """Start again from nothing."""
        self.states, self._before = {}, {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reversible) and self.states == other.states

    __hash__ = None  # type: ignore[assignment]
