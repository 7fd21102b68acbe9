"""When in the day questions come: opening hours as a table to draw from."""

from functools import lru_cache

from rempart.drill.honest import Hours

STEPS = 512


@lru_cache(maxsize=64)
def table_of(hours: Hours) -> tuple[float, ...]:
    """Seconds of the day by which each of ``STEPS`` equal parts of the questions has come."""
    total = sum(weight for _, _, weight in hours)
    points: list[tuple[float, float]] = []
    reached = 0.0
    for opens, closes, weight in hours:
        points += [(reached, opens * 3600), (reached + weight / total, closes * 3600)]
        reached += weight / total
    return tuple(_at(points, step / STEPS) for step in range(STEPS + 1))


def _at(points: list[tuple[float, float]], part: float) -> float:
    for (low, opens), (high, closes) in zip(points[::2], points[1::2], strict=True):
        if part <= high + 1e-9:
            return opens + (closes - opens) * min(1.0, max(0.0, (part - low) / (high - low)))
    return points[-1][1]
