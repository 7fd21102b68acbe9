"""The repr of what must never be printed."""


class Hidden:
    """Base of values that hold personal data or secrets: their ``repr`` tells their kind only."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"
