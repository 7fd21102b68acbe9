"""What the guard needs of the world to know a country: whose network is where."""

from dataclasses import dataclass
from typing import Protocol


class CountrySource(Protocol):
    """In which country a network is registered, by public files that may be absent or old.

    Trust: whoever writes those files can make an account's country look new, or old; that watches
    somebody, or does not, and refuses nothing. Never raises: no answer hangs on it.
    """

    def of(self, network: str) -> str:
        """Two letters, where the whole of a network (a prefix) is of one country; or nothing. In
        memory: it is asked with every question.
        """
        ...

    def look(self) -> None:
        """Take in what has changed, a few milliseconds of it; called between two batches."""
        ...


@dataclass(frozen=True, slots=True)
class NoCountries:
    """Nobody says."""

    def of(self, network: str) -> str:
        """Nothing."""
        del network
        return ""

    def look(self) -> None:
        """Nothing changes."""
