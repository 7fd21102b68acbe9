"""Look somebody up in the last extract before they are taken in, or back.

(1) where no extract was ever taken in, a sandbox looks nobody up; production refuses;
(2) the directory lists the site with somebody whose profession its kind has, or the professional at
    that site under the profession of their contract: they are followed from then on;
(3) else they are refused, unless an operator says why they come in outside of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from rempart.domain.directory import Listed, check_reason, practised, site_suspension, suspension
from rempart.domain.errors import SetUpRefused
from rempart.domain.extract import Extract
from rempart.domain.person import Person, Suspension
from rempart.domain.site import SiteKind
from rempart.usecases.directory_ports import Directory

SITE_IS = {
    Suspension.ABSENT: "lists nobody at this site",
    Suspension.ENDED: "says that every activity at this site has ended",
    Suspension.PROFESSION: "knows this site under another kind",
}
PERSON_IS = {
    Suspension.ABSENT: "does not list this professional at this site",
    Suspension.ENDED: "says that this activity has ended",
    Suspension.PROFESSION: "lists another profession there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What was found: in which extract, whether the directory lists them, and why they come in all
    the same where it does not.
    """

    extract: Extract | None
    listed: bool
    outside: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpDirectory:
    """The look-up."""

    directory: Directory
    sandbox: bool
    today: date

    def site(self, site: str, kind: SiteKind, *, outside: str = "") -> LookedUp:
        """A site of this kind.

        Raises:
            SetUpRefused: the directory does not know it so, and no reason was given.
            MalformedIdentifier: a reason that cannot be kept.
        """
        rows = self.directory.at(site)
        why = site_suspension(kind, practised(rows, self.today))
        return self._found(why, "" if why is None else SITE_IS[why], outside)

    def professional(self, person: Person, kind: SiteKind, *, outside: str = "") -> LookedUp:
        """A professional at a site of this kind.

        Raises:
            SetUpRefused: the directory does not know them so, and no reason was given.
            MalformedIdentifier: a reason that cannot be kept.
        """
        rows: Sequence[Listed] = [
            row for row in self.directory.at(person.site) if row.rpps == person.rpps
        ]
        why = suspension(person.profession, kind, rows, today=self.today)
        return self._found(why, "" if why is None else PERSON_IS[why], outside)

    def _found(self, why: Suspension | None, words: str, outside: str) -> LookedUp:
        if outside:
            check_reason(outside)
        extract = self.directory.last()
        if why is None:  # (2)
            return LookedUp(extract=extract, listed=True)
        if outside:  # (3)
            return LookedUp(extract=extract, listed=False, outside=outside)
        if extract is None:  # (1)
            if self.sandbox:
                return LookedUp(extract=None, listed=False)
            words = "was never taken in (rempart directory import)"
        raise SetUpRefused(f"the public directory {words}; else say why: --outside-directory")
