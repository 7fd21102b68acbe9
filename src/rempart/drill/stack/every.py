"""All thefts on the real stack, one after the other, each on the installation as it was kept."""

from rempart.drill.bars import Tell
from rempart.drill.stack.alone import ALONE
from rempart.drill.stack.seen import Stacked
from rempart.drill.stack.strikes import SCALE, StackScale, on_stack, play, prepared

__all__ = ["SCALE", "StackScale", "stacked"]


def stacked(scale: StackScale, *, seed: int, tell: Tell) -> Stacked:
    """Play them."""
    variants = on_stack(scale.thieves)
    thefts = []
    with prepared(scale, variants, seed=seed, tell=tell) as (field, strikes):
        for place, strike in enumerate(strikes):
            tell("stack", place, len(strikes))
            thefts.append(ALONE.get(strike.variant.name, play)(field, strike))
        tell("stack", len(strikes), len(strikes))
        return Stacked(past=field.past, otherwise=field.otherwise, thefts=thefts)
