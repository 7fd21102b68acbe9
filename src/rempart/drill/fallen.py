"""What falls with the accounts that the guard freezes: their site, or their product, for a day.

As the vault does (``usecases/cut_together.py``), so that the first engine decides alike, and counts
what an honest account loses by others being caught.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from rempart.domain.cutoff import GUARDS_CUT_FOR, HOUR, falls_together
from rempart.domain.cutoff_words import Scope
from rempart.domain.guard import Guard
from rempart.drill.landscape import World

Group = tuple[Scope, int | str]


@dataclass(slots=True)
class Fallen:
    """Sites and products that the guard has cut; times in microseconds."""

    world: World = field(repr=False)
    guard: Guard = field(repr=False)
    until: dict[Group, int] = field(default_factory=dict, repr=False)
    _members: dict[Group, list[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        members: dict[Group, list[int]] = defaultdict(list)
        for account in self.world.accounts:
            for group in self.groups_of(account.number):
                members[group].append(account.number)
        self._members = dict(members)

    def groups_of(self, account: int) -> Sequence[Group]:
        """The site and the product that an account is one of."""
        site = self.world.sites[self.world.accounts[account - 1].site - 1]
        of_site: Group = Scope.SITE, site.number
        return (of_site, (Scope.SOFTWARE, site.product)) if site.product else (of_site,)

    def frozen(self, account: int, at: int) -> None:
        """The guard has frozen this account: what falls with it is cut."""
        for group in self.groups_of(account):
            among = self._members[group]
            frozen = sum(self.guard.froze(each, at - HOUR) for each in among)
            if falls_together(group[0], frozen=frozen, accounts=len(among)):
                self.until[group] = max(self.until.get(group, 0), at + GUARDS_CUT_FOR)

    def over(self, account: int, at: int) -> bool:
        """Whether an account is cut with others."""
        return bool(self.until) and any(
            at < self.until.get(group, 0) for group in self.groups_of(account)
        )
