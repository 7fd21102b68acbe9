"""Sites and accounts of the world, as a register of professionals would list them."""

from dataclasses import dataclass
from typing import Literal

from rempart.domain.site import SiteKind

LONG_AGO = -36_500
"""Day on which sites that were always there opened."""

Usage = Literal["standard", "back-office", "home-care", "locum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSite:
    """Where people work. ``where`` and ``district`` are places in the world's settlement."""

    number: int
    kind: SiteKind
    trade: str
    place: str
    where: int
    district: int
    shore: bool
    opened: int
    product: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldAccount:
    """Who signs in: for which site, for what, from which day until which.

    ``part`` is its part of the site's work, ``desks`` how many devices it works on. ``life`` and
    ``line`` are the days a device and a line are kept; ``mobile`` is how often it works on a
    telephone network.
    """

    number: int
    site: int
    usage: Usage
    part: float
    desks: int
    life: int
    line: int
    mobile: float
    starts: int
    ends: int

    def device(self, desk: int, day: int) -> int:
        """Code of a device on a day: another once it is replaced."""
        phase = (self.number * 389 + desk * 151) % self.life
        return (self.number * 8 + desk) * 1_000 + (day + phase) // self.life + 400

    def network(self, day: int) -> int:
        """Code of the line of the account's place on a day."""
        owner = 2 * self.number + 1 if self.usage == "locum" else 2 * self.site
        phase = self.site * 577 % self.line
        return owner * 1_000 + (day + phase) // self.line + 400
