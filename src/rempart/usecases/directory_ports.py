"""The public directory as this installation keeps it, and what follows from it for sites.

``tests/spec/test_directory.py`` checks every implementation.
"""

from collections.abc import Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from rempart.domain.directory import Listed
from rempart.domain.extract import Extract
from rempart.domain.person import Suspension
from rempart.usecases.ports import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What an extract changes: who is out and which sites, why; who is followed from now on.

    People by their number, sites by their name.
    """

    people: Mapping[int, Suspension] = field(default_factory=dict)
    sites: Mapping[str, Suspension] = field(default_factory=dict, repr=False)
    people_followed: Set[int] = frozenset()
    sites_followed: Set[str] = field(default=frozenset(), repr=False)


class Taking(Protocol):
    """An extract that is being taken in: nothing of it is seen, nor kept, without ``settle``."""

    def add(self, row: Listed) -> None:
        """Hold a row."""
        ...

    def settle(self, extract: Extract, consequences: Consequences) -> None:
        """Put these rows in place of the last extract's, note it, and do what follows from it:
        all of it, or nothing.
        """
        ...


class Directory(Protocol):
    """The last extract, and which files were ever taken in.

    Trust: whoever writes here lets a site or a professional join, and has others put out; it opens
    nothing.
    """

    def last(self) -> Extract | None:
        """The last taking-in."""
        ...

    def taken(self, digest: bytes) -> date | None:
        """The day that a file was of when it was first taken in, if it ever was."""
        ...

    def at(self, site: str) -> Sequence[Listed]:
        """The last extract's rows about a site."""
        ...

    def taking(self) -> AbstractContextManager[Taking]:
        """Begin a taking-in, one at a time. Left without ``settle``, it leaves no trace."""
        ...


class SiteRegistry(Protocol):
    """How sites join, leave and come back."""

    def join_site(self, site: Site) -> None:
        """Keep a site under a contract, live or anew.

        One that was out is another's from then on, under a number of its own: its first day is
        ``site.since``, its software is revoked, and whoever is contracted there stays out until
        they are enrolled.
        """
        ...

    def suspend_site(self, site: str) -> None:
        """A site is out, on a decision, with every account of it.

        Raises:
            Refusal: no site of this name is in.
        """
        ...

    def restore_site(self, site: str, *, followed: bool = True, outside: str = "") -> None:
        """The same site is back, software and delegates too; followed, or ``outside``.

        Raises:
            Refusal: no site of this name is out.
        """
        ...
