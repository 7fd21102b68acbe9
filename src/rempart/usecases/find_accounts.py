"""Find an account by its name, its number, or the professional that it is of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rempart.domain.person import Person
from rempart.usecases.ports import Account, Registered


@dataclass(frozen=True, slots=True)
class Accounts:
    """Indexes of everybody who takes part, at one generation."""

    generation: int
    by_name: Mapping[str, Account] = field(repr=False)
    by_number: Mapping[int, Account] = field(repr=False)
    by_rpps: Mapping[str, list[Person]] = field(repr=False)
    """One row a site."""

    @classmethod
    def of(cls, registered: Registered) -> "Accounts":
        """The indexes of a registry."""
        everybody: list[Account] = [*registered.software.values(), *registered.people.values()]
        by_rpps: dict[str, list[Person]] = {}
        for person in registered.people.values():
            if person.rpps:
                by_rpps.setdefault(person.rpps, []).append(person)
        return cls(
            generation=registered.generation,
            by_name={account.name: account for account in everybody},
            by_number={account.number: account for account in everybody},
            by_rpps=by_rpps,
        )
