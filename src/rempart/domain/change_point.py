"""Since when a thief may have been asking, where he asks from the owner's own line.

The likeliest beginning is where the evidence that follows is largest. Any other that is not a
thousand times less likely may be it too: the earliest of them is the earliest possible theft. Weak
evidence so goes far back by itself.
"""

from collections.abc import Iterable, Sequence

from rempart.domain.charts import SHARES
from rempart.domain.signs import FLOOR, Seen, weight

ALL_SHARES = (0.9, *SHARES)
ODDS = 6.9
"""Natural logarithm of a thousand."""


def evidence(questions: Sequence[Seen], habit: float) -> tuple[float, int]:
    """The most evidence that any run of these holds, and the moment of the earliest possible
    beginning; nothing and 0 where there is none. ``questions`` are in order of time.
    """
    best: list[float] = [0.0] * len(questions)
    for share in ALL_SHARES:
        ahead = 0.0
        for place in range(len(questions) - 1, -1, -1):
            # The most that a run beginning here comes to, wherever it ends.
            ahead = weight(questions[place], share, habit) + max(0.0, ahead)
            best[place] = max(best[place], ahead)
    most = max(best, default=0.0)
    if most <= 0:
        return 0.0, 0
    for place, each in enumerate(best):
        if each >= most - ODDS:
            return most, questions[place].at
    raise AssertionError("the largest is among them")


def at_most(asked: Iterable[Seen]) -> dict[int, float]:
    """By account, no less than the evidence of these questions, whatever the account's habit is:
    the rarer strangers are, the more one says. They are read once, in order of time.
    """
    behind: dict[int, list[float]] = {}
    most: dict[int, float] = {}
    for each in asked:
        runs = behind.setdefault(each.account, [0.0] * len(ALL_SHARES))
        for place, share in enumerate(ALL_SHARES):
            runs[place] = weight(each, share, FLOOR) + max(0.0, runs[place])
        most[each.account] = max(most.get(each.account, 0.0), *runs)
    return most
