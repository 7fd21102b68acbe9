"""What a caller reads, as the outcome that the drill counts."""

from collections.abc import Mapping

from rempart.domain.disclosure import Outcome
from rempart.domain.site import SCOPES
from rempart.drill.landscape import World

OUTCOMES: Mapping[str, Outcome] = {
    "rights-open": Outcome.OPENED,
    "rights-closed": Outcome.OPENED,
    "read-the-card": Outcome.MISSED,
    "card-not-known": Outcome.MISSED,
    "over-budget": Outcome.OVER_BUDGET,
    "narrowed": Outcome.NARROWED,
    "frozen": Outcome.FROZEN,
    "closed-hour": Outcome.CLOSED_HOUR,
    # The guard has cut a site or a product, several of whose accounts it has just frozen.
    "cut-off": Outcome.CUT_OFF,
    # Nobody is let in under this certificate: nothing was asked.
    "not-signed-in": Outcome.FORBIDDEN,
    "sign-in-refused": Outcome.FORBIDDEN,
}
"""Codes of ``docs/reference/outcomes.md``. Another one in a drill is a fault of the drill."""


def domain_of(world: World, site: int) -> str:
    """What a site asks about: the first domain of its kind."""
    return min(SCOPES[world.sites[site - 1].kind].domains).name
