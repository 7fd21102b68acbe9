"""How a file of an exercise says that it is one, whoever finds it, wherever it was copied to.

A table has one column more, the last, which says so on every line; JSON has a member ``exercise``
that is true, or a ``mark``; what is read says so above everything else.
"""

EXERCISE = "EXERCICE"
COLUMN = "exercise"


def heading(header: str, *, exercise: bool) -> str:
    """The header of a table; ``header`` is that of a real one."""
    return f"{header};{COLUMN}" if exercise else header


def ending(*, exercise: bool) -> str:
    """What each of its lines ends with."""
    return f";{EXERCISE}" if exercise else ""
